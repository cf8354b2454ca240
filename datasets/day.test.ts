import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { addDays, compactDay, DAY_MS, dayOf, dayStartMs, daysBetween, expandDay, hourOf, parseDay } from './day.ts'
import { MusicboxError } from './failure.ts'

/** Days from 1970 to 9999, in which a day is ten characters. */
const anyDay = fc.integer({ min: 0, max: 2_932_896 }).map((days) => dayOf(days * DAY_MS))

describe('days', () => {
  it('hold each instant from their midnight to before the next, UTC', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
        const start = dayStartMs(dayOf(ms))
        assert.ok(start <= ms && ms < start + DAY_MS)
        assert.equal(Number(hourOf(ms)), Math.floor((ms - start) / 3_600_000))
      }),
    )
  })

  it('know year ends and leap days', () => {
    assert.equal(addDays('2023-12-31', 1), '2024-01-01')
    assert.equal(addDays('2024-02-28', 1), '2024-02-29')
    assert.equal(addDays('2023-02-28', 1), '2023-03-01')
    assert.equal(addDays('2100-02-28', 1), '2100-03-01')
    assert.equal(addDays('2000-03-01', -1), '2000-02-29')
    assert.equal(hourOf(Date.UTC(2026, 0, 1, 23, 59, 59, 999)), '23')
    assert.equal(dayOf(Date.UTC(2026, 0, 1) - 1), '2025-12-31')
  })

  it('go there and back', () => {
    fc.assert(
      fc.property(anyDay, fc.integer({ min: -3000, max: 3000 }), (day, count) => {
        fc.pre(dayStartMs(day) + count * DAY_MS <= dayStartMs('9999-12-31'))
        fc.pre(dayStartMs(day) + count * DAY_MS >= 0)
        assert.equal(addDays(addDays(day, count), -count), day)
        assert.equal(Math.sign(count), addDays(day, count) > day ? 1 : addDays(day, count) < day ? -1 : 0)
      }),
    )
    fc.assert(fc.property(anyDay, (day) => assert.equal(expandDay(compactDay(day)), day)))
  })

  it('are listed with both ends, and not at all when the last precedes the first', () => {
    assert.deepEqual(daysBetween('2024-02-28', '2024-03-01'), ['2024-02-28', '2024-02-29', '2024-03-01'])
    assert.deepEqual(daysBetween('2024-03-01', '2024-03-01'), ['2024-03-01'])
    assert.deepEqual(daysBetween('2024-03-01', '2024-02-29'), [])
    assert.equal(daysBetween('2024-01-01', '2024-12-31').length, 366)
  })

  it('are refused when no calendar has them', () => {
    fc.assert(fc.property(anyDay, (day) => assert.equal(parseDay(day, 'day'), day)))
    for (const text of [
      '',
      '2023-02-29',
      '2024-02-30',
      '2024-13-01',
      '2024-00-10',
      '2024-1-1',
      '20240101',
      '2024-01-01T00:00',
      ' 2024-01-01',
      'today',
    ]) {
      assert.throws(
        () => parseDay(text, '--from'),
        (error) =>
          error instanceof MusicboxError &&
          error.code === 'input.invalid' &&
          error.message === `expected --from to be a day like 2026-01-31, got "${text}"`,
        text,
      )
    }
  })
})
