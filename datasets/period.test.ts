import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { addDays, daysBetween } from './day.ts'
import { PERIODS, type Period, periodDays } from './period.ts'

const FIRST = '2013-01-01'

/** What a period must name: `[period, first, last]` by the last complete day, worked out from a calendar. */
const TABLE: Record<string, readonly (readonly [Period, string, string])[]> = {
  // A Wednesday in the middle of a month.
  '2026-05-13': [
    ['total', FIRST, '2026-05-13'],
    ['today', '2026-05-14', '2026-05-14'],
    ['yesterday', '2026-05-13', '2026-05-13'],
    ['last-7-days', '2026-05-07', '2026-05-13'],
    ['last-28-days', '2026-04-16', '2026-05-13'],
    ['this-week', '2026-05-11', '2026-05-13'],
    ['last-week', '2026-05-04', '2026-05-10'],
    ['this-month', '2026-05-01', '2026-05-13'],
    ['last-month', '2026-04-01', '2026-04-30'],
    ['this-year', '2026-01-01', '2026-05-13'],
    ['last-12-months', '2025-05-01', '2026-04-30'],
  ],
  // A year's last day: today is the first of the next, so this month and this year have no complete day.
  '2023-12-31': [
    ['today', '2024-01-01', '2024-01-01'],
    ['yesterday', '2023-12-31', '2023-12-31'],
    ['last-7-days', '2023-12-25', '2023-12-31'],
    ['last-28-days', '2023-12-04', '2023-12-31'],
    ['this-week', '2024-01-01', '2023-12-31'],
    ['last-week', '2023-12-25', '2023-12-31'],
    ['this-month', '2024-01-01', '2023-12-31'],
    ['last-month', '2023-12-01', '2023-12-31'],
    ['this-year', '2024-01-01', '2023-12-31'],
    ['last-12-months', '2023-01-01', '2023-12-31'],
  ],
  // The day before a year's last: today is a Sunday, the seventh of its week.
  '2023-12-30': [
    ['this-week', '2023-12-25', '2023-12-30'],
    ['last-week', '2023-12-18', '2023-12-24'],
    ['this-month', '2023-12-01', '2023-12-30'],
    ['last-month', '2023-11-01', '2023-11-30'],
    ['this-year', '2023-01-01', '2023-12-30'],
    ['last-12-months', '2022-12-01', '2023-11-30'],
  ],
  // A week over the turn of the year (ISO week 1 of 2026 begins on 2025-12-29).
  '2025-12-31': [
    ['this-week', '2025-12-29', '2025-12-31'],
    ['last-week', '2025-12-22', '2025-12-28'],
    ['last-7-days', '2025-12-25', '2025-12-31'],
    ['this-year', '2026-01-01', '2025-12-31'],
  ],
  // Today is a leap day.
  '2024-02-28': [
    ['today', '2024-02-29', '2024-02-29'],
    ['this-month', '2024-02-01', '2024-02-28'],
    ['last-month', '2024-01-01', '2024-01-31'],
    ['last-12-months', '2023-02-01', '2024-01-31'],
  ],
  // Yesterday was one.
  '2024-02-29': [
    ['today', '2024-03-01', '2024-03-01'],
    ['last-28-days', '2024-02-02', '2024-02-29'],
    ['this-month', '2024-03-01', '2024-02-29'],
    ['last-month', '2024-02-01', '2024-02-29'],
    ['last-12-months', '2023-03-01', '2024-02-29'],
  ],
  // No leap day in 2023.
  '2023-02-28': [
    ['today', '2023-03-01', '2023-03-01'],
    ['last-month', '2023-02-01', '2023-02-28'],
  ],
}

describe('named periods', () => {
  for (const [asOf, rows] of Object.entries(TABLE)) {
    it(`mean the right days when ${asOf} is the last complete day`, () => {
      for (const [period, first, last] of rows) {
        assert.deepEqual(periodDays(period, asOf, FIRST), { first, last }, period)
      }
    })
  }

  const asOf = fc.integer({ min: 0, max: 40_000 }).map((days) => addDays('1980-01-01', days))

  it('never hold an incomplete day, but for today', () => {
    fc.assert(
      fc.property(asOf, fc.constantFrom(...PERIODS), (asOf, period) => {
        const { last } = periodDays(period, asOf, '1980-01-01')
        assert.equal(last > asOf, period === 'today')
      }),
    )
  })

  it('have the length that their name says', () => {
    fc.assert(
      fc.property(asOf, (asOf) => {
        const days = (period: Period): string[] => {
          const { first, last } = periodDays(period, asOf, '1980-01-01')
          return daysBetween(first, last)
        }
        assert.equal(days('last-7-days').length, 7)
        assert.equal(days('last-28-days').length, 28)
        assert.equal(days('last-week').length, 7)
        assert.equal(days('yesterday').length, 1)
        assert.ok([28, 29, 30, 31].includes(days('last-month').length))
        assert.ok([365, 366].includes(days('last-12-months').length))
        assert.ok(days('this-week').length <= 6)
        // Last week and this week meet, and so do last month and this month.
        assert.equal(addDays(days('last-week').at(-1)!, 1), periodDays('this-week', asOf, '1980-01-01').first)
        assert.equal(addDays(days('last-month').at(-1)!, 1), periodDays('this-month', asOf, '1980-01-01').first)
      }),
    )
  })

  it('start weeks on a Monday', () => {
    fc.assert(
      fc.property(asOf, (asOf) => {
        for (const period of ['this-week', 'last-week'] as const) {
          assert.equal(new Date(periodDays(period, asOf, '1980-01-01').first).getUTCDay(), 1)
        }
      }),
    )
  })
})
