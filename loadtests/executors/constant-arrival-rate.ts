import type { Arrival } from './arrival.ts'
import type { ConstantArrivalRate } from './scenario.ts'
import { numberAt, type Stripe } from './stripe.ts'

/**
 * The arrivals of a constant rate: number i is due i periods after the start, the first at once, as long as that is
 * before the end. Each is computed from its number, so that nothing adds up.
 */
export function* constantArrivals(
  { rate, timeUnit_ms, duration_ms }: Pick<ConstantArrivalRate, 'rate' | 'timeUnit_ms' | 'duration_ms'>,
  stripe: Stripe,
): Generator<Arrival, undefined> {
  for (let ordinal = 0; ; ordinal++) {
    const number = numberAt(stripe, ordinal)
    if (number * timeUnit_ms >= duration_ms * rate) return undefined
    yield { number, due_ms: (number * timeUnit_ms) / rate }
  }
}
