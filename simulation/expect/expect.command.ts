/** `musicbox expect`: what the reports of a history must show, without going through the pipeline. */
import Table from 'cli-table3'
import { type Command, Option } from 'commander'
import { command, wholeNumber } from '../../datasets/command.ts'
import { addDays, type Day, daysBetween, parseDay } from '../../datasets/day.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { formatCount, formatDuration, type Host, printJson, progress } from '../../datasets/host.ts'
import type { DayRange } from '../../datasets/period.ts'
import { MEASURES } from '../../datasets/tables.ts'
import { type ChosenHistory, chosenHistory, type HistoryOptions, withHistoryOptions } from '../truth/chosen-history.ts'
import { DIMENSIONS, type Dimension, groupingOf } from './dimension.ts'
import { expectCounts, expectRangeCounts } from './expect-counts.ts'
import { type Counts, columnsOf } from './tally.ts'
import { periodsOf } from './top-list.ts'

interface ExpectCommandOptions extends HistoryOptions {
  by: Dimension | 'period'
  day?: string
  from?: string
  to?: string
  id?: string
  top: number
  workers: number
  json?: boolean
}

export function expectCommand(host: Host): Command {
  const made = command('expect', 'say exactly what the reports of a history must show, without the pipeline')
  return withHistoryOptions(made)
    .addOption(new Option('--by <what>', 'what to count by').choices([...DIMENSIONS, 'period']).default('song'))
    .option('--day <day>', 'one UTC day')
    .option('--from <day>', 'first UTC day (default: the first of the history)')
    .option('--to <day>', 'last UTC day, and the day that periods end at (default: the last of the history)')
    .option('--id <id>', 'one song, artist, album, zip area, genre or hour: day by day, and with periods each of them')
    .option('--top <count>', 'rows to show, those with most plays first', wholeNumber(1, 10_000_000), 20)
    .option('--workers <count>', 'threads; the counts do not depend on it', wholeNumber(1, 64), 2)
    .action(async (options: ExpectCommandOptions) => {
      const history = await chosenHistory(options)
      const start_ms = host.now()
      const answer = await answerOf(host, history, options)
      const duration_ms = Math.max(1, host.now() - start_ms)
      const events_per_s = Math.round((answer.events_counted * 1000) / duration_ms)
      if (options.json) return printJson(host, { by: options.by, ...answer, duration_ms, events_per_s })
      host.stdout.write(`${tableOf(answer.rows)}\n`)
      host.stderr.write(
        `${formatCount(answer.events_counted)} events counted in ${formatDuration(duration_ms)}, ` +
          `${formatCount(events_per_s)} a second\n`,
      )
    })
}

type ExpectRow = Record<string, string | number>

interface Answer {
  from: Day
  to: Day
  /** Events of the days that were asked for. */
  events: number
  /** Events that had to be made for it. */
  events_counted: number
  rows: ExpectRow[]
}

function answerOf(host: Host, history: ChosenHistory, options: ExpectCommandOptions): Promise<Answer> {
  const range = rangeOf(history, options)
  if (options.by === 'period') return byPeriod(host, history, range, options)
  if (options.id !== undefined || options.by === 'hour' || range.first === range.last) {
    return byDay(host, history, range, { ...options, by: options.by })
  }
  return overRange(host, history, range, { ...options, by: options.by })
}

/** The UTC days asked for. @throws MusicboxError `input.invalid` */
function rangeOf({ firstDay, lastDay }: ChosenHistory, { day, from, to }: ExpectCommandOptions): DayRange {
  if (day !== undefined && (from !== undefined || to !== undefined)) {
    throw new MusicboxError('input.invalid', 'expected --day, or --from and --to, got both')
  }
  const first = day ?? from ?? firstDay
  const last = day ?? to ?? lastDay
  parseDay(first, day === undefined ? '--from' : '--day')
  parseDay(last, '--to')
  // Sessions of the last day reach into the next one.
  if (first <= last && first >= firstDay && last <= addDays(lastDay, 1)) return { first, last }
  throw new MusicboxError(
    'input.invalid',
    `expected days from ${firstDay} to ${lastDay} (sessions reach into one more), got ${first} to ${last}`,
  )
}

type CountedBy = ExpectCommandOptions & { by: Dimension }

/** Rows of each day: of one id, or those of most plays. */
async function byDay(host: Host, history: ChosenHistory, range: DayRange, options: CountedBy): Promise<Answer> {
  const { world } = history
  const { by, top } = options
  const group = options.id === undefined ? undefined : groupNamed(history, by, options.id)
  const rows: ExpectRow[] = []
  let events = 0
  using bar = progress(host, { label: 'expect', total: daysBetween(range.first, range.last).length, unit: 'days' })
  const counted = expectCounts(world, history, [by], { days: range, workers: options.workers, signal: host.signal })
  for await (const { day, events: ofDay, counts } of counted) {
    events += ofDay
    bar.advance(1)
    const isWanted = group === undefined ? undefined : (each: number): boolean => each === group
    const found = rowsOf(history, by, counts[by]!, by === 'hour' ? 24 : top, isWanted)
    rows.push(...found.map((row) => ({ day, ...row })))
  }
  return { from: range.first, to: range.last, events, events_counted: events, rows }
}

/** One row an id, with listeners that are distinct over all of the days. */
async function overRange(host: Host, history: ChosenHistory, range: DayRange, options: CountedBy): Promise<Answer> {
  const { by, top, workers } = options
  using bar = progress(host, { label: 'expect', unit: 'ranges' })
  const [found] = await expectRangeCounts(history.world, history, [by], [range], { workers, signal: host.signal })
  bar.advance(1)
  const { events, counts } = found!
  const rows = rowsOf(history, by, counts[by]!, top)
  return { from: range.first, to: range.last, events, events_counted: events, rows }
}

/** What `period_log` holds: of one id in every period, or of the songs with most plays. */
async function byPeriod(
  host: Host,
  history: ChosenHistory,
  range: DayRange,
  { id, top, workers }: ExpectCommandOptions,
): Promise<Answer> {
  const { world, firstDay } = history
  const by = id === undefined ? 'song' : dimensionOf(history, id)
  const group = id === undefined ? undefined : groupNamed(history, by, id)
  // The running day is not over, and has no rows.
  const periods = periodsOf(range.last, firstDay).filter(({ range: { first, last } }) => {
    return first <= last && first <= range.last
  })
  const ranges = periods.map((period) => period.range)
  using bar = progress(host, { label: 'expect', unit: 'ranges' })
  const counted = await expectRangeCounts(world, history, [by], ranges, { workers, signal: host.signal })
  bar.advance(ranges.length)
  const rows = counted.flatMap(({ counts }, at) => {
    const isWanted = group === undefined ? undefined : (each: number): boolean => each === group
    return rowsOf(history, by, counts[by]!, top, isWanted).map((row) => ({ period: periods[at]!.period, ...row }))
  })
  const total = periods.findIndex(({ period }) => period === 'total')
  const events = counted[total]?.events ?? 0
  return { from: firstDay, to: range.last, events, events_counted: events, rows }
}

/** @throws MusicboxError `not.found` */
function groupNamed({ world }: ChosenHistory, by: Dimension, id: string): number {
  const group = groupingOf(world).groupOf(by, id)
  if (group !== undefined) return group
  throw new MusicboxError(
    'not.found',
    `expected the id of one ${by} of this history, got "${id}"`,
    `\`musicbox expect --by ${by}\` shows some`,
  )
}

/** What an id names: hours have no periods. */
function dimensionOf(history: ChosenHistory, id: string): Exclude<Dimension, 'hour'> {
  const { groupOf } = groupingOf(history.world)
  const dimension = (['song', 'artist', 'album', 'zip', 'genre'] as const).find(
    (each) => groupOf(each, id) !== undefined,
  )
  if (dimension !== undefined) return dimension
  throw new MusicboxError('not.found', `expected the id of a song, artist, album, zip area or genre, got "${id}"`)
}

/** The groups with most plays, hours in their order; ties by id. */
function rowsOf(
  { world }: ChosenHistory,
  by: Dimension,
  { groups, values }: Counts,
  top: number,
  isWanted: (group: number) => boolean = () => true,
): ExpectRow[] {
  const { idOf, nameOf } = groupingOf(world)
  const columns = columnsOf(by)
  const plays = MEASURES.indexOf('plays')
  const wanted = Array.from(groups, (group, at) => ({ group, id: idOf(by, group), at: at * columns.length }))
    .filter(({ group }) => isWanted(group))
    .sort((a, b) => (by === 'hour' ? 0 : values[b.at + plays]! - values[a.at + plays]!) || (a.id < b.id ? -1 : 1))
  return wanted.slice(0, top).map(({ group, id, at }) => {
    const name = nameOf(by, group)
    const counts = columns.map((column, i) => [column, values[at + i]!])
    return { id, ...(name !== undefined && { name }), ...Object.fromEntries(counts) }
  })
}

function tableOf(rows: readonly ExpectRow[]): string {
  if (rows.length === 0) return 'No events.'
  const columns = Object.keys(rows[0]!)
  const isCount = (column: string): boolean => typeof rows[0]![column] === 'number'
  const table = new Table({
    head: columns,
    colAligns: columns.map((column) => (isCount(column) ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  })
  for (const row of rows) {
    table.push(columns.map((column) => (isCount(column) ? formatCount(Number(row[column])) : String(row[column]))))
  }
  return table.toString()
}
