/**
 * The tail exponent of counts: discrete power law p(x) ∝ x^−α for x ≥ xmin by maximum likelihood, with the xmin at which
 * the Kolmogorov–Smirnov distance between tail and law is least.
 * Clauset, Shalizi, Newman, "Power-law distributions in empirical data", SIAM Review 51 (2009), sections 3.1 and 3.3.
 */
import { minimizeOn } from './minimize.ts'

export interface PowerLaw {
  alpha: number
  xmin: number
  /** Kolmogorov–Smirnov distance of the tail to the law. */
  distance: number
  tailCount: number
}

/** No shorter tail is fitted: its exponent would be noise. */
const TAIL_MIN = 50
const CANDIDATES = 60

/** Counts below 1 are left out. @returns undefined where no tail of 50 is left */
export function fitPowerLaw(counts: ArrayLike<number>): PowerLaw | undefined {
  const sorted = Float64Array.from(counts)
    .filter((count) => count >= 1)
    .sort()
  let best: PowerLaw | undefined
  let last = 0
  for (let i = 0; i < CANDIDATES; i++) {
    // Candidates lie evenly in the logarithm of the tail's length, since short tails matter as much as long ones.
    const tail = Math.round(sorted.length * (TAIL_MIN / sorted.length) ** (i / (CANDIDATES - 1)))
    const xmin = sorted[sorted.length - tail]
    if (tail < TAIL_MIN || xmin === undefined || xmin === last) continue
    last = xmin
    const law = fitTail(sorted, xmin)
    if (best === undefined || law.distance < best.distance) best = law
  }
  return best
}

function fitTail(sorted: Float64Array, xmin: number): PowerLaw {
  const first = sorted.findIndex((count) => count >= xmin)
  const n = sorted.length - first
  let logs = 0
  for (let i = first; i < sorted.length; i++) logs += Math.log(sorted[i]!)
  const alpha = minimizeOn((a) => n * Math.log(zeta(a, xmin)) + a * logs, 1.01, 6)
  const whole = zeta(alpha, xmin)
  let distance = 0
  for (let i = first; i < sorted.length; ) {
    const x = sorted[i]!
    while (i < sorted.length && sorted[i] === x) i++
    const above = zeta(alpha, x + 1) / whole
    distance = Math.max(distance, Math.abs((sorted.length - i) / n - above))
  }
  return { alpha, xmin, distance, tailCount: n }
}

/** Hurwitz's zeta Σ (k + q)^−s, by twelve terms and Euler–Maclaurin's rest. */
export function zeta(s: number, q: number): number {
  let sum = 0
  for (let k = 0; k < 12; k++) sum += (q + k) ** -s
  const x = q + 12
  return (
    sum +
    x ** (1 - s) / (s - 1) +
    x ** -s / 2 +
    (s * x ** (-s - 1)) / 12 -
    (s * (s + 1) * (s + 2) * x ** (-s - 3)) / 720
  )
}
