/** The curves that waves of interest are made of, under a world's knobs: climbs, fadings and the season. */
import { CLIMB_DAYS, MEMORY_DAYS, SHAPES, type Shape, TALK_DAYS } from './archetype.ts'
import { dayNumber, dayOfNumber } from './day-number.ts'
import { exp } from './elementary.ts'
import { type Fading, fading } from './fading.ts'
import type { Knobs } from './knobs.ts'

export interface InterestCurves {
  /** By index in CLIMB_DAYS: the part reached by age in days; beyond the table all is reached. */
  readonly climb: readonly Float64Array[]
  /** By index in TALK_DAYS. */
  readonly talk: readonly Fading[]
  /** By index in MEMORY_DAYS. */
  readonly memory: readonly Fading[]
  /** By index in SHAPES: height of the wave's talk and of its memory. */
  readonly talkHeight: Float64Array
  readonly memoryHeight: Float64Array
  /** What a seasonal song's interest is multiplied by on a day ({@link dayNumber}). */
  season(day: number): number
}

export function interestCurves({ decay, talk, season }: Readonly<Knobs>): InterestCurves {
  return {
    climb: CLIMB_DAYS.map((days) => climbCurve(days, Math.min(1, decay))),
    talk: TALK_DAYS.map((days) => fading(days / decay)),
    memory: MEMORY_DAYS.map((days) => fading(days / decay)),
    talkHeight: heights((shape) => (1 - shape.memoryShare) * talk),
    memoryHeight: heights((shape) => shape.memoryShare),
    season: (day) => Math.max(0, (1 - season) * SEASON_MEAN + season * christmas(day)),
  }
}

function heights(partOf: (shape: Shape) => number): Float64Array {
  const heights = new Float64Array(SHAPES.length)
  SHAPES.forEach((shape, at) => {
    heights[at] = shape.height * partOf(shape)
  })
  return heights
}

/** 1 − strength · e^(−(age + 1)/days), up to where it is 1 to one part in nine million. */
function climbCurve(days: number, strength: number): Float64Array {
  const curve = new Float64Array(strength === 0 ? 0 : 16 * days)
  for (let age = 0; age < curve.length; age++) curve[age] = 1 - strength * exp(-(age + 1) / days)
  return curve
}

const ADVENT_DAYS = 42
const AFTER_DAYS = 8
const OFF_SEASON = 0.01
/** The season's mean over a year: the level of a seasonal song in a world without seasons. */
const SEASON_MEAN = OFF_SEASON + (ADVENT_DAYS / 3 + AFTER_DAYS / 2) / 365

/** Grows with the square of the days since mid November to 1 on Christmas Day, and is over at New Year. */
function christmas(day: number): number {
  const year = dayOfNumber(day).slice(0, 4)
  const to = dayNumber(`${year}-12-25`) - day
  const since = day - dayNumber(`${Number(year) - 1}-12-25`)
  if (since < AFTER_DAYS) return Math.max(OFF_SEASON, 1 - since / AFTER_DAYS)
  if (to < 0) return Math.max(OFF_SEASON, 1 + to / AFTER_DAYS)
  if (to >= ADVENT_DAYS) return OFF_SEASON
  const grown = 1 - to / ADVENT_DAYS
  return Math.max(OFF_SEASON, grown * grown)
}
