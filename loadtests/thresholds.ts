/**
 * Thresholds: what must hold for a run to pass. The grammar is k6's:
 * `p(95)<300` on a Trend, `rate>0.99` on a Rate, `count>=100` or `rate>10` (a second) on a Counter, `value<5` on a Gauge.
 */
import type { Threshold as ThresholdOption } from 'k6/options'
import { MusicboxError } from '../datasets/failure.ts'
import { durationMs } from './duration.ts'
import type { Metrics, MetricType, Sink } from './metric.ts'

export interface Threshold {
  /** The metric as named in the options, with tags. */
  metric: string
  source: string
  aggregation: Aggregation
  operator: Operator
  limit: number
  abortOnFail: boolean
  delayAbort_ms: number
  sink: Sink
}

export interface ThresholdResult {
  metric: string
  threshold: string
  /** What was measured. */
  value: number
  ok: boolean
}

type Aggregation = { stat: 'count' | 'rate' | 'value' | 'avg' | 'min' | 'max' | 'med' } | { stat: 'p'; percent: number }
type Operator = '<' | '<=' | '>' | '>=' | '==' | '===' | '!='

const STATS: Readonly<Record<MetricType, readonly string[]>> = {
  counter: ['count', 'rate'],
  gauge: ['value'],
  rate: ['rate'],
  trend: ['avg', 'min', 'max', 'med', 'p'],
}

/**
 * Reads the `thresholds` option and makes the sub-metrics it names.
 * @throws MusicboxError `input.invalid` for an unknown metric, a malformed expression, or a statistic that the metric
 *   does not have
 */
export function readThresholds(
  option: Readonly<Record<string, readonly ThresholdOption[]>> | undefined,
  metrics: Metrics,
): Threshold[] {
  return Object.entries(option ?? {}).flatMap(([name, list]) => {
    const found = metrics.subMetric(name)
    if (!found) {
      throw new MusicboxError(
        'input.invalid',
        `the threshold on "${name}" names a metric that does not exist`,
        `Known: ${[...metrics.all.keys()].sort().join(', ')}.`,
      )
    }
    if (!Array.isArray(list)) {
      throw new MusicboxError('input.invalid', `expected thresholds.${name} to be a list, got ${JSON.stringify(list)}`)
    }
    return list.map((entry: ThresholdOption): Threshold => {
      const source = typeof entry === 'string' ? entry : entry.threshold
      const parsed = parseThreshold(source)
      if (!STATS[found.metric.type].includes(parsed.aggregation.stat)) {
        throw new MusicboxError(
          'input.invalid',
          `threshold "${source}": a ${found.metric.type} such as "${name}" has no ${parsed.aggregation.stat}`,
          `It has ${STATS[found.metric.type].map((stat) => (stat === 'p' ? 'p(N)' : stat)).join(', ')}.`,
        )
      }
      return {
        metric: name,
        source,
        ...parsed,
        abortOnFail: typeof entry === 'object' && entry.abortOnFail === true,
        delayAbort_ms:
          typeof entry === 'object' && entry.delayAbortEval !== undefined
            ? durationMs(entry.delayAbortEval, `delayAbortEval of "${name}"`)
            : 0,
        sink: found.sink,
      }
    })
  })
}

/** @throws MusicboxError `input.invalid` */
export function parseThreshold(source: string): Pick<Threshold, 'aggregation' | 'operator' | 'limit'> {
  const parts =
    /^\s*(?:(count|rate|value|avg|min|max|med)|p\(\s*(\d+(?:\.\d+)?)\s*\))\s*(<=|>=|===|==|!=|<|>)\s*([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*$/i.exec(
      source,
    )
  const percent = Number(parts?.[2] ?? 0)
  if (!parts || percent > 100) {
    throw new MusicboxError(
      'input.invalid',
      `expected a threshold like p(95)<300 or rate>0.99, got "${source}"`,
      'A threshold is a statistic, a comparison and a number.',
    )
  }
  const aggregation: Aggregation = parts[1]
    ? { stat: parts[1] as Exclude<Aggregation['stat'], 'p'> }
    : { stat: 'p', percent }
  return { aggregation, operator: parts[3] as Operator, limit: Number(parts[4]) }
}

/**
 * What holds now.
 * @param seconds since the start of the run: what a Counter's rate is counted over
 */
export function evaluateThresholds(thresholds: readonly Threshold[], seconds: number): ThresholdResult[] {
  return thresholds.map((threshold) => {
    const value = aggregate(threshold.sink, threshold.aggregation, seconds)
    // At the end a Rate without samples passes in k6: nothing was seen that could have failed.
    const empty = threshold.sink.type === 'rate' && threshold.sink.total === 0
    return {
      metric: threshold.metric,
      threshold: threshold.source,
      value,
      ok: empty || compare(value, threshold.operator, threshold.limit),
    }
  })
}

/** The thresholds that are missed now and ask that the run be ended for it. While running, empty metrics are passed over. */
export function aborting(thresholds: readonly Threshold[], elapsed_ms: number): ThresholdResult[] {
  const due = thresholds.filter(
    (threshold) => threshold.abortOnFail && elapsed_ms > threshold.delayAbort_ms && !isEmpty(threshold.sink),
  )
  return evaluateThresholds(due, elapsed_ms / 1000).filter(({ ok }) => !ok)
}

/** Names the thresholds that were missed, with what was measured: `http_req_duration p(95)<300, was 412.5`. */
export function describeMissed(results: readonly ThresholdResult[]): string {
  return results
    .filter(({ ok }) => !ok)
    .map(({ metric, threshold, value }) => `${metric} ${threshold}, was ${Number(value.toPrecision(6))}`)
    .join('; ')
}

function aggregate(sink: Sink, aggregation: Aggregation, seconds: number): number {
  switch (sink.type) {
    case 'counter':
      return aggregation.stat === 'count' ? sink.total : seconds > 0 ? sink.total / seconds : 0
    case 'gauge':
      return sink.value
    case 'rate':
      return sink.rate
    case 'trend':
      if (aggregation.stat === 'p') return sink.percentile(aggregation.percent)
      if (aggregation.stat === 'med') return sink.percentile(50)
      if (aggregation.stat === 'avg') return sink.avg
      if (sink.count === 0) return 0
      return aggregation.stat === 'min' ? sink.min : sink.max
  }
}

function compare(value: number, operator: Operator, limit: number): boolean {
  switch (operator) {
    case '<':
      return value < limit
    case '<=':
      return value <= limit
    case '>':
      return value > limit
    case '>=':
      return value >= limit
    case '!=':
      return value !== limit
    default:
      return value === limit
  }
}

function isEmpty(sink: Sink): boolean {
  if (sink.type === 'trend') return sink.count === 0
  if (sink.type === 'gauge') return sink.min > sink.max
  return sink.total === 0
}
