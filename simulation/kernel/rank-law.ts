/**
 * The law over ranks: the lognormal's quantiles with a shift, as Mandelbrot's shift bends Zipf's law at its top. Last.fm's
 * plays per artist fall faster than any power over most of the ranks and like a power near the top (P2: the first 9 %
 * have 91 % of the plays, tail exponent 1.88); a lognormal does both, and ranks instead of draws keep the first artist's
 * share from hanging on luck.
 */
import { exp, normalQuantile } from './elementary.ts'

/** Ranks that the top is pushed back by. */
const SHIFT = 3

/** The weight of a rank, 0 the highest of `count`: not normalised. @param spread deviation of the logarithm */
export function rankWeight(rank: number, count: number, spread: number): number {
  return exp(spread * normalQuantile(1 - (rank + SHIFT) / (count + SHIFT)))
}

/** Weights of `count` equally likely classes of the lognormal law, lowest first; their mean is 1. */
export function lognormalClasses(count: number, spread: number): Float64Array {
  const weights = new Float64Array(count)
  let sum = 0
  for (let at = 0; at < count; at++) {
    weights[at] = exp(spread * normalQuantile((at + 0.5) / count))
    sum += weights[at]!
  }
  for (let at = 0; at < count; at++) weights[at] = (weights[at]! * count) / sum
  return weights
}
