/**
 * Addressed randomness: a draw is found by where it is (seed, stream, index, …), not by how many draws came before.
 * So any slice of a catalogue or history can be made alone, in any order, on any number of workers, and a new
 * feature on its own stream moves no other draw.
 *
 * The address is hashed by Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11),
 * a counter-based generator; its four words seed a small sequential generator (sfc32, Doty-Humphrey) that serves
 * the few draws made at that address. Only 32-bit integer operations and + − × ÷ are used, so that Node, a browser
 * and k6's engine agree to the last bit.
 */

/** A 128-bit key as four unsigned 32-bit words. */
export type Key = readonly [number, number, number, number]

/** Four unsigned 32-bit words. */
export type Words = [number, number, number, number]

const PHILOX_M0 = 0xd2511f53
const PHILOX_M1 = 0xcd9e8d57
const WEYL_0 = 0x9e3779b9
const WEYL_1 = 0xbb67ae85

/** High 32 bits of the product of two unsigned 32-bit integers. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const low = aLow * bLow
  const middle1 = aHigh * bLow + (low >>> 16)
  const middle2 = aLow * bHigh + (middle1 & 0xffff)
  // The sums stay below 2^33, so they are exact; the division is one by a power of two.
  return (aHigh * bHigh + Math.floor(middle1 / 0x10000) + Math.floor(middle2 / 0x10000)) >>> 0
}

/** Philox4x32 with 10 rounds: 128-bit counter and 64-bit key in, 128 random bits out. */
export function philox(c0: number, c1: number, c2: number, c3: number, k0: number, k1: number): Words {
  let [a, b, c, d] = [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0]
  let key0 = k0 >>> 0
  let key1 = k1 >>> 0
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(PHILOX_M0, a)
    const low0 = Math.imul(PHILOX_M0, a) >>> 0
    const high1 = mulHigh(PHILOX_M1, c)
    const low1 = Math.imul(PHILOX_M1, c) >>> 0
    a = (high1 ^ b ^ key0) >>> 0
    b = low1
    c = (high0 ^ d ^ key1) >>> 0
    d = low0
    key0 = (key0 + WEYL_0) >>> 0
    key1 = (key1 + WEYL_1) >>> 0
  }
  return [a, b, c, d]
}

/**
 * The random words at an address. The 128-bit seed key is folded to Philox's 64-bit key and its counter's last word,
 * so seeds that differ in any bit give unrelated streams.
 * @param stream a {@link Stream} number: one concern, one stream
 * @param index  who or what (user, song, …), unsigned 32-bit
 * @param step   when or which (day, session, …), unsigned 32-bit
 */
export function wordsAt(seed: Key, stream: number, index: number, step = 0): Words {
  return philox(index, step, stream ^ seed[2], seed[3], seed[0], seed[1])
}

/** A short sequential generator that belongs to one address. */
export interface Draws {
  /** Unsigned 32-bit integer, uniform. */
  u32(): number
  /** Uniform in [0, 1), 53 bits. */
  unit(): number
  /** Uniform integer in [0, n), n from 1 to 2^32. Unbiased to 2^-32 (multiply-shift). */
  below(n: number): number
}

/** The draws at an address; see {@link wordsAt}. */
export function drawsAt(seed: Key, stream: number, index: number, step = 0): Draws {
  return sfc32(wordsAt(seed, stream, index, step))
}

/** sfc32 by Chris Doty-Humphrey (PractRand): 128 bits of state, period at least 2^32 by its counter. */
export function sfc32(words: Words): Draws {
  let [a, b, c, counter] = words
  const u32 = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return sum >>> 0
  }
  // Philox has mixed the words already, so no warm-up rounds are needed.
  return {
    u32,
    unit: () => ((u32() >>> 5) * 0x4000000 + (u32() >>> 6)) / 0x20000000000000,
    below: (n) => Math.floor((u32() * n) / 0x100000000),
  }
}

/** Thirty-two lower-case hex digits of four words: a 128-bit id. */
export function hex128(words: Readonly<Words>): string {
  return hex32(words[0]) + hex32(words[1]) + hex32(words[2]) + hex32(words[3])
}

/** Eight lower-case hex digits of an unsigned 32-bit integer. */
export function hex32(word: number): string {
  // Four look-ups are four times as fast as toString(16), and every event's id is made here.
  return HEX[word >>> 24]! + HEX[(word >>> 16) & 255]! + HEX[(word >>> 8) & 255]! + HEX[word & 255]!
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
