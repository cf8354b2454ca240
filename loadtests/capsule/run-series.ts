/** What of a run is compared: one entry for each bucket of its timeline. */
import type { Capsule } from './capsule.ts'
import { NOTHING_RECORDED, type RecordedValues, recordedValues } from './recorded-values.ts'

export interface RunSeries {
  width_s: readonly number[]
  /** Counts by name: `requests`. */
  counts: Readonly<Record<string, readonly number[]>>
  /** Of so many, so many were bad, by name: `errors`. */
  shares: Readonly<Record<string, { total: readonly number[]; bad: readonly number[] }>>
  /** Times by name, ms: `service`, `response`. */
  times: Readonly<Record<string, readonly RecordedValues[]>>
}

type Bucket = Capsule['timeline'][number]

/** Fast errors must not look like fast answers, so answers that were expected are read where they are kept apart. */
const TIMES = {
  service: ['http_req_duration{expected_response:true}', 'http_req_duration'],
  response: ['response_time'],
} as const

const STORED = ['event_fate{fate:accepted}', 'event_fate{fate:duplicate}']
const NOT_STORED = ['event_fate{fate:refused}', 'event_fate{fate:unknown}']

/** @param skip_s leaves out what lies before: a cold start is another law than the run's */
export function runSeries({ timeline }: Pick<Capsule, 'timeline'>, skip_s: number): RunSeries {
  // The last bucket ends with the run, at any moment of its width; as a whole one it would read as a drop.
  const buckets = timeline.slice(0, -1).filter(({ at_s }) => at_s >= skip_s)
  const has = (name: string): boolean => buckets.some(({ series }) => name in series)
  const shares: Record<string, { total: number[]; bad: number[] }> = {}
  if (has('http_req_failed')) {
    const rates = buckets.map((bucket) => rateOf(bucket, 'http_req_failed'))
    shares['errors'] = { total: rates.map(({ total }) => total), bad: rates.map(({ trues }) => trues) }
  }
  if (has('checks')) {
    const rates = buckets.map((bucket) => rateOf(bucket, 'checks'))
    shares['checks'] = { total: rates.map(({ total }) => total), bad: rates.map(({ total, trues }) => total - trues) }
  }
  if (has(STORED[0]!)) {
    const bad = buckets.map((bucket) => countOf(bucket, NOT_STORED))
    shares['accepted'] = { total: buckets.map((bucket, at) => countOf(bucket, STORED) + bad[at]!), bad }
  }
  const times: Record<string, RecordedValues[]> = {}
  for (const [name, metrics] of Object.entries(TIMES)) {
    const metric = metrics.find((each) => buckets.some((bucket) => histogramOf(bucket, each) !== undefined))
    if (metric !== undefined) times[name] = buckets.map((bucket) => timesOf(bucket, metric))
  }
  return {
    width_s: buckets.map(({ width_s }) => width_s),
    counts: { requests: buckets.map((bucket) => countOf(bucket, ['http_reqs'])) },
    shares,
    times,
  }
}

function rateOf({ series }: Bucket, name: string): { total: number; trues: number } {
  const point = series[name]
  return point?.type === 'rate' ? point : { total: 0, trues: 0 }
}

function countOf({ series }: Bucket, names: readonly string[]): number {
  let sum = 0
  for (const name of names) {
    const point = series[name]
    if (point?.type === 'counter') sum += point.total
  }
  return sum
}

function histogramOf({ series }: Bucket, name: string): string | undefined {
  const point = series[name]
  return point?.type === 'trend' ? point.histogram : undefined
}

function timesOf(bucket: Bucket, name: string): RecordedValues {
  const histogram = histogramOf(bucket, name)
  return histogram === undefined ? NOTHING_RECORDED : recordedValues(histogram)
}
