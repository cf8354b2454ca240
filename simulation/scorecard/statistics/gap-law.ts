/**
 * Which law gaps follow: uniform, exponential, or power law with exponential cutoff, by maximum likelihood over binned
 * gaps and by BIC (−2 ln L + k ln n; lower is better).
 */
import { minimize } from './minimize.ts'

export interface GapFits {
  uniform: number
  exponential: number
  /** g^−alpha · e^(−g/cutoff) */
  cutoff: { bic: number; alpha: number; cutoff: number }
}

/** @param gaps middles of the bins; @param widths of the bins; @param counts in the bins */
export function fitGaps(gaps: readonly number[], widths: readonly number[], counts: readonly number[]): GapFits {
  const n = counts.reduce((sum, count) => sum + count, 0)
  const minusLogLikelihood = (logDensity: (gap: number) => number): number => {
    const logs = gaps.map(logDensity)
    const top = Math.max(...logs)
    const whole = logs.reduce((sum, each, i) => sum + widths[i]! * Math.exp(each - top), 0)
    return counts.reduce((sum, count, i) => sum - count * (Math.log(widths[i]!) + logs[i]! - top - Math.log(whole)), 0)
  }
  const mean = gaps.reduce((sum, gap, i) => sum + gap * counts[i]!, 0) / n
  const exponential = minimize(([rate]) => minusLogLikelihood((gap) => -gap * Math.exp(rate!)), [-Math.log(mean)])
  const cutoff = minimize(
    ([alpha, rate]) => minusLogLikelihood((gap) => -alpha! * Math.log(gap) - gap * Math.exp(rate!)),
    [0.5, -Math.log(2 * mean)],
  )
  const penalty = Math.log(n)
  return {
    uniform: 2 * minusLogLikelihood(() => 0),
    exponential: 2 * exponential.value + penalty,
    cutoff: { bic: 2 * cutoff.value + 2 * penalty, alpha: cutoff.x[0]!, cutoff: Math.exp(-cutoff.x[1]!) },
  }
}
