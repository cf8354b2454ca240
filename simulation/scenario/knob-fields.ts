/** The knobs in a scenario: the kernel's, in snake case. What is not given has its published strength. */
import { z } from 'zod'
import { type Knobs, PUBLISHED_KNOBS } from '../kernel/knobs.ts'
import { realField } from './field.ts'

/** A knob's name as scenarios write it: `sessions_per_day`. */
export type KnobField = SnakeCase<keyof Knobs>

type SnakeCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : ''

/** By knob, in the order of the kernel. A knob without a meaning does not compile. */
const MEANINGS: Record<keyof Knobs, string> = {
  sessionsPerDay: 'Sessions a day of the average listener.',
  growthPerYear: 'Listeners who join after the first day, as a yearly share of those who were there.',
  churnPerYear: 'Yearly share of listeners who leave.',
  activitySpread: 'Spread of listeners’ activity; 0: all as active as the average.',
  rhythm: 'Rhythm of the day and the week; 0: every hour alike.',
  chronotypes: 'Differences between early and late listeners.',
  sessionSpread: 'Spread of session sizes around the median.',
  popularity: 'How unequal artists and songs are; 0: all alike.',
  genrePopularity: 'Differences of popularity between genres.',
  decay: 'Rise and decline of interest; 0: a released song keeps its level for ever.',
  talk: 'The fast part of the decline, within weeks; 0: the slow part alone.',
  season: 'Seasonal songs and Christmas.',
  taste: 'How far listeners’ tastes differ; 0: all like all genres alike.',
  repeat: 'Plays that repeat what the listener knows.',
  recency: 'Repeats favour what was discovered lately; 0: all known songs alike.',
  appetite: 'Appetite for a song that first rises with exposure and then falls; 0: constant.',
  nightCalm: 'Calmer songs late at night.',
  skip: 'Skip hazard.',
  skipByAge: 'Differences of the skip hazard by age and weekday.',
  fingerprint: 'Differences of the skip hazard by place in the song.',
  reactions: 'Thumbs, ratings, tags and comments.',
  search: 'Searches.',
  collaboration: 'Plays from friends’ discoveries and shared stations.',
  homes: 'Homes follow population; 0: every zip area alike.',
}

const NAMES = Object.keys(MEANINGS) as (keyof Knobs)[]

export const KNOB_FIELDS: readonly KnobField[] = NAMES.map(snakeCase)

export const knobsSchema = z
  .strictObject(
    Object.fromEntries(NAMES.map((name) => [snakeCase(name), knobField(name).optional()])) as Record<
      KnobField,
      z.ZodOptional<z.ZodNumber>
    >,
    'expected an object of knobs, like { "skip": 1.2 }',
  )
  .meta({ description: 'How strong each mechanism is: 1 is the published strength, 0 switches it off.' })

export type KnobsJson = z.infer<typeof knobsSchema>

/** Those of the kernel's knobs that a scenario gives. */
export function knobsOf(json: KnobsJson): Partial<Knobs> {
  const given = NAMES.map((name) => [name, json[snakeCase(name)]] as const)
  return Object.fromEntries(given.filter(([, value]) => value !== undefined))
}

/** The inverse of {@link knobsOf}, for all knobs. */
export function knobsJson(knobs: Readonly<Knobs>): Record<KnobField, number> {
  return Object.fromEntries(NAMES.map((name) => [snakeCase(name), knobs[name]])) as Record<KnobField, number>
}

function knobField(name: keyof Knobs): z.ZodNumber {
  const published = PUBLISHED_KNOBS[name]
  const kind = name.endsWith('PerDay') || name.endsWith('PerYear') ? 'Rate' : 'Strength'
  return realField(0, 100, `${MEANINGS[name]} ${kind}, ${published} unless given.`)
}

function snakeCase(name: keyof Knobs): KnobField {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) as KnobField
}
