/**
 * The circular block bootstrap (Politis and Romano 1992): a run is made anew out of its own stretches, so that what
 * neighbouring seconds have in common stays in common. Drawing single seconds, or even single requests, would take a
 * spell of ten slow seconds for ten independent proofs of slowness, and call two runs of one system different.
 */
import { type Draws, drawsAt, type Key } from '../../datasets/random.ts'
import type { Figure } from './figure.ts'

/** Any fixed key will do: the same two capsules are to give the same answer. */
const KEY: Key = [0x636f6d70, 0x61726521, 0, 0]

export interface Resampling {
  rounds: number
  /** In buckets. */
  block: number
  buckets: number
  /** Which run of a comparison this is: runs must not share their draws. */
  side: 0 | 1
}

/** Each figure's value in each round: `values[figure][round]`. */
export function resample(figures: readonly Figure[], { rounds, block, buckets, side }: Resampling): Float64Array[] {
  const values = figures.map(() => new Float64Array(rounds))
  for (let round = 0; round < rounds; round++) {
    const weights = blockWeights(buckets, block, drawsAt(KEY, side, round))
    for (const [at, figure] of figures.entries()) values[at]![round] = figure.value(weights)
  }
  return values
}

/** How often each bucket is in a run made of random blocks; behind the last bucket comes the first. */
function blockWeights(buckets: number, block: number, draws: Draws): Float64Array {
  const weights = new Float64Array(buckets)
  for (let drawn = 0; drawn < buckets; ) {
    const start = draws.below(buckets)
    for (let i = 0; i < block && drawn < buckets; i++, drawn++) weights[(start + i) % buckets]! += 1
  }
  return weights
}
