/**
 * Whether two runs differ, with statistics.
 *
 * Each figure's difference has an interval, and all intervals of a comparison hold at once in 95 of 100 comparisons:
 * fourteen separate 95 % intervals would cry wolf in every other one. They are studentised with the critical value of
 * the largest deviation over all figures (Romano and Wolf 2005, single step), from a block bootstrap of both runs, with
 * Student's factor for runs that hold few independent stretches.
 *
 * A difference counts when it is certain (0 lies outside its interval) and matters (it is larger than the limit).
 * Where this stops holding: a run of fewer than {@link BUCKETS_MIN} buckets, and a system that drifts over hours; one
 * run says nothing of how runs differ from day to day.
 */
import { resample } from './block-bootstrap.ts'
import { blockLength } from './block-length.ts'
import { eachOnce, type Figure, figuresOf } from './figure.ts'
import type { RunSeries } from './run-series.ts'

export const BUCKETS_MIN = 12

export interface ComparisonOptions {
  /** Smaller differences do not matter: a share of the baseline's value, 0.05 for 5 %. */
  limit: number
  /** Limits of single figures, by key. */
  limits?: Readonly<Record<string, number>>
  /** Default 1,000. */
  rounds?: number
  /** In buckets; as the data ask for when absent. */
  block?: number
}

export interface Compared {
  key: string
  label: string
  unit: Figure['unit']
  baseline: number
  candidate: number
  /** In percent of the baseline, or in percentage points where `differs` is `points`. */
  difference: number
  interval: [low: number, high: number]
  differs: Figure['differs']
  /** In the unit of the difference: what is smaller does not matter. */
  limit: number
  verdict: 'better' | 'worse' | 'same'
  /** False for a `same` whose interval reaches beyond the limit: a difference that matters cannot be ruled out. */
  certain: boolean
}

/** Points of percent; below it a share of bad ones is too small to matter whatever it is a share of. */
const POINTS_MIN = 0.1

/** Values are known to three digits. */
const RESOLUTION = 0.001

/** Both runs need {@link BUCKETS_MIN} buckets. Figures that only one of them has are left out. */
export function compare(baseline: RunSeries, candidate: RunSeries, options: ComparisonOptions): Compared[] {
  const others = new Map(figuresOf(candidate).map((figure) => [figure.key, figure]))
  const figures = figuresOf(baseline).filter(({ key }) => others.has(key))
  const a = new Side(figures, baseline.width_s.length, 0, options)
  const b = new Side(
    figures.map(({ key }) => others.get(key)!),
    candidate.width_s.length,
    1,
    options,
  )
  const tests = figures.map((figure, at) => testOf(figure, a, b, at))
  const critical = criticalValue(tests)
  return figures.map((figure, at) => {
    const { difference, error, freedom } = tests[at]!
    const reach = critical * studentFactor(freedom) * error
    return judged(figure, a.whole[at]!, b.whole[at]!, difference, reach, options)
  })
}

/**
 * Blocks that estimate a variance best are too short for intervals to hold what they promise (Sun, Phillips and Jin
 * 2008). With twice the length 92 to 94 of 100 comparisons of runs of two minutes with long spells hold; with the
 * length itself 85.
 */
const LENGTHENED = 2

/** One run: its figures as they are and as they come out of the rounds. */
class Side {
  readonly whole: number[]
  readonly rounds: Float64Array[]
  /** How many stretches of the run are as good as independent. */
  readonly stretches: number
  /** What the rounds show too little of the spread: blocks are compared with the mean of the very same blocks. */
  readonly shortfall: number

  constructor(figures: readonly Figure[], buckets: number, side: 0 | 1, { rounds = 1000, block }: ComparisonOptions) {
    const best = Math.max(...figures.map((figure) => blockLength(figure.influence())))
    const length = block ?? Math.max(1, Math.min(Math.floor(buckets / 4), Math.ceil(LENGTHENED * best)))
    this.whole = figures.map((figure) => figure.value(eachOnce(buckets)))
    this.rounds = resample(figures, { rounds, block: length, buckets, side })
    this.stretches = buckets / length
    this.shortfall = Math.sqrt(1 - Math.min(0.5, length / buckets))
  }
}

interface Test {
  difference: number
  /** Standard error of the difference. */
  error: number
  /** Degrees of freedom of the standard error. */
  freedom: number
  /** How far each round's difference is from the one found, in standard errors. */
  deviations: Float64Array
}

function testOf({ differs }: Figure, a: Side, b: Side, at: number): Test {
  const scaled = (value: number): number => (differs === 'ratio' ? Math.log(Math.max(value, 1e-9)) : value)
  const [inA, inB] = [a, b].map(({ rounds }) => rounds[at]!.map(scaled)) as [Float64Array, Float64Array]
  const difference = scaled(b.whole[at]!) - scaled(a.whole[at]!)
  const [varianceA, varianceB] = [variance(inA) / a.shortfall ** 2, variance(inB) / b.shortfall ** 2]
  const grain = differs === 'ratio' ? RESOLUTION ** 2 / 6 : 0
  const error = Math.sqrt(varianceA + varianceB + grain)
  const spread = Math.sqrt(variance(inA) + variance(inB) + grain)
  const deviations = inA.map((value, round) => (spread === 0 ? 0 : (inB[round]! - value - difference) / spread))
  return { difference, error, freedom: freedomOf(varianceA, a.stretches, varianceB, b.stretches), deviations }
}

/** Of Welch and Satterthwaite. */
function freedomOf(varianceA: number, stretchesA: number, varianceB: number, stretchesB: number): number {
  const sum = varianceA + varianceB
  if (sum === 0) return Number.POSITIVE_INFINITY
  const parts = varianceA ** 2 / Math.max(1, stretchesA - 1) + varianceB ** 2 / Math.max(1, stretchesB - 1)
  return sum ** 2 / parts
}

const Z95 = 1.959964

/** What the largest deviation of all figures stays below in 95 of 100 rounds; no less than one figure alone needs. */
function criticalValue(tests: readonly Test[]): number {
  const rounds = tests[0]?.deviations.length ?? 0
  const largest = new Float64Array(rounds)
  for (const { deviations } of tests) {
    for (let round = 0; round < rounds; round++) {
      largest[round] = Math.max(largest[round]!, Math.abs(deviations[round]!))
    }
  }
  return Math.max(Z95, largest.sort()[Math.ceil(0.95 * rounds) - 1] ?? 0)
}

/** By how much Student's 97.5 % point is farther out than the normal law's. Abramowitz and Stegun 26.7.5; from 2 up. */
function studentFactor(freedom: number): number {
  if (freedom === Number.POSITIVE_INFINITY) return 1
  const n = Math.max(2, freedom)
  const z = Z95
  const t =
    z +
    (z ** 3 + z) / (4 * n) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * n ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * n ** 3)
  return t / z
}

function judged(
  { key, label, unit, better, differs }: Figure,
  baseline: number,
  candidate: number,
  found: number,
  reach: number,
  { limit: limit_all, limits = {} }: ComparisonOptions,
): Compared {
  // Logarithms become percents of the baseline.
  const shown = (value: number): number => (differs === 'ratio' ? 100 * Math.expm1(value) : value)
  const share = limits[key] ?? limit_all
  const limit = differs === 'ratio' ? 100 * share : Math.max(POINTS_MIN, share * baseline)
  const interval: [number, number] = [shown(found - reach), shown(found + reach)]
  const difference = shown(found)
  const counts = (interval[0] > 0 || interval[1] < 0) && Math.abs(difference) > limit
  const verdict = !counts ? 'same' : difference > 0 === (better === 'higher') ? 'better' : 'worse'
  const certain = verdict !== 'same' || (interval[0] >= -limit && interval[1] <= limit)
  return { key, label, unit, baseline, candidate, difference, interval, differs, limit, verdict, certain }
}

function variance(values: Float64Array): number {
  let mean = 0
  for (const value of values) mean += value / values.length
  let sum = 0
  for (const value of values) sum += (value - mean) ** 2
  return sum / Math.max(1, values.length - 1)
}
