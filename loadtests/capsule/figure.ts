/** The figures that two runs are compared by, each as a function of how often each bucket counts. */
import type { RecordedValues } from './recorded-values.ts'
import type { RunSeries } from './run-series.ts'

export interface Figure {
  /** `service_p95`; what `--fail-on` names. */
  key: string
  label: string
  unit: 'ms' | '/s' | '%'
  better: 'lower' | 'higher'
  /** Times and rates differ by a ratio, shares by points: no ratio can be had from no errors at all. */
  differs: 'ratio' | 'points'
  /** @param weights how often each bucket counts */
  value(weights: ArrayLike<number>): number
  /** What each bucket adds to the figure, up to a factor: how long good and bad spells of the figure last. */
  influence(): number[]
}

const PERCENTS = [50, 90, 95, 99]
const TIME_LABELS: Record<string, string> = { service: 'service time', response: 'response time' }
const SHARE_LABELS: Record<string, string> = {
  errors: 'failed requests',
  accepted: 'events not stored',
  checks: 'failed checks',
}

export function figuresOf(series: RunSeries): Figure[] {
  return [
    ...Object.entries(series.times).flatMap(([name, times]) => percentiles(name, times)),
    ...Object.entries(series.counts).map(([, counts]) => throughput(counts, series.width_s)),
    ...Object.entries(series.shares).map(([name, { total, bad }]) => share(name, total, bad)),
  ]
}

function percentiles(name: string, times: readonly RecordedValues[]): Figure[] {
  const grid = onOneGrid(times)
  return PERCENTS.map((percent) => ({
    key: `${name}_p${percent}`,
    label: `${TIME_LABELS[name]} p${percent}`,
    unit: 'ms',
    better: 'lower',
    differs: 'ratio',
    value: (weights) => grid.percentile(weights, percent),
    influence() {
      // Of a quantile: by how much more samples than expected lie above it.
      const here = grid.percentile(eachOnce(times.length), percent)
      return times.map(({ values, counts }) => {
        let above = 0
        let all = 0
        for (let i = 0; i < values.length; i++) {
          all += counts[i]!
          if (values[i]! > here) above += counts[i]!
        }
        return above - (1 - percent / 100) * all
      })
    },
  }))
}

function throughput(counts: readonly number[], width_s: readonly number[]): Figure {
  return {
    key: 'throughput',
    label: 'requests',
    unit: '/s',
    better: 'higher',
    differs: 'ratio',
    value: (weights) => dot(weights, counts) / dot(weights, width_s),
    influence: () => counts.map((count, at) => count / width_s[at]!),
  }
}

function share(name: string, total: readonly number[], bad: readonly number[]): Figure {
  const value = (weights: ArrayLike<number>): number => {
    const all = dot(weights, total)
    return all === 0 ? 0 : (100 * dot(weights, bad)) / all
  }
  return {
    key: name,
    label: SHARE_LABELS[name]!,
    unit: '%',
    better: 'lower',
    differs: 'points',
    value,
    influence() {
      const here = value(eachOnce(total.length)) / 100
      return bad.map((count, at) => count - here * total[at]!)
    },
  }
}

/**
 * For every value that occurs, how many samples of each bucket are no greater. A percentile of any weighting is then
 * found by halving, a dozen sums over the buckets; merging the histograms for each round would take a hundred times as long.
 */
function onOneGrid(times: readonly RecordedValues[]): {
  percentile(weights: ArrayLike<number>, percent: number): number
} {
  const grid = Float64Array.from(new Set(times.flatMap(({ values }) => [...values]))).sort()
  const upTo = Array.from(grid, () => new Uint32Array(times.length))
  for (const [bucket, { values, counts }] of times.entries()) {
    let at = 0
    let sum = 0
    for (const [place, value] of grid.entries()) {
      if (values[at] === value) sum += counts[at++]!
      upTo[place]![bucket] = sum
    }
  }
  return {
    percentile(weights, percent) {
      if (grid.length === 0) return 0
      const rank = Math.max(1, Math.ceil((percent / 100) * dot(weights, upTo.at(-1)!)))
      let low = 0
      let high = grid.length - 1
      while (low < high) {
        const middle = (low + high) >> 1
        if (dot(weights, upTo[middle]!) >= rank) high = middle
        else low = middle + 1
      }
      return grid[low]!
    },
  }
}

const ones = new Map<number, Float64Array>()

/** Each bucket once. */
export function eachOnce(length: number): Float64Array {
  let each = ones.get(length)
  if (!each) {
    each = new Float64Array(length).fill(1)
    ones.set(length, each)
  }
  return each
}

function dot(weights: ArrayLike<number>, values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += weights[i]! * values[i]!
  return sum
}
