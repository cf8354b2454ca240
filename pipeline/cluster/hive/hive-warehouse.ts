/**
 * The warehouse on Hive: external tables over files in HDFS, MapReduce as the engine.
 *
 * MapReduce, since Tez in its local mode gives wrong numbers when two queries run at once. Every answer that counts
 * events is held against the number of events that the version had when it was made, so that a version that went while
 * it was read is an error and never a smaller number.
 */
import type { Day } from '../../../datasets/day.ts'
import { MusicboxError } from '../../../datasets/failure.ts'
import { UNKNOWN_ID } from '../../../datasets/music.ts'
import type { DayRange } from '../../../datasets/period.ts'
import { type TableRow, TOP_KINDS, type TopKind } from '../../../datasets/tables.ts'
import { planRanges } from '../../range-plan.ts'
import type { DayLoad, DayVersion, EventMark, HourTally, PeriodRange, Warehouse } from '../../warehouse.ts'
import { workAhead } from '../../work-ahead.ts'
import type { ClusterConfig } from '../cluster-config.ts'
import type { Dimensions } from './dimension-rows.ts'
import { HiveClient, type HiveClientOptions } from './hive-client.ts'
import { HiveDays, type ReadyDay } from './hive-days.ts'
import { HiveDimensions } from './hive-dimensions.ts'
import * as queries from './hive-queries.ts'
import type { Cell } from './hive-rows.ts'
import { createTables } from './hive-tables.ts'
import {
  type Called,
  checksumOf,
  countsByRange,
  dayTableRows,
  periodTableRows,
  type RangeCounts,
  songEventsOf,
  topRows,
  topTableRow,
  twoDigits,
} from './report-rows.ts'
import type { TopRow } from './top-lists.ts'
import { WarehouseFolder } from './warehouse-folder.ts'

export type HiveWarehouseOptions = Partial<Omit<HiveClientOptions, 'address' | 'user' | 'database' | 'settings'>>

/** What every statement runs with. */
const SETTINGS = {
  'hive.execution.engine': 'mr',
  // How often the server looks whether a job has ended: a second would be most of a small job's time.
  'hive.exec.counters.pull.interval': '100',
  // A step more that puts small files together; nobody reads these often enough.
  'hive.merge.mapfiles': 'false',
  'hive.merge.mapredfiles': 'false',
}

/**
 * Opens the warehouse, and makes its tables when they are missing.
 * @throws MusicboxError `backend.unreachable`
 */
export async function openHiveWarehouse(config: ClusterConfig, options: HiveWarehouseOptions = {}): Promise<Warehouse> {
  const { namespace } = config
  const { hiveserver2: address, user } = config.hive
  const folder = new WarehouseFolder(config)
  const setup = new HiveClient({ ...options, address, user, settings: SETTINGS, sessions: 1 })
  try {
    for (const statement of createTables(namespace, folder.hivePath('warehouse'))) await setup.query(statement)
  } catch (error) {
    folder.close()
    throw error
  } finally {
    await setup.close()
  }
  const hive = new HiveClient({ ...options, address, user, settings: SETTINGS, database: namespace })
  return new HiveWarehouse(hive, folder)
}

class HiveWarehouse implements Warehouse {
  readonly #hive: HiveClient
  readonly #folder: WarehouseFolder
  readonly #dimensions: HiveDimensions
  readonly #days: HiveDays
  readonly #running = new Set<Promise<unknown>>()
  #closed = false

  constructor(hive: HiveClient, folder: WarehouseFolder) {
    this.#hive = hive
    this.#folder = folder
    this.#dimensions = new HiveDimensions(hive, folder)
    this.#days = new HiveDays(hive, folder, this.#dimensions)
  }

  setDimensions(dimensions: Dimensions): Promise<void> {
    return this.#run(() => this.#dimensions.replace(dimensions))
  }

  dimensionsHash(): Promise<string> {
    return this.#run(() => this.#dimensions.hash())
  }

  load(version: DayVersion, files: readonly string[]): Promise<DayLoad> {
    return this.#run(async () => {
      const { lines, events } = await this.#days.load(version, files)
      return { lines, events, duplicates: lines - events }
    })
  }

  dayRows(version: DayVersion): Promise<readonly TableRow[]> {
    return this.#run(async () => {
      const ready = await this.#days.ready(version)
      const rows = dayTableRows(version.day, await this.#rowsOf(ready, queries.dayCounts))
      const hours = rows.filter(({ table }) => table === 'hour_event_log')
      expectAll(
        version.day,
        ready.events,
        hours.reduce((sum, { cells }) => sum + Number(cells['events']), 0),
      )
      return rows
    })
  }

  periodRows(
    asOf: Day,
    periods: readonly PeriodRange[],
    versions: readonly DayVersion[],
  ): Promise<readonly TableRow[]> {
    return this.#run(async () => {
      const days = await this.#readyDays(versions)
      const plan = planRanges(
        periods,
        days.map(({ day }) => day),
      )
      const counts = await this.#countRanges(plan.ranges, days)
      const tops = topRows(plan.periods, counts)
      const called = await this.#called(tops)
      return [
        ...periodTableRows(plan.periods, counts),
        ...tops.map((row) => topTableRow(asOf, row, called.get(row.kind)?.get(row.id))),
      ]
    })
  }

  tallies(version: DayVersion): Promise<readonly HourTally[]> {
    return this.#run(async () => {
      const ready = await this.#days.ready(version)
      const rows = await this.#rowsOf(ready, queries.hourTallies)
      const tallies = rows.map(([hour, count, high, low]) => ({
        day: version.day,
        hour: twoDigits(hour!),
        count: Number(count),
        checksum: checksumOf(high!, low!),
      }))
      expectAll(
        version.day,
        ready.events,
        tallies.reduce((sum, { count }) => sum + count, 0),
      )
      return tallies.sort((a, b) => (a.hour < b.hour ? -1 : 1))
    })
  }

  marks(version: DayVersion, hour: string): Promise<readonly EventMark[]> {
    return this.#run(async () => {
      const ready = await this.#days.ready(version)
      const rows = await this.#rowsOf(ready, (partition) => queries.hourMarks(partition, Number(hour)))
      // Few rows are no sign that the version went meanwhile, so it is asked for again.
      await this.#days.ready(version)
      return rows
        .map(([eid, high, low]) => ({ eid: eid as string, checksum: checksumOf(high!, low!) }))
        .sort((a, b) => (a.eid < b.eid ? -1 : 1))
    })
  }

  occurrences(eids: readonly string[], versions: readonly DayVersion[]): Promise<ReadonlyMap<string, number>> {
    return this.#run(async () => {
      const counts = new Map<string, number>()
      const days = (await this.#readyDays(versions)).filter(({ lines }) => lines > 0)
      const wanted = [...new Set(eids)].sort()
      for (const some of days.length > 0 ? inPieces(wanted, IDS_AT_ONCE) : []) {
        const rows = await this.#hive.query(queries.present(some, days))
        for (const [eid] of rows) counts.set(eid as string, (counts.get(eid as string) ?? 0) + 1)
      }
      await this.#readyDays(versions)
      return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await Promise.allSettled(this.#running)
    await this.#hive.close()
    this.#folder.close()
  }

  /** What a question gives of a day; nothing for a day without lines, which has no partition. */
  async #rowsOf(day: ReadyDay, question: (partition: queries.EventPartition) => string): Promise<Cell[][]> {
    return day.lines === 0 ? [] : this.#hive.query(question(day))
  }

  async #readyDays(versions: readonly DayVersion[]): Promise<ReadyDay[]> {
    const days: ReadyDay[] = []
    for await (const day of workAhead(versions, DAYS_AHEAD, (version) => this.#days.ready(version))) days.push(day)
    return days.sort((a, b) => (a.day < b.day ? -1 : 1))
  }

  async #countRanges(ranges: readonly DayRange[], days: readonly ReadyDay[]): Promise<RangeCounts[]> {
    const full = days.filter(({ lines }) => lines > 0)
    if (full.length === 0) return countsByRange(ranges.length, [])
    const counts = countsByRange(ranges.length, await this.#hive.query(queries.rangeCounts(ranges, full)))
    for (const [number, { first, last }] of ranges.entries()) {
      const within = full.filter(({ day }) => day >= first && day <= last)
      const events = within.reduce((sum, { song_events }) => sum + song_events, 0)
      expectAll(`${first} to ${last}`, events, songEventsOf(counts[number]!))
    }
    return counts
  }

  /** How what stands in top lists is called, by kind and id. */
  async #called(tops: readonly TopRow[]): Promise<Map<TopKind, Map<string, Called>>> {
    const version = await this.#dimensions.version()
    const all = new Map<TopKind, Map<string, Called>>()
    for (const kind of TOP_KINDS) {
      const called = new Map<string, Called>()
      const ids = new Set(tops.filter((row) => row.kind === kind).map(({ id }) => id))
      for (const some of inPieces([...ids], IDS_AT_ONCE)) {
        for (const [id, name, artist_name] of await this.#hive.query(queries.names(version, kind, some))) {
          called.set(id as string, {
            name: (name ?? id) as string,
            artist_name: (artist_name ?? UNKNOWN_ID) as string,
          })
        }
      }
      all.set(kind, called)
    }
    return all
  }

  #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new MusicboxError('backend.unreachable', 'the warehouse is closed'))
    const running = work()
    this.#running.add(running)
    const done = (): void => void this.#running.delete(running)
    running.then(done, done)
    return running
  }
}

/** Markers looked for at once. */
const DAYS_AHEAD = 8

/** Ids in one statement: Hive takes more, but takes long to parse them. */
const IDS_AT_ONCE = 1000

function inPieces<T>(items: readonly T[], length: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / length) }, (_, at) =>
    items.slice(at * length, (at + 1) * length),
  )
}

function expectAll(what: string, wanted: number, counted: number): void {
  if (wanted === counted) return
  throw new MusicboxError(
    'not.found',
    `expected ${wanted} events of ${what} in the warehouse, counted ${counted}: a newer version took their place`,
    'run it again',
  )
}
