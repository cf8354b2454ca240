import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { fading } from './fading.ts'

describe('fading', () => {
  it('is the exponential, within and beyond its table', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 20_000, noNaN: true }),
        fc.integer({ min: 0, max: 70_000 }),
        (time, days) => {
          const exact = Math.exp(-days / time)
          if (days / time > 600) assert.ok(fading(time).at(days) < 1e-250)
          else assert.ok(Math.abs(fading(time).at(days) / exact - 1) < 1e-11)
        },
      ),
    )
  })

  it('never ends when its time is without end', () => {
    const for_ever = fading(1 / 0)
    assert.deepEqual([for_ever.at(0), for_ever.at(70_000), for_ever.window_days], [1, 1, Number.POSITIVE_INFINITY])
  })
})
