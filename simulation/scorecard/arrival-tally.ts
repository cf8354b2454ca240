/** Session starts held to the rates that the kernel promises: the arrivals are made alone, without their sessions. */

import { arrivalsOf } from '../kernel/arrivals.ts'
import { weekdayOf } from '../kernel/day-number.ts'
import { knownListener } from '../kernel/known-listener.ts'
import type { World } from '../kernel/world.ts'
import { expectedStarts } from './truth.ts'

export interface ArrivalTally {
  starts: number
  /** Gaps between a listener's starts, on a clock that runs at the expected rate: Exp(1) if the rate is right. */
  gaps: Float64Array
  /** Variance of a listener's starts a day over their mean; 1 for a Poisson process. */
  dispersion: number
  /** By local hour of the week. */
  startHour: Float64Array
  expectedHour: Float64Array
  /** Listeners with enough expected starts, and those whose starts lie in the 95 % interval about what is expected. */
  listeners: number
  recovered: number
  /** Correlation of two listeners' surprises of the same day, times the root of the number of pairs of days. */
  crossCorrelation: number
}

/** Listeners are taken until so many starts are expected. */
const STARTS = 400_000
const EXPECTED_MIN = 20

export function countArrivals(made: World, judged: World, firstDay: number, dayCount: number): ArrivalTally {
  const gaps: number[] = []
  const startHour = new Float64Array(168)
  const expectedHour = new Float64Array(168)
  const rates = new Float64Array(24)
  let [starts, squares, expected, listeners, recovered] = [0, 0, 0, 0, 0]
  let [pairs, product, squaresLeft, squaresRight] = [0, 0, 0, 0]
  let before = new Float64Array(dayCount)
  let surprises = new Float64Array(dayCount)
  for (let user = 0; user < judged.userCount && starts < STARTS; user++) {
    const listener = knownListener(judged, user)
    const maker = made === judged ? listener : knownListener(made, user)
    let [clock, last, own, ownExpected] = [0, Number.NaN, 0, 0]
    for (let d = 0; d < dayCount; d++) {
      const day = firstDay + d
      expectedStarts(judged, listener, day, rates)
      const arrivals = arrivalsOf(made, maker, day)
      const weekHour = weekdayOf(day) * 24
      let mean = 0
      for (let hour = 0; hour < 24; hour++) {
        mean += rates[hour]!
        expectedHour[weekHour + hour]! += rates[hour]!
      }
      for (const { start_ms, offset_min } of arrivals) {
        const hours = (start_ms + offset_min * 60_000 - day * 86_400_000) / 3_600_000
        const hour = Math.min(23, Math.floor(hours))
        startHour[weekHour + hour]!++
        let at = clock
        for (let each = 0; each < hour; each++) at += rates[each]!
        at += rates[hour]! * (hours - hour)
        if (!Number.isNaN(last) && at >= last) gaps.push(at - last)
        last = at
      }
      clock += mean
      own += arrivals.length
      ownExpected += mean
      squares += (arrivals.length - mean) ** 2
      surprises[d] = mean > 0 ? (arrivals.length - mean) / Math.sqrt(mean) : 0
      if (user % 2 === 1 && surprises[d] !== 0 && before[d] !== 0) {
        pairs++
        product += surprises[d]! * before[d]!
        squaresLeft += before[d]! ** 2
        squaresRight += surprises[d]! ** 2
      }
    }
    ;[before, surprises] = [surprises, before]
    starts += own
    expected += ownExpected
    if (ownExpected < EXPECTED_MIN) continue
    listeners++
    if (isInside(own, ownExpected)) recovered++
  }
  return {
    starts,
    gaps: Float64Array.from(gaps),
    dispersion: squares / expected,
    startHour,
    expectedHour,
    listeners,
    recovered,
    crossCorrelation: (product / Math.sqrt(squaresLeft * squaresRight)) * Math.sqrt(pairs),
  }
}

/**
 * Whether a Poisson count lies in the 95 % interval about its mean, by Anscombe's root, which makes counts nearly normal.
 * @param thinning variance over mean, 1 for Poisson counts and 1 − p for binomial ones
 */
export function isInside(count: number, mean: number, thinning = 1): boolean {
  return Math.abs(2 * (Math.sqrt(count + 0.375) - Math.sqrt(mean + 0.125))) <= 1.96 * Math.sqrt(thinning)
}
