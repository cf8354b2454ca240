/**
 * Exponential fading by whole days, e^(−days/time): the one curve that everything about interest is made of. A product of
 * two table entries costs a tenth of an exponential, which counts where a million songs are prepared.
 */
import { exp } from './elementary.ts'

export interface Fading {
  /** Days until 1/e is left; Infinity: it never fades. */
  readonly time_days: number
  /** From this age on nothing is left: e^-16, one part in nine million, is called nothing. */
  readonly window_days: number
  /** e^(−days/time) for a whole number of days from 0, without regard to the window. */
  at(days: number): number
}

const FINE_BITS = 6
const FINE_DAYS = 1 << FINE_BITS
/** The table reaches 160 years, or as far as numbers do. */
const COARSE_MAX = 912
const TIMES_MAX = 600

export function fading(time_days: number): Fading {
  const rate = 1 / time_days
  const length = rate === 0 ? COARSE_MAX : Math.min(COARSE_MAX, Math.ceil((TIMES_MAX * time_days) / FINE_DAYS))
  const fine = new Float64Array(FINE_DAYS)
  const coarse = new Float64Array(length)
  for (let days = 0; days < FINE_DAYS; days++) fine[days] = exp(-days * rate)
  for (let at = 0; at < length; at++) coarse[at] = exp(-at * FINE_DAYS * rate)
  return {
    time_days,
    window_days: rate === 0 ? Number.POSITIVE_INFINITY : Math.ceil(16 * time_days),
    at: (days) => {
      const place = days >> FINE_BITS
      return place < length ? coarse[place]! * fine[days & (FINE_DAYS - 1)]! : exp(-days * rate)
    },
  }
}
