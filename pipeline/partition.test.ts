import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { partitionOf } from './partition.ts'

/** The definition, byte by byte, in whole numbers of any size. */
function plainPartitionOf(key: string, partitionCount: number): number {
  const word = (value: bigint): bigint => BigInt.asUintN(32, value)
  let hash = 0x811c9dc5n
  for (const byte of Buffer.from(key)) hash = word((hash ^ BigInt(byte)) * 0x01000193n)
  hash ^= hash >> 16n
  hash = word(hash * 0x85ebca6bn)
  hash ^= hash >> 13n
  hash = word(hash * 0xc2b2ae35n)
  hash ^= hash >> 16n
  return Number(hash % BigInt(partitionCount))
}

describe('a partition', () => {
  it('is what the definition says, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 1024 }), (key, count) => {
        assert.equal(partitionOf(key, count), plainPartitionOf(key, count))
      }),
    )
  })

  it('never changes: stored logs and raw files rest on it', () => {
    const keys = ['', 'u', 'user-1', '8c24dbaf-e50e-4b47-9fd6-da426752b6d4', 'Guest_10.1.2.3', 'é漢😀']
    assert.deepEqual(
      keys.map((key) => partitionOf(key, 1000)),
      GOLDEN,
    )
  })

  it('takes an even share of keys that look alike', () => {
    const keysOf: Record<string, (at: number) => string> = {
      counted: (at) => `user-${at}`,
      hexadecimal: (at) => createHash('md5').update(String(at)).digest('hex'),
      guests: (at) => `Guest_10.0.${at >> 8}.${at & 255}`,
    }
    for (const [name, keyOf] of Object.entries(keysOf)) {
      for (const partitionCount of [2, 4, 6]) {
        const shares = new Array<number>(partitionCount).fill(0)
        for (let at = 0; at < 12_000; at++) shares[partitionOf(keyOf(at), partitionCount)]!++
        assert.ok(isEven(shares), `${name}: ${shares}`)
      }
    }
    assert.ok(!isEven([3300, 2700, 3000, 3000]), 'the measure sees an uneven share')
  })
})

const GOLDEN = [923, 560, 916, 383, 114, 545]

/** What chi-square exceeds once in a million times if shares are even, by how many there are. */
const CHI_SQUARE_MAX: Readonly<Record<number, number>> = { 2: 23.9, 4: 30.7, 6: 35.9 }

function isEven(shares: readonly number[]): boolean {
  const expected = shares.reduce((sum, share) => sum + share) / shares.length
  const chiSquare = shares.reduce((sum, share) => sum + (share - expected) ** 2 / expected, 0)
  return chiSquare < CHI_SQUARE_MAX[shares.length]!
}
