/**
 * The warehouse on DuckDB: an engine in memory over Parquet files, one a day and version.
 *
 * `dt=YYYY-MM-DD/<hash>.parquet` holds the day's distinct events, joined with the look-up data of that version, so it is
 * a pure function of what the hash names. It is written beside and renamed, so a file that exists is whole and
 * ready. Older versions of a day go when a newer one is there. The look-up data is kept the same way, under its
 * own hash, and the file `current` names the one in force.
 *
 * The raw files are read where they lie, so this adapter needs the raw store to be a local folder.
 */
import { createHash } from 'node:crypto'
import { mkdir, open as openFile, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { type DuckDBConnection, DuckDBDataChunk, DuckDBInstance, type DuckDBValue, VARCHAR } from '@duckdb/node-api'
import type { Day } from '../../datasets/day.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { dayKey, periodKey, topKey } from '../../datasets/keys.ts'
import type { Artist, Song, User } from '../../datasets/music.ts'
import { type Cells, MEASURES, type TableRow } from '../../datasets/tables.ts'
import { corruptRaw } from '../corrupt-raw.ts'
import { inLogOrder } from '../log-order.ts'
import { planRanges } from '../range-plan.ts'
import type { DayLoad, DayVersion, EventMark, HourTally, PeriodRange, Warehouse } from '../warehouse.ts'
import * as queries from './duckdb-queries.ts'

export interface DuckdbWarehouseOptions {
  /** What DuckDB may hold in memory before it spills to the folder; default 1 GB. */
  memory_limit_bytes?: number
  /** Default 2. */
  threads?: number
}

/** @param rawFolder where the raw store keeps its files */
export async function openDuckdbWarehouse(
  folder: string,
  rawFolder: string,
  options: DuckdbWarehouseOptions = {},
): Promise<Warehouse> {
  await mkdir(folder, { recursive: true })
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${options.memory_limit_bytes ?? 1_000_000_000}B`,
    threads: String(options.threads ?? 2),
    temp_directory: join(folder, `spill.${process.pid}`),
    // Nothing is fetched at run time: JSON and Parquet are built in.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  return new DuckdbWarehouse(instance, folder, rawFolder)
}

class DuckdbWarehouse implements Warehouse {
  readonly #instance: DuckDBInstance
  readonly #folder: string
  readonly #rawFolder: string
  /** Operations wait here for their turn: few run at once, since all share the memory that DuckDB was given. */
  readonly #waiting: (() => void)[] = []
  #free = OPERATIONS_AT_ONCE
  readonly #running = new Set<Promise<unknown>>()
  #loading: Promise<void> = Promise.resolve()
  /** Hash of the dimensions that stand in DuckDB's tables. */
  #loaded: string | undefined
  #closed = false

  constructor(instance: DuckDBInstance, folder: string, rawFolder: string) {
    this.#instance = instance
    this.#folder = folder
    this.#rawFolder = rawFolder
  }

  async setDimensions(dimensions: {
    songs: Iterable<Song>
    artists: Iterable<Artist>
    users: Iterable<User>
  }): Promise<void> {
    await this.#run(async (connection) => {
      const digests: unknown[] = []
      for (const name of queries.DIMENSION_NAMES) {
        await fillText(connection, `given_${name}`, queries.DIMENSIONS[name], dimensions[name] as Iterable<object>)
        digests.push(await rows(connection, queries.dimensionDigest(name)))
      }
      const hash = createHash('sha256').update(JSON.stringify(digests)).digest('hex').slice(0, 32)
      const home = join(this.#folder, 'dimensions')
      if (!(await exists(join(home, hash)))) {
        const unfinished = join(home, `${hash}.${process.pid}.tmp`)
        await rm(unfinished, { recursive: true, force: true })
        await mkdir(unfinished, { recursive: true })
        for (const name of queries.DIMENSION_NAMES) {
          const path = join(unfinished, `${name}.parquet`)
          await connection.run(
            `COPY (${queries.distinctDimension(name)}) TO ${queries.quoted(path)} (FORMAT parquet, COMPRESSION zstd)`,
          )
          await sync(path)
        }
        await sync(unfinished)
        await rename(unfinished, join(home, hash))
      }
      const pointer = join(home, `current.${process.pid}.tmp`)
      await writeFile(pointer, hash)
      await sync(pointer)
      await rename(pointer, join(home, 'current'))
      await sync(home)
      for (const name of await readdir(home)) {
        if (name !== hash && name !== 'current' && !ofLiveProcess(name)) {
          await rm(join(home, name), { recursive: true, force: true })
        }
      }
    })
  }

  async dimensionsHash(): Promise<string> {
    this.#expectOpen()
    try {
      return await readFile(join(this.#folder, 'dimensions', 'current'), 'utf8')
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return 'none'
      throw cause
    }
  }

  async load(version: DayVersion, files: readonly string[]): Promise<DayLoad> {
    const path = this.#pathOf(version)
    return this.#run(async (connection) => {
      let load: DayLoad
      if (await exists(path)) {
        load = await storedLoad(connection, path)
      } else {
        await this.#loadDimensions(connection)
        load = await this.#build(connection, version.day, files, path)
      }
      await removeOthers(path)
      return load
    })
  }

  async dayRows(version: DayVersion): Promise<readonly TableRow[]> {
    const path = await this.#ready(version)
    return this.#run(async (connection) => {
      const made: TableRow[] = []
      for (const [kind, id, ...counts] of await rows(connection, queries.dayCounts(path))) {
        made.push({
          table: `${kind as 'song'}_event_log`,
          key: dayKey(id as string, version.day),
          cells: measureCells(counts),
        })
      }
      const hours = new Map((await rows(connection, queries.hourCounts(path))).map((row) => [row[0], row]))
      for (let hour = 0; hour < 24; hour++) {
        const [, ...counts] = hours.get(hour) ?? []
        const [events = 0, logins = 0, searches = 0, exits = 0, checksum = 0n] = counts.slice(MEASURES.length)
        made.push({
          table: 'hour_event_log',
          key: dayKey(twoDigits(hour), version.day),
          cells: { ...measureCells(counts), events, logins, searches, exits, checksum: String(checksum) } as Cells,
        })
      }
      return made
    })
  }

  async periodRows(
    asOf: Day,
    periods: readonly PeriodRange[],
    versions: readonly DayVersion[],
  ): Promise<readonly TableRow[]> {
    const paths = new Map<Day, string>()
    for (const version of versions) paths.set(version.day, await this.#ready(version))
    const plan = planRanges(periods, [...paths.keys()].sort())
    return this.#run(async (connection) => {
      await this.#loadDimensions(connection)
      await connection.run(queries.CREATE_COUNTS)
      await connection.run(queries.CREATE_PERIODS)
      for (const [number, { first, last }] of plan.ranges.entries()) {
        const files = [...paths].flatMap(([day, path]) => (day >= first && day <= last ? [path] : []))
        await connection.run(queries.rangeCounts(number, files))
      }
      for (const { period, range, before = NO_RANGE } of plan.periods) {
        await connection.run(`INSERT INTO periods VALUES (${queries.quoted(period)}, ${range}, ${before})`)
      }
      const made: TableRow[] = []
      for (const number of new Set(plan.periods.map(({ range }) => range))) {
        const counts = await rows(connection, queries.countsOfRange(number))
        for (const { period } of plan.periods.filter(({ range }) => range === number)) {
          for (const [kind, id, ...values] of counts) {
            const key = periodKey(kind as string, id as string, period)
            made.push({ table: 'period_log', key, cells: measureCells(values) })
          }
        }
      }
      await connection.run(queries.COMPARE_PERIODS)
      for (const row of await rows(connection, queries.TOP_ROWS)) {
        const [by, period, kind, rank, id, name, artist_name, value, previous] = row as [
          ...[string, string, string, number, string, string, string],
          ...[number, number],
        ]
        made.push({
          table: 'top_log',
          key: topKey({ kind, by, period }, asOf, rank),
          cells: { id, name, ...(kind !== 'artists' && { artist_name }), value, previous, change: value - previous },
        })
      }
      return made
    })
  }

  async tallies(version: DayVersion): Promise<readonly HourTally[]> {
    const path = await this.#ready(version)
    return this.#run(async (connection) =>
      (await rows(connection, queries.hourTallies(path))).map(([hour, count, checksum]) => ({
        day: version.day,
        hour: twoDigits(hour as number),
        count: count as number,
        checksum: checksum as bigint,
      })),
    )
  }

  async marks(version: DayVersion, hour: string): Promise<readonly EventMark[]> {
    const path = await this.#ready(version)
    return this.#run(async (connection) =>
      (await rows(connection, queries.hourMarks(path, Number(hour)))).map(([eid, checksum]) => ({
        eid: eid as string,
        checksum: checksum as bigint,
      })),
    )
  }

  async occurrences(eids: readonly string[], versions: readonly DayVersion[]): Promise<ReadonlyMap<string, number>> {
    if (eids.length === 0 || versions.length === 0) return new Map()
    const paths: string[] = []
    for (const version of versions) paths.push(await this.#ready(version))
    return this.#run(async (connection) => {
      await fillText(
        connection,
        'wanted',
        ['eid'],
        mapped(eids, (eid) => ({ eid })),
      )
      const found = await rows(connection, queries.countWanted(paths))
      return new Map(found.map(([eid, count]) => [eid as string, count as number]))
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await Promise.allSettled(this.#running)
    this.#instance.closeSync()
    await rm(join(this.#folder, `spill.${process.pid}`), { recursive: true, force: true })
  }

  /** Reads the raw files into a new day file. */
  async #build(connection: DuckDBConnection, day: Day, files: readonly string[], path: string): Promise<DayLoad> {
    const paths = inLogOrder(files).map((file) => join(this.#rawFolder, file))
    for (const file of paths) {
      if (!(await exists(file))) throw corruptRaw(`the raw file ${relative(this.#rawFolder, file)} is missing`)
    }
    try {
      await connection.run(paths.length > 0 ? queries.readLines(paths) : NO_LINES)
    } catch (cause) {
      throw await this.#unreadable(connection, paths, cause)
    }
    await connection.run(queries.PARSE_LINES)
    const [fault] = await rows(connection, queries.firstFault(day))
    if (fault) {
      const [file, line, text] = fault
      throw corruptRaw(
        `expected an event of ${day} in ${relative(this.#rawFolder, String(file))}, line ${line}, got ${text}`,
      )
    }
    await connection.run(`CREATE TEMP TABLE events AS ${queries.DAY_EVENTS}`)
    const [counted] = await rows(
      connection,
      'SELECT (SELECT count(*) FROM lines)::DOUBLE, (SELECT count(*) FROM events)::DOUBLE',
    )
    const [lines, events] = counted as [number, number]
    await mkdir(dirname(path), { recursive: true })
    const unfinished = `${path}.${process.pid}.tmp`
    await connection.run(
      `COPY events TO ${queries.quoted(unfinished)}
        (FORMAT parquet, COMPRESSION zstd, KV_METADATA {lines: '${lines}', events: '${events}'})`,
    )
    await sync(unfinished)
    await rename(unfinished, path)
    await sync(dirname(path))
    return { lines, events, duplicates: lines - events }
  }

  /** Finds out which file DuckDB could not read: its own message does not always say. */
  async #unreadable(connection: DuckDBConnection, paths: readonly string[], cause: unknown): Promise<unknown> {
    if (isShortage(cause)) return cause
    for (const path of paths) {
      try {
        await connection.run('DROP TABLE IF EXISTS lines')
        await connection.run(queries.readLines([path]))
      } catch (own) {
        return corruptRaw(`the raw file ${relative(this.#rawFolder, path)} cannot be read`, own)
      }
    }
    return cause
  }

  /** Brings the dimensions in force into DuckDB's tables, one operation at a time. */
  async #loadDimensions(connection: DuckDBConnection): Promise<void> {
    const loading = this.#loading.catch(() => undefined).then(() => this.#fillDimensions(connection))
    this.#loading = loading
    await loading
  }

  async #fillDimensions(connection: DuckDBConnection): Promise<void> {
    const hash = await this.dimensionsHash()
    if (this.#loaded === hash) return
    for (const name of queries.DIMENSION_NAMES) {
      const columns = queries.DIMENSIONS[name].map((column) => `${column} VARCHAR`).join(', ')
      await connection.run(`CREATE OR REPLACE TABLE ${name} (${columns})`)
      if (hash === 'none') continue
      const path = join(this.#folder, 'dimensions', hash, `${name}.parquet`)
      await connection.run(`INSERT INTO ${name} SELECT * FROM read_parquet(${queries.fileList([path])})`)
    }
    await connection.run(queries.CREATE_NAMES)
    this.#loaded = hash
  }

  #pathOf({ day, hash }: DayVersion): string {
    return join(this.#folder, `dt=${day}`, `${hash}.parquet`)
  }

  async #ready(version: DayVersion): Promise<string> {
    const path = this.#pathOf(version)
    if (await exists(path)) return path
    throw new MusicboxError(
      'not.found',
      `expected ${version.day} in its version ${version.hash} in the warehouse, found none`,
      'run `musicbox aggregate`, which builds it from the raw files',
    )
  }

  /** Runs an operation in its turn, on a connection of its own: temporary tables end with it. */
  #run<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    this.#expectOpen()
    const running = this.#inTurn(work)
    this.#running.add(running)
    const done = (): void => void this.#running.delete(running)
    running.then(done, done)
    return running
  }

  async #inTurn<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      const connection = await this.#instance.connect()
      try {
        return await work(connection)
      } finally {
        connection.closeSync()
      }
    } catch (cause) {
      if (cause instanceof MusicboxError || !isShortage(cause)) throw cause
      throw new MusicboxError(
        'backend.full',
        `the warehouse ran out of memory or disk: ${(cause as Error).message.split('\n')[0]}`,
        'free disk space, or give it more memory',
        { cause },
      )
    } finally {
      // The next one takes this one's place.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }

  #expectOpen(): void {
    if (this.#closed) throw new MusicboxError('backend.unreachable', 'the warehouse is closed')
  }
}

const NO_LINES = 'CREATE TEMP TABLE lines (file VARCHAR, line VARCHAR)'

/** Two: a day alone is too small a piece of work for two cores. */
const OPERATIONS_AT_ONCE = 2

/** DuckDB's own vector size. */
const CHUNK_ROWS = 2048

type Value = string | number | bigint | null

async function rows(connection: DuckDBConnection, sql: string): Promise<Value[][]> {
  return (await connection.runAndReadAll(sql)).getRows() as Value[][]
}

/** Makes a temporary table of text columns and fills it from objects, whose other fields are left out. */
async function fillText(
  connection: DuckDBConnection,
  table: string,
  columns: readonly string[],
  objects: Iterable<object>,
): Promise<void> {
  await connection.run(`CREATE TEMP TABLE ${table} (${columns.map((column) => `${column} VARCHAR`).join(', ')})`)
  const appender = await connection.createAppender(table, 'main', 'temp')
  let batch: object[] = []
  const append = (): void => {
    const chunk = DuckDBDataChunk.create(columns.map(() => VARCHAR))
    chunk.setColumns(
      columns.map((column) => batch.map((object) => (object as Record<string, DuckDBValue>)[column] as DuckDBValue)),
    )
    appender.appendDataChunk(chunk)
    batch = []
  }
  for (const object of objects) {
    batch.push(object)
    if (batch.length === CHUNK_ROWS) append()
  }
  if (batch.length > 0) append()
  appender.closeSync()
}

function* mapped<T, U>(values: Iterable<T>, change: (value: T) => U): Generator<U> {
  for (const value of values) yield change(value)
}

async function storedLoad(connection: DuckDBConnection, path: string): Promise<DayLoad> {
  const pairs = await rows(
    connection,
    `SELECT decode(key), decode(value)::DOUBLE FROM parquet_kv_metadata(${queries.fileList([path])})
      WHERE decode(key) IN ('lines', 'events')`,
  )
  const { lines = 0, events = 0 } = Object.fromEntries(pairs) as Record<string, number>
  return { lines, events, duplicates: lines - events }
}

/** Of a period that nothing precedes. */
const NO_RANGE = -1

function measureCells(counts: readonly Value[]): Record<string, number> {
  return Object.fromEntries(MEASURES.map((measure, at) => [measure, Number(counts[at] ?? 0)]))
}

function twoDigits(hour: number): string {
  return String(hour).padStart(2, '0')
}

/** Removes what else is in the day's folder: older versions, and unfinished files of dead processes. */
async function removeOthers(path: string): Promise<void> {
  for (const name of await readdir(dirname(path))) {
    if (name !== basename(path) && !ofLiveProcess(name)) await rm(join(dirname(path), name), { force: true })
  }
}

/** Whether a name is that of an unfinished file whose writer still runs. */
function ofLiveProcess(name: string): boolean {
  const pid = Number(/\.(\d+)\.tmp$/.exec(name)?.[1] ?? 0)
  if (pid === 0) return false
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function sync(path: string): Promise<void> {
  const handle = await openFile(path)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isShortage(cause: unknown): boolean {
  return /out of memory|no space left|ENOSPC/i.test(String((cause as Error).message))
}
