/**
 * When people listen: the relative number of session starts in each hour of the week, local time.
 *
 * Each curve is a fit of four harmonics of the day to published hourly means (765 million plays in 51 countries, Park
 * et al. 2019), evaluated once and written down as integers: weekdays rise to 17 h and fall to 3 h, weekends rise to
 * 12 h and fall to 5 h. Saturday is the busiest day, Monday the quietest.
 */
import { weekdayOf } from './day-number.ts'

const WEEKDAY = [
  327, 200, 105, 56, 58, 112, 214, 350, 493, 613, 690, 724, 736, 752, 786, 832, 872, 891, 883, 850, 794, 713, 603, 469,
]
const WEEKEND = [
  407, 290, 190, 121, 80, 68, 94, 181, 339, 548, 753, 894, 945, 923, 878, 849, 846, 850, 837, 799, 746, 685, 612, 519,
]
/** Share of the week, Monday first, in thousandths of the average day. */
const DAY_SHARE = [932, 964, 980, 1003, 1074, 1106, 941]

/** 168 relative weights from Monday 0 h on; they average 1. */
export const HOUR_OF_WEEK: readonly number[] = Array.from({ length: 168 }, (_, hour) => {
  const weekday = Math.floor(hour / 24)
  const curve = weekday < 5 ? WEEKDAY : WEEKEND
  return ((curve[hour % 24]! / curve.reduce((sum, value) => sum + value, 0)) * 24 * DAY_SHARE[weekday]!) / 1000
})

export interface DayShape {
  /** The day's expected sessions relative to an average day. */
  level: number
  /** Upper ends of the 24 UTC hours' shares; the last is 1. */
  cumulative: readonly number[]
}

/** The UTC day as lived by people whose clock is `shift_h` hours ahead of UTC (a zone, an early or late habit). */
export function dayShape(day: number, shift_h: number): DayShape {
  const first = weekdayOf(day) * 24 + shift_h + 168
  const cacheKey = first % 168
  const cached = shapes[cacheKey]
  if (cached) return cached
  const weights = Array.from({ length: 24 }, (_, hour) => HOUR_OF_WEEK[(cacheKey + hour) % 168]!)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  let running = 0
  const cumulative = weights.map((weight, hour) => {
    running += weight
    return hour === 23 ? 1 : running / sum
  })
  const shape = { level: sum / 24, cumulative }
  shapes[cacheKey] = shape
  return shape
}

const shapes: (DayShape | undefined)[] = []
