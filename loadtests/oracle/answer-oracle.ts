/**
 * The answer oracle: questions to the report server whose answers the simulator knows, so that a report can be held
 * against the truth while it is under load.
 *
 * It knows the history and nothing else. All questions are about days of the history, and what live listeners send lies
 * on the day after; events that came in by other ways (an import, a load with an earlier `--day`) make the reports differ
 * from it, and then they are called wrong.
 */
import { type Day, daysBetween } from '../../datasets/day.ts'
import type { DayRange } from '../../datasets/period.ts'
import { type Draws, drawsAt } from '../../datasets/random.ts'
import { MEASURES, TOP_BY, TOP_COUNT, type TopKind } from '../../datasets/tables.ts'
import { type Dimension, type Grouping, groupingOf } from '../../simulation/expect/dimension.ts'
import { type ExpectOptions, expectCounts, expectRangeCounts } from '../../simulation/expect/expect-counts.ts'
import { type Counts, columnsOf } from '../../simulation/expect/tally.ts'
import { periodsOf, topRows } from '../../simulation/expect/top-list.ts'
import { keyUnder } from '../../simulation/kernel/key-text.ts'
import type { World } from '../../simulation/kernel/world.ts'
import type { Question, Reader } from '../scripts/read-reports.ts'

export interface OracleOptions extends Pick<ExpectOptions, 'workers' | 'signal'> {
  /** The day that named periods end at in the report server; without it, no question names a period. */
  asOf?: Day | undefined
  /** Artists, songs and albums to ask for, of each as many. */
  ids?: number
}

/** The longest curve that is asked for; the days before are in the questions about periods. */
const CURVE_DAYS = 28
const TOP_ROWS = [10, TOP_COUNT] as const
const DIMENSION_OF: Readonly<Record<TopKind, Exclude<Dimension, 'hour' | 'zip' | 'genre'>>> = {
  songs: 'song',
  artists: 'artist',
  albums: 'album',
}
const KINDS = Object.keys(DIMENSION_OF) as TopKind[]
/** Who asks for what. */
const READER_OF: Readonly<Record<TopKind, Reader>> = { songs: 'accountant', artists: 'promoter', albums: 'accountant' }

interface History {
  world: World
  firstDay: Day
  lastDay: Day
}

/** @throws MusicboxError `interrupted` on the signal */
export async function answerOracle(history: History, options: OracleOptions = {}): Promise<Question[]> {
  const { asOf, ids = 40, ...work } = options
  const days = daysBetween(history.firstDay, history.lastDay).slice(-CURVE_DAYS)
  const range = { first: days[0]!, last: history.lastDay }
  const draws = drawsAt(keyUnder(history.world.key, 'answer oracle'), 0, 0)
  const chosen = chooseGroups(groupingOf(history.world), draws, ids)
  const curves = new Curves(groupingOf(history.world), chosen)
  const hours: Question[] = []
  const by = [...Object.values(DIMENSION_OF), 'hour'] as const
  for await (const { day, counts } of expectCounts(history.world, history, by, { days: range, ...work })) {
    curves.add(day, counts)
    hours.push(hoursQuestion(day, counts.hour!))
  }
  const periods = asOf === undefined ? [] : await periodQuestions(history, asOf, chosen, work)
  return [...curves.questions(range, draws), ...hours, ...periods]
}

type Chosen = Readonly<Record<TopKind, ReadonlySet<number>>>

/** Low numbers are of no special kind, so that a draw over all finds what is often played, seldom and never. */
function chooseGroups({ size }: Grouping, draws: Draws, ids: number): Chosen {
  return Object.fromEntries(
    KINDS.map((kind) => {
      const count = size[DIMENSION_OF[kind]]
      const groups = new Set<number>()
      while (groups.size < Math.min(ids, count)) groups.add(draws.below(count))
      return [kind, groups]
    }),
  ) as Record<TopKind, Set<number>>
}

type Measured = Record<string, number>

/** The counts of the chosen groups, day by day. */
class Curves {
  readonly #grouping: Grouping
  readonly #chosen: Chosen
  readonly #byDay = new Map<Day, Record<TopKind, Map<number, Measured>>>()

  constructor(grouping: Grouping, chosen: Chosen) {
    this.#grouping = grouping
    this.#chosen = chosen
  }

  add(day: Day, counts: Partial<Record<Dimension, Counts>>): void {
    const found = KINDS.map((kind) => [kind, measuredOf(counts[DIMENSION_OF[kind]]!, 'song', this.#chosen[kind])])
    this.#byDay.set(day, Object.fromEntries(found))
  }

  /** Of each chosen group: the whole curve, and a stretch of it that starts and ends anywhere. */
  questions(range: DayRange, draws: Draws): Question[] {
    const days = daysBetween(range.first, range.last)
    return KINDS.flatMap((kind) =>
      [...this.#chosen[kind]].flatMap((group) => {
        const from = draws.below(days.length)
        const to = from + draws.below(days.length - from)
        return [days, days.slice(from, to + 1)].map((asked) => this.#question(kind, group, asked))
      }),
    )
  }

  #question(kind: TopKind, group: number, days: readonly Day[]): Question {
    const counts = days.map((day) => this.#byDay.get(day)?.[kind].get(group) ?? NOTHING)
    const totals = Object.fromEntries(
      MEASURES.map((name) => [name, counts.reduce((sum, ofDay) => sum + ofDay[name]!, 0)]),
    )
    const id = this.#grouping.idOf(DIMENSION_OF[kind], group)
    const meta = { from: days[0]!, to: days.at(-1)! }
    return {
      reader: READER_OF[kind],
      name: `GET /v1/reports/${kind}/:id`,
      path: `/v1/reports/${kind}/${id}?from=${meta.from}&to=${meta.to}`,
      meta,
      answer: {
        id,
        kind,
        known: true,
        // Distinct listeners of days do not add up to those of a range.
        totals: { ...totals, listeners: days.length === 1 ? totals['listeners'] : null },
        series: days.map((day, at) => ({ day, published: true, ...counts[at]! })),
      },
    }
  }
}

const NOTHING: Measured = Object.fromEntries(MEASURES.map((name) => [name, 0]))

/** The counts of the groups wanted, by group; one that has no event is left out. */
function measuredOf(
  { groups, values }: Counts,
  dimension: Dimension,
  wanted?: ReadonlySet<number>,
): Map<number, Measured> {
  const columns = columnsOf(dimension)
  const found = new Map<number, Measured>()
  for (const [at, group] of groups.entries()) {
    if (wanted !== undefined && !wanted.has(group)) continue
    found.set(group, Object.fromEntries(columns.map((name, i) => [name, values[at * columns.length + i]!])))
  }
  return found
}

/** When people listen: the hours of a day. */
function hoursQuestion(day: Day, counts: Counts): Question {
  const measured = measuredOf(counts, 'hour')
  const nothing = Object.fromEntries(columnsOf('hour').map((name) => [name, 0]))
  const hours = Array.from({ length: 24 }, (_, hour) => {
    return { hour: String(hour).padStart(2, '0'), ...(measured.get(hour) ?? nothing) }
  })
  return {
    reader: 'advertiser',
    name: 'GET /v1/reports/days/:day',
    path: `/v1/reports/days/${day}`,
    answer: { day, hours },
  }
}

/**
 * Charts and totals of the named periods that lie in the history. A period that ends later is left out: what the
 * listeners sent after the history is not known here.
 */
async function periodQuestions(history: History, asOf: Day, chosen: Chosen, work: ExpectOptions): Promise<Question[]> {
  const { world, firstDay, lastDay } = history
  const { idOf } = groupingOf(world)
  const periods = periodsOf(asOf, firstDay).filter(({ range }) => range.last <= lastDay && range.last >= firstDay)
  const ranges = periods.flatMap(({ range, before }) => [range, before])
  if (ranges.length === 0) return []
  const counted = await expectRangeCounts(world, history, Object.values(DIMENSION_OF), ranges, work)
  return periods.flatMap(({ period, range }, at) => {
    const meta = { from: range.first, to: range.last }
    return KINDS.flatMap((kind) => {
      const dimension = DIMENSION_OF[kind]
      const [now, before] = [counted[2 * at]!.counts[dimension]!, counted[2 * at + 1]!.counts[dimension]!]
      const charts = TOP_BY.flatMap((rankedBy) => {
        const rows = topRows(now, before, rankedBy, (group) => idOf(dimension, group))
        return TOP_ROWS.map((limit): Question => {
          const first = rows.slice(0, limit)
          return {
            reader: 'advertiser',
            name: `GET /v1/reports/top/${kind}`,
            path: `/v1/reports/top/${kind}?period=${period}&by=${rankedBy}&limit=${limit}`,
            meta,
            answer: {
              rows: first.map(({ rank, group, value, previous }) => {
                return { rank, id: idOf(dimension, group), value, previous, change: value - previous }
              }),
            },
          }
        })
      })
      const measured = measuredOf(now, dimension, chosen[kind])
      const totals = [...chosen[kind]].map((group): Question => {
        const id = idOf(dimension, group)
        return {
          reader: READER_OF[kind],
          name: `GET /v1/reports/${kind}/:id`,
          path: `/v1/reports/${kind}/${id}?period=${period}`,
          meta,
          answer: { id, kind, totals: measured.get(group) ?? NOTHING },
        }
      })
      return [...charts, ...totals]
    })
  })
}
