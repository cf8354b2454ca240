/**
 * The night job: makes report rows of the days whose inputs changed, and publishes each day as a whole.
 *
 * A day is a function of its raw files and the look-up data; the hash of both names its version. Where the published
 * hash is the same, nothing is done, so a second run writes nothing, and a late event rebuilds exactly the days it
 * touches. Each step can be repeated, so a job that was killed anywhere is finished by running it again.
 */
import { createHash } from 'node:crypto'
import { addDays, DAY_MS, type Day, dayStartMs, daysBetween } from '../datasets/day.ts'
import { MusicboxError } from '../datasets/failure.ts'
import { type DayRange, PERIODS, periodDays } from '../datasets/period.ts'
import type { TableRow } from '../datasets/tables.ts'
import type { Metrics } from '../observability/metrics.ts'
import { filesByDay, type Manifest, type RawFile, readManifests } from './manifest.ts'
import type { RawStore } from './raw-store.ts'
import type { Publication, TableStore } from './table-store.ts'
import type { DayLoad, DayVersion, PeriodRange, Warehouse } from './warehouse.ts'
import { workAhead } from './work-ahead.ts'

export interface NightOptions {
  /** Last day to publish: yesterday, since today is not over. */
  through: Day
  metrics?: Metrics
  /** Told after each day how many of how many are done. */
  onProgress?: (days: number, total: number) => void
  /** Stops before the next day; what is published stays. */
  signal?: AbortSignal
  /** Called after each step; a test that throws here, or ends the process, sees what is left behind. */
  failPoint?: (name: NightFailPoint) => void | Promise<void>
}

export interface NightDay {
  day: Day
  outcome: 'built' | 'unchanged'
  /** Distinct events that the day's rows count. */
  events: number
  /** Lines of raw files that repeat an event; 0 for an unchanged day, which is not read. */
  duplicates: number
}

export interface NightResult {
  /** Days with data up to `through`, and the quiet ones between them, ascending. */
  days: NightDay[]
  /** Rows published by this run. */
  rows: number
  /** Whether the period and top lists were published anew. */
  periods: 'built' | 'unchanged'
  /** The day that named periods end at; absent when there is no day. */
  as_of_day?: Day
  /** Everything the server had received before this instant is in, ms UTC; 0 before the first drained manifest. */
  as_of_ms: number
  /** Days that have raw files but are later than `through`. */
  later_days: number
}

/** Every step after which a night job may die. */
export const NIGHT_FAIL_POINTS = [
  'manifests-read',
  'day-loaded',
  'day-counted',
  'day-published',
  'periods-counted',
  'periods-published',
] as const

export type NightFailPoint = (typeof NIGHT_FAIL_POINTS)[number]

/** Part of each version's hash: to be raised when equal inputs give other rows, so that all days are built anew. */
const RULES_VERSION = 1

/** A gap of up to so many days between days with data is quiet time, and its days are published as zeros. */
const QUIET_DAYS_MAX = 31

/** Days counted at once: a day is too small to keep two cores busy. */
const DAYS_AHEAD = 2

/**
 * @throws MusicboxError `writer.fenced` when a later night job has published; `data.corrupt` for raw files that are not
 *   what their manifests say; `interrupted` on the signal; whatever the stores throw.
 */
export async function runNight(
  stores: { raw: RawStore; warehouse: Warehouse; tables: TableStore },
  options: NightOptions,
): Promise<NightResult> {
  const { raw, warehouse, tables } = stores
  const { through, metrics, onProgress, signal } = options
  const step = async (name: NightFailPoint): Promise<void> => options.failPoint?.(name)

  const manifests = await readManifests(raw)
  const dimensions = await warehouse.dimensionsHash()
  const published = await tables.snapshot((view) => view.publications())
  const plan = planNight(manifests, dimensions, through, published)
  await step('manifests-read')

  const result: NightResult = {
    days: [],
    rows: 0,
    periods: 'unchanged',
    as_of_ms: plan.as_of_ms,
    later_days: plan.later_days,
  }
  /** Counts a day, unless what is published of it is what it would be. */
  const count = async ({ version, files, present, complete }: PlannedDay): Promise<Counted | undefined> => {
    if (present?.hash === version.hash && present.complete === complete) return undefined
    expectRunning(signal, result.days.length)
    const load = await warehouse.load(version, files)
    await step('day-loaded')
    const rows = await warehouse.dayRows(version)
    await step('day-counted')
    return { load, rows }
  }
  const { generation, as_of_ms } = plan
  for await (const counted of workAhead(plan.days, DAYS_AHEAD, count)) {
    const { version, present, complete } = plan.days[result.days.length]!
    const { day, hash } = version
    if (counted === undefined) {
      result.days.push({ day, outcome: 'unchanged', events: present!.events, duplicates: 0 })
    } else {
      const { events, duplicates } = counted.load
      await tables.publish({ scope: day, generation, hash, as_of_ms, complete, events }, counted.rows)
      await step('day-published')
      result.rows += counted.rows.length
      result.days.push({ day, outcome: 'built', events, duplicates })
    }
    onProgress?.(result.days.length, plan.days.length)
    expectRunning(signal, result.days.length)
  }

  const [first, last] = [plan.days[0], plan.days.at(-1)]
  if (first && last) {
    const asOf = last.version.day
    result.as_of_day = asOf
    const complete = plan.days.every((day) => day.complete)
    const versions = plan.days.map(({ version }) => version)
    const hash = hashOf([RULES_VERSION, asOf, versions])
    const present = published.find(({ scope }) => scope === 'periods')
    if (present?.hash !== hash || present.complete !== complete) {
      const rows = await warehouse.periodRows(asOf, planPeriods(asOf, first.version.day), versions)
      await step('periods-counted')
      const events = result.days.reduce((sum, day) => sum + day.events, 0)
      await tables.publish({ scope: 'periods', generation, hash, as_of_ms, complete, events }, rows)
      await step('periods-published')
      result.rows += rows.length
      result.periods = 'built'
    }
  }
  if (metrics) record(metrics, result)
  return result
}

interface Counted {
  load: DayLoad
  rows: readonly TableRow[]
}

function expectRunning(signal: AbortSignal | undefined, done: number): void {
  if (signal?.aborted) throw new MusicboxError('interrupted', `stopped after ${done} days`, 'Run again to go on.')
}

export interface PlannedDay {
  version: DayVersion
  /** Paths in the raw store, in the log's order. */
  files: string[]
  present: Publication | undefined
  complete: boolean
}

export interface NightPlan {
  /** Sequence number of the newest manifest, 0 when there is none. */
  generation: number
  as_of_ms: number
  days: PlannedDay[]
  later_days: number
}

/** What is to be done, from what there is; touches nothing. */
export function planNight(
  manifests: readonly Manifest[],
  dimensions: string,
  through: Day,
  published: readonly Publication[],
): NightPlan {
  const files = filesByDay(manifests)
  const drained = manifests.map(({ drained_ms }) => drained_ms ?? 0)
  const as_of_ms = drained.reduce((latest, at_ms) => Math.max(latest, at_ms), 0)
  const present = new Map(published.map((publication) => [publication.scope, publication]))
  const due = [...files.keys()].filter((day) => day <= through)
  return {
    generation: manifests.at(-1)?.sequence ?? 0,
    as_of_ms,
    later_days: files.size - due.length,
    days: withQuietDays(due, through).map((day) => {
      const own = files.get(day) ?? []
      return {
        version: { day, hash: dayHash(day, own, dimensions) },
        files: own.map(({ path }) => path),
        present: present.get(day),
        complete: as_of_ms >= dayStartMs(day) + DAY_MS,
      }
    }),
  }
}

/** Names what a day is made of. The order of the files counts: of lines that repeat an event, the first one wins. */
export function dayHash(day: Day, files: readonly RawFile[], dimensions: string): string {
  return hashOf([RULES_VERSION, day, files.map(({ path, sha256 }) => [path, sha256]), dimensions])
}

/** Each named period as of a day, with the range of equal length before it. */
export function planPeriods(asOf: Day, firstDay: Day): PeriodRange[] {
  return PERIODS.map((period) => {
    const range = periodDays(period, asOf, firstDay)
    return { period, range, before: rangeBefore(range) }
  })
}

function rangeBefore({ first, last }: DayRange): DayRange {
  const length = Math.round((dayStartMs(last) - dayStartMs(first)) / DAY_MS) + 1
  return { first: addDays(first, -length), last: addDays(first, -1) }
}

/**
 * The days, the quiet ones between them, and those after the last up to `through`: that nothing happened on a day is a
 * report too, and "yesterday" then is yesterday. A longer gap parts two histories and stays as it is.
 */
function withQuietDays(days: readonly Day[], through: Day): Day[] {
  const quiet = (before: Day, day: Day): number => Math.round((dayStartMs(day) - dayStartMs(before)) / DAY_MS) - 1
  const bridged = days.flatMap((day, at) => {
    const before = days[at - 1]
    return before === undefined || quiet(before, day) > QUIET_DAYS_MAX ? [day] : daysBetween(addDays(before, 1), day)
  })
  const last = days.at(-1)
  if (last === undefined || quiet(last, through) > QUIET_DAYS_MAX) return bridged
  return [...bridged, ...daysBetween(addDays(last, 1), through)]
}

function record(metrics: Metrics, { days, rows, as_of_ms }: NightResult): void {
  for (const outcome of ['built', 'unchanged'] as const) {
    metrics.night_days_total.inc({ outcome }, days.filter((day) => day.outcome === outcome).length)
  }
  metrics.night_rows_total.inc(rows)
  for (const stage of ['warehouse', 'report'] as const) {
    metrics.stage_watermark_timestamp_seconds.set({ stage }, as_of_ms / 1000)
  }
}

function hashOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
