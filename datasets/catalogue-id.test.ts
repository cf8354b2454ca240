import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type IdKind, idAt } from './catalogue-id.ts'
import type { Key } from './random.ts'

const KINDS: readonly IdKind[] = ['TR', 'SO', 'AR', 'AL']
const u32 = fc.integer({ min: 0, max: 0xffffffff })
const anySeed = fc.tuple(u32, u32, u32, u32) as fc.Arbitrary<Key>

describe('catalogue ids', () => {
  it('have the MSD’s form', () => {
    fc.assert(
      fc.property(anySeed, fc.constantFrom(...KINDS), u32, (seed, kind, index) => {
        const id = idAt(seed, kind, index)
        assert.match(id, /^[A-Z]{7}[0-9A-F]{11}$/)
        assert.ok(id.startsWith(kind))
      }),
    )
  })

  it('are distinct for distinct indices: the index can be found again from the id', () => {
    fc.assert(
      fc.property(anySeed, fc.constantFrom(...KINDS), u32, (seed, kind, index) => {
        assert.equal(indexOf(seed, kind, idAt(seed, kind, index)), index)
      }),
      { numRuns: 2000 },
    )
  })

  it('are distinct between kinds and seeds as well', () => {
    const ids = new Set<string>()
    const seeds: Key[] = [
      [0, 0, 0, 0],
      [0, 0, 0, 1],
      [1, 0, 0, 0],
    ]
    for (const seed of seeds) {
      for (const kind of KINDS) {
        for (let index = 0; index < 5000; index++) ids.add(idAt(seed, kind, index).slice(2))
      }
    }
    assert.equal(ids.size, 3 * 4 * 5000)
  })

  it('use every letter and digit evenly at every place', () => {
    const count = 26_000
    const ids = Array.from({ length: count }, (_, index) => idAt([1, 2, 3, 4], 'TR', index))
    const spread = (at: number, list: readonly string[]): number => {
      const symbols = at < 7 ? 26 : 16
      const counts = new Map<string, number>()
      for (const id of list) counts.set(id[at]!, (counts.get(id[at]!) ?? 0) + 1)
      const expected = list.length / symbols
      return (
        [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0) +
        (symbols - counts.size) * expected
      )
    }
    // At most 25 degrees of freedom: mean 25, standard deviation 7.1.
    for (let at = 2; at < 18; at++) assert.ok(spread(at, ids) < 65, `place ${at}: chi-square ${spread(at, ids)}`)
    // A place where one symbol takes the part of another now and then.
    assert.ok(
      spread(
        7,
        ids.map((id, index) => (index % 25 === 0 ? `${id.slice(0, 7)}A` : id)),
      ) > 65,
    )
  })
})

/** The index that an id was made of: each step of the permutation undone. */
function indexOf(seed: Key, kind: IdKind, id: string): number {
  const kinds: Readonly<Record<IdKind, number>> = { TR: 0x54520001, SO: 0x534f0002, AR: 0x41520003, AL: 0x414c0004 }
  let word = Number.parseInt(id.slice(10), 16)
  for (const bits of [seed[3], seed[2], seed[1], seed[0] ^ kinds[kind]]) word = unmixed(word) ^ bits
  return word >>> 0
}

/** The inverse of MurmurHash3's finalizer: its factors have inverses modulo 2^32, and shifts of 16 undo themselves. */
function unmixed(word: number): number {
  let bits = word
  bits ^= bits >>> 16
  bits = Math.imul(bits, 0x7ed1b41d)
  bits ^= (bits >>> 13) ^ (bits >>> 26)
  bits = Math.imul(bits, 0xa5cb9243)
  return bits ^ (bits >>> 16)
}
