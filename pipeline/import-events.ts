/**
 * Imports events from a file: the seed's own lines, what `POST /v1/events` takes, and what raw files hold. An event that the
 * log holds already is not stored again, so importing a file twice changes nothing.
 */
import { createHash } from 'node:crypto'
import { type WireEvent, wireEventSchema } from '../datasets/event.ts'
import { MusicboxError } from '../datasets/failure.ts'
import { fromSeedObject, seedContent } from '../datasets/seed-line.ts'
import { EidMap } from './eid-map.ts'
import type { EventLog } from './event-log.ts'
import { type ArtistOf, ingest } from './ingest.ts'
import { ObjectScanner, type Scanned } from './object-scanner.ts'

export interface ImportEventsOptions {
  source: AsyncIterable<Uint8Array>
  log: EventLog
  artistOf: ArtistOf
  /** Told of each piece that is no event, in the order of the file. */
  rejects: (reject: ImportReject) => void
  /** Told after each append how far the file is read and stored. */
  onProgress?: (progress: { bytes: number; stored: number }) => void
  /** Stops between appends; what is stored stays, and importing the file again does the rest. */
  signal?: AbortSignal
}

export interface ImportReject {
  /** From the start of the file. */
  offset_bytes: number
  size_bytes: number
  reason: string
  /** The piece; bytes that are not UTF-8 are shown as U+FFFD. */
  text: string
}

export interface ImportEventsResult {
  /** Of the whole file. */
  bytes: number
  /** JSON objects found, good or not. */
  objects: number
  stored: number
  /** Events that the log held already, or that stand twice in the file under one id. */
  duplicates: number
  rejected: number
  /** Songs that the catalogue does not know; their events are kept. */
  unknown_songs: number
  /** Events of such songs, duplicates included. */
  unknown_song_events: number
}

const APPEND_EVENTS = 5000

/** @throws MusicboxError `interrupted` on the signal, `backend.unreachable` and the log's failures */
export async function importEvents(options: ImportEventsOptions): Promise<ImportEventsResult> {
  const { source, log, rejects, onProgress, signal } = options
  const result: ImportEventsResult = {
    bytes: 0,
    objects: 0,
    stored: 0,
    duplicates: 0,
    rejected: 0,
    unknown_songs: 0,
    unknown_song_events: 0,
  }
  const reader = new EventReader()
  const artists = countingArtistOf(options.artistOf)
  let batch: ReadEvent[] = []

  const append = async (): Promise<void> => {
    if (signal?.aborted) {
      throw new MusicboxError(
        'interrupted',
        `stopped after ${result.stored} events were stored`,
        'Import the same file again: what is stored already is skipped.',
      )
    }
    const events = batch
    batch = []
    const received = new Map(events.map(({ event, received_ms }) => [event, received_ms]))
    const outcomes = await ingest(
      events.map(({ event }) => event),
      { log, artistOf: artists.artistOf, receivedMs: (event) => received.get(event)! },
    )
    for (const { state } of outcomes) {
      if (state === 'stored') result.stored++
      else result.duplicates++
    }
    result.unknown_song_events += events.filter(({ event }) => artists.isUnknown(event.songid)).length
    result.unknown_songs = artists.unknownCount()
    onProgress?.({ bytes: result.bytes, stored: result.stored })
  }
  const take = async (scanned: readonly Scanned[]): Promise<void> => {
    for (const each of scanned) {
      if (each.state === 'object') result.objects++
      const read = each.state === 'object' ? reader.read(each.value) : each
      if (read.state === 'good') {
        if (batch.push(read) >= APPEND_EVENTS) await append()
        continue
      }
      const { offset_bytes, size_bytes, text } = each
      result.rejected++
      rejects({ offset_bytes, size_bytes, reason: read.reason, text })
    }
  }

  const scanner = new ObjectScanner()
  for await (const chunk of readable(source)) {
    result.bytes += chunk.length
    await take(scanner.push(chunk))
  }
  await take(scanner.end())
  if (batch.length > 0) await append()
  return result
}

interface ReadEvent {
  state: 'good'
  event: WireEvent
  received_ms: number
}

/** Tells the three forms apart, and numbers equal seed lines over the whole file. */
class EventReader {
  /** How often a content has come, by its hash: 20 bytes for each different line. */
  readonly #ordinals = new EidMap()

  read(value: Record<string, unknown>): ReadEvent | { state: 'broken'; reason: string } {
    try {
      return 'timestamp' in value && !('eid' in value) ? this.#readSeedLine(value) : readOwn(value)
    } catch (error) {
      if (!(error instanceof MusicboxError && error.code === 'input.invalid')) throw error
      return { state: 'broken', reason: error.message }
    }
  }

  #readSeedLine(value: Record<string, unknown>): ReadEvent {
    const content = createHash('sha256').update(seedContent(value)).digest('hex').slice(0, 32)
    const ordinal = this.#ordinals.get(content) ?? 0
    const event = fromSeedObject(value, ordinal)
    this.#ordinals.set(content, ordinal + 1)
    // Of a history nobody knows when it was received.
    return { state: 'good', event, received_ms: event.ts }
  }
}

/** A stored line also says when it was received, which is kept, and whose song it is, which the catalogue knows better. */
function readOwn({ received_ms, artistid: _, ...value }: Record<string, unknown>): ReadEvent {
  const parsed = wireEventSchema.safeParse(value)
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!
    throw new MusicboxError('input.invalid', `${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`)
  }
  const event = parsed.data
  if (received_ms === undefined) return { state: 'good', event, received_ms: event.ts }
  if (!Number.isSafeInteger(received_ms) || (received_ms as number) < 0) {
    throw new MusicboxError(
      'input.invalid',
      `received_ms: expected whole milliseconds from 1970 on, got ${JSON.stringify(received_ms)}`,
    )
  }
  return { state: 'good', event, received_ms: received_ms as number }
}

/** Passes look-ups on and keeps those that found nothing. */
function countingArtistOf(artistOf: ArtistOf) {
  const unknown = new Set<string>()
  const counted = (songid: string, artist: string | undefined): string | undefined => {
    if (artist === undefined) unknown.add(songid)
    return artist
  }
  return {
    artistOf: (songid: string): string | undefined | Promise<string | undefined> => {
      const artist = artistOf(songid)
      return artist instanceof Promise ? artist.then((late) => counted(songid, late)) : counted(songid, artist)
    },
    isUnknown: (songid: string | undefined): boolean => songid !== undefined && unknown.has(songid),
    unknownCount: (): number => unknown.size,
  }
}

/** A source that fails is a file that cannot be read, not a bug. */
async function* readable(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* source
  } catch (cause) {
    if (cause instanceof MusicboxError) throw cause
    throw new MusicboxError(
      'backend.unreachable',
      `the file could not be read to its end: ${(cause as Error).message}`,
      'Import it again: what is stored already is skipped.',
      { cause },
    )
  }
}
