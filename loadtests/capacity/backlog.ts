/**
 * Whether a backlog grows. A system that is offered more than it can do need not be slow yet: what it cannot do piles up,
 * and only a longer run would show it. So not the height of the backlog counts but its slope.
 *
 * Slope: the median of the slopes between all pairs of points (Theil 1950, Sen 1968), which a few odd seconds do not move.
 * Significance: the Mann-Kendall test (Mann 1945, Kendall 1975), one-sided, which asks no more of the values than that
 * they can be ordered. Seconds that resemble their neighbours make it too sure of itself; {@link Backlog.excess_min} is
 * what keeps a wave from passing for a slope.
 */
export interface Backlog {
  /** One value a second, in the order of time; seconds without a value are left out. */
  values: readonly (number | undefined)[]
  /** What comes in, in a second, in the values' unit: seconds of work for a waiting time, events for a queue of events. */
  inflow_per_s: number
  /** Of what comes in, the share that must pile up for it to count. Default 1 %. */
  excess_min?: number
}

export interface Growth {
  grows: boolean
  /** In the values' unit. */
  slope_per_s: number
  /** The slope over what comes in: the share that the system does not keep up with. */
  excess: number
  /** Probability of such an order of values, or a more rising one, without a trend. */
  p: number
}

const EXCESS_MIN = 0.01
const SIGNIFICANT = 0.01
/** Fewer cannot be significant. */
const VALUES_MIN = 6

export function growthOf({ values, inflow_per_s, excess_min = EXCESS_MIN }: Backlog): Growth {
  const points = values.flatMap((value, at_s) => (value === undefined ? [] : [{ at_s, value }]))
  if (points.length < VALUES_MIN) return { grows: false, slope_per_s: 0, excess: 0, p: 1 }
  const slopes: number[] = []
  let sign = 0
  for (const [j, later] of points.entries()) {
    for (const earlier of points.slice(0, j)) {
      slopes.push((later.value - earlier.value) / (later.at_s - earlier.at_s))
      sign += Math.sign(later.value - earlier.value)
    }
  }
  const slope_per_s = median(slopes)
  const p = upperTail(sign, points)
  const excess = inflow_per_s > 0 ? slope_per_s / inflow_per_s : 0
  return { grows: p < SIGNIFICANT && excess > excess_min, slope_per_s, excess, p }
}

/** Of Mann and Kendall's S by its normal approximation, with the correction for ties and for continuity. */
function upperTail(sign: number, points: readonly { value: number }[]): number {
  const n = points.length
  const ties = new Map<number, number>()
  for (const { value } of points) ties.set(value, (ties.get(value) ?? 0) + 1)
  let variance = n * (n - 1) * (2 * n + 5)
  for (const t of ties.values()) variance -= t * (t - 1) * (2 * t + 5)
  variance /= 18
  if (sign <= 0 || variance <= 0) return 1
  return 1 - normal((sign - 1) / Math.sqrt(variance))
}

/** The standard normal distribution, within 1e-7 (Abramowitz and Stegun 26.2.17). */
function normal(z: number): number {
  const t = 1 / (1 + 0.2316419 * z)
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
