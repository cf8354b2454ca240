/**
 * Reads what k6 writes with `--out json`, and counts it as our own engine counts its samples: metrics, a timeline, checks
 * and thresholds, and whatever outputs are hung on the metrics (the ledger is one).
 *
 * A line is `{"type":"Metric","metric":NAME,"data":{type,contains,…}}`, once before a metric's first sample, or
 * `{"type":"Point","metric":NAME,"data":{time,value,tags,metadata?}}`. Times are RFC 3339. Samples come about in their
 * order; one that is late counts for the second in which it is read.
 */

import type { CheckTally } from '../engine/vu.ts'
import type { Contains, Metric, Series, Tags } from '../metrics/metric.ts'
import { Metrics } from '../metrics/metric.ts'
import type { MetricType } from '../metrics/sink.ts'
import { Timeline } from '../metrics/timeline.ts'
import type { Threshold } from '../thresholds/thresholds.ts'
import { ThresholdWatch } from '../thresholds/thresholds.ts'

interface MetricLine {
  type: 'Metric'
  metric: string
  data: { type: MetricType; contains: Contains }
}

interface PointLine {
  type: 'Point'
  metric: string
  data: { time: string; value: number; tags?: Tags | null; metadata?: Tags }
}

const SECOND_MS = 1000

export class K6Samples {
  /** Where samples are taken: outputs are hung here. */
  readonly metrics = new Metrics()
  /** Of the whole run. */
  readonly totals = new Metrics()
  readonly timeline = new Timeline()
  readonly checks = new Map<string, CheckTally>()
  /** Lines that are not of the form above. */
  malformed = 0
  #watch: ThresholdWatch | undefined
  #first_ms: number | undefined
  #last_ms = 0
  #second = 0
  #vus = 0

  /** Told before the first line what thresholds are to be judged; they are read against {@link totals}. */
  judge(thresholds: readonly Threshold[]): void {
    this.#watch = new ThresholdWatch(thresholds)
    for (const { metric } of thresholds) this.metrics.subMetric(metric)
  }

  /** Seconds from the first sample to the last. */
  get seconds(): number {
    return this.#first_ms === undefined ? 0 : (this.#last_ms - this.#first_ms) / SECOND_MS
  }

  /** When the first sample was taken, Unix ms; undefined when there was none. */
  get started_ms(): number | undefined {
    return this.#first_ms
  }

  take(text: string): void {
    if (text === '') return
    let line: MetricLine | PointLine
    try {
      line = JSON.parse(text) as MetricLine | PointLine
    } catch {
      // The last line of a run that was killed may be cut.
      this.malformed++
      return
    }
    if (line.type === 'Metric') this.#know(line)
    else if (line.type === 'Point') this.#add(line)
    else this.malformed++
  }

  /** Called after the last line. @returns what holds of the thresholds */
  end(): ReturnType<ThresholdWatch['results']> {
    this.#close()
    return this.#watch?.results(this.seconds) ?? []
  }

  #know({ metric, data }: MetricLine): void {
    for (const registry of [this.metrics, this.totals]) registry.custom(metric, data.type, data.contains)
  }

  #add({ metric: name, data }: PointLine): void {
    const metric = this.metrics.all.get(name)
    const time_ms = Date.parse(data.time)
    if (metric === undefined || Number.isNaN(time_ms) || typeof data.value !== 'number') {
      this.malformed++
      return
    }
    this.#first_ms ??= time_ms
    this.#last_ms = Math.max(this.#last_ms, time_ms)
    // A pause of the whole run is as many seconds without samples.
    while (time_ms >= this.#first_ms + (this.#second + 1) * SECOND_MS) this.#close()
    this.#count(metric, data)
    const tags = this.metrics.tagSets.root.withAll(data.tags ?? {})
    this.metrics.emit(metric, data.value, tags, time_ms, data.metadata)
  }

  #count({ name }: Metric, { value, tags }: PointLine['data']): void {
    if (name === 'vus') this.#vus = value
    if (name !== 'checks') return
    const group = tags?.['group'] ?? ''
    const key = `${group}::${tags?.['check']}`
    let check = this.checks.get(key)
    if (!check) {
      check = { name: tags?.['check'] ?? '', group, passes: 0, fails: 0 }
      this.checks.set(key, check)
    }
    if (value !== 0) check.passes++
    else check.fails++
  }

  /** Ends the second that is open. */
  #close(): void {
    const series: Series[] = this.metrics.drain()
    this.totals.absorb(series)
    this.#watch?.advance((this.#second + 1) * SECOND_MS, new Map(series.map(({ name, sink }) => [name, sink])))
    this.timeline.add(this.#second, this.#vus, series)
    this.#second++
  }
}
