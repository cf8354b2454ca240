import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { rankLaw } from './rank-law.ts'

describe('the law of ranks', () => {
  const laws = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 10 }))

  it('shares everything out', () => {
    fc.assert(
      fc.property(laws, fc.integer({ min: 1, max: 500 }), ([halvings, shift], count) => {
        const law = rankLaw(halvings, shift)
        const shares = Array.from({ length: count }, (_, rank) => law.share(rank, count))
        assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-9)
        assert.ok(shares.every((share, rank) => share > 0 && (rank === 0 || share < shares[rank - 1]!)))
      }),
    )
  })

  it('draws each rank by its share', () => {
    const law = rankLaw(2, 6)
    const count = 300
    const draws = 400_000
    const seen = new Array<number>(count).fill(0)
    for (let i = 0; i < draws; i++) seen[law.rankAt((i + 0.5) / draws, count)]!++
    seen.forEach((times, rank) => {
      assert.ok(Math.abs(times - law.share(rank, count) * draws) <= 1.01, `rank ${rank}`)
    })
  })

  it('keeps to its ranks at the ends of the unit interval', () => {
    fc.assert(
      fc.property(laws, fc.integer({ min: 1, max: 1_000_000 }), ([halvings, shift], count) => {
        const law = rankLaw(halvings, shift)
        assert.equal(law.rankAt(0, count), 0)
        assert.equal(law.rankAt(1 - 2 ** -53, count), count - 1)
      }),
    )
  })
})
