/**
 * Ids in the Million Song Dataset's form: two letters of kind, five letters, eleven hex digits, 18 characters in all.
 *
 * Distinct indices have distinct ids, by construction and not by luck: eight of the hex digits are a permutation of
 * the 32-bit index (each step of it can be undone), chosen by the seed and the kind. The other eight characters are a
 * hash. So an id needs no look-up, no memory and no check for a collision, and millions are made in a second.
 */
import type { Key } from './random.ts'

export type IdKind = 'TR' | 'SO' | 'AR' | 'AL'

/** The id of the song, artist or album at `index` (unsigned 32-bit). */
export function idAt(seed: Key, kind: IdKind, index: number): string {
  let word = mixed(index ^ seed[0] ^ KIND_KEYS[kind])
  word = mixed(word ^ seed[1])
  word = mixed(word ^ seed[2])
  word = mixed(word ^ seed[3])
  // The index once more, so that ids of two seeds or kinds with the same permuted index differ here.
  const spread = mixed(word ^ Math.imul(index, 0x9e3779b1) ^ seed[1] ^ KIND_KEYS[kind])
  const rest = mixed(spread ^ seed[0])
  // 26^5 of 2^32: the five letters are one uniform draw.
  const letters = Math.floor(((spread >>> 0) * 11_881_376) / 0x100000000)
  const pairs = Math.floor(letters / 26)
  return (
    kind +
    PAIRS[Math.floor(pairs / 676)]! +
    PAIRS[pairs % 676]! +
    LETTERS[letters % 26]! +
    DIGITS[rest & 15]! +
    BYTES[(rest >>> 4) & 255]! +
    BYTES[word >>> 24]! +
    BYTES[(word >>> 16) & 255]! +
    BYTES[(word >>> 8) & 255]! +
    BYTES[word & 255]!
  )
}

/** Keeps the permutations of the kinds apart, so that a song's TR and SO ids have nothing in common. */
const KIND_KEYS: Readonly<Record<IdKind, number>> = { TR: 0x54520001, SO: 0x534f0002, AR: 0x41520003, AL: 0x414c0004 }

/** A permutation of the 32-bit integers in which each bit of input moves each of output: MurmurHash3's finalizer. */
function mixed(word: number): number {
  let bits = word
  bits ^= bits >>> 16
  bits = Math.imul(bits, 0x85ebca6b)
  bits ^= bits >>> 13
  bits = Math.imul(bits, 0xc2b2ae35)
  return bits ^ (bits >>> 16)
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('')
const DIGITS = '0123456789ABCDEF'.split('')
// Small tables: in k6 every virtual user has its own.
const PAIRS = product(LETTERS, LETTERS)
const BYTES = product(DIGITS, DIGITS)

/** Every text of the first list followed by every text of the second. */
function product(first: readonly string[], second: readonly string[]): string[] {
  return first.flatMap((start) => second.map((end) => start + end))
}
