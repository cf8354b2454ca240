/**
 * The checksum by which stages are compared: each line's is the last 64 bits of its MD5, and a set of lines has the sum
 * modulo 2^64. So it does not depend on order, files may be summed apart and added up, and a lost, doubled or altered
 * line changes it. MD5 is no protection against a forger here, but it is what every warehouse can compute:
 * DuckDB `('0x' || md5(line)[17:])::UBIGINT`.
 */
import { hash } from 'node:crypto'

/** The last 16 hex digits of the MD5 of a line's bytes (without newline), as an unsigned 64-bit number. */
export function lineChecksum(line: string | Uint8Array): bigint {
  const sum = new ChecksumSum()
  sum.add(line)
  return sum.total()
}

/** `a + b` modulo 2^64. */
export function addChecksums(a: bigint, b: bigint): bigint {
  return BigInt.asUintN(64, a + b)
}

/** Sums lines in two 32-bit halves: a big integer a line would cost more than its MD5. */
export class ChecksumSum {
  #high = 0
  #low = 0

  add(line: string | Uint8Array): void {
    const digest = hash('md5', line, 'binary')
    this.#low += word(digest, 12)
    const carry = this.#low >= 0x100000000 ? 1 : 0
    this.#low -= carry * 0x100000000
    this.#high = (this.#high + word(digest, 8) + carry) % 0x100000000
  }

  total(): bigint {
    return (BigInt(this.#high) << 32n) | BigInt(this.#low)
  }
}

/** Big-endian unsigned word of a string of bytes. */
function word(bytes: string, at: number): number {
  return (
    ((bytes.charCodeAt(at) << 24) |
      (bytes.charCodeAt(at + 1) << 16) |
      (bytes.charCodeAt(at + 2) << 8) |
      bytes.charCodeAt(at + 3)) >>>
    0
  )
}
