/**
 * What a threshold says, read from its text: k6's `p(95)<300`, `rate>0.99`, `count>=100`, and, beyond k6, of which part
 * of the run it is said: `over 30s` (each 30 seconds of it), `after 60s`, `before 5m`, together or apart.
 */
import { MusicboxError } from '../../datasets/failure.ts'
import type { MetricType, Sink } from '../metrics/sink.ts'
import { durationMs } from '../options/duration.ts'

export interface Expression {
  aggregation: Aggregation
  operator: Operator
  limit: number
  /** Absent for a threshold on the whole run. */
  period?: Period
}

export interface Period {
  /** Length of the windows, each of which must hold; without it the period is one. */
  over_ms?: number
  /** Since the scenarios began. */
  after_ms: number
  before_ms: number
}

export type Aggregation =
  | { stat: 'count' | 'rate' | 'value' | 'avg' | 'min' | 'max' | 'med' }
  | { stat: 'p'; percent: number }
export type Operator = '<' | '<=' | '>' | '>=' | '==' | '===' | '!='

/** What thresholds can name, by type of metric. */
export const STATS: Readonly<Record<MetricType, readonly string[]>> = {
  counter: ['count', 'rate'],
  gauge: ['value'],
  rate: ['rate'],
  trend: ['avg', 'min', 'max', 'med', 'p'],
}

/** A window keeps one sink a second. */
const OVER_MS_MAX = 600_000

const FORM =
  /^\s*(?:(count|rate|value|avg|min|max|med)|p\(\s*(\d+(?:\.\d+)?)\s*\))\s*(<=|>=|===|==|!=|<|>)\s*([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)((?:\s+(?:over|after|before)\s+\S+)*)\s*$/

/** @throws MusicboxError `input.invalid` */
export function parseThreshold(source: string): Expression {
  const parts = FORM.exec(source)
  const percent = Number(parts?.[2] ?? 0)
  if (!parts || percent > 100) {
    throw new MusicboxError(
      'input.invalid',
      `expected a threshold like p(95)<300, rate>0.99 or p(95)<300 over 30s after 60s, got "${source}"`,
      'A threshold is a statistic, a comparison and a number; over, after and before with a duration may follow.',
    )
  }
  const period = parsePeriod(parts[5]!, source)
  return {
    aggregation: parts[1] ? { stat: parts[1] as Exclude<Aggregation['stat'], 'p'> } : { stat: 'p', percent },
    operator: parts[3] as Operator,
    limit: Number(parts[4]),
    ...(period && { period }),
  }
}

function parsePeriod(text: string, source: string): Period | undefined {
  const given = new Map<string, number>()
  for (const [, word, duration] of text.matchAll(/(over|after|before)\s+(\S+)/g)) {
    const ms = durationMs(duration, `"${word}" of threshold "${source}"`)
    if (given.has(word!)) throw refused(source, `"${word}" once`, 'it twice')
    if (ms % 1000 !== 0 || (ms === 0 && word !== 'after')) {
      throw refused(source, `"${word}" to be whole seconds, such as 30s`, duration!)
    }
    given.set(word!, ms)
  }
  if (given.size === 0) return undefined
  const over_ms = given.get('over')
  const after_ms = given.get('after') ?? 0
  const before_ms = given.get('before') ?? Number.POSITIVE_INFINITY
  if (over_ms !== undefined && over_ms > OVER_MS_MAX) {
    throw refused(source, `"over" to be ${OVER_MS_MAX / 60_000}m at most`, `${over_ms / 1000}s`)
  }
  if (before_ms - after_ms < (over_ms ?? 1000)) {
    throw refused(
      source,
      `${over_ms === undefined ? 'time' : `${over_ms / 1000}s`} between "after" and "before"`,
      `${(before_ms - after_ms) / 1000}s`,
    )
  }
  return { ...(over_ms !== undefined && { over_ms }), after_ms, before_ms }
}

function refused(source: string, expected: string, got: string): MusicboxError {
  return new MusicboxError('input.invalid', `threshold "${source}": expected ${expected}, got ${got}`)
}

/** @param seconds what a Counter's rate is counted over */
export function aggregate(sink: Sink, aggregation: Aggregation, seconds: number): number {
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

export function compare(value: number, operator: Operator, limit: number): boolean {
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

/** How far a value is on the wrong side: of two values, the worse has the greater one. */
export function badness(value: number, operator: Operator, limit: number): number {
  switch (operator) {
    case '<':
    case '<=':
      return value - limit
    case '>':
    case '>=':
      return limit - value
    case '!=':
      return -Math.abs(value - limit)
    default:
      return Math.abs(value - limit)
  }
}

export function isEmpty(sink: Sink): boolean {
  if (sink.type === 'trend') return sink.count === 0
  if (sink.type === 'gauge') return sink.min > sink.max
  return sink.total === 0
}
