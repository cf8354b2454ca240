/**
 * Metrics, their sub-metrics by tag and the registry of a run; names and meanings are k6's.
 *
 * Where samples are taken, a registry is emptied once a second ({@link Metrics.drain}); where totals are kept, what was
 * drained is added up ({@link Metrics.absorb}). So one sample is recorded once, wherever it came from.
 */
import { MusicboxError } from '../../datasets/failure.ts'
import type { Timings } from '../http/http-client.ts'
import { parseMetricExpression } from './metric-expression.ts'
import { type MetricType, newSink, type Sink } from './sink.ts'
import { type TagSet, TagSets } from './tag-set.ts'

/** What the values are: times are milliseconds, data are bytes. */
export type Contains = 'default' | 'time' | 'data'
export type Tags = Readonly<Record<string, string>>

export interface SubMetric {
  /** As it was asked for: `http_req_duration{expected_response:true}`. */
  name: string
  tags: Tags
  sink: Sink
}

export interface Metric {
  name: string
  /** Place in the registry. */
  index: number
  type: MetricType
  contains: Contains
  sink: Sink
  subMetrics: SubMetric[]
  /** Whether any sample came. */
  used: boolean
}

/** What came of one metric or sub-metric. */
export interface Series {
  /** `http_reqs`, `http_req_duration{expected_response:true}`. */
  name: string
  type: MetricType
  contains: Contains
  sink: Sink
}

export interface Sample {
  metric: Metric
  value: number
  tags: Tags
  /** Unix time, ms. */
  time_ms: number
  metadata?: Tags | undefined
}

/** Every metric that the engine itself records. */
const BUILT_IN = {
  checks: ['rate', 'default'],
  data_received: ['counter', 'data'],
  data_sent: ['counter', 'data'],
  dropped_iterations: ['counter', 'default'],
  group_duration: ['trend', 'time'],
  http_req_blocked: ['trend', 'time'],
  http_req_connecting: ['trend', 'time'],
  http_req_duration: ['trend', 'time'],
  http_req_failed: ['rate', 'default'],
  http_req_receiving: ['trend', 'time'],
  http_req_sending: ['trend', 'time'],
  http_req_tls_handshaking: ['trend', 'time'],
  http_req_waiting: ['trend', 'time'],
  http_reqs: ['counter', 'default'],
  iteration_duration: ['trend', 'time'],
  iterations: ['counter', 'default'],
  vus: ['gauge', 'default'],
  vus_max: ['gauge', 'default'],
} as const satisfies Record<string, readonly [MetricType, Contains]>

export type BuiltInName = keyof typeof BUILT_IN

/** Receives every sample of a run as it is taken; what it does must be quick. */
export interface Output {
  /** The one metric it wants; without it every sample is given. */
  readonly only?: string
  /** Wants to know once a second how the thresholds stand, too. */
  readonly takesThresholds?: boolean
  sample(sample: Sample): void
  /** Resolves once everything given is where it belongs. */
  close(): Promise<void>
}

/** Of one HTTP exchange. */
export interface HttpSample {
  timings: Timings
  /** Whether the answer is one that was expected; absent when nothing is. */
  expected: boolean | undefined
  sent_bytes: number
  received_bytes: number
}

const HTTP_TIMINGS = [
  ['http_req_duration', 'duration'],
  ['http_req_blocked', 'blocked'],
  ['http_req_connecting', 'connecting'],
  ['http_req_tls_handshaking', 'tls_handshaking'],
  ['http_req_sending', 'sending'],
  ['http_req_waiting', 'waiting'],
  ['http_req_receiving', 'receiving'],
] as const satisfies readonly (readonly [BuiltInName, keyof Timings])[]

export class Metrics {
  readonly all = new Map<string, Metric>()
  readonly tagSets: TagSets
  readonly #outputs: Output[] = []
  /** Outputs by the metric they want, worked out when first needed. */
  #outputsOf = new Map<string, Output[]>()
  /** What TagSets keep of us is of this time; a new sub-metric makes it stale. */
  #epoch = {}

  constructor(tagSets: TagSets = new TagSets()) {
    this.tagSets = tagSets
    for (const [name, [type, contains]] of Object.entries(BUILT_IN)) this.#add(name, type, contains)
    this.subMetric('http_req_duration{expected_response:true}')
  }

  builtIn(name: BuiltInName): Metric {
    return this.all.get(name)!
  }

  /** A script's own metric; every virtual user that names it gets the same. @throws MusicboxError `input.invalid` */
  custom(name: string, type: MetricType, contains: Contains): Metric {
    if (!/^[\p{L}_][\p{L}\p{N}_]{0,127}$/u.test(name)) {
      throw new MusicboxError(
        'input.invalid',
        `expected a metric name of letters, digits and "_", 128 at most, got "${name}"`,
      )
    }
    const existing = this.all.get(name)
    if (!existing) return this.#add(name, type, contains)
    if (existing.type !== type || existing.contains !== contains) {
      throw new MusicboxError(
        'input.invalid',
        `metric "${name}" is a ${existing.type} of ${existing.contains} values already; it cannot be a ${type} of ${contains} values too`,
        'Give one of the two another name.',
      )
    }
    return existing
  }

  /** The sink that an expression such as `http_req_duration{name:search}` names, or nothing for an unknown metric. */
  subMetric(expression: string): { metric: Metric; sink: Sink } | undefined {
    const { base, tags } = parseMetricExpression(expression)
    const metric = this.all.get(base)
    if (!metric) return undefined
    if (!tags) return { metric, sink: metric.sink }
    let sub = metric.subMetrics.find(({ name }) => name === expression)
    if (!sub) {
      sub = { name: expression, tags, sink: newSink(metric.type) }
      metric.subMetrics.push(sub)
      this.#epoch = {}
    }
    return { metric, sink: sub.sink }
  }

  get outputs(): readonly Output[] {
    return this.#outputs
  }

  addOutput(output: Output): void {
    this.#outputs.push(output)
    this.#outputsOf = new Map()
  }

  emit(metric: Metric, value: number, tags: TagSet, time_ms: number, metadata?: Tags): void {
    metric.used = true
    metric.sink.add(value)
    for (const sink of this.#subSinks(metric, tags)) sink.add(value)
    for (const output of this.#outputsFor(metric.name)) {
      output.sample({ metric, value, tags: tags.tags, time_ms, metadata })
    }
  }

  /** All samples of one HTTP exchange. */
  emitHttp(sample: HttpSample, tags: TagSet, time_ms: number, metadata?: Tags): void {
    const { timings, expected } = sample
    this.emit(this.builtIn('http_reqs'), 1, tags, time_ms, metadata)
    for (const [name, part] of HTTP_TIMINGS) this.emit(this.builtIn(name), timings[part], tags, time_ms, metadata)
    if (expected !== undefined) {
      this.emit(this.builtIn('http_req_failed'), expected ? 0 : 1, tags, time_ms, metadata)
    }
    this.emit(this.builtIn('data_sent'), sample.sent_bytes, tags, time_ms, metadata)
    this.emit(this.builtIn('data_received'), sample.received_bytes, tags, time_ms, metadata)
  }

  /** What was recorded since the last call, of every metric that has been used; everything starts anew. */
  drain(): Series[] {
    const drained: Series[] = []
    for (const { name, type, contains, sink, subMetrics, used } of this.all.values()) {
      if (!used) continue
      drained.push({ name, type, contains, sink: sink.take() })
      for (const sub of subMetrics) drained.push({ name: sub.name, type, contains, sink: sub.sink.take() })
    }
    return drained
  }

  /** Adds what was drained elsewhere; a metric that is not here yet is made. The series stay as they are. */
  absorb(series: readonly Series[]): void {
    for (const { name, type, contains, sink } of series) {
      const known = this.subMetric(name)
      const { metric, sink: total } = known ?? this.#made(name, type, contains)
      metric.used = true
      total.merge(sink as never)
    }
  }

  /** Every metric and sub-metric that has been used. */
  series(): Series[] {
    return [...this.all.values()]
      .filter(({ used }) => used)
      .flatMap(({ name, type, contains, sink, subMetrics }) => [
        { name, type, contains, sink },
        ...subMetrics.map((sub) => ({ name: sub.name, type, contains, sink: sub.sink })),
      ])
  }

  #made(name: string, type: MetricType, contains: Contains): { metric: Metric; sink: Sink } {
    this.custom(parseMetricExpression(name).base, type, contains)
    return this.subMetric(name)!
  }

  #subSinks(metric: Metric, tags: TagSet): readonly Sink[] {
    if (metric.subMetrics.length === 0) return NONE
    const kept = tags.series[metric.index] as { epoch: object; sinks: Sink[] } | undefined
    if (kept?.epoch === this.#epoch) return kept.sinks
    const sinks = metric.subMetrics.filter((sub) => matches(sub.tags, tags.tags)).map(({ sink }) => sink)
    tags.series[metric.index] = { epoch: this.#epoch, sinks }
    return sinks
  }

  #outputsFor(name: string): readonly Output[] {
    if (this.#outputs.length === 0) return NONE
    let outputs = this.#outputsOf.get(name)
    if (!outputs) {
      outputs = this.#outputs.filter(({ only }) => only === undefined || only === name)
      this.#outputsOf.set(name, outputs)
    }
    return outputs
  }

  #add(name: string, type: MetricType, contains: Contains): Metric {
    const index = this.all.size
    const metric: Metric = { name, index, type, contains, sink: newSink(type), subMetrics: [], used: false }
    this.all.set(name, metric)
    return metric
  }
}

const NONE: readonly never[] = []

function matches(wanted: Tags, tags: Tags): boolean {
  for (const name in wanted) if (tags[name] !== wanted[name]) return false
  return true
}
