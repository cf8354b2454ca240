/**
 * Thresholds: what must hold for a run to pass. The grammar is k6's:
 * `p(95)<300` on a Trend, `rate>0.99` on a Rate, `count>=100` or `rate>10` (a second) on a Counter, `value<5` on a Gauge.
 * Beyond k6, `over 30s`, `after 60s` and `before 5m` say it of parts of the run.
 */
import type { Threshold as ThresholdOption } from 'k6/options'
import { MusicboxError } from '../../datasets/failure.ts'
import { type Metric, Metrics, type Sample } from '../metrics/metric.ts'
import { parseMetricExpression } from '../metrics/metric-expression.ts'
import { newSink, type Sink } from '../metrics/sink.ts'
import { durationMs } from '../options/duration.ts'
import { SYSTEM_METRICS } from '../system/system-metrics.ts'
import { aggregate, compare, type Expression, isEmpty, parseThreshold, STATS } from './threshold-expression.ts'
import { type Judged, ThresholdWindow } from './threshold-window.ts'

export interface Threshold extends Expression {
  /** The metric as named in the options, with tags. */
  metric: string
  source: string
  abortOnFail: boolean
  delayAbort_ms: number
  /** Of the whole run. */
  sink: Sink
}

export interface ThresholdResult {
  metric: string
  threshold: string
  /** What was measured; of a threshold over windows, in the worst of them. */
  value: number
  ok: boolean
  /** Of a threshold on part of a run: where the value was measured, seconds since the scenarios began. */
  window?: { from_s: number; to_s: number }
  /** There was no sample to judge by, or the run never came to the part that is meant; then the threshold passes. */
  unjudged?: true
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
    const found = findMetric(name, metrics)
    if (!Array.isArray(list)) {
      throw new MusicboxError('input.invalid', `expected thresholds.${name} to be a list, got ${JSON.stringify(list)}`)
    }
    return list.map((entry: ThresholdOption) => readThreshold(name, entry, found))
  })
}

/** Judges thresholds while a run goes on and at its end. */
export class ThresholdWatch {
  readonly #thresholds: readonly Threshold[]
  readonly #windows = new Map<Threshold, ThresholdWindow>()
  #elapsed_ms = 0

  constructor(thresholds: readonly Threshold[]) {
    this.#thresholds = thresholds
    for (const threshold of thresholds) {
      const { period, sink } = threshold
      if (period) this.#windows.set(threshold, new ThresholdWindow({ ...threshold, period }, sink.type))
    }
  }

  /**
   * Told about once a second what came since the last time.
   * @param elapsed_ms since the scenarios began
   * @param interval by metric as named in the thresholds; one that is not there had no samples
   */
  advance(elapsed_ms: number, interval: ReadonlyMap<string, Sink>): void {
    for (const [{ metric, sink }, window] of this.#windows) {
      window.advance(this.#elapsed_ms, elapsed_ms, interval.get(metric.trim()) ?? newSink(sink.type))
    }
    this.#elapsed_ms = elapsed_ms
  }

  /**
   * The thresholds that are missed now and ask that the run be ended for it. Empty metrics are passed over, and windows
   * that are not full yet; a window that was missed stays missed.
   */
  aborting(elapsed_ms: number): ThresholdResult[] {
    return this.#thresholds
      .filter(({ abortOnFail, delayAbort_ms }) => abortOnFail && elapsed_ms > delayAbort_ms)
      .flatMap((threshold) => this.#now(threshold, elapsed_ms / 1000) ?? [])
      .filter(({ ok }) => !ok)
  }

  /**
   * What holds of the run so far; called after the last interval, of all of it.
   * @param seconds since the scenarios began: what a Counter's rate is counted over
   */
  results(seconds: number): ThresholdResult[] {
    return this.#thresholds.map((threshold) => {
      const window = this.#windows.get(threshold)
      return window ? windowResult(threshold, window.final) : wholeResult(threshold, seconds)
    })
  }

  #now(threshold: Threshold, seconds: number): ThresholdResult | undefined {
    const window = this.#windows.get(threshold)
    if (window) return window.worst && windowResult(threshold, window.worst)
    return isEmpty(threshold.sink) ? undefined : wholeResult(threshold, seconds)
  }
}

/**
 * How thresholds stand, as samples for outputs that show a run while it goes on: of each one `threshold_ok`, 1 or 0, and
 * `threshold_value`, what was measured, in the metric's own unit. They are no metrics of the run.
 */
export function thresholdSamples(results: readonly ThresholdResult[], time_ms: number): Sample[] {
  return results.flatMap(({ metric, threshold, ok, value }) => {
    const tags = { metric, threshold }
    return [
      { metric: THRESHOLD_OK, value: ok ? 1 : 0, tags, time_ms },
      { metric: THRESHOLD_VALUE, value, tags, time_ms },
    ]
  })
}

const apart = new Metrics()
const THRESHOLD_OK = apart.custom('threshold_ok', 'gauge', 'default')
const THRESHOLD_VALUE = apart.custom('threshold_value', 'gauge', 'default')

/** Names the thresholds that were missed, with what was measured: `http_req_duration p(95)<300, was 412.5`. */
export function describeMissed(results: readonly ThresholdResult[]): string {
  return results
    .filter(({ ok }) => !ok)
    .map(({ metric, threshold, value, window }) => {
      const where = window ? ` from ${window.from_s}s to ${window.to_s}s` : ''
      return `${metric} ${threshold}, was ${Number(value.toPrecision(6))}${where}`
    })
    .join('; ')
}

/** The metric a threshold names. Those of the system are made here: they are known before the first is read. */
function findMetric(name: string, metrics: Metrics): { metric: Metric; sink: Sink } {
  const { base } = parseMetricExpression(name)
  const system = SYSTEM_METRICS[base]
  if (system && !metrics.all.has(base)) metrics.custom(base, system.type, system.contains)
  const found = metrics.subMetric(name.trim())
  if (found) return found
  const known = new Set([...metrics.all.keys(), ...Object.keys(SYSTEM_METRICS)])
  throw new MusicboxError(
    'input.invalid',
    `the threshold on "${name}" names a metric that does not exist`,
    `Known: ${[...known].sort().join(', ')}.`,
  )
}

function readThreshold(name: string, entry: ThresholdOption, found: { metric: Metric; sink: Sink }): Threshold {
  const asked = typeof entry === 'string' ? { threshold: entry } : entry
  if (typeof asked?.threshold !== 'string') {
    throw new MusicboxError(
      'input.invalid',
      `expected a threshold on "${name}" to be a text or { threshold, abortOnFail, delayAbortEval }, got ${JSON.stringify(entry)}`,
    )
  }
  const source = asked.threshold
  const expression = parseThreshold(source)
  const { type } = found.metric
  if (!STATS[type].includes(expression.aggregation.stat)) {
    throw new MusicboxError(
      'input.invalid',
      `threshold "${source}": a ${type} such as "${name}" has no ${expression.aggregation.stat}`,
      `It has ${STATS[type].map((stat) => (stat === 'p' ? 'p(N)' : stat)).join(', ')}.`,
    )
  }
  if (type === 'gauge' && expression.period && expression.operator === '!=') {
    throw new MusicboxError(
      'input.invalid',
      `threshold "${source}": expected < <= > >= or == for a gauge over part of the run, got !=`,
      'Of a gauge the least and the greatest value of a window are kept, not all between.',
    )
  }
  return {
    metric: name,
    source,
    ...expression,
    abortOnFail: asked.abortOnFail === true,
    delayAbort_ms:
      asked.delayAbortEval === undefined ? 0 : durationMs(asked.delayAbortEval, `delayAbortEval of "${name}"`),
    sink: found.sink,
  }
}

function wholeResult(
  { metric, source, sink, aggregation, operator, limit }: Threshold,
  seconds: number,
): ThresholdResult {
  const value = aggregate(sink, aggregation, seconds)
  // That a Counter had no samples is a figure: nothing happened.
  const empty = sink.type !== 'counter' && isEmpty(sink)
  // At the end a Rate without samples passes in k6: nothing was seen that could have failed. The others read 0 there.
  const ok = (empty && sink.type === 'rate') || compare(value, operator, limit)
  return { metric, threshold: source, value, ok, ...(empty && ok && { unjudged: true }) }
}

function windowResult({ metric, source, operator, limit }: Threshold, judged: Judged | undefined): ThresholdResult {
  if (!judged) return { metric, threshold: source, value: 0, ok: true, unjudged: true }
  const { value, from_ms, to_ms } = judged
  return {
    metric,
    threshold: source,
    value,
    ok: compare(value, operator, limit),
    window: { from_s: Math.round(from_ms / 1000), to_s: Math.round(to_ms / 1000) },
  }
}
