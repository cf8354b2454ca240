/** Does one piece of work of a plan: what a worker thread is for. */
import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { artists, songs } from '../../datasets/catalogue.ts'
import { DAY_MS } from '../../datasets/day.ts'
import { EVENT_KINDS } from '../../datasets/event-kind.ts'
import { dayNumber, dayOfNumber } from '../kernel/day-number.ts'
import { CAUSES } from '../kernel/event-block.ts'
import { songbookOf } from '../kernel/songbook.ts'
import { users } from '../kernel/user.ts'
import { catalogueOf } from '../kernel/world.ts'
import { ARTIST_COLUMNS, SONG_COLUMNS, SONG_DAY_COLUMNS, USER_FILE_COLUMNS } from './columns.ts'
import { csvHeader, csvRow } from './csv.ts'
import { DayDigests, Digest } from './digest.ts'
import { eventWriter } from './event-writer.ts'
import type { FilledBlock } from './filled-block.ts'
import { LineBuffer } from './line-buffer.ts'
import { type FileRecord, PartFile } from './part-file.ts'
import { countsPath, type Plan, partCount, partName, type Unit, usersOfPart } from './plan.ts'
import { SONG_DAY_FIELDS, SongDay } from './song-day.ts'
import { UtcDays } from './utc-day.ts'

/** What became of a unit: enough to know, later, whether it need not be done again. */
export interface UnitRecord {
  files: FileRecord[]
  /** Files for later units, which go when the data set is complete. */
  work: FileRecord[]
  events: number
  /** Sum of its events' hashes; see `digest.ts`. */
  digest: string
}

/** @param onDay is told how many events each finished day had, and in how many bytes they are */
export function doUnit(
  plan: Plan,
  out: string,
  unit: Unit,
  onDay: (events: number, bytes: number) => void,
): UnitRecord {
  if (unit.kind === 'events') return makeEvents(plan, out, unit, onDay)
  const files =
    unit.kind === 'catalog'
      ? makeCatalog(plan, out)
      : unit.kind === 'users'
        ? makeUsers(plan, out)
        : sumDays(plan, out, unit)
  return { files, work: [], events: 0, digest: new Digest().toString() }
}

function makeEvents(
  plan: Plan,
  out: string,
  { parts, first, last }: Extract<Unit, { kind: 'events' }>,
  onDay: (events: number, bytes: number) => void,
): UnitRecord {
  const { world } = plan
  const writers = plan.formats.map((format) => eventWriter(format, world, out))
  const digests = new DayDigests(world)
  const sessionDays = { first: dayNumber(plan.firstDay), last: dayNumber(plan.lastDay) }
  const onFill = (filled: FilledBlock): void => {
    digests.open(filled)
    for (const writer of writers) writer.open(filled)
  }
  const ofParts = parts.map((part) => ({
    part,
    days: new UtcDays(world, usersOfPart(plan, part), sessionDays, onFill),
    counts: new PartFile(out, countsPath(first, part)),
  }))
  const songDay = new SongDay()
  const digest = new Digest()
  const files: FileRecord[] = []
  let events = 0
  for (let day = first; day <= last; day++) {
    for (const { part, days, counts } of ofParts) {
      const rows = days.rowsOf(day)
      const written =
        rows.count === 0
          ? []
          : writers.flatMap((writer) => writer.write(rows, `events/dt=${dayOfNumber(day)}/part-${partName(part)}`))
      files.push(...written)
      digests.addTo(digest, rows)
      songDay.clear()
      songDay.count(rows, day * DAY_MS, (day + 1) * DAY_MS)
      const records = songDay.records()
      counts.write(new Uint8Array(Uint32Array.of(day, records.length).buffer))
      counts.write(new Uint8Array(records.buffer))
      events += rows.count
      onDay(
        rows.count,
        written.reduce((sum, { bytes }) => sum + bytes, 0),
      )
    }
  }
  const work = ofParts.map(({ counts }) => counts.close(0))
  return { files, work, events, digest: digest.toString() }
}

/** Adds up what the parts counted. */
function sumDays(plan: Plan, out: string, { first, last }: { first: number; last: number }): FileRecord[] {
  const book = songbookOf(plan.world)
  const files: FileRecord[] = []
  const parts = Array.from({ length: partCount(plan) }, (_, part) => readCounts(join(out, countsPath(first, part))))
  const total = new SongDay()
  for (let day = first; day <= last; day++) {
    total.clear()
    for (const counts of parts) total.add(counts.get(day)!)
    const records = total.records()
    if (records.length === 0) continue
    files.push(
      writeRows(out, `daily/dt=${dayOfNumber(day)}/songs.csv`, csvHeader(SONG_DAY_COLUMNS), function* () {
        for (let at = 0; at < records.length; at += SONG_DAY_FIELDS) {
          const [song, ...rest] = records.subarray(at, at + SONG_DAY_FIELDS)
          yield csvRow([song!, book.song(song!).track_id, ...rest])
        }
      }),
    )
  }
  return files
}

/** The counts of a part by day: each day stands before its counts, with how many numbers they are. */
function readCounts(path: string): Map<number, Uint32Array> {
  const bytes = readFileSync(path)
  const numbers = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  const days = new Map<number, Uint32Array>()
  for (let at = 0; at < numbers.length; at += 2 + numbers[at + 1]!) {
    days.set(numbers[at]!, numbers.subarray(at + 2, at + 2 + numbers[at + 1]!))
  }
  return days
}

function makeCatalog({ world }: Plan, out: string): FileRecord[] {
  const spec = catalogueOf(world)
  return [
    writeRows(out, 'catalog/songs.csv', csvHeader(SONG_COLUMNS), function* () {
      let index = 0
      for (const song of songs(spec)) {
        const of = { index: index++, ...song }
        yield csvRow(SONG_COLUMNS.map(({ name }) => of[name]))
      }
    }),
    writeRows(out, 'catalog/artists.csv', csvHeader(ARTIST_COLUMNS), function* () {
      let index = 0
      for (const artist of artists(spec)) {
        const terms = artist.terms.map(({ term, weight }) => `${term}:${weight}`).join(';')
        const of = { index: index++, ...artist, terms, similar: artist.similar.join(';') }
        yield csvRow(ARTIST_COLUMNS.map(({ name }) => of[name]))
      }
    }),
    writeRows(out, 'catalog/kinds.json', '', function* () {
      yield `${JSON.stringify({ event: EVENT_KINDS, cause: CAUSES }, null, 2)}\n`
    }),
  ]
}

function makeUsers({ world }: Plan, out: string): FileRecord[] {
  return [
    writeRows(out, 'users/users.csv', csvHeader(USER_FILE_COLUMNS), function* () {
      let index = 0
      for (const user of users(world)) {
        const of = { index: index++, ...user }
        yield csvRow(USER_FILE_COLUMNS.map(({ name }) => of[name]))
      }
    }),
  ]
}

function writeRows(out: string, path: string, header: string, rows: () => Iterable<string>): FileRecord {
  const file = new PartFile(out, path)
  const buffer = new LineBuffer((block) => file.write(block))
  buffer.endLine(buffer.putText(0, header))
  let count = 0
  for (const row of rows()) {
    buffer.endLine(buffer.putText(buffer.used, row))
    count++
  }
  buffer.flush()
  return file.close(count)
}

/** Whether the files are there as they were written. */
export function isIntact(out: string, files: readonly FileRecord[]): boolean {
  const block = Buffer.allocUnsafe(1 << 20)
  return files.every(({ path, bytes, sha256 }) => {
    let file: number
    try {
      file = openSync(join(out, path), 'r')
    } catch {
      return false
    }
    try {
      const hash = createHash('sha256')
      let size = 0
      for (;;) {
        const read = readSync(file, block)
        if (read === 0) break
        hash.update(block.subarray(0, read))
        size += read
      }
      return size === bytes && hash.digest('hex') === sha256
    } finally {
      closeSync(file)
    }
  })
}
