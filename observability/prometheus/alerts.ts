/**
 * Alerts: each one means that somebody should act, and says how. `page` wakes a person, `ticket` can wait for the
 * morning. Every alert names the panel to look at; `alerts.test.ts` proves that each fires, keeps quiet just below its
 * bound, and resolves.
 */
import { OVERVIEW_UID, PANELS, type PanelKey } from '../dashboards/overview.ts'
import { OBJECTIVES, SERVICES } from '../objectives.ts'
import { metric } from '../promql.ts'

export interface Alert {
  alert: string
  expr: string
  /** How long it must hold, as Prometheus writes it. */
  for?: string
  severity: 'page' | 'ticket' | 'none'
  summary: string
  /** What it means, what causes it, what to do: the runbook. */
  runbook: string
  panel?: PanelKey
}

const jobRuns = metric('job_duration_seconds', 'count')

export const ALERTS: readonly Alert[] = [
  {
    alert: 'MusicboxTargetDown',
    expr: 'up{service!=""} == 0',
    for: '1m',
    severity: 'page',
    summary: '{{ $labels.service }} does not answer scrapes',
    runbook: [
      'The process is gone, hangs, or its /metrics port is taken or closed.',
      'Look at its log and restart it (`musicbox serve` restarts its parts by itself).',
      'What was accepted before is durable: nothing needs to be replayed.',
    ].join('\n'),
    panel: 'requests',
  },
  {
    alert: 'MusicboxTargetAbsent',
    expr: SERVICES.map(({ service }) => `absent(up{service="${service}"})`).join('\nor\n'),
    for: '5m',
    severity: 'page',
    summary: '{{ $labels.service }} is not among the scrape targets',
    runbook: [
      'Prometheus has no target of this name, so none of its alerts can fire.',
      'Compare `scrape_configs` in prometheus.yml with the ports that `musicbox serve` prints.',
    ].join('\n'),
    panel: 'requests',
  },
  {
    alert: 'MusicboxEventsLostOrDoubled',
    expr: `max by (from, to) (abs(${metric('audit_gap_events')})) > 0`,
    severity: 'page',
    summary: '{{ $value }} events differ between {{ $labels.from }} and {{ $labels.to }}',
    runbook: [
      'The last audit counted more or fewer events at one stage than at the one before: events are lost or doubled.',
      'Run `musicbox verify` for the days and hours concerned.',
      'The event log keeps every accepted event: if raw files lack some, run `musicbox collect`;',
      'if the report lacks some, run `musicbox aggregate`, which rebuilds exactly the days that differ.',
      'A gap that stays after both is a bug: keep the data folder and report it.',
    ].join('\n'),
    panel: 'balance',
  },
  {
    alert: 'MusicboxHoursDiffer',
    expr: `max by (from, to) (${metric('audit_mismatched_hours')}) > 0`,
    severity: 'page',
    summary: '{{ $value }} hours differ between {{ $labels.from }} and {{ $labels.to }}',
    runbook: [
      'Counts or checksums of some hours differ. With equal totals one event is lost and another is doubled or altered.',
      'Run `musicbox verify` for the hours, then as for MusicboxEventsLostOrDoubled.',
    ].join('\n'),
    panel: 'balance',
  },
  {
    alert: 'MusicboxRawFilesOld',
    expr: `stage:musicbox_watermark_age_seconds:max{stage="raw"} > ${OBJECTIVES.raw_age_s_max}`,
    for: '5m',
    severity: 'ticket',
    summary: 'Raw files end {{ $value | humanizeDuration }} ago',
    runbook: [
      'The hourly collector has missed a run or does not keep up. Events wait in the log; none is lost.',
      'Look for failed runs in the panel of the jobs and in the log of the pipeline process; then run `musicbox collect`.',
    ].join('\n'),
    panel: 'ages',
  },
  {
    alert: 'MusicboxReportOld',
    expr: `stage:musicbox_watermark_age_seconds:max{stage="report"} > ${OBJECTIVES.report_age_s_max}`,
    for: '10m',
    severity: 'ticket',
    summary: 'Reports end {{ $value | humanizeDuration }} ago',
    runbook: [
      'The night job has not published yesterday. Reports stay right but old, and say so in `as_of`.',
      'Look for a failed night run, mend its cause, then run `musicbox aggregate`: a night can be repeated safely.',
    ].join('\n'),
    panel: 'ages',
  },
  {
    // A series that is new within the hour has no increase yet, so the first failure after a start is asked for by itself.
    alert: 'MusicboxJobFailed',
    expr: [
      `sum by (job) (increase(${jobRuns}{outcome="failed"}[1h])) > 0`,
      'or',
      `sum by (job) (${jobRuns}{outcome="failed"} unless ${jobRuns}{outcome="failed"} offset 1h) > 0`,
    ].join('\n'),
    severity: 'ticket',
    summary: 'A {{ $labels.job }} run failed within the last hour',
    runbook: [
      'The run ended with an error; the next one starts where this one ended, and nothing is half done.',
      'The log of the pipeline process has the reason: a full disk, a store that does not answer, or damaged data.',
    ].join('\n'),
    panel: 'jobs',
  },
  {
    alert: 'MusicboxCollectorRejects',
    expr: `sum(increase(${metric('collector_rejects_total')}[1h])) > 0`,
    severity: 'ticket',
    summary: 'The collector met log records that are no event',
    runbook: [
      'Something other than the event server wrote to the log, or a record was damaged.',
      'The records are kept with partition, offset and reason in the reject files beside the raw files: read them there.',
    ].join('\n'),
    panel: 'jobs',
  },
  {
    alert: 'MusicboxCollectorLeavesEvents',
    expr: `sum(${metric('collector_lag_events')}) > 0`,
    for: '90m',
    severity: 'ticket',
    summary: 'The collector has left {{ $value }} events behind for more than an hour',
    runbook: [
      'A run should read the log to its end; more than one did not.',
      'Events come faster than they are collected, or runs are cut short: look at the runs’ durations, then collect more often.',
    ].join('\n'),
    panel: 'backlog',
  },
  {
    alert: 'MusicboxRefusalsHigh',
    expr: `service:musicbox_events_refused:ratio_rate5m > ${OBJECTIVES.refused_share_max}`,
    for: '5m',
    severity: 'ticket',
    summary: '{{ $value | humanizePercentage }} of events are refused',
    runbook: [
      'Listeners send events that the event API does not take; each answer says why, and the panel shows the reasons.',
      'After a release of ours: compare the event schema. Else a client is broken: its events are not counted anywhere.',
    ].join('\n'),
    panel: 'fates',
  },
  {
    alert: 'MusicboxErrorsHigh',
    expr: `service:musicbox_http_errors:ratio_rate5m > ${OBJECTIVES.error_share_max}`,
    for: '5m',
    severity: 'page',
    summary: '{{ $labels.service }} answers {{ $value | humanizePercentage }} of requests with 5xx',
    runbook: [
      '503 means that the server protects itself or that a store does not answer; 500 is a bug.',
      'Look at shed requests by reason, loop lag and memory, then at the log of the process.',
      'Listeners keep what was not accepted and send it again under the same id: nothing is doubled by that.',
    ].join('\n'),
    panel: 'requests',
  },
  {
    alert: 'MusicboxSlow',
    expr: `service:musicbox_http_request_duration_seconds:p99_5m > ${OBJECTIVES.latency_p99_s_max}`,
    for: '5m',
    severity: 'ticket',
    summary: '{{ $labels.service }} takes {{ $value | humanizeDuration }} for one request in a hundred',
    runbook: [
      'Compare with the time from append to durable: if that is slow too, the disk is; else the process is short of CPU.',
      'Look at loop lag and requests in flight; lower the load or add CPU.',
    ].join('\n'),
    panel: 'latency',
  },
  {
    alert: 'MusicboxLoopLag',
    expr: `nodejs_eventloop_lag_p99_seconds{service!=""} > ${OBJECTIVES.loop_lag_p99_s_max}`,
    for: '2m',
    severity: 'ticket',
    summary: 'The event loop of {{ $labels.service }} runs {{ $value | humanizeDuration }} late',
    runbook: [
      'Something holds the loop: work that is too long for one turn, collection of garbage, or too little CPU.',
      'Every request waits as long. Look at memory in the panel beside it, and take a CPU profile (`--cpu-prof`).',
    ].join('\n'),
    panel: 'lag',
  },
  {
    alert: 'MusicboxShedding',
    expr: `sum by (service, reason) (rate(${metric('http_shed_total')}[5m])) > 0`,
    for: '5m',
    severity: 'ticket',
    summary: '{{ $labels.service }} refuses requests to protect itself: {{ $labels.reason }}',
    runbook: [
      'The load is above what this machine serves in time. Refused requests get 503 with Retry-After.',
      'Expected in a capacity search. Else lower the load or add CPU; `in-flight` and `memory` point at a slow store.',
    ].join('\n'),
    panel: 'requests',
  },
  {
    alert: 'Watchdog',
    expr: 'vector(1)',
    severity: 'none',
    summary: 'Alerting works',
    runbook:
      'Always fires. Route it to something that complains when it stops: then Prometheus or its way out is broken.',
  },
]

/** The annotation by which a person gets from the alert to its panel. */
export function panelPath(panel: PanelKey): string {
  return `/d/${OVERVIEW_UID}?viewPanel=${PANELS.indexOf(panel) + 1}`
}
