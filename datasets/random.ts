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

/** Philox4x32 with 10 rounds: 128-bit counter and 64-bit key in, 128 random bits out. */
export function philox(c0: number, c1: number, c2: number, c3: number, k0: number, k1: number): Words {
  const out: Words = [0, 0, 0, 0]
  philoxInto(out, c0, c1, c2, c3, k0, k1)
  return out
}

/** {@link philox} into words that the caller has. */
export function philoxInto(out: Words, c0: number, c1: number, c2: number, c3: number, k0: number, k1: number): void {
  // Signed 32-bit integers throughout, which engines keep in registers; the bits are those of unsigned ones.
  let a = c0 | 0
  let b = c1 | 0
  let c = c2 | 0
  let d = c3 | 0
  let key0 = k0 | 0
  let key1 = k1 | 0
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(a, 0xd251, 0x1f53)
    const low0 = Math.imul(PHILOX_M0, a)
    const high1 = mulHigh(c, 0xcd9e, 0x8d57)
    const low1 = Math.imul(PHILOX_M1, c)
    a = high1 ^ b ^ key0
    b = low1
    c = high0 ^ d ^ key1
    d = low0
    key0 = (key0 + WEYL_0) | 0
    key1 = (key1 + WEYL_1) | 0
  }
  out[0] = a >>> 0
  out[1] = b >>> 0
  out[2] = c >>> 0
  out[3] = d >>> 0
}

/** High 32 bits of the product of two unsigned 32-bit integers, the second given by its halves (Hacker's Delight, 8-2). */
function mulHigh(a: number, high: number, low: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  // Each sum stays below 2^32, so nothing is lost.
  const middle = (Math.imul(aHigh, low) + (Math.imul(aLow, low) >>> 16)) | 0
  const other = (Math.imul(aLow, high) + (middle & 0xffff)) | 0
  return (Math.imul(aHigh, high) + (middle >>> 16) + (other >>> 16)) | 0
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
  return new AddressedDraws(wordsAt(seed, stream, index, step))
}

/**
 * sfc32 by Chris Doty-Humphrey (PractRand): 128 bits of state, period at least 2^32 by its counter. One object may serve
 * one address after the other, which a hot loop does to allocate nothing.
 */
export class AddressedDraws implements Draws {
  // A typed array, since numbers above 2^30 in ordinary fields are boxed anew on each change.
  private readonly state = new Int32Array(4)

  constructor(words: Readonly<Words> = [0, 0, 0, 0]) {
    this.reset(words)
  }

  reset(words: Readonly<Words>): void {
    // Philox has mixed the words already, so no warm-up rounds are needed.
    const { state } = this
    state[0] = words[0]
    state[1] = words[1]
    state[2] = words[2]
    state[3] = words[3]
  }

  /** Moves to an address; see {@link wordsAt}. */
  moveTo(seed: Key, stream: number, index: number, step = 0): void {
    philoxInto(scratch, index, step, stream ^ seed[2], seed[3], seed[0], seed[1])
    this.reset(scratch)
  }

  u32(): number {
    const { state } = this
    const b = state[1]!
    const c = state[2]!
    const counter = state[3]!
    const sum = (((state[0]! + b) | 0) + counter) | 0
    state[3] = counter + 1
    state[0] = b ^ (b >>> 9)
    state[1] = c + (c << 3)
    state[2] = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }

  unit(): number {
    return ((this.u32() >>> 5) * 0x4000000 + (this.u32() >>> 6)) / 0x20000000000000
  }

  below(n: number): number {
    return Math.floor((this.u32() * n) / 0x100000000)
  }
}

const scratch: Words = [0, 0, 0, 0]

/** The draws that four words start. */
export function sfc32(words: Readonly<Words>): Draws {
  return new AddressedDraws(words)
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
