/**
 * A short sum of a text, by which an altered event is found: whoever sends it writes the sum down, whoever finds it
 * later makes the sum again.
 *
 * Two MurmurHash3 lanes of 32 bits (Appleby; public domain) with different factors, each taking one UTF-16 unit a
 * round. Every round is a permutation of the lane, so texts of one length that differ in a single unit never have the
 * same sum; others do by chance, once in 2^64. It guards against faults, not against forgers. Only 32-bit integers,
 * so that Node and k6's engine agree.
 */
import { hex32 } from './random.ts'

/** @returns 16 lower-case hex digits */
export function contentSum(text: string): string {
  let a = 0x9747b28c
  let b = 0x3c6ef372
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    a = Math.imul(rotated(a ^ Math.imul(rotated(Math.imul(unit, 0xcc9e2d51), 15), 0x1b873593), 13), 5) + 0xe6546b64
    b = Math.imul(rotated(b ^ Math.imul(rotated(Math.imul(unit, 0x239b961b), 16), 0xab0e9789), 19), 5) + 0x561ccd1b
  }
  return hex32(finished(a ^ text.length)) + hex32(finished(b ^ text.length))
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

/** MurmurHash3's last step: each bit of the lane reaches all others. */
function finished(lane: number): number {
  let h = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
