/** What happened to each song on a UTC day: counted while the events are made, in memory that follows the songs heard. */
import { EVENT_KINDS, kindCode } from '../../datasets/event-kind.ts'
import type { DayRows } from './utc-day.ts'

/** Song index, plays, skips, thumbs up, thumbs down, listeners. */
export const SONG_DAY_FIELDS = 6

/** Which field a kind counts in; 0 where in none. */
const FIELD_OF_KIND = new Uint8Array(EVENT_KINDS.length)
FIELD_OF_KIND[kindCode('play')] = 1
FIELD_OF_KIND[kindCode('skip')] = 2
FIELD_OF_KIND[kindCode('tup')] = 3
FIELD_OF_KIND[kindCode('tdn')] = 4
const PLAY = kindCode('play')

/** An open-addressing table from song to its counts. */
export class SongDay {
  #slots = new Int32Array(1024).fill(-1)
  #counts = new Uint32Array(512 * SONG_DAY_FIELDS)
  /** Which user was last counted as a listener, by entry. */
  #lastUser = new Int32Array(512)
  #size = 0

  clear(): void {
    this.#slots.fill(-1)
    this.#size = 0
  }

  /** Counts a day's rows. Users are taken in order, so that a song's listeners need no set. */
  count({ blocks }: DayRows, start_ms: number, end_ms: number): void {
    const [before, own] = blocks.map(({ block }) => block) as [
      DayRows['blocks'][0]['block'],
      DayRows['blocks'][0]['block'],
    ]
    let row = 0
    for (let ownRow = 0; ownRow < own.count; ) {
      const user = own.sessionUser[own.session[ownRow]!]!
      while (row < before.count && before.sessionUser[before.session[row]!]! <= user)
        this.#take(before, row++, start_ms, end_ms)
      while (ownRow < own.count && own.sessionUser[own.session[ownRow]!]! === user)
        this.#take(own, ownRow++, start_ms, end_ms)
    }
    while (row < before.count) this.#take(before, row++, start_ms, end_ms)
  }

  #take(block: DayRows['blocks'][0]['block'], row: number, start_ms: number, end_ms: number): void {
    const kind = block.kind[row]!
    const field = FIELD_OF_KIND[kind]!
    if (field === 0) return
    const ts = block.ts[row]!
    if (ts < start_ms || ts >= end_ms) return
    const entry = this.#entryOf(block.song[row]!)
    const at = entry * SONG_DAY_FIELDS
    this.#counts[at + field]!++
    if (kind !== PLAY) return
    const user = block.sessionUser[block.session[row]!]!
    if (this.#lastUser[entry] === user) return
    this.#lastUser[entry] = user
    this.#counts[at + 5]!++
  }

  /** Adds what another table had, as {@link records} gave it. */
  add(records: Uint32Array): void {
    for (let from = 0; from < records.length; from += SONG_DAY_FIELDS) {
      const at = this.#entryOf(records[from]!) * SONG_DAY_FIELDS
      for (let field = 1; field < SONG_DAY_FIELDS; field++) this.#counts[at + field]! += records[from + field]!
    }
  }

  /** {@link SONG_DAY_FIELDS} numbers a song, songs ascending. */
  records(): Uint32Array<ArrayBuffer> {
    const entries = Array.from({ length: this.#size }, (_, entry) => entry)
    entries.sort((a, b) => this.#counts[a * SONG_DAY_FIELDS]! - this.#counts[b * SONG_DAY_FIELDS]!)
    const out = new Uint32Array(this.#size * SONG_DAY_FIELDS)
    entries.forEach((entry, i) => {
      const at = entry * SONG_DAY_FIELDS
      out.set(this.#counts.subarray(at, at + SONG_DAY_FIELDS), i * SONG_DAY_FIELDS)
    })
    return out
  }

  #entryOf(song: number): number {
    const mask = this.#slots.length - 1
    let slot = Math.imul(song, 0x9e3779b1) >>> 7
    for (;;) {
      slot &= mask
      const entry = this.#slots[slot]!
      if (entry < 0) break
      if (this.#counts[entry * SONG_DAY_FIELDS] === song) return entry
      slot++
    }
    if (2 * this.#size >= this.#slots.length) {
      this.#grow()
      return this.#entryOf(song)
    }
    const entry = this.#size++
    this.#slots[slot] = entry
    const at = entry * SONG_DAY_FIELDS
    this.#counts.fill(0, at, at + SONG_DAY_FIELDS)
    this.#counts[at] = song
    this.#lastUser[entry] = -1
    return entry
  }

  #grow(): void {
    const counts = new Uint32Array(2 * this.#counts.length)
    counts.set(this.#counts)
    this.#counts = counts
    const lastUser = new Int32Array(2 * this.#lastUser.length)
    lastUser.set(this.#lastUser)
    this.#lastUser = lastUser
    const mask = 2 * this.#slots.length - 1
    this.#slots = new Int32Array(mask + 1).fill(-1)
    for (let entry = 0; entry < this.#size; entry++) {
      let slot = (Math.imul(counts[entry * SONG_DAY_FIELDS]!, 0x9e3779b1) >>> 7) & mask
      while (this.#slots[slot]! >= 0) slot = (slot + 1) & mask
      this.#slots[slot] = entry
    }
  }
}
