import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { DAY_MS, dayOf } from '../../datasets/day.ts'
import { dayNumber, dayOfNumber, weekdayOf } from './day-number.ts'

describe('day numbers', () => {
  it('agree with the engine’s calendar from 1600 to 2600, both ways and in the weekday', () => {
    fc.assert(
      fc.property(fc.integer({ min: -135_140, max: 230_100 }), (number) => {
        const day = dayOf(number * DAY_MS)
        assert.equal(dayOfNumber(number), day)
        assert.equal(dayNumber(day), number)
        assert.equal((weekdayOf(number) + 1) % 7, new Date(number * DAY_MS).getUTCDay())
      }),
      { numRuns: 5_000 },
    )
  })

  it('know leap days', () => {
    assert.equal(dayOfNumber(dayNumber('2024-02-28') + 1), '2024-02-29')
    assert.equal(dayOfNumber(dayNumber('2000-02-28') + 1), '2000-02-29')
    assert.equal(dayOfNumber(dayNumber('2100-02-28') + 1), '2100-03-01')
  })
})
