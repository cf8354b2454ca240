/**
 * Events in columns: what the kernel makes, and what every outlet reads. A row takes 31 bytes and no object, so a core
 * makes millions a second; texts, ids and lines are made from the numbers by who needs them (`wire-event.ts`).
 *
 * Rows stand session by session, as they were made; {@link rowsByTime} gives the order of a day's lines.
 */
import type { Words } from '../../datasets/random.ts'

/** Why a play was chosen, or what a row follows from: the truth beside the event. */
export const CAUSES = ['none', 'discover', 'repeat', 'explore', 'search', 'friend', 'station'] as const
export type Cause = (typeof CAUSES)[number]

/** A cause's place in {@link CAUSES}: how columns hold it. */
export function causeCode(cause: Cause): number {
  return CAUSES.indexOf(cause)
}

/** No song, no position: the value of `song` and `position_ms` where a row has none. */
export const NONE = -1

/** Columns grow as needed and are used again after {@link EventBlock.clear}: read up to the counts, not to the length. */
export class EventBlock {
  sessionCount = 0
  /** Index of the user, by session. */
  sessionUser = new Uint32Array(256)
  /** Four words by session: its 128-bit id. */
  sessionWords = new Uint32Array(4 * 256)
  /** First event, ms UTC, by session. */
  sessionStart_ms = new Float64Array(256)
  /** Local minus UTC time at the start, minutes, by session. */
  sessionOffset_min = new Int16Array(256)
  /** Index in DEVICES, by session. */
  sessionDevice = new Uint8Array(256)

  count = 0
  /** Event time, ms UTC; never falls within a session. */
  ts = new Float64Array(4096)
  /** Which session of this block. */
  session = new Uint32Array(4096)
  /** Place within the session, from 0. */
  sequence = new Uint16Array(4096)
  /** Index in EVENT_KINDS. */
  kind = new Uint8Array(4096)
  /** Song index or {@link NONE}. A search has the song that it is for, which the wire does not tell. */
  song = new Int32Array(4096)
  /** Or {@link NONE}. */
  position_ms = new Int32Array(4096)
  /** rate: stars 1–10; comment, tag, search: 32 bits from which the text is made; else 0. */
  detail = new Uint32Array(4096)
  /** Index in {@link CAUSES}; reactions carry the cause of their play. */
  cause = new Uint8Array(4096)

  clear(): void {
    this.sessionCount = 0
    this.count = 0
  }

  /** @returns the session's place in the block */
  addSession(user: number, words: Readonly<Words>, start_ms: number, offset_min: number, device: number): number {
    const at = this.sessionCount
    if (at === this.sessionUser.length) this.growSessions()
    this.sessionCount = at + 1
    this.sessionUser[at] = user
    this.sessionWords[4 * at] = words[0]
    this.sessionWords[4 * at + 1] = words[1]
    this.sessionWords[4 * at + 2] = words[2]
    this.sessionWords[4 * at + 3] = words[3]
    this.sessionStart_ms[at] = start_ms
    this.sessionOffset_min[at] = offset_min
    this.sessionDevice[at] = device
    return at
  }

  add(
    session: number,
    sequence: number,
    ts: number,
    kind: number,
    song: number,
    position_ms: number,
    detail: number,
    cause: number,
  ): void {
    const at = this.count
    if (at === this.ts.length) this.growEvents()
    this.count = at + 1
    this.session[at] = session
    this.sequence[at] = sequence
    this.ts[at] = ts
    this.kind[at] = kind
    this.song[at] = song
    this.position_ms[at] = position_ms
    this.detail[at] = detail
    this.cause[at] = cause
  }

  private growSessions(): void {
    const length = this.sessionUser.length * 2
    this.sessionUser = copyInto(new Uint32Array(length), this.sessionUser)
    this.sessionWords = copyInto(new Uint32Array(4 * length), this.sessionWords)
    this.sessionStart_ms = copyInto(new Float64Array(length), this.sessionStart_ms)
    this.sessionOffset_min = copyInto(new Int16Array(length), this.sessionOffset_min)
    this.sessionDevice = copyInto(new Uint8Array(length), this.sessionDevice)
  }

  private growEvents(): void {
    const length = this.ts.length * 2
    this.ts = copyInto(new Float64Array(length), this.ts)
    this.session = copyInto(new Uint32Array(length), this.session)
    this.sequence = copyInto(new Uint16Array(length), this.sequence)
    this.kind = copyInto(new Uint8Array(length), this.kind)
    this.song = copyInto(new Int32Array(length), this.song)
    this.position_ms = copyInto(new Int32Array(length), this.position_ms)
    this.detail = copyInto(new Uint32Array(length), this.detail)
    this.cause = copyInto(new Uint8Array(length), this.cause)
  }
}

function copyInto<Column extends { set(from: Column): void }>(larger: Column, from: Column): Column {
  larger.set(from)
  return larger
}

const BUCKET_MS = 60_000

/**
 * The rows in order of (ts, user, sequence), given that the block was made user by user and sessions of a user by start.
 * A counting sort by minute, then insertion within minutes, which hold few rows: both keep equal times in block order.
 */
export function rowsByTime(block: EventBlock): Uint32Array {
  const { count, ts } = block
  if (count === 0) return new Uint32Array(0)
  let first = ts[0]!
  let last = first
  for (let row = 1; row < count; row++) {
    const at = ts[row]!
    if (at < first) first = at
    if (at > last) last = at
  }
  const buckets = Math.floor((last - first) / BUCKET_MS) + 1
  const starts = new Uint32Array(buckets + 1)
  for (let row = 0; row < count; row++) starts[Math.floor((ts[row]! - first) / BUCKET_MS) + 1]!++
  for (let bucket = 1; bucket <= buckets; bucket++) starts[bucket]! += starts[bucket - 1]!
  const order = new Uint32Array(count)
  const next = starts.slice()
  for (let row = 0; row < count; row++) {
    const bucket = Math.floor((ts[row]! - first) / BUCKET_MS)
    const bucketStart = starts[bucket]!
    const at = ts[row]!
    let place = next[bucket]!++
    while (place > bucketStart && ts[order[place - 1]!]! > at) {
      order[place] = order[place - 1]!
      place--
    }
    order[place] = row
  }
  return order
}
