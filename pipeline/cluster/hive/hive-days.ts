/**
 * The days in Hive. A load fills a partition under a name of its own, `HASH.ATTEMPT`, and is counted; only then a marker
 * says that the version is ready, and which partition it is: the empty folder
 * `ready/dt=DAY/HASH.ATTEMPT.LINES.EVENTS.SONGEVENTS`. A load that was killed leaves no marker, and the next one begins
 * anew beside what it left.
 */
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Day } from '../../../datasets/day.ts'
import { MusicboxError } from '../../../datasets/failure.ts'
import { corruptRaw } from '../../corrupt-raw.ts'
import { inLogOrder } from '../../log-order.ts'
import type { DayVersion } from '../../warehouse.ts'
import { workAhead } from '../../work-ahead.ts'
import { ATTEMPT_MS_MAX, newAttempt } from './attempt.ts'
import type { HiveClient } from './hive-client.ts'
import type { HiveDimensions } from './hive-dimensions.ts'
import * as queries from './hive-queries.ts'
import { addPartition, dropPartition } from './hive-tables.ts'
import type { WarehouseFolder } from './warehouse-folder.ts'

/** A day's version that can be read. */
export interface ReadyDay {
  day: Day
  /** Its partition in the table of events; a day without lines has none. */
  version: string
  lines: number
  events: number
  song_events: number
}

export class HiveDays {
  readonly #hive: HiveClient
  readonly #folder: WarehouseFolder
  readonly #dimensions: HiveDimensions

  constructor(hive: HiveClient, folder: WarehouseFolder, dimensions: HiveDimensions) {
    this.#hive = hive
    this.#folder = folder
    this.#dimensions = dimensions
  }

  /** @throws MusicboxError `not.found` */
  async ready(version: DayVersion): Promise<ReadyDay> {
    const found = await this.find(version)
    if (found) return found
    throw new MusicboxError(
      'not.found',
      `expected ${version.day} in its version ${version.hash} in the warehouse, found none`,
      'run `musicbox aggregate`, which builds it from the raw files',
    )
  }

  /** Of two attempts that both came through the one with the least name is taken, by everybody. */
  async find({ day, hash }: DayVersion): Promise<ReadyDay | undefined> {
    expectName(hash)
    const markers = await this.#folder.list(`${READY}/dt=${day}`)
    const own = markers.find(({ name }) => name.startsWith(`${hash}.`))
    return own && readyDay(day, own.name)
  }

  async load(version: DayVersion, files: readonly string[]): Promise<ReadyDay> {
    const found = await this.find(version)
    if (!found) await this.#build(version, files)
    const ready = found ?? (await this.ready(version))
    await this.#removeOthers(ready)
    return ready
  }

  async #build({ day, hash }: DayVersion, files: readonly string[]): Promise<void> {
    const attempt = newAttempt()
    const partition = { day, version: `${hash}.${attempt}` }
    const counts = files.length > 0 ? await this.#fill(partition, inLogOrder(files), attempt) : [0, 0, 0]
    await this.#folder.make(`${READY}/dt=${day}/${[partition.version, ...counts].join('.')}`)
  }

  /** Fills a new partition. @returns its lines, events, and events of a song */
  async #fill(partition: queries.EventPartition, files: readonly string[], attempt: string): Promise<number[]> {
    for await (const [file, size] of workAhead(files, FILES_AHEAD, async (file) => {
      return [file, await this.#folder.size(rawPath(file))] as const
    })) {
      if (size === undefined) throw corruptRaw(`the raw file ${file} is missing`)
      // Hive passes over an empty file, which is no gzip.
      if (size === 0) throw corruptRaw(`the raw file ${file} cannot be read: it is empty`)
    }
    const list = `${LOADS}/${attempt}`
    const lines = files.map((file) => `${this.#folder.hivePath(rawPath(file))}\n`)
    try {
      await this.#folder.make(list)
      await this.#folder.write(`${list}/files.txt`, Buffer.from(lines.join('')))
      await this.#hive.query(addPartition('raw_lines', { load: attempt }, this.#folder.hivePath(list)))
      const dimensions = await this.#dimensions.version()
      await this.#insert(partition, files, attempt, dimensions)
      const [row] = await this.#hive.query(queries.summary(partition))
      const [total, events, songEvents, faults] = row!.map(Number) as [number, number, number, number]
      if (faults > 0) throw await this.#firstFault(partition, files)
      if (total === 0) throw corruptRaw(`expected lines in the raw files of ${partition.day}, found none`)
      // Else the rows may have been joined with tables that were gone by then, and name nothing.
      if ((await this.#dimensions.version()) !== dimensions) {
        throw new MusicboxError(
          'writer.fenced',
          `the look-up data changed while ${partition.day} was joined with it`,
          'run it again',
        )
      }
      return [total, events, songEvents]
    } catch (error) {
      await this.#discard(partition).catch(() => undefined)
      throw error
    } finally {
      await this.#forgetList(attempt).catch(() => undefined)
    }
  }

  async #insert(
    partition: queries.EventPartition,
    files: readonly string[],
    load: string,
    dimensions: string,
  ): Promise<void> {
    try {
      const settings = queries.loadSettings(await this.#dimensions.joinedBytes(dimensions))
      await this.#hive.query(queries.insertDay(partition, load, dimensions), settings)
    } catch (cause) {
      if (!isFailedJob(cause)) throw cause
      // Hive says that a task failed, not which file it could not read.
      for (const file of files) {
        try {
          await this.#text(file)
        } catch (own) {
          if (own instanceof MusicboxError) throw own
          throw corruptRaw(`the raw file ${file} cannot be read`, own)
        }
      }
      throw cause
    }
  }

  /** Says where the first line stands that is no event. */
  async #firstFault(partition: queries.EventPartition, files: readonly string[]): Promise<MusicboxError> {
    const rows = await this.#hive.query(queries.faults(partition))
    const found = rows.map(([hivePath, offset]) => {
      const file = this.#folder.pathOf(hivePath as string).slice(RAW.length + 1)
      return { file, at: files.indexOf(file), offset: Number(offset) }
    })
    found.sort((a, b) => a.at - b.at || a.offset - b.offset)
    const { file, at, offset } = found[0]!
    if (at < 0) {
      return new MusicboxError(
        'backend.unreachable',
        `expected Hive to read the raw files of a list under their own names, got lines of ${file}`,
        'the setting hive.rework.mapredwork does that: is it restricted by the server?',
      )
    }
    const bytes = await this.#text(file)
    const line = bytes.subarray(0, offset).reduce((count, byte) => (byte === NEWLINE ? count + 1 : count), 1)
    const end = bytes.indexOf(NEWLINE, offset)
    const text = bytes.toString('utf8', offset, end < 0 ? undefined : end).slice(0, 120)
    return corruptRaw(`expected an event of ${partition.day} in ${file}, line ${line}, got ${text}`)
  }

  async #text(file: string): Promise<Buffer> {
    const bytes = await this.#folder.read(rawPath(file))
    if (bytes === undefined) throw corruptRaw(`the raw file ${file} is missing`)
    return unzipped(bytes)
  }

  /** Removes what else is there of the day: older versions, and what killed loads left. */
  async #removeOthers(ready: ReadyDay): Promise<void> {
    const markers = await this.#folder.list(`${READY}/dt=${ready.day}`)
    const others = markers.filter(({ name }) => readyDay(ready.day, name).version !== ready.version)
    for (const { name } of others) {
      // The marker first, so that nobody begins to read what goes.
      await this.#folder.remove(`${READY}/dt=${ready.day}/${name}`)
      await this.#discard(readyDay(ready.day, name))
    }
    for (const { name, modified_ms } of await this.#folder.list(`${EVENTS}/dt=${ready.day}`)) {
      const version = name.slice('version='.length)
      if (version === ready.version || Date.now() - modified_ms < ATTEMPT_MS_MAX) continue
      await this.#discard({ day: ready.day, version })
    }
  }

  async #discard({ day, version }: queries.EventPartition): Promise<void> {
    await this.#hive.query(dropPartition('events', { dt: day, version }))
    await this.#folder.remove(`${EVENTS}/dt=${day}/version=${version}`)
  }

  async #forgetList(attempt: string): Promise<void> {
    await this.#hive.query(dropPartition('raw_lines', { load: attempt }))
    await this.#folder.remove(`${LOADS}/${attempt}`)
  }
}

const RAW = 'raw'
const READY = 'warehouse/ready'
const EVENTS = 'warehouse/events'
const LOADS = 'warehouse/loads'

/** Files looked for at once. */
const FILES_AHEAD = 8

const NEWLINE = 0x0a

const unzipped = promisify(gunzip) as (bytes: Buffer) => Promise<Buffer>

function rawPath(file: string): string {
  return `${RAW}/${file}`
}

function readyDay(day: Day, marker: string): ReadyDay {
  const [hash, attempt, lines, events, song_events] = marker.split('.')
  return {
    day,
    version: `${hash}.${attempt}`,
    lines: Number(lines),
    events: Number(events),
    song_events: Number(song_events),
  }
}

/** A hash is part of a folder's name, and a dot ends it there. */
function expectName(hash: string): void {
  if (/^[\w-]+$/.test(hash)) return
  throw new MusicboxError('input.invalid', `expected a version's hash of letters, digits, _ and -, got "${hash}"`)
}

function isFailedJob(cause: unknown): boolean {
  return cause instanceof MusicboxError && cause.code !== 'backend.full' && /MapRedTask|MapredLocal/.test(cause.message)
}
