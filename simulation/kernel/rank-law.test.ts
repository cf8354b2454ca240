import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { lognormalClasses, rankWeight } from './rank-law.ts'

describe('the law of ranks', () => {
  it('falls with rank, and is flat without spread', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), fc.double({ min: 0.1, max: 4, noNaN: true }), (count, spread) => {
        for (let rank = 1; rank < Math.min(count, 300); rank++) {
          assert.ok(rankWeight(rank, count, spread) < rankWeight(rank - 1, count, spread))
        }
        assert.equal(rankWeight(count - 1, count, 0), 1)
      }),
      { numRuns: 50 },
    )
  })

  it('has the lognormal’s inequality: with spread 2.25 the first 13 % have some 86 %', () => {
    const share = (spread: number): number => {
      const weights = Array.from({ length: 5_000 }, (_, rank) => rankWeight(rank, 5_000, spread))
      const sum = (list: readonly number[]): number => list.reduce((total, weight) => total + weight, 0)
      return sum(weights.slice(0, 650)) / sum(weights)
    }
    assert.ok(Math.abs(share(2.25) - 0.86) < 0.02, `${share(2.25)}`)
    assert.ok(Math.abs(share(1.8) - 0.86) > 0.05, 'another spread would be seen')
  })

  it('has classes of mean 1, lowest first', () => {
    const classes = lognormalClasses(1_024, 1.2)
    assert.ok(Math.abs(classes.reduce((sum, weight) => sum + weight, 0) / 1_024 - 1) < 1e-12)
    assert.ok(classes.every((weight, at) => at === 0 || weight > classes[at - 1]!))
  })
})
