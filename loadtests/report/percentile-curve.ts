/**
 * A distribution in the manner of HdrHistogram's plots: time over percentile, the percentiles spread so that each step
 * to the right (90 %, 99 %, 99.9 %) takes as much room as the one before. The tail that an average hides is half the picture.
 */
import { recordedValues } from '../capsule/recorded-values.ts'

export interface PercentileCurve {
  name: string
  ink: 'a' | 'b'
  /** One for each of {@link Spread.odds}; null past the number of samples. */
  values: (number | null)[]
}

export interface Spread {
  /** 1 / (1 − quantile): 1 for the least, 10 for p90, 100 for p99. */
  odds: number[]
  curves: PercentileCurve[]
}

const STEPS_A_DECADE = 24

/** @param histograms encoded, by name of the metric. @returns undefined without any sample */
export function percentileCurves(histograms: Readonly<Record<string, string>>): Spread | undefined {
  const wanted = [
    ['http_req_duration', 'service time', 'a'],
    ['response_time', 'response time', 'b'],
  ] as const
  const found = wanted.flatMap(([metric, name, ink]) => {
    const histogram = histograms[metric]
    if (histogram === undefined) return []
    const recorded = recordedValues(histogram)
    const count = recorded.counts.reduce((sum, each) => sum + each, 0)
    return count === 0 ? [] : [{ name, ink, count, ...recorded }]
  })
  if (found.length === 0) return undefined
  const most = Math.max(...found.map(({ count }) => count))
  const steps = Math.ceil(Math.log10(most) * STEPS_A_DECADE)
  const odds = Array.from({ length: steps + 1 }, (_, step) => 10 ** (step / STEPS_A_DECADE))
  return {
    odds,
    curves: found.map(({ name, ink, count, values, counts }) => {
      let at = 0
      let sum = counts[0]!
      return {
        name,
        ink,
        values: odds.map((odd) => {
          // The last point is the greatest sample; beyond it nothing is known.
          if (odd > count * 10 ** (1 / STEPS_A_DECADE)) return null
          const rank = Math.min(count, Math.max(1, Math.ceil((1 - 1 / odd) * count)))
          while (sum < rank) sum += counts[++at]!
          return values[at]!
        }),
      }
    }),
  }
}
