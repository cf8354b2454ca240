import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { curveOf, kneeOf, type Point } from './knee.ts'

const curve = (law: (load: number) => number, loads: readonly number[]): Point[] =>
  loads.map((load) => ({ load, throughput_per_s: law(load) }))

const LOADS = Array.from({ length: 21 }, (_, i) => 10 * i)

describe('the knee of throughput over load', () => {
  it('is where a system with a hard limit reaches it', () => {
    assert.equal(kneeOf(curve((load) => Math.min(5 * load, 300), LOADS)), 60)
  })

  it('is where Kneedle’s paper has it for y = 1 - 1/x: at the greatest height above the chord', () => {
    const loads = Array.from({ length: 100 }, (_, i) => 1 + i)
    const points = curve((x) => 1 - 1 / x, loads)
    // d/dx of the difference is 0 where the curve is as steep as its chord: 1/x² = (1 - 1/100) / 99, x = 10.
    assert.equal(kneeOf(points), 10)
  })

  it('is before the fall of a system that gets worse under too much', () => {
    assert.equal(kneeOf(curve((load) => (load <= 100 ? load : 100 - (load - 100) / 2), LOADS)), 100)
  })

  it('is none for a line, for too few points, and for nothing', () => {
    assert.equal(kneeOf(curve((load) => 3 * load, LOADS)), undefined)
    assert.equal(kneeOf(curve((load) => Math.min(load, 10), [1, 10, 20])), undefined)
    assert.equal(kneeOf([]), undefined)
  })

  it('does not mind the order of the tries, and takes the mean of those of one load', () => {
    const points = [
      { load: 2, throughput_per_s: 4 },
      { load: 1, throughput_per_s: 1 },
      { load: 2, throughput_per_s: 6 },
    ]
    assert.deepEqual(curveOf(points), [
      { load: 1, throughput_per_s: 1 },
      { load: 2, throughput_per_s: 5 },
    ])
  })
})
