/**
 * Which songs are whose: how the row of songs 0, 1, 2, … is cut into artists.
 *
 * The cut must be found at any place at once, and must not move when the catalogue grows. So songs come in blocks of
 * the same length, and each block holds the same 128 artists' sizes in an order of its own: an artist's place in its
 * block goes through an affine permutation, q = multiplier · (place + shift) mod 128, that the seed chooses for the block.
 *
 * The sizes are the quantiles of 1 + c·u / (1.05 − u): as in the Million Song Dataset about 22 songs an artist in the
 * mean, half of the artists with at most ten, and few with nearly 200.
 */
import { type Key, wordsAt } from './random.ts'

/** Stream of the blocks' orders. */
const STREAM = 0x4001

const BLOCK_ARTISTS = 128
const SIZES = scrambled(Array.from({ length: BLOCK_ARTISTS }, (_, rank) => sizeOfRank((rank + 0.5) / BLOCK_ARTISTS)))
const BLOCK_SONGS = SIZES.reduce((sum, size) => sum + size, 0)

/** The artist of a song. */
export function artistOfSong(seed: Key, song: number): number {
  const block = Math.floor(song / BLOCK_SONGS)
  const { starts, shift } = orderOf(seed, block)
  const wanted = starts[shift]! + (song - block * BLOCK_SONGS)
  // The last place that starts at or before the song.
  let low = shift
  let high = shift + BLOCK_ARTISTS - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (starts[middle]! <= wanted) low = middle
    else high = middle - 1
  }
  return block * BLOCK_ARTISTS + (low - shift)
}

/** The songs of an artist in a catalogue without end: the first, and how many. */
export function songsOfArtist(seed: Key, artist: number): { first: number; count: number } {
  const block = Math.floor(artist / BLOCK_ARTISTS)
  const { starts, shift } = orderOf(seed, block)
  const place = shift + (artist - block * BLOCK_ARTISTS)
  return {
    first: block * BLOCK_SONGS + starts[place]! - starts[shift]!,
    count: starts[place + 1]! - starts[place]!,
  }
}

/** Running sums of a block's sizes over two rounds, so that any 128 places in a row can be cut out; and where to cut. */
function orderOf(seed: Key, block: number): { starts: Uint16Array; shift: number } {
  const word = wordsAt(seed, STREAM, block)[0]
  return { starts: startsBy(2 * (word & 63) + 1), shift: (word >>> 6) & 127 }
}

const STARTS: (Uint16Array | undefined)[] = new Array(BLOCK_ARTISTS)

/** Running sums in the order of one multiplier, which is odd; each is made once. */
function startsBy(multiplier: number): Uint16Array {
  const known = STARTS[multiplier]
  if (known !== undefined) return known
  const starts = new Uint16Array(2 * BLOCK_ARTISTS + 1)
  for (let place = 0; place < 2 * BLOCK_ARTISTS; place++) {
    starts[place + 1] = starts[place]! + SIZES[(multiplier * place) % BLOCK_ARTISTS]!
  }
  STARTS[multiplier] = starts
  return starts
}

function sizeOfRank(share: number): number {
  return 1 + Math.round((9.55 * share) / (1.05 - share))
}

/** A fixed order without pattern; without it, a multiplier of one would sort the artists of a block by size. */
function scrambled(sizes: number[]): number[] {
  const [key0, key1, key2, key3] = [0x6d757369, 0x63626f78, 0x73697a65, 0x73]
  const keys = sizes.map((_, rank) => wordsAt([key0, key1, key2, key3], STREAM, rank)[0])
  return sizes
    .map((size, rank) => ({ size, key: keys[rank]! }))
    .sort((a, b) => a.key - b.key)
    .map(({ size }) => size)
}
