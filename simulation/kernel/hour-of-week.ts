/**
 * When people listen: the relative number of session starts in each hour of the local week.
 *
 * What is published is the rhythm of plays (765 million of them in 51 countries, Park et al. 2019: weekdays peak at
 * 17 h and are lowest at 4 h, weekends at 12 h and 5 h; Saturday is busiest), and plays come after their session's
 * start, by half an hour on average. So the curves below are that rhythm, smoothed by four harmonics of the day and
 * deconvolved by the lag of a play behind its start (Richardson–Lucy; session sizes as in `session.ts`). Session starts
 * have published marks of their own (Zhang et al. 2013), which were then added: on weekdays a peak in the morning, a dip
 * at lunch and a peak in the evening, and phones an hour earlier than the rest.
 *
 * Listeners are of four chronotypes (Louail and Barthelemy 2017 find four groups of similar size). Each takes a share of
 * every hour's starts, and the shares of an hour sum to 1: chronotypes differ while their mixture stays as published.
 */

import type { Knobs } from './knobs.ts'
import { perObject } from './per-object.ts'

export const CHRONOTYPES = ['early', 'day', 'evening', 'night'] as const

/** Upper ends of the odds of the chronotypes: 24, 28, 27 and 21 %. */
export const CHRONOTYPE_ODDS = [0.24, 0.52, 0.79, 1] as const

/** When one kind of listener starts sessions. */
export interface Rhythm {
  /** By day, Monday first: expected sessions relative to the average day. The mean over listeners and days is 1. */
  readonly level: Float64Array
  /** By hour of the week, Monday 0 h first: the hour's upper end within its day, in 2^-32 of the day; 24 a day. */
  readonly ends: Float64Array
}

/** The rhythm of a chronotype (index in {@link CHRONOTYPES}), on phones or elsewhere. */
export function rhythmOf(knobs: Readonly<Knobs>, chronotype: number, isPhone: boolean): Rhythm {
  const known = rhythmsOf(knobs)
  const at = 2 * chronotype + (isPhone ? 1 : 0)
  const rhythm = known[at] === undefined ? rhythmFrom(hourWeights(knobs, chronotype, isPhone)) : known[at]
  known[at] = rhythm
  return rhythm
}

/** Days without rhythm: every hour alike. */
export const FLAT: Rhythm = rhythmFrom(new Array<number>(168).fill(1000))

const rhythmsOf = perObject((_knobs: Readonly<Knobs>): (Rhythm | undefined)[] => [])

/** The hour of the day, 0 to 23, of a session on a weekday (0 = Monday). @param word uniform unsigned 32-bit integer */
export function hourAt(rhythm: Rhythm, weekday: number, word: number): number {
  const { ends } = rhythm
  const first = weekday * 24
  let hour = 0
  while (word >= ends[first + hour]!) hour++
  return hour
}

/** Session starts by hour, in thousandths of a busy hour. */
const WEEKDAY = [
  227, 114, 53, 32, 40, 108, 283, 482, 594, 769, 880, 784, 649, 633, 761, 873, 918, 938, 962, 906, 787, 685, 559, 395,
]
const WEEKEND = [
  351, 215, 126, 75, 53, 55, 96, 217, 428, 689, 913, 1020, 992, 909, 853, 843, 860, 871, 844, 791, 729, 662, 580, 474,
]
/** Level of the day, Monday first, in thousandths of the average day. */
const DAY_LEVEL = [934, 965, 981, 1003, 1072, 1102, 943]

/** Share of each hour's starts that a chronotype has, in thousandths. */
const SHARES: readonly (readonly number[])[] = [
  [66, 77, 114, 211, 395, 593, 709, 742, 724, 664, 562, 428, 293, 188, 121, 85, 69, 63, 62, 61, 61, 61, 61, 62],
  [71, 71, 71, 72, 73, 78, 87, 107, 144, 210, 313, 443, 563, 632, 621, 524, 374, 236, 147, 101, 82, 74, 72, 71],
  [105, 85, 75, 71, 70, 69, 69, 69, 69, 69, 70, 75, 89, 125, 200, 325, 470, 574, 600, 549, 445, 323, 217, 146],
  [759, 767, 740, 646, 462, 260, 135, 82, 63, 57, 55, 55, 55, 56, 58, 67, 87, 126, 191, 288, 412, 542, 650, 721],
]

/** How far phones are ahead of the mean of all devices and other devices behind it, hours: an hour between them. */
const PHONE_AHEAD_H = 0.45
const OTHERS_BEHIND_H = 0.55

/** 168 whole weights from Monday 0 h on; 1000 is the average hour. */
export function hourWeights(knobs: Readonly<Knobs>, chronotype: number, isPhone: boolean): readonly number[] {
  const odds = CHRONOTYPE_ODDS[chronotype]! - (chronotype === 0 ? 0 : CHRONOTYPE_ODDS[chronotype - 1]!)
  const own = everybody.map((weight, hour) => {
    const tilt = SHARES[chronotype]![hour % 24]! / (1000 * odds)
    return weight * Math.max(0, 1 + knobs.chronotypes * (tilt - 1))
  })
  const moved = own.map((weight, hour) =>
    isPhone
      ? (1 - PHONE_AHEAD_H) * weight + PHONE_AHEAD_H * own[(hour + 1) % 168]!
      : (1 - OTHERS_BEHIND_H) * weight + OTHERS_BEHIND_H * own[(hour + 167) % 168]!,
  )
  const mean = sum(moved) / 168
  const turned = moved.map((weight) => Math.max(0, 1 + knobs.rhythm * (weight / mean - 1)))
  const turnedMean = sum(turned) / 168
  return turned.map((weight) => Math.round((1000 * weight) / turnedMean))
}

/** Starts of all chronotypes and devices together, before any knob; 1 is the average hour. */
const everybody: readonly number[] = Array.from({ length: 168 }, (_, hour) => {
  const weekday = Math.floor(hour / 24)
  const curve = weekday < 5 ? WEEKDAY : WEEKEND
  return (curve[hour % 24]! * 24 * DAY_LEVEL[weekday]!) / (1000 * sum(curve))
})

function rhythmFrom(weights: readonly number[]): Rhythm {
  const level = new Float64Array(7)
  const ends = new Float64Array(168)
  for (let weekday = 0; weekday < 7; weekday++) {
    const hours = weights.slice(24 * weekday, 24 * weekday + 24)
    const total = sum(hours)
    level[weekday] = total / 24_000
    let running = 0
    hours.forEach((weight, hour) => {
      running += weight
      ends[24 * weekday + hour] = hour === 23 ? 2 ** 32 : Math.floor((running * 2 ** 32) / Math.max(1, total))
    })
  }
  return { level, ends }
}

function sum(weights: readonly number[]): number {
  return weights.reduce((total, weight) => total + weight, 0)
}
