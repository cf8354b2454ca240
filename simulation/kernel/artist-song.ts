/**
 * Which of an artist's songs a listener comes to know: by interest, as it stood at the start of the fortnight.
 *
 * A listener's memory holds hundreds of such songs, so that looking at each of an artist's songs anew is what making a
 * history would mostly do. Running sums of interest are kept instead, by fortnight and artist; they are made when first
 * asked for, and the same whenever that is.
 */
import { NONE } from './event-block.ts'
import { interestOn } from './song-interest.ts'
import type { Songbook } from './songbook.ts'

const FORTNIGHT_DAYS = 14

/** Bounds the memory: 4 bytes a song and fortnight. */
const KEPT_BYTES_MAX = 48_000_000

/** By fortnight: running sums within each artist, by song; NaN where they have not been asked for. */
const kept = new WeakMap<Songbook, Map<number, Float32Array>>()

/**
 * A song of an artist that had been released by the fortnight of `day`, drawn by interest; {@link NONE} if there is none.
 * @param u uniform in [0, 1)
 */
export function artistSong(book: Songbook, artist: number, day: number, u: number): number {
  const sums = sumsOf(book, Math.floor(day / FORTNIGHT_DAYS))
  const { first, count } = book.artistSongs(artist)
  const end = first + count
  let sum = sums[end - 1]!
  if (Number.isNaN(sum)) sum = addUp(sums, book, first, end, Math.floor(day / FORTNIGHT_DAYS) * FORTNIGHT_DAYS)
  if (sum === 0) return NONE
  const target = u * sum
  let low = first
  let high = end - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (sums[middle]! > target) high = middle
    else low = middle + 1
  }
  return low
}

function addUp(sums: Float32Array, book: Songbook, first: number, end: number, day: number): number {
  let sum = 0
  for (let song = first; song < end; song++) {
    sum += interestOn(book, song, day)
    sums[song] = sum
  }
  return sums[end - 1]!
}

function sumsOf(book: Songbook, fortnight: number): Float32Array {
  let ofBook = kept.get(book)
  if (ofBook === undefined) {
    ofBook = new Map()
    kept.set(book, ofBook)
  }
  const known = ofBook.get(fortnight)
  if (known !== undefined) return known
  if (ofBook.size >= Math.max(2, KEPT_BYTES_MAX / (4 * book.songCount))) ofBook.clear()
  const sums = new Float32Array(book.songCount).fill(Number.NaN)
  ofBook.set(fortnight, sums)
  return sums
}
