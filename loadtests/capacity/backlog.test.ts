import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { drawsAt, type Key } from '../../datasets/random.ts'
import { growthOf, median } from './backlog.ts'

const KEY: Key = [1, 2, 3, 4]
const SECONDS = 20

/** A value a second: a line, noise, and waves that last some seconds. */
function values(seed: number, { slope = 0, noise = 1, wave = 0 }): number[] {
  const draws = drawsAt(KEY, 7, seed)
  return Array.from(
    { length: SECONDS },
    (_, at) => 100 + slope * at + noise * (draws.unit() - 0.5) + wave * Math.sin(at / 2),
  )
}

describe('the growth of a backlog', () => {
  it('is the slope of a line, whatever three odd seconds say', () => {
    const line = Array.from({ length: SECONDS }, (_, at) => 5 + 2 * at)
    assert.equal(growthOf({ values: line, inflow_per_s: 100 }).slope_per_s, 2)
    const odd = line.map((value, at) => (at % 7 === 3 ? 10_000 : value))
    const { slope_per_s, grows } = growthOf({ values: odd, inflow_per_s: 100 })
    assert.ok(Math.abs(slope_per_s - 2) < 0.5, String(slope_per_s))
    assert.ok(grows)
  })

  it('leaves out seconds without a value, and is none of too few', () => {
    const gaps = Array.from({ length: SECONDS }, (_, at) => (at % 3 === 0 ? undefined : 3 * at))
    assert.equal(growthOf({ values: gaps, inflow_per_s: 1 }).slope_per_s, 3)
    assert.equal(growthOf({ values: [1, 2, 3, 4, 5], inflow_per_s: 1 }).grows, false)
  })

  it('is seen in noise of ten times its step, in at least 95 of 100', () => {
    const grows = (seed: number): boolean =>
      growthOf({ values: values(seed, { slope: 1, noise: 10 }), inflow_per_s: 20 }).grows
    const seen = Array.from({ length: 100 }, (_, seed) => grows(seed)).filter(Boolean).length
    assert.ok(seen >= 95, String(seen))
  })

  it('is not seen where nothing grows, in noise or in waves, in at least 98 of 100', () => {
    for (const shape of [{ noise: 30 }, { noise: 3, wave: 10 }, { noise: 0 }]) {
      const grows = (seed: number): boolean => growthOf({ values: values(seed, shape), inflow_per_s: 20 }).grows
      const seen = Array.from({ length: 100 }, (_, seed) => grows(seed)).filter(Boolean).length
      assert.ok(seen <= 2, `${JSON.stringify(shape)}: ${seen}`)
    }
  })

  it('is not one when it is certain and small, or large and not certain', () => {
    const rising = Array.from({ length: SECONDS }, (_, at) => at)
    const small = growthOf({ values: rising, inflow_per_s: 1000 })
    assert.ok(small.p < 0.001 && !small.grows)
    const wild = [0, 900, 100, 800, 300, 700, 200, 950, 400, 600]
    const large = growthOf({ values: wild, inflow_per_s: 10 })
    assert.ok(large.excess > 0.01 && large.p > 0.01 && !large.grows)
  })

  it('falls where the backlog does', () => {
    assert.equal(growthOf({ values: [9, 8, 7, 6, 5, 4, 3, 2, 1], inflow_per_s: 1 }).grows, false)
  })
})

describe('the median', () => {
  it('is the middle, or between the middle two', () => {
    assert.equal(median([3, 1, 2]), 2)
    assert.equal(median([4, 1, 2, 3]), 2.5)
  })
})
