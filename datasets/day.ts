/** Calendar days and hours, all UTC: reports have one zone, so that every reader gets the same number. */
import { MusicboxError } from './failure.ts'
import { DAY_MS } from './time-unit.ts'

export { DAY_MS, HOUR_MS } from './time-unit.ts'

/** `YYYY-MM-DD`. Days compare as text. */
export type Day = string

/** The UTC day of an instant. */
export function dayOf(ms: number): Day {
  return new Date(ms).toISOString().slice(0, 10)
}

/** Two digits, `00` to `23`, UTC. */
export function hourOf(ms: number): string {
  return new Date(ms).toISOString().slice(11, 13)
}

/** Midnight UTC at which a day starts, in ms. */
export function dayStartMs(day: Day): number {
  return Date.parse(`${day}T00:00:00.000Z`)
}

/** The day `count` days later (earlier when negative). */
export function addDays(day: Day, count: number): Day {
  return dayOf(dayStartMs(day) + count * DAY_MS)
}

/** Every day from `first` to `last`, both included; empty when `last` precedes `first`. */
export function daysBetween(first: Day, last: Day): Day[] {
  const days: Day[] = []
  for (let day = first; day <= last; day = addDays(day, 1)) days.push(day)
  return days
}

/** `20260131` for `2026-01-31`: the form in row keys. */
export function compactDay(day: Day): string {
  return day.replaceAll('-', '')
}

/** The inverse of {@link compactDay}. */
export function expandDay(compact: string): Day {
  return `${compact.slice(0, 4)}-${compact.slice(4, 6)}-${compact.slice(6, 8)}`
}

/** Checks a day given by a person. @throws MusicboxError `input.invalid` */
export function parseDay(text: string, what: string): Day {
  if (!isDay(text)) {
    throw new MusicboxError('input.invalid', `expected ${what} to be a day like 2026-01-31, got "${text}"`)
  }
  return text
}

/** Whether a text is a day of the calendar in our form. */
export function isDay(text: string): boolean {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? dayStartMs(text) : Number.NaN
  return !Number.isNaN(ms) && dayOf(ms) === text
}
