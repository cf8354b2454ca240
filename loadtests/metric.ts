/** Metrics, their sub-metrics by tag and the registry of a run; names and meanings are k6's. */
import { MusicboxError } from '../datasets/failure.ts'
import { TrendSink } from './trend-sink.ts'

export type MetricType = 'counter' | 'gauge' | 'rate' | 'trend'
/** What the values are: times are milliseconds, data are bytes. */
export type Contains = 'default' | 'time' | 'data'
export type Tags = Readonly<Record<string, string>>

export class CounterSink {
  readonly type = 'counter'
  total = 0
  add(value: number): void {
    this.total += value
  }
}

export class GaugeSink {
  readonly type = 'gauge'
  value = 0
  min = Number.POSITIVE_INFINITY
  max = Number.NEGATIVE_INFINITY
  add(value: number): void {
    this.value = value
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
  }
}

export class RateSink {
  readonly type = 'rate'
  total = 0
  /** How many were not zero. */
  trues = 0
  add(value: number): void {
    this.total++
    if (value !== 0) this.trues++
  }
  get rate(): number {
    return this.total === 0 ? 0 : this.trues / this.total
  }
}

export type Sink = CounterSink | GaugeSink | RateSink | TrendSink

export interface SubMetric {
  /** As it was asked for: `http_req_duration{expected_response:true}`. */
  name: string
  tags: Tags
  sink: Sink
}

export interface Metric {
  name: string
  type: MetricType
  contains: Contains
  sink: Sink
  subMetrics: SubMetric[]
  /** Whether any sample came. */
  used: boolean
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
  sample(sample: Sample): void
  /** Resolves once everything given is where it belongs. */
  close(): Promise<void>
}

export class Metrics {
  readonly all = new Map<string, Metric>()
  readonly outputs: Output[] = []

  constructor() {
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
    }
    return { metric, sink: sub.sink }
  }

  emit(metric: Metric, value: number, tags: Tags, time_ms: number, metadata?: Tags): void {
    metric.used = true
    metric.sink.add(value)
    for (const sub of metric.subMetrics) if (matches(sub.tags, tags)) sub.sink.add(value)
    for (const output of this.outputs) {
      if (output.only === undefined || output.only === metric.name) {
        output.sample({ metric, value, tags, time_ms, metadata })
      }
    }
  }

  #add(name: string, type: MetricType, contains: Contains): Metric {
    const metric: Metric = { name, type, contains, sink: newSink(type), subMetrics: [], used: false }
    this.all.set(name, metric)
    return metric
  }
}

/** The two parts of `metric{tag:value,tag:"value"}`. @throws MusicboxError `input.invalid` */
export function parseMetricExpression(expression: string): { base: string; tags: Tags | undefined } {
  const parts = /^([^{}\s]+)(?:\{(.*)\})?$/.exec(expression.trim())
  if (!parts) throw new MusicboxError('input.invalid', `expected metric or metric{tag:value}, got "${expression}"`)
  const [, base, inner] = parts
  if (inner === undefined) return { base: base!, tags: undefined }
  const tags: Record<string, string> = {}
  for (const pair of inner.match(/(?:[^,"']|"[^"]*"|'[^']*')+/g) ?? []) {
    const colon = pair.indexOf(':')
    if (colon <= 0) {
      throw new MusicboxError('input.invalid', `expected tag:value in "${expression}", got "${pair.trim()}"`)
    }
    tags[unquoted(pair.slice(0, colon))] = unquoted(pair.slice(colon + 1))
  }
  return { base: base!, tags }
}

function unquoted(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/, '$2')
}

function matches(wanted: Tags, tags: Tags): boolean {
  for (const name in wanted) if (tags[name] !== wanted[name]) return false
  return true
}

function newSink(type: MetricType): Sink {
  if (type === 'counter') return new CounterSink()
  if (type === 'gauge') return new GaugeSink()
  return type === 'rate' ? new RateSink() : new TrendSink()
}
