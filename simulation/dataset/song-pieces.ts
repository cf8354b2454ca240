/** What lines say about a song, made once while it is popular: memory stays the same for a catalogue of any size. */
import { type SongFacts, songbookOf } from '../kernel/songbook.ts'
import type { World } from '../kernel/world.ts'
import { putAsciiText, putPiece, SLACK_BYTES } from './ascii.ts'

/** Songs kept at a time; two that share a slot take turns. */
const SLOTS_MAX = 1 << 19

export class SongPieces {
  readonly #song: (index: number) => SongFacts
  readonly #textOf: (song: SongFacts) => string
  readonly #mask: number
  readonly #tags: Int32Array
  readonly #lengths: Uint8Array
  readonly #stride: number
  readonly #bytes: Uint8Array
  readonly #view: DataView

  /** @param textOf ASCII of at most 255 bytes */
  constructor(world: World, textOf: (song: SongFacts) => string) {
    const book = songbookOf(world)
    this.#song = (index) => book.song(index)
    this.#textOf = textOf
    let slots = 1
    while (slots < world.songCount && slots < SLOTS_MAX) slots *= 2
    this.#mask = slots - 1
    this.#tags = new Int32Array(slots).fill(-1)
    this.#lengths = new Uint8Array(slots)
    // Ids of one catalogue have one length, so the first song's text tells how much room the others need.
    this.#stride = (textOf(book.song(0)).length + 7) & ~7
    this.#bytes = new Uint8Array(slots * this.#stride + SLACK_BYTES)
    this.#view = new DataView(this.#bytes.buffer)
  }

  put(to: DataView, at: number, song: number): number {
    const slot = song & this.#mask
    if (this.#tags[slot] !== song) this.#make(slot, song)
    return putPiece(to, at, this.#view, slot * this.#stride, this.#lengths[slot]!)
  }

  #make(slot: number, song: number): void {
    const text = this.#textOf(this.#song(song))
    if (text.length > this.#stride) throw new RangeError(`expected at most ${this.#stride} bytes, got "${text}"`)
    putAsciiText(this.#bytes, slot * this.#stride, text)
    this.#lengths[slot] = text.length
    this.#tags[slot] = song
  }
}
