/**
 * The overview: the four questions that an operator asks, in this order. Are events lost or doubled? How old is what the
 * report shows? Are users served? What will run out next?
 *
 * Queries name their series through the catalogue ({@link metric}); the tests parse each of them and run each against a
 * real Prometheus after a real run.
 */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { OBJECTIVES } from '../objectives.ts'
import { metric } from '../promql.ts'
import { dashboard, type PanelSpec } from './panel.ts'

export const OVERVIEW_UID = 'musicbox-overview'

/** In the order of their ids, from 1: alerts link to these, so a new panel goes to the end. */
export const PANELS = [
  'balance',
  'stages',
  'fates',
  'ages',
  'jobs',
  'requests',
  'errors',
  'latency',
  'lag',
  'memory',
  'work',
  'backlog',
] as const

export type PanelKey = (typeof PANELS)[number]

const SERVED = '{service=~"$service"}'
const requests = metric('http_request_duration_seconds', 'count')

/** The 99th or other percentile over the services chosen. */
function quantile(share: number, buckets: string, by: string): string {
  return `histogram_quantile(${share}, sum by (${by}le) (rate(${buckets}${SERVED}[$__rate_interval])))`
}

/** How much a counter grew in the time shown. */
function grown(counter: string): string {
  return `sum(increase(${counter}[$__range]))`
}

const SPECS: Record<PanelKey, PanelSpec> = {
  balance: {
    kind: 'stat',
    title: 'Lost or doubled',
    description:
      'Events that one stage of the pipeline has and the next lacks (or has too many of), and hours whose count or checksum differs, by the last audit. Both must be 0. Red: run `musicbox verify`.',
    unit: 'short',
    width: 6,
    noValue: 'no audit yet',
    redFrom: 1,
    targets: [
      { legend: 'events', expr: `sum(abs(${metric('audit_gap_events')}))` },
      { legend: 'hours that differ', expr: `sum(${metric('audit_mismatched_hours')})` },
    ],
  },
  stages: {
    kind: 'timeseries',
    title: 'Events at each stage',
    description:
      'Distinct events counted at each stage by the last audit: log, raw files, warehouse, report. The lines lie on each other when nothing is lost.',
    unit: 'short',
    width: 8,
    noValue: 'no audit yet',
    targets: [{ legend: '{{stage}}', expr: `max by (stage) (${metric('audit_events')})` }],
  },
  fates: {
    kind: 'timeseries',
    title: 'What became of events',
    description:
      'Events a second that listeners sent: accepted (durable), duplicate (the log had them: retries), refused, with the reason. Received is the sum of the others.',
    unit: 'eps',
    width: 10,
    noValue: 'no event yet',
    targets: [
      { legend: 'received', expr: `sum(rate(${metric('events_received_total')}[$__rate_interval]))` },
      { legend: 'accepted', expr: `sum(rate(${metric('events_accepted_total')}[$__rate_interval]))` },
      { legend: 'duplicate', expr: `sum(rate(${metric('events_duplicate_total')}[$__rate_interval]))` },
      {
        legend: 'refused: {{reason}}',
        expr: `sum by (reason) (rate(${metric('events_refused_total')}[$__rate_interval]))`,
      },
    ],
  },
  ages: {
    kind: 'timeseries',
    title: 'How old each stage is',
    description:
      'Time since the instant before which everything received has passed a stage, and since the stage last ended well. Raw files: below two hours. Report: below 26 hours, for yesterday is published after midnight.',
    unit: 's',
    width: 12,
    noValue: 'no run yet',
    redFrom: OBJECTIVES.report_age_s_max,
    targets: [
      { legend: '{{stage}}: data', expr: `time() - max by (stage) (${metric('stage_watermark_timestamp_seconds')})` },
      {
        legend: '{{stage}}: last good run',
        expr: `time() - max by (stage) (${metric('stage_last_success_timestamp_seconds')})`,
      },
    ],
  },
  jobs: {
    kind: 'stat',
    title: 'What the jobs did in the time shown',
    description:
      'Runs of the collector and the night job by outcome, and what they moved. A failed run is repeated from where it ended; rejects are log records that are no event. Choose a longer time to see a whole night.',
    unit: 'short',
    width: 12,
    noValue: 'no run yet',
    targets: [
      {
        legend: '{{job}}: {{outcome}}',
        expr: `sum by (job, outcome) (increase(${metric('job_duration_seconds', 'count')}[$__range]))`,
      },
      { legend: 'events collected', expr: grown(metric('collector_events_total')) },
      { legend: 'raw files', expr: grown(metric('collector_files_total')) },
      { legend: 'rejects', expr: grown(metric('collector_rejects_total')) },
      {
        legend: 'days {{outcome}}',
        expr: `sum by (outcome) (increase(${metric('night_days_total')}[$__range]))`,
      },
      { legend: 'rows published', expr: grown(metric('night_rows_total')) },
    ],
  },
  requests: {
    kind: 'timeseries',
    title: 'Requests',
    description:
      'Requests answered a second, by service and class of status, and requests refused to protect the server, by reason.',
    unit: 'reqps',
    width: 8,
    noValue: 'no request yet',
    targets: [
      {
        legend: '{{service}} {{status_class}}',
        expr: `sum by (service, status_class) (rate(${requests}${SERVED}[$__rate_interval]))`,
      },
      {
        legend: '{{service}} shed: {{reason}}',
        expr: `sum by (service, reason) (rate(${metric('http_shed_total')}${SERVED}[$__rate_interval]))`,
      },
    ],
  },
  errors: {
    kind: 'timeseries',
    title: 'Share of errors',
    description:
      'Share of requests answered 5xx, by service. 503 is protection or a store that does not answer, 500 is a bug. Red from 1 %.',
    unit: 'percentunit',
    width: 8,
    noValue: 'no request yet',
    redFrom: OBJECTIVES.error_share_max,
    targets: [
      {
        legend: '{{service}}',
        expr: [
          `(sum by (service) (rate(${requests}{service=~"$service", status_class="5xx"}[$__rate_interval]))`,
          `or 0 * sum by (service) (rate(${requests}${SERVED}[$__rate_interval])))`,
          `/ (sum by (service) (rate(${requests}${SERVED}[$__rate_interval])) > 0)`,
        ].join(' '),
      },
    ],
  },
  latency: {
    kind: 'timeseries',
    title: 'Time to answer',
    description:
      'Time from request to answer, half of them and 99 of 100, and time from append to durable. Percentiles are read from buckets, so they are as fine as those. Red from 250 ms.',
    unit: 's',
    width: 8,
    noValue: 'no request yet',
    redFrom: OBJECTIVES.latency_p99_s_max,
    targets: [
      {
        legend: '{{service}} p99',
        expr: quantile(0.99, metric('http_request_duration_seconds', 'bucket'), 'service, '),
      },
      {
        legend: '{{service}} p50',
        expr: quantile(0.5, metric('http_request_duration_seconds', 'bucket'), 'service, '),
      },
      { legend: 'durable p99', expr: quantile(0.99, metric('log_append_duration_seconds', 'bucket'), '') },
    ],
  },
  lag: {
    kind: 'timeseries',
    title: 'Event-loop lag',
    description:
      'How late Node’s event loop runs, 99 of 100 turns; its own timer adds some 10 ms. Every request waits as long. Red from 100 ms.',
    unit: 's',
    width: 6,
    noValue: 'no process',
    redFrom: OBJECTIVES.loop_lag_p99_s_max,
    targets: [{ legend: '{{service}}', expr: `max by (service) (nodejs_eventloop_lag_p99_seconds${SERVED})` }],
  },
  memory: {
    kind: 'timeseries',
    title: 'Memory',
    description:
      'Resident memory of each process and the used part of its JavaScript heap. A heap that climbs over hours is a leak; resident memory above it belongs to the stores (LMDB, DuckDB).',
    unit: 'bytes',
    width: 6,
    noValue: 'no process',
    targets: [
      { legend: '{{service}} resident', expr: `max by (service) (process_resident_memory_bytes${SERVED})` },
      { legend: '{{service}} heap', expr: `max by (service) (nodejs_heap_size_used_bytes${SERVED})` },
    ],
  },
  work: {
    kind: 'timeseries',
    title: 'Work in hand',
    description:
      'Requests being answered, by service, and events per append. In flight climbs when a store is slow; larger appends mean that the log takes more at once, which is how it keeps up.',
    unit: 'short',
    width: 6,
    noValue: 'no request yet',
    targets: [
      { legend: '{{service}} in flight', expr: `max by (service) (${metric('http_requests_in_flight')}${SERVED})` },
      {
        legend: 'events per append',
        expr: [
          `sum(rate(${metric('log_append_batch_events', 'sum')}[$__rate_interval]))`,
          `/ (sum(rate(${metric('log_append_batch_events', 'count')}[$__rate_interval])) > 0)`,
        ].join(' '),
      },
    ],
  },
  backlog: {
    kind: 'timeseries',
    title: 'Events waiting for the collector',
    description:
      'Events in the log and not yet in raw files, now, and what the last run of the collector left behind. An hourly collector makes a saw-tooth; the second line must be 0.',
    unit: 'short',
    width: 6,
    noValue: 'no log',
    targets: [
      {
        legend: 'waiting',
        expr: [
          `sum(max by (partition) (${metric('log_end_offset')}))`,
          `- sum(max by (partition) (${metric('collector_offset')}))`,
        ].join(' '),
      },
      { legend: 'left by the last run', expr: `sum(${metric('collector_lag_events')})` },
    ],
  },
}

const QUESTIONS: readonly { title: string; panels: readonly PanelKey[] }[] = [
  { title: 'Are events lost or doubled?', panels: ['balance', 'stages', 'fates'] },
  { title: 'How old is what the report shows?', panels: ['ages', 'jobs'] },
  { title: 'Are users served?', panels: ['requests', 'errors', 'latency'] },
  { title: 'What will run out next?', panels: ['lag', 'memory', 'work', 'backlog'] },
]

export function overview(): Dashboard {
  return dashboard({
    uid: OVERVIEW_UID,
    title: 'MusicBox overview',
    description:
      'Four questions: are events lost or doubled, how old is the report, are users served, what runs out next?',
    rows: QUESTIONS.map(({ title, panels }) => ({
      title,
      panels: panels.map((key) => ({ id: PANELS.indexOf(key) + 1, panel: SPECS[key] })),
    })),
  })
}
