/** Which ranges of days a night's periods need, each counted once however many periods name it. */
import type { Day } from '../datasets/day.ts'
import type { DayRange, Period } from '../datasets/period.ts'
import type { PeriodRange } from './warehouse.ts'

export interface RangePlan {
  /** From the first to the last day with data, ascending. */
  ranges: DayRange[]
  periods: PlannedPeriod[]
}

/** Its ranges, by number; there may be none before it. */
export interface PlannedPeriod {
  period: Period
  range: number
  before: number | undefined
}

/**
 * A period none of whose days is there has no rows: `today`, before its night, would only list everything as falling.
 * @param days that there are, ascending
 */
export function planRanges(periods: readonly PeriodRange[], days: readonly Day[]): RangePlan {
  const ranges: DayRange[] = []
  const numberOf = ({ first, last }: DayRange): number | undefined => {
    const own = days.filter((day) => day >= first && day <= last)
    if (own.length === 0) return undefined
    const range = { first: own[0]!, last: own.at(-1)! }
    const number = ranges.findIndex((known) => known.first === range.first && known.last === range.last)
    return number >= 0 ? number : ranges.push(range) - 1
  }
  const planned: PlannedPeriod[] = []
  for (const { period, range, before } of periods) {
    const number = numberOf(range)
    if (number !== undefined) planned.push({ period, range: number, before: numberOf(before) })
  }
  return { ranges, periods: planned }
}
