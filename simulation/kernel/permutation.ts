/**
 * A shuffle of 0 … count − 1 that is computed one place at a time, either way, without a table: a four-round Feistel
 * network over the next power of four, walked along its cycle until it lands inside the range (Black and Rogaway,
 * "Ciphers with arbitrary finite domains", CT-RSA 2002). The walk takes under four steps on average.
 */
import type { Words } from '../../datasets/random.ts'

export interface Permutation {
  readonly count: number
  /** Where place `i` goes. */
  forward(i: number): number
  /** Which place goes to `i`. */
  backward(i: number): number
}

/** @param words picks the shuffle. @param count from 1 to 2^30 */
export function permutation(words: Readonly<Words>, count: number): Permutation {
  if (!(Number.isInteger(count) && count >= 1 && count <= 0x40000000)) {
    throw new RangeError(`permutation expects a count from 1 to 2^30, got ${count}`)
  }
  let half_bits = 1
  while (1 << (2 * half_bits) < count) half_bits++
  const mask = (1 << half_bits) - 1
  const network = (i: number, first: number, direction: number): number => {
    let left = i >>> half_bits
    let right = i & mask
    for (let round = 0; round < 4; round++) {
      const mixed = (left ^ (scramble(right ^ words[first + direction * round]!) & mask)) >>> 0
      left = right
      right = mixed
    }
    // The halves are given back swapped, so that the same network with its words reversed undoes it.
    return right * (mask + 1) + left
  }
  const walk = (i: number, first: number, direction: number): number => {
    let at = i
    do at = network(at, first, direction)
    while (at >= count)
    return at
  }
  return { count, forward: (i) => walk(i, 0, 1), backward: (i) => walk(i, 3, -1) }
}

/** The 32-bit finaliser of MurmurHash3: every input bit reaches every output bit. */
export function scramble(word: number): number {
  let h = word
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
