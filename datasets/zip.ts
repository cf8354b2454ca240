/**
 * US zip areas: the first three digits of a ZIP code, which is how reports place listeners.
 *
 * `population` is an estimate: the residents of each state (2020 Census) shared out over its areas by the number of
 * ZIP codes in each, so that the areas of a state add up to the state. See `zip.build.ts`.
 */
import type { ZipArea } from './music.ts'
import type { Draws } from './random.ts'
import { ZIP_ROWS } from './zip.generated.ts'

const ROWS = ZIP_ROWS.map((row) => row.split('|'))

/** The areas of the 50 states and the District of Columbia, by their digits ascending. Positions are medians. */
export const ZIP_AREAS: readonly ZipArea[] = ROWS.map((row) => ({
  zip3: row[0]!,
  state: row[1]!,
  latitude: Number(row[2]),
  longitude: Number(row[3]),
  population: Number(row[4]),
}))

/** Residents of all areas up to and with each: for picking one by its population. */
const RESIDENTS_UP_TO: readonly number[] = runningSums(ZIP_AREAS.map((area) => area.population))
const RESIDENTS = RESIDENTS_UP_TO[RESIDENTS_UP_TO.length - 1]!

/** Index of the area in which a random resident lives: areas come as often as people live in them. */
export function zipAreaAt(draws: Draws): number {
  const resident = draws.below(RESIDENTS)
  let low = 0
  let high = RESIDENTS_UP_TO.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (RESIDENTS_UP_TO[middle]! > resident) high = middle
    else low = middle + 1
  }
  return low
}

/** A real 5-digit code of an area, each as likely. @throws RangeError if there is no such area */
export function zipAt(areaIndex: number, draws: Draws): string {
  const row = rowOf(areaIndex)
  const suffixes = row[6]!
  const at = 2 * draws.below(suffixes.length / 2)
  return row[0]! + suffixes.slice(at, at + 2)
}

/** The chief town of an area and its state: `Albuquerque, NM`. @throws RangeError if there is no such area */
export function placeOf(areaIndex: number): string {
  const row = rowOf(areaIndex)
  return `${row[5]}, ${row[1]}`
}

/** The area of a ZIP or ZIP+4 code, as its three digits; empty for any other text, such as a user without a code. */
export function zip3Of(zip: string): string {
  return /^\d{5}(-\d{4})?$/.test(zip) ? zip.slice(0, 3) : ''
}

function rowOf(areaIndex: number): readonly string[] {
  const row = ROWS[areaIndex]
  if (row === undefined) throw new RangeError(`expected a zip area from 0 to ${ROWS.length - 1}, got ${areaIndex}`)
  return row
}

function runningSums(numbers: readonly number[]): number[] {
  let sum = 0
  return numbers.map((number) => {
    sum += number
    return sum
  })
}
