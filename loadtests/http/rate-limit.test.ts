import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { RateLimit } from './rate-limit.ts'

/** The turns of those who ask at these times. */
const turns = (perSecond: number, asked: readonly number[]): number[] => {
  const limit = new RateLimit(perSecond)
  return asked.map((now) => now + limit.take(now))
}

describe('a limit of requests per second', () => {
  it('spaces those who ask at once equally', () => {
    assert.deepEqual(turns(50, [7, 7, 7, 7]), [7, 27, 47, 67])
  })

  it('lets who comes alone pass, and saves up no burst for later', () => {
    assert.deepEqual(turns(10, [0, 1000, 1000, 1050]), [0, 1000, 1100, 1200])
  })

  it('never gives two turns closer than the interval, none early, and none later than needed', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(fc.constantFrom(1, 4, 8, 64, 128), gaps, (perSecond, waits) => {
        let now = 0
        const asked = waits.map((wait) => (now += wait))
        const given = turns(perSecond, asked)
        given.forEach((turn, i) => {
          const before = i === 0 ? Number.NEGATIVE_INFINITY : given[i - 1]! + 1000 / perSecond
          assert.equal(turn, Math.max(asked[i]!, before))
        })
      }),
    )
  })
})
