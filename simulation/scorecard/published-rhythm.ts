/**
 * Hours of listening as published: 51 countries, 765 million plays, scaled to 0..1 (Park et al., Nature Human Behaviour
 * 3 (2019), means of hour_dow_activity.csv over Monday to Friday and over Saturday and Sunday).
 */
import { weekdayOf } from '../kernel/day-number.ts'

export const PUBLISHED_WEEKDAY = [
  0.27, 0.15, 0.07, 0.03, 0, 0.03, 0.17, 0.37, 0.46, 0.55, 0.67, 0.75, 0.72, 0.72, 0.77, 0.83, 0.87, 0.89, 0.87, 0.84,
  0.78, 0.7, 0.59, 0.45,
] as const
export const PUBLISHED_WEEKEND = [
  0.39, 0.25, 0.15, 0.07, 0.03, 0.02, 0.05, 0.14, 0.3, 0.52, 0.74, 0.9, 0.94, 0.91, 0.87, 0.85, 0.84, 0.84, 0.82, 0.79,
  0.74, 0.67, 0.59, 0.48,
] as const

const HOUR_MS = 3_600_000
/** The published scale has its zero at the quietest hour, which is not without listeners. */
const LEAST = 0.08
const WEIGHTS = Array.from({ length: 168 }, (_, hour) =>
  Math.max(LEAST, hour < 120 ? PUBLISHED_WEEKDAY[hour % 24]! : PUBLISHED_WEEKEND[hour % 24]!),
)
const UP_TO = [0]
for (const weight of WEIGHTS) UP_TO.push(UP_TO[UP_TO.length - 1]! + weight)

/** A clock that runs as fast as the published hour is busy. @param local_ms local time */
export function publishedClock(local_ms: number): number {
  const hours = Math.floor(local_ms / HOUR_MS)
  const days = Math.floor(hours / 24)
  const weekday = weekdayOf(days)
  const hour = weekday * 24 + hours - days * 24
  const weeks = (days - weekday) / 7
  return weeks * UP_TO[168]! + UP_TO[hour]! + WEIGHTS[hour]! * (local_ms / HOUR_MS - hours)
}
