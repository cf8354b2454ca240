import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { lognormalClasses, rankWeight } from './rank-law.ts'

describe('the law of ranks', () => {
  it('falls with rank, and is flat without spread', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 4, noNaN: true }), (spread) => {
        for (let rank = 1; rank < 300; rank++) assert.ok(rankWeight(rank, spread) < rankWeight(rank - 1, spread))
        assert.equal(rankWeight(299, 0), 1)
      }),
      { numRuns: 50 },
    )
  })

  it('gathers the most on the first: of 5,000 ranks, the first hundredth has six sevenths', () => {
    const share = (spread: number): number => {
      const weights = Array.from({ length: 5_000 }, (_, rank) => rankWeight(rank, spread))
      const sum = (list: readonly number[]): number => list.reduce((total, weight) => total + weight, 0)
      return sum(weights.slice(0, 50)) / sum(weights)
    }
    assert.ok(share(1) > 0.8 && share(1) < 0.9, `${share(1)}`)
    assert.ok(share(0.7) < 0.7, 'another spread would be seen')
  })

  it('has classes of mean 1, lowest first', () => {
    const classes = lognormalClasses(1_024, 1.2)
    assert.ok(Math.abs(classes.reduce((sum, weight) => sum + weight, 0) / 1_024 - 1) < 1e-12)
    assert.ok(classes.every((weight, at) => at === 0 || weight > classes[at - 1]!))
  })
})
