/**
 * Whether memory grows over a long run. Memory of a program with a garbage collector goes up and down by itself, and what
 * it is in one second it nearly is in the next; so a straight line through it always has some slope, and the question is
 * whether the slope is more than chance.
 *
 * Slope: least squares. Interval: a bootstrap of the residuals in circular blocks (Künsch 1989; Politis and Romano 1992),
 * as long as their autocorrelation asks for (Politis and White 2004), put back on the line and fitted anew. Drawing the
 * residuals one by one would take a long wave for many proofs of growth.
 */
import { type Draws, drawsAt, type Key } from '../../datasets/random.ts'
import { blockLength } from '../capsule/block-length.ts'

export interface MemorySlope {
  /** Of all values, bytes. */
  mean_bytes: number
  slope_bytes_per_s: number
  /** Nominally the slope is in it in 95 of 100 such runs; in tests with long waves it is in 89. */
  interval_bytes_per_s: [low: number, high: number]
  /** The slope cannot be told from 0, or is too small to matter. */
  flat: boolean
  /** Why it is flat or not, for people. */
  reason: string
}

/** Any fixed key will do: the same values are to give the same answer. */
const KEY: Key = [0x6d656d6f, 0x72792121, 0, 0]
const ROUNDS = 1000
/** Of the length that a mean asks for: a slope feels longer waves than a mean does. */
const STRETCH = 2
/** Growth in an hour, as a share of the mean, that nobody would have to act on. */
const NEGLIGIBLE_PER_H = 0.01
/** Fewer values say nothing. */
export const VALUES_MIN = 20

/**
 * @param values  resident memory, bytes, one a second, warm-up left out
 * @param block   length of the blocks, seconds; default: what the values ask for
 * @throws RangeError for fewer than {@link VALUES_MIN} values
 */
export function memorySlope(values: readonly number[], block?: number): MemorySlope {
  if (values.length < VALUES_MIN) throw new RangeError(`expected ${VALUES_MIN} values or more, got ${values.length}`)
  const slope = slopeOf(values)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const middle = (values.length - 1) / 2
  const residuals = values.map((value, at) => value - mean - slope * (at - middle))
  const length = block ?? Math.ceil(Math.min(values.length / 4, STRETCH * blockLength(residuals)))
  const slopes = Float64Array.from({ length: ROUNDS }, (_, round) => {
    // Added to the line, the residuals move its slope by theirs.
    return slope + slopeOf(inBlocks(residuals, length, drawsAt(KEY, 0, round)))
  }).sort()
  const interval: [number, number] = [slopes[Math.floor(0.025 * ROUNDS)]!, slopes[Math.ceil(0.975 * ROUNDS) - 1]!]
  return {
    mean_bytes: mean,
    slope_bytes_per_s: slope,
    interval_bytes_per_s: interval,
    ...judged(slope, interval, mean),
  }
}

function judged(slope: number, [low, high]: [number, number], mean: number): { flat: boolean; reason: string } {
  const perHour = (bytes_per_s: number): string => `${((100 * 3600 * bytes_per_s) / mean).toFixed(2)} % an hour`
  const range = `95 % interval ${perHour(low)} to ${perHour(high)}`
  if (low <= 0 && high >= 0) return { flat: true, reason: `${perHour(slope)}, not to be told from 0 (${range})` }
  if (Math.abs(slope) * 3600 < NEGLIGIBLE_PER_H * mean) {
    return { flat: true, reason: `${perHour(slope)}, too little to matter (${range})` }
  }
  return { flat: slope < 0, reason: `it ${slope < 0 ? 'falls' : 'grows'} by ${perHour(slope)} (${range})` }
}

/** Of the least-squares line through values a second apart. */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  let products = 0
  let squares = 0
  for (const [at, value] of values.entries()) {
    products += (at - middle) * value
    squares += (at - middle) ** 2
  }
  return products / squares
}

/** As many values, in blocks from random places; behind the last value comes the first. */
function inBlocks(values: readonly number[], length: number, draws: Draws): number[] {
  const drawn: number[] = []
  while (drawn.length < values.length) {
    const start = draws.below(values.length)
    for (let i = 0; i < length && drawn.length < values.length; i++) drawn.push(values[(start + i) % values.length]!)
  }
  return drawn
}
