/**
 * The listen event: what a listener's player sends, what the log keeps.
 *
 * The schemas give the types, the validation at every door and the OpenAPI document, so the three cannot drift apart.
 */
import { z } from 'zod'
import type { EventKind } from './event-kind.ts'

export { EVENT_KINDS, type EventKind } from './event-kind.ts'

/** The client's idempotency key: 128 bits as 32 lower-case hex digits. */
export const eventIdSchema = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'expected 32 lower-case hex digits')
  .meta({ description: 'Idempotency key made by the client: 128 bits as 32 lower-case hex digits' })

/** A lone surrogate is no Unicode: JSON can write one, but DuckDB then refuses the whole file that it stands in. */
const wellFormed = (text: string): boolean => text.isWellFormed()
const WELL_FORMED = 'expected well-formed Unicode, without lone surrogates'

/** Text of a length in UTF-16 units. */
const text = (min: number, max: number): z.ZodString => z.string().min(min).max(max).refine(wellFormed, WELL_FORMED)

/** Ids of songs, artists, albums and users. Real MSD ids have 18 characters; imported ones may be of another form. */
export const idSchema = z
  .string()
  .min(1)
  .max(100)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: keeping control characters out is the point.
  .regex(/^[^\u0000-\u001f\u007f]+$/, 'expected no control characters')
  .refine(wellFormed, WELL_FORMED)

/** The last instant of the year 9999: a later day would not be `YYYY-MM-DD`, and days are compared and stored as text. */
export const TS_MS_MAX = 253_402_300_799_999

const everyEvent = {
  eid: eventIdSchema,
  ts: z.int().min(0).max(TS_MS_MAX).meta({ description: 'Event time, integer milliseconds UTC' }),
  uid: idSchema.meta({ description: 'User id, or a guest’s' }),
  session: text(1, 64).meta({ description: 'Session id, made by the client' }),
  ip4: z.ipv4().optional(),
  device: text(1, 100).optional(),
}
const ofSong = {
  ...everyEvent,
  songid: idSchema.meta({ description: 'Track id of the song (TR…)' }),
  position_ms: z.int().min(0).max(86_400_000).optional().meta({ description: 'Play position, milliseconds' }),
}
/** The seed's lines name the current song on every event, so kinds that need none may carry one. */
const besideSong = { ...everyEvent, songid: idSchema.optional() }

/** What `POST /v1/events` takes, one variant a kind. Unknown fields are refused. */
export const wireEventSchema = z.discriminatedUnion('event', [
  z.strictObject({ event: z.literal('login'), ...besideSong }),
  z.strictObject({ event: z.literal('search'), ...besideSong, query: text(0, 200).optional() }),
  z.strictObject({ event: z.literal('play'), ...ofSong }),
  z.strictObject({ event: z.literal('pause'), ...ofSong }),
  z.strictObject({ event: z.literal('resume'), ...ofSong }),
  z.strictObject({ event: z.literal('skip'), ...ofSong }),
  z.strictObject({ event: z.literal('tup'), ...ofSong }),
  z.strictObject({ event: z.literal('tdn'), ...ofSong }),
  z.strictObject({ event: z.literal('rate'), ...ofSong, stars: z.int().min(1).max(10) }),
  z.strictObject({ event: z.literal('comment'), ...ofSong, text: text(1, 1000) }),
  z.strictObject({ event: z.literal('tag'), ...ofSong, tags: z.array(text(1, 50)).min(1).max(10) }),
  z.strictObject({ event: z.literal('exit'), ...besideSong, position_ms: ofSong.position_ms }),
])

export type WireEvent = z.infer<typeof wireEventSchema>

/** What the server adds before an event becomes durable. */
export interface Reception {
  /** When the server took the event, ms UTC. For histories: the event time. */
  received_ms: number
  /** The song's artist; absent when the catalogue does not know the song, or there is none. */
  artistid?: string | undefined
}

export type AcceptedEvent = WireEvent & Reception

/**
 * The line of JSON, without its newline, that the log and the raw files keep byte for byte. One order of fields
 * everywhere, so that the same event has the same bytes; absent fields are left out.
 */
export function eventLine(event: AcceptedEvent): string {
  const flat: { [Field in keyof StoredEvent]?: StoredEvent[Field] | undefined } = event
  // A literal rather than a list of names for JSON.stringify: three times as fast, and every event passes here.
  return JSON.stringify({
    eid: flat.eid,
    ts: flat.ts,
    uid: flat.uid,
    session: flat.session,
    event: flat.event,
    songid: flat.songid,
    artistid: flat.artistid,
    position_ms: flat.position_ms,
    query: flat.query,
    stars: flat.stars,
    text: flat.text,
    tags: flat.tags,
    ip4: flat.ip4,
    device: flat.device,
    received_ms: flat.received_ms,
  })
}

/** What a stored line holds once parsed; kinds share one flat shape. */
export interface StoredEvent {
  eid: string
  ts: number
  uid: string
  session: string
  event: EventKind
  songid?: string
  artistid?: string
  position_ms?: number
  query?: string
  stars?: number
  text?: string
  tags?: string[]
  ip4?: string
  device?: string
  received_ms: number
}
