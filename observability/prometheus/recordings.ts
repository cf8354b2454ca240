/**
 * Recording rules, named `level:metric:operation` as Prometheus' own practice has it: what alerts rest on, and what is
 * cheap to read over months.
 */
import { metric } from '../promql.ts'

export interface Recording {
  record: string
  expr: string
}

const requests = metric('http_request_duration_seconds', 'count')

export const RECORDINGS = [
  {
    record: 'service:musicbox_http_requests:rate5m',
    expr: `sum by (service) (rate(${requests}[5m]))`,
  },
  {
    // No 5xx yet means that there is no such series; the second operand makes that a zero and not a gap.
    record: 'service:musicbox_http_errors:ratio_rate5m',
    expr: [
      '(',
      `  sum by (service) (rate(${requests}{status_class="5xx"}[5m]))`,
      '  or',
      '  0 * service:musicbox_http_requests:rate5m',
      ')',
      '/',
      '(service:musicbox_http_requests:rate5m > 0)',
    ].join('\n'),
  },
  {
    record: 'service:musicbox_http_request_duration_seconds:p99_5m',
    expr: [
      'histogram_quantile(',
      '  0.99,',
      `  sum by (service, le) (rate(${metric('http_request_duration_seconds', 'bucket')}[5m]))`,
      ') >= 0',
    ].join('\n'),
  },
  {
    record: 'service:musicbox_events_refused:ratio_rate5m',
    expr: [
      `sum by (service) (rate(${metric('events_refused_total')}[5m]))`,
      '/',
      `(sum by (service) (rate(${metric('events_received_total')}[5m])) > 0)`,
    ].join('\n'),
  },
  {
    record: 'stage:musicbox_watermark_age_seconds:max',
    expr: `time() - max by (stage) (${metric('stage_watermark_timestamp_seconds')})`,
  },
  {
    // From both ends as they are now: the collector's own gauge is only as fresh as its last run.
    record: 'musicbox:collector_backlog_events:sum',
    expr: [
      `sum(max by (partition) (${metric('log_end_offset')}))`,
      '-',
      `sum(max by (partition) (${metric('collector_offset')}))`,
    ].join('\n'),
  },
] as const satisfies readonly Recording[]
