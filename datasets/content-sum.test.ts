import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { contentSum } from './content-sum.ts'

describe('the sum of a text', () => {
  it('is 16 hex digits and never changes between versions', () => {
    const known: Readonly<Record<string, string>> = {
      '': 'ebb6c2283cd6e3f3',
      a: '11caa9f5f336c034',
      '{"eid":"00","ts":1}': '7f9275e32582e601',
      'müsli 🎵': 'bdc79272f8d03127',
    }
    for (const [text, sum] of Object.entries(known)) assert.equal(contentSum(text), sum, text)
  })

  it('differs when any one unit differs, in both halves', () => {
    const changed = fc.tuple(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }),
      fc.nat(),
      fc.integer({ min: 1, max: 65_535 }),
    )
    fc.assert(
      fc.property(changed, ([text, where, bits]) => {
        const at = where % text.length
        const other = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ bits) + text.slice(at + 1)
        assert.notEqual(contentSum(other).slice(0, 8), contentSum(text).slice(0, 8))
        assert.notEqual(contentSum(other).slice(8), contentSum(text).slice(8))
      }),
    )
  })

  it('tells texts apart that differ in order, in length or in a trailing zero unit', () => {
    const alike = [
      '',
      '\0',
      '\0\0',
      'ab',
      'ba',
      'abab',
      'aabb',
      'abba',
      '{"a":1,"b":2}',
      '{"b":2,"a":1}',
      '{"a":2,"b":1}',
    ]
    assert.equal(new Set(alike.map(contentSum)).size, alike.length)
  })

  it('has no repeats in half a million texts that are nearly alike, nor has either half more than chance gives', () => {
    const sums = Array.from({ length: 500_000 }, (_, number) => contentSum(`{"eid":"e","ts":${1.4e12 + number}}`))
    assert.equal(new Set(sums).size, sums.length)
    // Of n texts about n² / 2^33 pairs share 32 bits: 29 here, with a deviation of 5.4.
    for (const half of [sums.map((sum) => sum.slice(0, 8)), sums.map((sum) => sum.slice(8))]) {
      const repeats = half.length - new Set(half).size
      assert.ok(repeats < 60, `${repeats} repeats`)
    }
  })
})
