/**
 * From what a client sent to what the log keeps: adds when the event was received and whose song it is, makes the line,
 * and appends. Every way into the log that carries wire events passes here.
 */
import { eventLine, type WireEvent } from '../datasets/event.ts'
import type { Appended, EventLog } from './event-log.ts'

/** The artist of a song; undefined when the catalogue does not know the song. */
export type ArtistOf = (songid: string) => string | undefined | Promise<string | undefined>

export interface IngestOptions {
  log: EventLog
  artistOf: ArtistOf
  /** When the server took an event, ms UTC; for histories: the event time. */
  receivedMs: (event: WireEvent) => number
}

/**
 * Resolves once every event is durable, with one outcome an event, in the order given.
 * @throws MusicboxError as {@link EventLog.append} does: send the same events again.
 */
export async function ingest(
  events: readonly WireEvent[],
  { log, artistOf, receivedMs }: IngestOptions,
): Promise<readonly Appended[]> {
  const artists = events.map(({ songid }) => (songid === undefined ? undefined : artistOf(songid)))
  // Mostly all are cached, and then nothing needs to be waited for.
  const known = artists.some((artist) => artist instanceof Promise) ? await Promise.all(artists) : artists
  return await log.append(
    events.map((event, at) => {
      const artistid = known[at] as string | undefined
      const line = eventLine({ ...event, received_ms: receivedMs(event), ...(artistid !== undefined && { artistid }) })
      return { eid: event.eid, key: event.uid, line }
    }),
  )
}
