/**
 * The samples of a run as Prometheus series, with k6's names: prefix `k6_`, `_total` for Counters, `_rate` for Rates, a
 * series for each asked statistic of a Trend (`k6_http_req_duration_p99`), times in seconds. Values are of the whole run
 * so far, one series for each set of tags.
 *
 * Statistics of Trends cannot be added up over tags or processes, nor read over a window. Histograms can: on request each
 * Trend of times also has `k6_…_seconds_bucket`, `_count` and `_sum`.
 */
import type { Metric, Sample, Tags } from '../metrics/metric.ts'
import { newSink, type Sink } from '../metrics/sink.ts'
import type { TrendSink } from '../metrics/trend-sink.ts'
import type { Label, TimeSeries } from './write-request.ts'

export interface SeriesOptions {
  /** `count`, `sum`, `min`, `max`, `avg`, `med`, `p(99)`. */
  trendStats: readonly string[]
  histograms: boolean
  /** On every series. */
  labels: Tags
}

/** Tags can be without number (an address with an id in it), memory is not. A Trend takes tens of KB for each. */
export const SERIES_MAX = 20_000
export const TREND_SERIES_MAX = 4_000

/** A series that stands still is sent all the same this often: Prometheus forgets one after five minutes. */
const REFRESH_MS = 60_000

const BUCKETS_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

interface Entry {
  metric: Metric
  /** Without its name; sorted. */
  labels: readonly Label[]
  sink: Sink
  /** Of a Trend of times, when histograms are asked for: samples by the bucket they fall in, the last one beyond all. */
  buckets: number[] | undefined
  changed: boolean
  sent_ms: number
  /** All labels by the end of the name; made once. */
  named: Map<string, readonly Label[]>
}

export class PrometheusSeries {
  readonly #options: SeriesOptions
  readonly #entries = new Map<string, Entry>()
  /** The same by the object of the tags, which most samples share. */
  readonly #byTags = new WeakMap<Metric, WeakMap<Tags, Entry>>()
  #trends = 0
  /** Samples of series that were one too many. */
  leftOut = 0

  constructor(options: SeriesOptions) {
    this.#options = options
  }

  add({ metric, value, tags }: Sample): void {
    const entry = this.#entryOf(metric, tags)
    if (!entry) {
      this.leftOut++
      return
    }
    entry.sink.add(value)
    entry.changed = true
    if (entry.buckets) entry.buckets[bucketOf(value / 1000)]!++
  }

  /**
   * What has changed since it was last taken, and what would be forgotten. Worked out as it is asked for: percentiles of
   * thousands of Trends at once would hold the run up.
   * @param all give every series
   */
  *take(now_ms: number, all = false): Generator<TimeSeries, void> {
    for (const entry of this.#entries.values()) {
      if (!all && !entry.changed && now_ms - entry.sent_ms < REFRESH_MS) continue
      entry.changed = false
      entry.sent_ms = now_ms
      yield* this.#seriesOf(entry)
    }
  }

  #entryOf(metric: Metric, tags: Tags): Entry | undefined {
    let known = this.#byTags.get(metric)
    const found = known?.get(tags)
    if (found) return found
    const labels = labelsOf({ ...this.#options.labels, ...tags })
    const key = `${metric.name} ${JSON.stringify(labels)}`
    let entry = this.#entries.get(key)
    if (!entry) {
      const isTrend = metric.type === 'trend'
      if (this.#entries.size >= SERIES_MAX || (isTrend && this.#trends >= TREND_SERIES_MAX)) return undefined
      if (isTrend) this.#trends++
      const buckets =
        isTrend && metric.contains === 'time' && this.#options.histograms
          ? new Array<number>(BUCKETS_S.length + 1).fill(0)
          : undefined
      entry = { metric, labels, sink: newSink(metric.type), buckets, changed: true, sent_ms: 0, named: new Map() }
      this.#entries.set(key, entry)
    }
    if (!known) {
      known = new WeakMap()
      this.#byTags.set(metric, known)
    }
    known.set(tags, entry)
    return entry
  }

  #seriesOf(entry: Entry): TimeSeries[] {
    const one = (end: string, value: number, le?: string): TimeSeries => ({
      labels: namedLabels(entry, end, le),
      value,
    })
    const { sink, metric } = entry
    switch (sink.type) {
      case 'counter':
        return [one('_total', sink.total)]
      case 'gauge':
        return [one('', sink.value)]
      case 'rate':
        return [one('_rate', sink.rate)]
      case 'trend': {
        const unit = metric.contains === 'time' ? 1000 : 1
        const stats = this.#options.trendStats.map((stat) =>
          one(`_${stat.replace(/[().]/g, '')}`, stat === 'count' ? sink.count : statOf(sink, stat) / unit),
        )
        if (!entry.buckets) return stats
        let sum = 0
        const buckets = entry.buckets.map((count, index) => {
          sum += count
          return one('_seconds_bucket', sum, index < BUCKETS_S.length ? String(BUCKETS_S[index]) : '+Inf')
        })
        return [...stats, ...buckets, one('_seconds_count', sink.count), one('_seconds_sum', sink.sum / unit)]
      }
    }
  }
}

function namedLabels({ metric, labels, named }: Entry, end: string, le: string | undefined): readonly Label[] {
  const key = le === undefined ? end : `${end} ${le}`
  let all = named.get(key)
  if (!all) {
    const own: Label[] = [['__name__', `k6_${labelName(metric.name)}${end}`], ...labels]
    if (le !== undefined) own.push(['le', le])
    all = own.sort(byName)
    named.set(key, all)
  }
  return all
}

/** To Prometheus an empty label is one that is not there. */
function labelsOf(tags: Tags): Label[] {
  const labels = new Map<string, string>()
  for (const [name, value] of Object.entries(tags)) if (value !== '') labels.set(labelName(name), value)
  return [...labels].sort(byName)
}

function byName([a]: Label, [b]: Label): number {
  return a < b ? -1 : 1
}

function statOf(sink: TrendSink, stat: string): number {
  switch (stat) {
    case 'sum':
      return sink.sum
    case 'avg':
      return sink.avg
    case 'min':
      return sink.min
    case 'max':
      return sink.max
    case 'med':
      return sink.percentile(50)
    default:
      return sink.percentile(Number(stat.slice(2, -1)))
  }
}

function bucketOf(value_s: number): number {
  const index = BUCKETS_S.findIndex((bound) => value_s <= bound)
  return index < 0 ? BUCKETS_S.length : index
}

function labelName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, '_')
}
