/**
 * Single values of the Million Song Dataset. Its ids have 18 characters: TR, SO or AR, five letters or digits, eleven hex
 * digits (`TRAAAAW128F429D538`, `AR00A6H1187FB5402A`).
 */
import { invalid } from './reject.ts'

/** @throws MusicboxError `input.invalid` */
export function idIn(text: string, kind: 'TR' | 'SO' | 'AR', what: string): string {
  if (ID.test(text) && text.startsWith(kind)) return text
  throw invalid(`expected ${what} to be ${kind}, five letters or digits and eleven hex digits, got ${shown(text)}`)
}

const ID = /^(?:TR|SO|AR)[A-Z0-9]{5}[0-9A-F]{11}$/

/** A number; NaN for what the data set has as unknown (`nan` or nothing). @throws MusicboxError `input.invalid` */
export function numberIn(text: string, what: string): number {
  const bare = text.trim()
  if (bare === '' || /^-?nan$/i.test(bare)) return Number.NaN
  const value = Number(bare)
  if (Number.isFinite(value)) return value
  throw invalid(`expected ${what} to be a number, got ${shown(text)}`)
}

/** @throws MusicboxError `input.invalid` */
export function wholeNumberIn(text: string, what: string, min: number, max: number): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw invalid(`expected ${what} to be a whole number from ${min} to ${max}, got ${shown(text)}`)
}

/** Year of release; 0 is the data set's word for an unknown one. @throws MusicboxError `input.invalid` */
export function yearIn(text: string): number {
  return wholeNumberIn(text, 'the year', 0, 2100)
}

/** Latitude and longitude in degrees; NaN for unknown. @throws MusicboxError `input.invalid` */
export function degreesIn(text: string, what: 'latitude' | 'longitude'): number {
  const value = numberIn(text, what)
  const limit = what === 'latitude' ? 90 : 180
  if (Math.abs(value) > limit) throw invalid(`expected ${what} from -${limit} to ${limit}, got ${shown(text)}`)
  return value
}

export function shown(text: string): string {
  return JSON.stringify(text.slice(0, 60))
}
