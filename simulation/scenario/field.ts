/** Fields of a scenario: each says in one sentence what is expected, whatever is wrong with what came. */
import { z } from 'zod'
import { isDay } from '../../datasets/day.ts'

export function realField(min: number, max: number, description: string) {
  const expected = `expected a number from ${min} to ${max}`
  return z.number(expected).min(min, expected).max(max, expected).meta({ description })
}

export function wholeField(min: number, max: number, description: string) {
  const expected = `expected a whole number from ${min} to ${max}`
  return z.int(expected).min(min, expected).max(max, expected).meta({ description })
}

export function shareField(description: string) {
  return realField(0, 1, `${description} Share, 0 to 1.`)
}

export function textField(lengthMax: number, description: string) {
  const expected = `expected a text of 1 to ${lengthMax} characters`
  return z.string(expected).min(1, expected).max(lengthMax, expected).meta({ description })
}

export function choiceField<const Values extends readonly [string, ...string[]]>(values: Values, description: string) {
  return z.enum(values, `expected one of ${values.join(', ')}`).meta({ description })
}

export function dayField(description: string) {
  const expected = 'expected a day from 1970 on, like 2025-03-14'
  return z
    .string(expected)
    .refine((text) => isDay(text) && text >= '1970-01-01', expected)
    .meta({ description, format: 'date' })
}

export function instantField(description: string) {
  const expected = 'expected an instant in UTC, like 2025-03-14T18:30:00Z'
  return z
    .string(expected)
    .refine((text) => instant_ms(text) !== undefined, expected)
    .meta({ description, format: 'date-time' })
}

/** ms UTC of an instant like `2025-03-14T18:30:00Z`; undefined when the text is none. */
export function instant_ms(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z$/.test(text) || !isDay(text.slice(0, 10))) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}
