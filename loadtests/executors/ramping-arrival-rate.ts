/**
 * The arrivals of a rate that follows stages.
 *
 * The area under the line of the rate, from the start to a moment, is how many iterations should have begun by then:
 * number i is due when the area is i + 1. So the first is not due at once, and as many are due as the whole area holds.
 *
 * Areas are counted in halves of (iterations per time unit) × ms, where a stage from rate a to rate b of length D adds
 * D (a + b). With whole numbers all of these are exact, so an arrival on the border of two stages falls in the first and
 * none is lost to rounding, however long the run. Within a stage the moment t solves a t + (b - a) t² / 2D = y / 2. The
 * root is taken as y / (a + √(a² + (b - a) y / D)), which adds only what is not negative and so cancels no digits: the
 * textbook form loses all of them when the rate hardly changes.
 */
import type { Arrival } from './arrival.ts'
import type { RampingArrivalRate } from './scenario.ts'
import { numberAt, type Stripe } from './stripe.ts'

export function* rampingArrivals(
  { startRate, stages, timeUnit_ms }: Pick<RampingArrivalRate, 'startRate' | 'stages' | 'timeUnit_ms'>,
  stripe: Stripe,
): Generator<Arrival, undefined> {
  let from = startRate
  let begin_ms = 0
  let area = 0
  let ordinal = 0
  for (const [stage, { duration_ms, target }] of stages.entries()) {
    const areaAfter = area + duration_ms * (from + target)
    for (; ; ordinal++) {
      const number = numberAt(stripe, ordinal)
      const wanted = 2 * timeUnit_ms * (number + 1)
      if (wanted > areaAfter) break
      yield { number, due_ms: begin_ms + momentOf(wanted - area, from, target, duration_ms), stage }
    }
    begin_ms += duration_ms
    area = areaAfter
    from = target
  }
  return undefined
}

/** When, in a stage of this length, the doubled area under the line from `a` to `b` has grown to `y`. */
function momentOf(y: number, a: number, b: number, length_ms: number): number {
  const rate = Math.sqrt(Math.max(0, a * a + ((b - a) * y) / length_ms))
  return Math.min(length_ms, y / (a + rate))
}
