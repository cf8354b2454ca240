/** The top lists that the counts of a period and of the range before it give. */
import { type DayRange, PERIODS, type Period, periodDays } from '../../datasets/period.ts'
import { MEASURES, TOP_COUNT, type TopBy } from '../../datasets/tables.ts'
import { dayNumber, dayOfNumber } from '../kernel/day-number.ts'
import type { Counts } from './tally.ts'

export interface TopRow {
  /** From 1. */
  rank: number
  group: number
  /** Of the measure, within the period and in the range of equal length before it. */
  value: number
  previous: number
}

/**
 * The first {@link TOP_COUNT} groups by a measure; ties by id. `rising` and `falling` compare plays with the range before.
 * @param idOf names a group, and settles ties
 */
export function topRows(now: Counts, before: Counts, by: TopBy, idOf: (group: number) => string): TopRow[] {
  const moves = by === 'rising' || by === 'falling'
  const column = MEASURES.indexOf(moves ? 'plays' : by)
  const past = columnByGroup(before, column)
  const present = columnByGroup(now, column)
  const rows = [...new Set([...present.keys(), ...past.keys()])].map((group) => ({
    group,
    id: idOf(group),
    value: present.get(group) ?? 0,
    previous: past.get(group) ?? 0,
  }))
  const weight = ({ value, previous }: { value: number; previous: number }): number =>
    by === 'rising' ? value - previous : by === 'falling' ? previous - value : value
  return rows
    .filter((row) => weight(row) > 0)
    .sort((a, b) => weight(b) - weight(a) || (a.id < b.id ? -1 : 1))
    .slice(0, TOP_COUNT)
    .map(({ group, value, previous }, at) => ({ rank: at + 1, group, value, previous }))
}

/** A named period as of a day, with the range of equal length before it. */
export interface PeriodAndBefore {
  period: Period
  range: DayRange
  before: DayRange
}

/** Every named period that has days. @param firstDay the first day with data */
export function periodsOf(asOf: string, firstDay: string): PeriodAndBefore[] {
  return PERIODS.map((period) => {
    const range = periodDays(period, asOf, firstDay)
    const [first, last] = [dayNumber(range.first), dayNumber(range.last)]
    const before = { first: dayOfNumber(2 * first - last - 1), last: dayOfNumber(first - 1) }
    return { period, range, before }
  })
}

function columnByGroup({ groups, values }: Counts, column: number): Map<number, number> {
  const width = groups.length === 0 ? 0 : values.length / groups.length
  return new Map(Array.from(groups, (group, i) => [group, values[i * width + column]!]))
}
