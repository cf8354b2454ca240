/**
 * The warehouse: turns raw files into counted rows. Embedded: DuckDB over Parquet day files. Cluster: Hive.
 */
import type { Day } from '../datasets/day.ts'
import type { Artist, Song, User } from '../datasets/music.ts'
import type { DayRange, Period } from '../datasets/period.ts'
import type { TableRow } from '../datasets/tables.ts'

/** The state of one day, named by the hash of what it was made from. */
export interface DayVersion {
  day: Day
  /** Hash of the day's raw files and of the dimensions. */
  hash: string
}

export interface DayLoad {
  /** Lines in the raw files. */
  lines: number
  /** Distinct events, by `eid`: what reports count. */
  events: number
  /** Lines that repeat an `eid`. */
  duplicates: number
}

/** Count and order-free checksum of distinct events in one hour; see `audit.ts`. */
export interface HourTally {
  day: Day
  hour: string
  count: number
  checksum: bigint
}

/** One distinct event, as the audit looks for it: its line's checksum, see `checksum.ts`. */
export interface EventMark {
  eid: string
  checksum: bigint
}

/** One named period on one as-of day, with the range of equal length before it. */
export interface PeriodRange {
  period: Period
  range: DayRange
  before: DayRange
}

export interface Warehouse {
  /** Replaces the look-up data that days are joined with. Streams: a million songs must fit. */
  setDimensions(dimensions: { songs: Iterable<Song>; artists: Iterable<Artist>; users: Iterable<User> }): Promise<void>

  /** Names the present dimensions; equal data, equal hash. `none` before the first {@link setDimensions}. */
  dimensionsHash(): Promise<string>

  /**
   * Makes the day of this version ready: its files' lines, each `eid` once (the line of the lowest
   * partition and offset wins). A version that is ready already is left as it is.
   * @param files paths in the raw store, of this day only
   * @throws MusicboxError `data.corrupt` for a line that is no event.
   */
  load(version: DayVersion, files: readonly string[]): Promise<DayLoad>

  /** The day's rows of all `*_event_log` tables. Every id with an event has one; every hour of the day has one. */
  dayRows(version: DayVersion): Promise<readonly TableRow[]>

  /**
   * Rows of `period_log` and `top_log`: exact distinct counts over all of a period's days.
   * @param versions every day there is
   */
  periodRows(asOf: Day, periods: readonly PeriodRange[], versions: readonly DayVersion[]): Promise<readonly TableRow[]>

  /** Tallies of a day, by hour ascending, hours without events left out. */
  tallies(version: DayVersion): Promise<readonly HourTally[]>

  /** The distinct events of one hour (two digits) by `eid` ascending: asked for when a tally does not match. */
  marks(version: DayVersion, hour: string): Promise<readonly EventMark[]>

  /** How often each of these ids is in the days given: ids that are not there are left out of the map. */
  occurrences(eids: readonly string[], versions: readonly DayVersion[]): Promise<ReadonlyMap<string, number>>

  close(): Promise<void>
}
