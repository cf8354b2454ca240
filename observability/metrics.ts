/**
 * The metric catalogue: every series that MusicBox exports, once, with its labels. Dashboards, rules and code take
 * names from here, so none can name a series that does not exist.
 *
 * Labels are bounded: never a user, song, address or raw path. Names follow Prometheus' conventions (base units,
 * `_total` for counters).
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** From 0.5 ms: the event API answers in about a millisecond, where the library's own buckets would show one bar. */
const LATENCY_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
const JOB_SECONDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800]
const BATCH_EVENTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]

export const METRICS = {
  http_request_duration_seconds: {
    type: 'histogram',
    help: 'Time from request to answer',
    labels: ['method', 'route', 'status_class'],
    buckets: LATENCY_SECONDS,
  },
  http_requests_in_flight: { type: 'gauge', help: 'Requests being answered', labels: [] },
  http_shed_total: { type: 'counter', help: 'Requests refused to protect the server', labels: ['reason'] },
  events_received_total: { type: 'counter', help: 'Events in requests, whatever became of them', labels: [] },
  events_accepted_total: { type: 'counter', help: 'Events made durable, by kind', labels: ['event'] },
  events_duplicate_total: { type: 'counter', help: 'Events that the log already held', labels: [] },
  events_refused_total: { type: 'counter', help: 'Events refused, by reason', labels: ['reason'] },
  log_append_duration_seconds: {
    type: 'histogram',
    help: 'Time from append to durable',
    labels: [],
    buckets: LATENCY_SECONDS,
  },
  log_append_batch_events: { type: 'histogram', help: 'Events per append', labels: [], buckets: BATCH_EVENTS },
  log_end_offset: { type: 'gauge', help: 'Offset of the next event', labels: ['partition'] },
  collector_offset: { type: 'gauge', help: 'Offset up to which events are in raw files', labels: ['partition'] },
  collector_lag_events: { type: 'gauge', help: 'Events in the log and not yet in raw files', labels: ['partition'] },
  collector_events_total: { type: 'counter', help: 'Events moved to raw files', labels: [] },
  collector_rejects_total: { type: 'counter', help: 'Log records that are no event', labels: [] },
  collector_files_total: { type: 'counter', help: 'Raw files committed', labels: [] },
  night_days_total: { type: 'counter', help: 'Days the night job built or left', labels: ['outcome'] },
  night_rows_total: { type: 'counter', help: 'Rows published', labels: [] },
  job_duration_seconds: {
    type: 'histogram',
    help: 'Duration of a collector or night run',
    labels: ['job', 'outcome'],
    buckets: JOB_SECONDS,
  },
  stage_watermark_timestamp_seconds: {
    type: 'gauge',
    help: 'Instant before which everything received has passed this stage',
    labels: ['stage'],
  },
  stage_last_success_timestamp_seconds: {
    type: 'gauge',
    help: 'When the stage last ended well',
    labels: ['stage'],
  },
  audit_events: { type: 'gauge', help: 'Events counted at a stage by the last audit', labels: ['stage'] },
  audit_gap_events: {
    type: 'gauge',
    help: 'Events that one stage has and the next lacks (negative: too many), by the last audit',
    labels: ['from', 'to'],
  },
  audit_mismatched_hours: {
    type: 'gauge',
    help: 'Hours whose count or checksum differs between stages, by the last audit',
    labels: ['from', 'to'],
  },
} as const satisfies Record<string, Definition>

type Definition =
  | { type: 'counter'; help: string; labels: readonly string[] }
  | { type: 'gauge'; help: string; labels: readonly string[] }
  | { type: 'histogram'; help: string; labels: readonly string[]; buckets: readonly number[] }

export type MetricName = keyof typeof METRICS
export type Stage = 'log' | 'raw' | 'warehouse' | 'report'

type LabelOf<N extends MetricName> = (typeof METRICS)[N]['labels'][number]
type Instrument<N extends MetricName> = (typeof METRICS)[N]['type'] extends 'counter'
  ? Counter<LabelOf<N>>
  : (typeof METRICS)[N]['type'] extends 'gauge'
    ? Gauge<LabelOf<N>>
    : Histogram<LabelOf<N>>

/** One instrument for each name in the catalogue, and the registry that exports them. */
export type Metrics = { readonly [N in MetricName]: Instrument<N> } & { readonly registry: Registry }

/** The name under which Prometheus knows a metric. */
export function exportedName(name: MetricName): string {
  return `musicbox_${name}`
}

/**
 * Makes the instruments of one process.
 * @param job    the process’s name, label `service` on all of its series: `event-api`, `report-api`, `pipeline`
 * @param options.runtime also export Node's own metrics (event-loop lag, heap, collector pauses)
 */
export function createMetrics(job: string, options: { runtime?: boolean } = {}): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service: job })
  if (options.runtime) collectDefaultMetrics({ register: registry })
  const instruments = Object.entries(METRICS).map(([name, definition]: [string, Definition]) => {
    const config = {
      name: exportedName(name as MetricName),
      help: definition.help,
      labelNames: [...definition.labels],
      registers: [registry],
    }
    if (definition.type === 'counter') return [name, new Counter(config)]
    if (definition.type === 'gauge') return [name, new Gauge(config)]
    return [name, new Histogram({ ...config, buckets: [...definition.buckets] })]
  })
  return { ...Object.fromEntries(instruments), registry } as Metrics
}
