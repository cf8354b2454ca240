/**
 * Which law a decline follows: exponential, lognormal or bi-exponential, by least squares on the logarithm and by BIC
 * (n ln(RSS/n) + k ln n; lower is better). Candia et al., Nature Human Behaviour 3 (2019), compare the same three.
 */
import { minimize } from './minimize.ts'

export interface DecayFit {
  bic: number
  at(age: number): number
}

export interface DecayFits {
  exponential: DecayFit
  lognormal: DecayFit
  biexponential: DecayFit & {
    /** Share of the slow part at age 0, and the e-folding times of both parts, in the unit of age. */
    slowShare: number
    fast: number
    slow: number
    /** Age at which the slow part overtakes the fast one; below 0 if it was always ahead. */
    knee: number
  }
}

/** @param ages above 0, ascending; @param levels above 0 */
export function fitDecay(ages: readonly number[], levels: readonly number[]): DecayFits {
  const logs = levels.map(Math.log)
  const span = ages[ages.length - 1]!
  const top = Math.max(...logs)
  const fit = (law: (age: number, p: readonly number[]) => number, starts: readonly (readonly number[])[]) => {
    const misfit = (p: readonly number[]): number =>
      ages.reduce((sum, age, i) => sum + (logs[i]! - law(age, p)) ** 2, 0)
    const found = starts
      .map((start) => minimize(misfit, start, { rounds: 1500 }))
      .reduce((a, b) => (b.value < a.value ? b : a))
    const bic =
      ages.length * Math.log(Math.max(found.value, 1e-18) / ages.length) + found.x.length * Math.log(ages.length)
    return { p: found.x, bic, at: (age: number) => Math.exp(law(age, found.x)) }
  }
  const exponential = fit((age, [level, time]) => level! - age * Math.exp(-time!), [[top, Math.log(span / 3)]])
  const lognormal = fit(
    (age, [level, middle, spread]) =>
      level! - Math.log(age) - (Math.log(age) - middle!) ** 2 / (2 * Math.exp(2 * spread!)),
    [
      [top, Math.log(span / 10), 0],
      [top, Math.log(span / 10), 1],
    ],
  )
  const biexponential = fit(
    (age, [level, odds, fast, slow]) => {
      const share = 1 / (1 + Math.exp(-odds!))
      return (
        level! + Math.log((1 - share) * Math.exp(-age * Math.exp(-fast!)) + share * Math.exp(-age * Math.exp(-slow!)))
      )
    },
    [
      [top, -2, Math.log(span / 100), Math.log(span / 3)],
      [top, -1, Math.log(span / 20), Math.log(span / 2)],
      [top, 0, Math.log(span / 40), Math.log(span)],
      [top, -3, Math.log(span / 10), Math.log(3 * span)],
      [top, -1, Math.log(span / 8), Math.log(2 * span)],
    ],
  )
  const [, odds, one, other] = biexponential.p as [number, number, number, number]
  const share = 1 / (1 + Math.exp(-odds))
  const [fast, slow] = [Math.exp(Math.min(one, other)), Math.exp(Math.max(one, other))]
  const slowShare = one <= other ? share : 1 - share
  const knee = Math.log((1 - slowShare) / slowShare) / (1 / fast - 1 / slow)
  return { exponential, lognormal, biexponential: { ...biexponential, fast, slow, slowShare, knee } }
}
