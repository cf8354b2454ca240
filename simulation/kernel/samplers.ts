/**
 * Samplers from uniform draws, by the kernel's own arithmetic.
 *
 * A sampler that takes a fixed number of draws may share a stream with others. Those that reject candidates ({@link gamma},
 * {@link beta}, {@link poisson} of large means, {@link thinned}) take as many draws as they need, and so must be given a
 * sub-stream of their own: an address where nothing else is drawn.
 */
import type { Draws } from '../../datasets/random.ts'
import { exp, log, normalQuantile, power } from './elementary.ts'

/** Picks one of n by whole weights with one comparison (Walker 1977; the table after Vose 1991). */
export interface AliasTable {
  /** By column: below it, in 2^-32, the column itself is picked, else its alias. */
  readonly cut: Float64Array
  readonly alias: Uint32Array
}

/**
 * @param weights whole numbers below 2^32; at most 2^20 of them, so that every product is exact
 * @throws RangeError if there is no positive weight, or a weight is no such number
 */
export function aliasTable(weights: ArrayLike<number>): AliasTable {
  const n = weights.length
  let total = 0
  for (let i = 0; i < n; i++) {
    const weight = weights[i]!
    if (!(weight >= 0 && weight < 2 ** 32 && Math.floor(weight) === weight)) {
      throw new RangeError(`aliasTable expects whole weights from 0 to 2^32 − 1, got ${weight}`)
    }
    total += weight
  }
  if (!(total > 0 && n <= 2 ** 20)) {
    throw new RangeError(`aliasTable expects 1 to 2^20 weights that are not all 0, got ${n} with sum ${total}`)
  }
  const cut = new Float64Array(n).fill(2 ** 32)
  const alias = new Uint32Array(n)
  const left = new Float64Array(n)
  const small: number[] = []
  const large: number[] = []
  for (let i = 0; i < n; i++) {
    alias[i] = i
    left[i] = weights[i]! * n
    if (left[i]! < total) small.push(i)
    else large.push(i)
  }
  while (small.length > 0 && large.length > 0) {
    const poor = small.pop()!
    const rich = large[large.length - 1]!
    cut[poor] = Math.round((left[poor]! / total) * 2 ** 32)
    alias[poor] = rich
    left[rich] = left[rich]! - (total - left[poor]!)
    if (left[rich]! < total) {
      large.pop()
      small.push(rich)
    }
  }
  return { cut, alias }
}

/** An index with the odds of its weight. Two draws. */
export function pickAlias(table: AliasTable, draws: Draws): number {
  const column = draws.below(table.cut.length)
  return draws.u32() < table.cut[column]! ? column : table.alias[column]!
}

/**
 * The count at which the Poisson distribution reaches `u`: one draw, and a larger mean never gives a smaller count.
 * @param u uniform in [0, 1)  @param mean below 700  @param most no count is larger
 */
export function poissonAt(u: number, mean: number, most: number): number {
  let probability = exp(-mean)
  let reached = probability
  let count = 0
  while (u >= reached && count < most) {
    count++
    probability *= mean / count
    reached += probability
  }
  return count
}

/** A Poisson count. Below a mean of 10 one `unit` draw; from 10 on by rejection, on a sub-stream of its own. */
export function poisson(mean: number, draws: Draws): number {
  return mean < 10 ? poissonAt(draws.unit(), mean, 200) : poissonByRejection(mean, draws)
}

/**
 * PTRS: transformed rejection with squeeze, Hörmann, "The transformed rejection method for generating Poisson random
 * variables", Insurance: Mathematics and Economics 12 (1993).
 */
function poissonByRejection(mean: number, draws: Draws): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean)
  const a = -0.059 + 0.02483 * b
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
  const squeeze = 0.9277 - 3.6224 / (b - 2)
  const logMean = log(mean)
  for (;;) {
    const u = draws.unit() - 0.5
    const v = openUnit(draws)
    const us = 0.5 - Math.abs(u)
    const count = Math.floor(((2 * a) / us + b) * u + mean + 0.43)
    if (us >= 0.07 && v <= squeeze) return count
    // us = 0 puts the count at −∞ (u is never +½), which is refused here.
    if (count < 0 || (us < 0.013 && v > us)) continue
    if (log((v * inverseAlpha) / (a / (us * us) + b)) <= count * logMean - mean - logFactorial(count)) return count
  }
}

/** log n!, to 1e-10: exact products up to 12, then Stirling's series. */
export function logFactorial(n: number): number {
  if (n <= 12) {
    let product = 1
    for (let i = 2; i <= n; i++) product *= i
    return log(product)
  }
  const x = n + 1
  const inverse = 1 / x
  const square = inverse * inverse
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))
  return (x - 0.5) * log(x) - x + 0.9189385332046728 + series
}

/**
 * A gamma variate of the given shape and scale 1, on a sub-stream of its own: Marsaglia and Tsang, "A simple method for
 * generating gamma variables", ACM TOMS 26 (2000); shapes below 1 by their power of a uniform draw.
 */
export function gamma(shape: number, draws: Draws): number {
  if (!(shape > 0)) throw new RangeError(`gamma expects a positive shape, got ${shape}`)
  if (shape < 1) {
    const u = openUnit(draws)
    return gamma(shape + 1, draws) * power(u, 1 / shape)
  }
  const d = shape - 1 / 3
  const c = 1 / (3 * Math.sqrt(d))
  for (;;) {
    const x = normalQuantile(openUnit(draws))
    const u = openUnit(draws)
    const root = 1 + c * x
    if (root <= 0) continue
    const v = root * root * root
    const square = x * x
    if (u < 1 - 0.0331 * square * square || log(u) < 0.5 * square + d * (1 - v + log(v))) return d * v
  }
}

/** A beta variate, on a sub-stream of its own, from two gamma variates. */
export function beta(a: number, b: number, draws: Draws): number {
  const x = gamma(a, draws)
  return x / (x + gamma(b, draws))
}

/**
 * Points of a Poisson process whose rate is constant in each of n cells of length 1, ascending in [0, n): candidates at
 * the highest rate, each kept with its cell's weight over the largest (Lewis and Shedler 1979). On a sub-stream of its own.
 * @param weights  whole numbers below 2^32: relative rates of the cells
 * @param expected points on average over all cells
 */
export function thinned(expected: number, weights: ArrayLike<number>, draws: Draws): number[] {
  let total = 0
  let most = 0
  for (let i = 0; i < weights.length; i++) {
    total += weights[i]!
    most = Math.max(most, weights[i]!)
  }
  const points: number[] = []
  if (!(total > 0 && expected > 0)) return points
  const spacing = total / (most * expected)
  for (let at = 0; ; ) {
    at -= log(openUnit(draws)) * spacing
    const keep = draws.u32()
    if (at >= weights.length) return points
    if (keep * most < weights[Math.floor(at)]! * 2 ** 32) points.push(at)
  }
}

/** Uniform in (0, 1): half a step of the 53-bit grid keeps away from the ends. */
export function openUnit(draws: Draws): number {
  return draws.unit() * (1 - 2 ** -52) + 2 ** -54
}
