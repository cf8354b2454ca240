/**
 * Days as whole numbers since 1970-01-01, by integer arithmetic alone: the kernel must not ask the engine's calendar.
 * The civil-calendar rule is Howard Hinnant's ("chrono-compatible low-level date algorithms"), proleptic Gregorian.
 */
import type { Day } from '../../datasets/day.ts'

/** Days since 1970-01-01. The text must be a day; what people type is checked by `parseDay` at the door. */
export function dayNumber(day: Day): number {
  const month = Number(day.slice(5, 7))
  const year = Number(day.slice(0, 4)) - (month <= 2 ? 1 : 0)
  const era = Math.floor(year / 400)
  const yearOfEra = year - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + Number(day.slice(8, 10)) - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** Where a day stands in years that begin with March, so that a leap day is the last of its year. */
export interface MarchDay {
  /** From year 0 on. */
  year: number
  /** From 0, 1 March. */
  dayOfYear: number
}

export function marchDay(number: number): MarchDay {
  const shifted = number + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  return { year: yearOfEra + era * 400, dayOfYear }
}

/** The inverse of {@link dayNumber}. */
export function dayOfNumber(number: number): Day {
  const { year: marchYear, dayOfYear } = marchDay(number)
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
  const year = marchYear + (month <= 2 ? 1 : 0)
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1, 2)}`
}

/** 0 = Monday … 6 = Sunday. 1970-01-01 was a Thursday. */
export function weekdayOf(number: number): number {
  return (((number + 3) % 7) + 7) % 7
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0')
}
