/**
 * The audit: counts every event again at each stage and compares neighbours, hour by hour of event time.
 *
 * log → raw files → warehouse → report. Each stage has, for each hour, the number of distinct events and the sum of their
 * lines' checksums modulo 2^64. The sum does not depend on order, and no loss, repeat or change leaves both the count
 * and the sum as they were (a chance of 2^-64), not even one event lost and another doubled in the same hour.
 *
 * Distinct means: each event id once a day, at its first place in the log's order. Raw files may repeat an id, since a
 * crash may repeat work; the repeats are counted, and are no fault.
 */
import { DAY_MS, type Day, dayOf, HOUR_MS } from '../datasets/day.ts'
import { MusicboxError } from '../datasets/failure.ts'
import { dayKey } from '../datasets/keys.ts'
import type { Metrics, Stage } from '../observability/metrics.ts'
import { ChecksumSum } from './checksum.ts'
import { EidMap } from './eid-map.ts'
import type { EventLog } from './event-log.ts'
import { type Manifest, type RawFile, readManifests } from './manifest.ts'
import type { RawStore } from './raw-store.ts'
import { StageMarks } from './stage-marks.ts'
import { storedDays } from './stored-day.ts'
import { idAndTime, loggedLines, rawLines } from './stored-lines.ts'
import type { TableStore } from './table-store.ts'
import type { DayVersion, EventMark, Warehouse } from './warehouse.ts'

export interface AuditedStores {
  log: EventLog
  raw: RawStore
  warehouse: Warehouse
  tables: TableStore
}

export interface AuditOptions {
  /** Names the events of each mismatch too, which reads the stages that differ once more. */
  ids?: boolean
  /** Told of every event that differs, not only of the first ones; asks for `ids`. */
  onDifference?: (difference: Difference) => void
  metrics?: Metrics
  signal?: AbortSignal
  /** Told as days of raw files are read. */
  onProgress?: (days: number, total: number) => void
}

export interface Mismatch {
  from: Stage
  to: Stage
  day: Day
  hour: string
  from_count: number
  to_count: number
  /** Decimal text: sums have 64 bits. */
  from_checksum: string
  to_checksum: string
  /** When asked for, and both stages hold events (a report holds only counts): the first ones that differ. */
  events?: EventFault[]
}

export interface EventFault {
  eid: string
  /** What is wrong with it at `to`: there it is not, or it is and should not, or more than once, or with other bytes. */
  fault: 'missing' | 'extra' | 'doubled' | 'altered'
}

/** An event of one mismatch. */
export interface Difference extends EventFault {
  from: Stage
  to: Stage
  day: Day
  hour: string
}

/** What is wrong with a store itself. What such a file or day holds counts as not there. */
export interface StoreFault {
  stage: Stage
  what: string
}

export interface AuditReport {
  verdict: 'BALANCED' | 'FAILED'
  /** Distinct events at each stage; the log's up to where it is collected, the last two of published days. */
  events: Record<Stage, number>
  /** Hours with events that were compared. */
  hours: number
  /** Lines of raw files that repeat an event of their day. */
  duplicates: number
  /** By day, hour and stage. */
  mismatches: Mismatch[]
  faults: StoreFault[]
  /** Days with raw files that are not published: compared up to the raw files only. */
  unpublished_days: Day[]
  /** Days of which more has been collected since they were published; the next night job will build them anew. */
  stale_days: Day[]
}

/** Events named for one mismatch, at most. */
const FAULTS_SHOWN = 20

/** @throws MusicboxError `data.corrupt` for a broken chain of manifests, `interrupted` on the signal */
export async function audit(stores: AuditedStores, options: AuditOptions = {}): Promise<AuditReport> {
  const { log, raw, warehouse, tables } = stores
  const { metrics, signal, onProgress } = options
  const expectRunning = (): void => {
    if (signal?.aborted) throw new MusicboxError('interrupted', 'the audit was stopped', 'Run it again.')
  }
  const manifests = await readManifests(raw)
  const days = await storedDays(manifests, tables)
  const faults = new Map<string, StoreFault>()
  const fault = (stage: Stage, what: string): void => void faults.set(`${stage} ${what}`, { stage, what })

  const logTallies = await tallyLog(log, manifests, expectRunning)
  const comparison = new Comparison()
  const events: Record<Stage, number> = { log: 0, raw: 0, warehouse: 0, report: 0 }
  let duplicates = 0
  for (const [done, { day, files, published }] of days.entries()) {
    expectRunning()
    const whole = await tallyRaw(raw, files, fault)
    duplicates += whole.duplicates
    comparison.compare('log', 'raw', day, logTallies.get(day) ?? new Map(), whole.tallies)
    logTallies.delete(day)
    events.raw += countOf(whole.tallies)
    if (published) {
      // A published day is held to the files it was made of, not to what has come since.
      const known = published.files.length === files.length ? whole : await tallyRaw(raw, published.files, fault)
      const counted = await tallyWarehouse(warehouse, published.version, fault)
      const reported = await tallyReport(tables, day)
      comparison.compare('raw', 'warehouse', day, known.tallies, counted)
      comparison.compare('warehouse', 'report', day, counted, reported)
      events.warehouse += countOf(counted)
      events.report += countOf(reported)
    }
    onProgress?.(done + 1, days.length)
  }
  for (const [day, tallies] of logTallies) comparison.compare('log', 'raw', day, tallies, new Map())
  events.log = comparison.count('log')

  const mismatches = comparison.mismatches.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
  if (options.ids) {
    const marks = new StageMarks(stores, manifests, days, mismatches)
    for (const mismatch of mismatches) {
      const { from, to, day, hour } = mismatch
      if (to === 'report') continue
      expectRunning()
      const differing = differences(await marks.of(mismatch, from), await marks.of(mismatch, to))
      mismatch.events = differing.slice(0, FAULTS_SHOWN)
      for (const fault of differing) options.onDifference?.({ ...fault, from, to, day, hour })
    }
  }
  const report: AuditReport = {
    verdict: mismatches.length === 0 && faults.size === 0 ? 'BALANCED' : 'FAILED',
    events,
    hours: comparison.hours.size,
    duplicates,
    mismatches,
    faults: [...faults.values()],
    unpublished_days: days.filter(({ published }) => !published).map(({ day }) => day),
    stale_days: days
      .filter(({ files, published }) => published && published.files.length < files.length)
      .map(({ day }) => day),
  }
  if (metrics) record(metrics, report, comparison)
  return report
}

/** What one stage has of one hour. */
interface Tally {
  count: number
  checksum: bigint
}

/** By hour. */
type Tallies = Map<string, Tally>

/** Collects mismatches, and sums for the metrics. */
class Comparison {
  readonly mismatches: Mismatch[] = []
  /** `day hour` of every hour that had an event at some stage. */
  readonly hours = new Set<string>()
  /** By pair of stages: events on the left, on the right. */
  readonly #sums = new Map<string, [number, number]>()

  compare(from: Stage, to: Stage, day: Day, left: Tallies, right: Tallies): void {
    for (const hour of new Set([...left.keys(), ...right.keys()])) {
      const a = left.get(hour) ?? NOTHING
      const b = right.get(hour) ?? NOTHING
      if (a.count > 0 || b.count > 0) this.hours.add(`${day} ${hour}`)
      const sums = this.#sums.get(`${from} ${to}`) ?? [0, 0]
      this.#sums.set(`${from} ${to}`, [sums[0] + a.count, sums[1] + b.count])
      if (a.count === b.count && a.checksum === b.checksum) continue
      this.mismatches.push({
        from,
        to,
        day,
        hour,
        from_count: a.count,
        to_count: b.count,
        from_checksum: String(a.checksum),
        to_checksum: String(b.checksum),
      })
    }
  }

  /** Events that `from` has and `to` lacks; negative when it has too many. */
  gap(from: Stage, to: Stage): number {
    const [left, right] = this.#sums.get(`${from} ${to}`) ?? [0, 0]
    return left - right
  }

  count(from: 'log'): number {
    return this.#sums.get(`${from} raw`)?.[0] ?? 0
  }
}

const NOTHING: Tally = { count: 0, checksum: 0n }

const PAIRS = [
  ['log', 'raw'],
  ['raw', 'warehouse'],
  ['warehouse', 'report'],
] as const satisfies readonly (readonly [Stage, Stage])[]

/** The log as far as it is collected, by day. Records that are no event stand in reject files and are left out. */
async function tallyLog(
  log: EventLog,
  manifests: readonly Manifest[],
  expectRunning: () => void,
): Promise<Map<Day, Tallies>> {
  // By the number of the day: its text would cost as much as the checksum.
  const days = new Map<number, DayTally>()
  for await (const { ts, eid, line } of loggedLines(log, manifests, 'collected')) {
    const day = Math.floor(ts / DAY_MS)
    let tally = days.get(day)
    if (!tally) {
      expectRunning()
      tally = new DayTally()
      days.set(day, tally)
    }
    tally.add(eid, ts, line)
  }
  return new Map([...days].map(([day, tally]) => [dayOf(day * DAY_MS), tally.tallies()]))
}

/** Distinct events of one day, by hour. */
class DayTally {
  readonly #seen = new EidMap()
  readonly #counts = new Array<number>(24).fill(0)
  readonly #sums = Array.from({ length: 24 }, () => new ChecksumSum())
  duplicates = 0

  add(eid: string, ts: number, line: string): void {
    if (!this.#seen.set(eid, 0)) {
      this.duplicates++
      return
    }
    const hour = Math.floor(ts / HOUR_MS) % 24
    this.#counts[hour]!++
    this.#sums[hour]!.add(line)
  }

  /** Of the hours that have any. */
  tallies(): Tallies {
    const tallies: Tallies = new Map()
    for (const [hour, count] of this.#counts.entries()) {
      if (count > 0) tallies.set(String(hour).padStart(2, '0'), { count, checksum: this.#sums[hour]!.total() })
    }
    return tallies
  }
}

type ReportFault = (stage: Stage, what: string) => void

async function tallyRaw(
  raw: RawStore,
  files: readonly RawFile[],
  fault: ReportFault,
): Promise<{ tallies: Tallies; duplicates: number }> {
  const tally = new DayTally()
  for (const file of files) {
    for (const line of await rawLines(raw, file, (what) => fault('raw', what))) {
      const event = idAndTime(line)
      if (event) tally.add(event.eid, event.ts, line)
      else fault('raw', `${file.path} holds a line that is no event`)
    }
  }
  return { tallies: tally.tallies(), duplicates: tally.duplicates }
}

async function tallyWarehouse(warehouse: Warehouse, version: DayVersion, fault: ReportFault): Promise<Tallies> {
  try {
    const tallies = await warehouse.tallies(version)
    return new Map(tallies.map(({ hour, count, checksum }) => [hour, { count, checksum }]))
  } catch (error) {
    if (!(error instanceof MusicboxError && error.code === 'not.found')) throw error
    fault('warehouse', error.message)
    return new Map()
  }
}

async function tallyReport(tables: TableStore, day: Day): Promise<Tallies> {
  return tables.snapshot(async (view) => {
    const tallies: Tallies = new Map()
    for (let hour = 0; hour < 24; hour++) {
      const name = String(hour).padStart(2, '0')
      const cells = await view.get('hour_event_log', dayKey(name, day))
      if (cells) tallies.set(name, { count: Number(cells['events']), checksum: BigInt(cells['checksum'] ?? 0) })
    }
    return tallies
  })
}

/** What the right side has wrong, by event id. */
function differences(left: readonly EventMark[], right: readonly EventMark[]): EventFault[] {
  const expected = new Map(left.map(({ eid, checksum }) => [eid, checksum]))
  const found = new Map<string, bigint>()
  const faults: EventFault[] = []
  for (const { eid, checksum } of right) {
    if (found.has(eid)) faults.push({ eid, fault: 'doubled' })
    else if (!expected.has(eid)) faults.push({ eid, fault: 'extra' })
    else if (expected.get(eid) !== checksum) faults.push({ eid, fault: 'altered' })
    found.set(eid, checksum)
  }
  for (const eid of expected.keys()) if (!found.has(eid)) faults.push({ eid, fault: 'missing' })
  return faults.sort((a, b) => (a.eid < b.eid ? -1 : 1))
}

function countOf(tallies: Tallies): number {
  let count = 0
  for (const tally of tallies.values()) count += tally.count
  return count
}

function placeOf({ day, hour, from }: Mismatch): string {
  return `${day} ${hour} ${PAIRS.findIndex(([stage]) => stage === from)}`
}

function record(metrics: Metrics, { events, mismatches }: AuditReport, comparison: Comparison): void {
  for (const stage of ['log', 'raw', 'warehouse', 'report'] as const) metrics.audit_events.set({ stage }, events[stage])
  for (const [from, to] of PAIRS) {
    metrics.audit_gap_events.set({ from, to }, comparison.gap(from, to))
    const differing = mismatches.filter((mismatch) => mismatch.from === from && mismatch.to === to)
    metrics.audit_mismatched_hours.set({ from, to }, differing.length)
  }
}
