import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dayNumber } from './day-number.ts'
import { dayShape, HOUR_OF_WEEK } from './hour-of-week.ts'

const ofDay = (weekday: number): readonly number[] => HOUR_OF_WEEK.slice(weekday * 24, weekday * 24 + 24)
const sum = (weights: readonly number[]): number => weights.reduce((total, weight) => total + weight, 0)
const peak = (weights: readonly number[]): number => weights.indexOf(Math.max(...weights))
const trough = (weights: readonly number[]): number => weights.indexOf(Math.min(...weights))

describe('the hours of the week', () => {
  it('have their published peaks and troughs', () => {
    for (let weekday = 0; weekday < 5; weekday++) {
      assert.equal(peak(ofDay(weekday)), 17)
      assert.ok(Math.abs(trough(ofDay(weekday)) - 4) <= 1)
    }
    for (const weekday of [5, 6]) {
      assert.equal(peak(ofDay(weekday)), 12)
      assert.ok(Math.abs(trough(ofDay(weekday)) - 5) <= 1)
    }
  })

  it('make Saturday the busiest day and Monday the quietest, and average 1', () => {
    const days = Array.from({ length: 7 }, (_, weekday) => sum(ofDay(weekday)))
    assert.equal(peak(days), 5)
    assert.equal(trough(days), 0)
    assert.ok(Math.abs(sum(HOUR_OF_WEEK) / 168 - 1) < 1e-12)
  })

  it('move with the listener’s clock', () => {
    // 2026-01-03 is a Saturday. Eight hours behind UTC, its noon is at 20 h UTC.
    const shape = dayShape(dayNumber('2026-01-03'), -8)
    const shares = shape.cumulative.map((end, hour) => end - (hour === 0 ? 0 : shape.cumulative[hour - 1]!))
    assert.equal(peak(shares), 20)
    assert.equal(shape.cumulative[23], 1)
  })

  it('keep the level of a week whatever the clock', () => {
    for (const shift of [-12, -5, 0, 7]) {
      const levels = Array.from({ length: 7 }, (_, i) => dayShape(dayNumber('2026-01-05') + i, shift).level)
      assert.ok(Math.abs(sum(levels) - 7) < 1e-12)
    }
  })
})
