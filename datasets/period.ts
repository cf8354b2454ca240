/** The named periods of a report, and what days they mean on a given day. */
import { addDays, type Day } from './day.ts'

export const PERIODS = [
  'total',
  'today',
  'yesterday',
  'last-7-days',
  'last-28-days',
  'this-week',
  'last-week',
  'this-month',
  'last-month',
  'this-year',
  'last-12-months',
] as const

export type Period = (typeof PERIODS)[number]

/** Whole days, both ends included. An empty range has `last` before `first`. */
export interface DayRange {
  first: Day
  last: Day
}

/**
 * The days that a period names when `asOf` is the last complete day, that is, when "yesterday" is `asOf`.
 * Weeks start on Monday (ISO 8601). A running week, month or year ends at `asOf`.
 * `today` is never complete, so its range holds the day after `asOf`, for which no report is published yet.
 * @param firstDay the first day with data: where `total` starts
 */
export function periodDays(period: Period, asOf: Day, firstDay: Day): DayRange {
  const today = addDays(asOf, 1)
  const monday = addDays(today, -((new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7))
  const month = `${today.slice(0, 7)}-01`
  const lastMonthEnd = addDays(month, -1)
  switch (period) {
    case 'total':
      return { first: firstDay, last: asOf }
    case 'today':
      return { first: today, last: today }
    case 'yesterday':
      return { first: asOf, last: asOf }
    case 'last-7-days':
      return { first: addDays(asOf, -6), last: asOf }
    case 'last-28-days':
      return { first: addDays(asOf, -27), last: asOf }
    case 'this-week':
      return { first: monday, last: asOf }
    case 'last-week':
      return { first: addDays(monday, -7), last: addDays(monday, -1) }
    case 'this-month':
      return { first: month, last: asOf }
    case 'last-month':
      return { first: `${lastMonthEnd.slice(0, 7)}-01`, last: lastMonthEnd }
    case 'this-year':
      return { first: `${today.slice(0, 4)}-01-01`, last: asOf }
    case 'last-12-months':
      // The twelve calendar months before the running one.
      return { first: `${Number(month.slice(0, 4)) - 1}-${month.slice(5)}`, last: lastMonthEnd }
  }
}
