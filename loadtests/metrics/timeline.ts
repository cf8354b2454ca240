/**
 * A run over time, in memory that does not grow: at most {@link BUCKETS_MAX} buckets, whose width doubles when they are
 * used up. Each bucket keeps what reports, comparisons and live views need of the metrics in it.
 */
import { Distribution } from './distribution.ts'
import type { Series } from './metric.ts'
import type { Sink } from './sink.ts'

export const BUCKETS_MAX = 300

export type SeriesPoint =
  | { type: 'counter'; total: number }
  | { type: 'gauge'; value: number; min: number; max: number }
  | { type: 'rate'; total: number; trues: number }
  | {
      type: 'trend'
      count: number
      sum: number
      min: number
      max: number
      p50: number
      p90: number
      p95: number
      p99: number
      p999: number
      /** HdrHistogram, compressed, base64; values are 1,000 times the metric's. Only of {@link WITH_HISTOGRAM}. */
      histogram?: string
    }

export interface TimelineBucket {
  /** Start, seconds since the scenarios began. */
  at_s: number
  width_s: number
  /** Virtual users at work, at the end of the bucket. */
  vus: number
  /** By metric or sub-metric: `http_req_duration{expected_response:true}`. */
  series: Record<string, SeriesPoint>
}

/** Something that happened to the run, to be seen in every picture of it. */
export interface Mark {
  /** Seconds since the scenarios began. */
  at_s: number
  until_s?: number
  kind: 'fault' | 'pause' | 'scale' | 'abort' | 'threshold'
  text: string
}

/** Trends whose distribution is kept over time, so that two runs can be compared with statistics. */
export const WITH_HISTOGRAM: ReadonlySet<string> = new Set([
  'http_req_duration',
  'http_req_duration{expected_response:true}',
  'iteration_duration',
  'response_time',
])

/** A series as it is kept: figures add up, distributions merge. */
type Kept =
  | { type: 'counter'; total: number }
  | { type: 'gauge'; value: number; min: number; max: number }
  | { type: 'rate'; total: number; trues: number }
  | { type: 'trend'; count: number; sum: number; min: number; max: number; distribution: Distribution }

interface Bucket {
  at_s: number
  width_s: number
  vus: number
  series: Map<string, Kept>
}

const PERCENTS = [50, 90, 95, 99, 99.9]

export class Timeline {
  #buckets: Bucket[] = []
  /** Of the buckets that are opened now. */
  #width_s = 1
  /** So many of the oldest buckets are twice as wide already. */
  #widened = 0

  /**
   * Adds what came in the second that began at `at_s`.
   * @returns that second as a bucket of its own, for whoever watches
   */
  add(at_s: number, vus: number, series: readonly Series[]): TimelineBucket {
    const seen = series.filter(({ sink }) => !isBlank(sink))
    const kept = new Map(seen.map(({ name, sink }) => [name, keep(sink)]))
    put(this.#buckets, { at_s, width_s: 1, vus, series: new Map(kept) }, this.#width_s)
    // One pair for each bucket beyond the limit: to widen all at once would hold the thread that is measuring.
    if (this.#buckets.length > BUCKETS_MAX) this.#widenOne()
    return bucketOf({ at_s, width_s: 1, vus, series: kept }, false)
  }

  /** All of one width. */
  buckets(): TimelineBucket[] {
    const width_s = this.#widened > 0 ? 2 * this.#width_s : this.#width_s
    const even: Bucket[] = []
    for (const bucket of this.#buckets) put(even, { ...bucket, series: new Map(bucket.series) }, width_s)
    return even.map((bucket) => bucketOf(bucket, true))
  }

  /** Joins the oldest two buckets that are still narrow, if they lie in one that is twice as wide. */
  #widenOne(): void {
    const wide: Bucket[] = []
    for (const bucket of this.#buckets.slice(this.#widened, this.#widened + 2)) put(wide, bucket, 2 * this.#width_s)
    // Of two that stay apart, the second may belong to the bucket behind it.
    this.#buckets.splice(this.#widened, wide.length === 1 ? 2 : 1, wide[0]!)
    this.#widened++
    if (this.#widened < this.#buckets.length - 1) return
    this.#width_s *= 2
    this.#widened = 0
  }
}

/** Puts a bucket behind the others: into the last one where that has the same place at this width. */
function put(buckets: Bucket[], bucket: Bucket, width_s: number): void {
  const at_s = Math.floor(bucket.at_s / width_s) * width_s
  const last = buckets.at(-1)
  if (last?.at_s !== at_s) {
    buckets.push({ ...bucket, at_s, width_s })
    return
  }
  last.width_s = width_s
  last.vus = bucket.vus
  for (const [name, kept] of bucket.series) {
    const before = last.series.get(name)
    last.series.set(name, before ? joined(before, kept) : kept)
  }
}

/** A gauge that was not read has no value, and 0 would be one. */
function isBlank(sink: Sink): boolean {
  return sink.type === 'gauge' && sink.min > sink.max
}

function keep(sink: Sink): Kept {
  switch (sink.type) {
    case 'counter':
      return { type: 'counter', total: sink.total }
    case 'gauge':
      return { type: 'gauge', value: sink.value, min: sink.min, max: sink.max }
    case 'rate':
      return { type: 'rate', total: sink.total, trues: sink.trues }
    case 'trend': {
      const { count, sum, min, max } = sink
      return { type: 'trend', count, sum, min, max, distribution: Distribution.of(sink) }
    }
  }
}

/** Of two parts of one series, the second later than the first. */
function joined(a: Kept, b: Kept): Kept {
  if (a.type === 'counter' && b.type === 'counter') return { type: 'counter', total: a.total + b.total }
  if (a.type === 'rate' && b.type === 'rate') {
    return { type: 'rate', total: a.total + b.total, trues: a.trues + b.trues }
  }
  if (a.type === 'gauge' && b.type === 'gauge') {
    return { type: 'gauge', value: b.value, min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) }
  }
  if (a.type === 'trend' && b.type === 'trend') {
    return {
      type: 'trend',
      count: a.count + b.count,
      sum: a.sum + b.sum,
      min: Math.min(a.min, b.min),
      max: Math.max(a.max, b.max),
      distribution: a.distribution.merge(b.distribution),
    }
  }
  throw new TypeError(`a series cannot be a ${a.type} and a ${b.type}`)
}

function bucketOf({ at_s, width_s, vus, series }: Bucket, histograms: boolean): TimelineBucket {
  const points = [...series].map(
    ([name, kept]) => [name, pointOf(kept, histograms && WITH_HISTOGRAM.has(name))] as const,
  )
  return { at_s, width_s, vus, series: Object.fromEntries(points) }
}

function pointOf(kept: Kept, histogram: boolean): SeriesPoint {
  if (kept.type === 'gauge') return { ...kept, min: finite(kept.min), max: finite(kept.max) }
  if (kept.type !== 'trend') return { ...kept }
  const { distribution, ...figures } = kept
  const [p50, p90, p95, p99, p999] = distribution
    .percentiles(PERCENTS)
    .map((value) => finite(Math.min(kept.max, value))) as [number, number, number, number, number]
  return {
    ...figures,
    min: finite(kept.min),
    max: finite(kept.max),
    ...{ p50, p90, p95, p99, p999 },
    ...(histogram && { histogram: distribution.encoded() }),
  }
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0
}
