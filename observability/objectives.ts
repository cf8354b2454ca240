/**
 * Where good ends: the figures at which an alert fires and a panel turns red. One place, so that no one is woken by a
 * number that the dashboard shows in green.
 */
export const OBJECTIVES = {
  /** The collector runs hourly; two hours without new raw files means that a run was missed. */
  raw_age_s_max: 2 * 3600,
  /** The night job publishes yesterday soon after midnight, so a report's age climbs to a day and the night's run time. */
  report_age_s_max: 26 * 3600,
  /** The event API answers in milliseconds; a listener notices a quarter of a second. */
  latency_p99_s_max: 0.25,
  /** Share of requests answered 5xx. */
  error_share_max: 0.01,
  /** Share of events refused. Broken clients refuse themselves; a sudden rise is a change of ours. */
  refused_share_max: 0.05,
  /** Node's event loop blocked for so long delays every request by as much. */
  loop_lag_p99_s_max: 0.1,
} as const

/** How often Prometheus scrapes, in seconds; Grafana's `$__rate_interval` is four times this at least. */
export const SCRAPE_INTERVAL_S = 5

/** Our processes: `service` is the label on all their series, `port` where `musicbox serve` puts their /metrics. */
export const SERVICES = [
  { service: 'event-api', port: 9181 },
  { service: 'report-api', port: 9191 },
  { service: 'pipeline', port: 9201 },
] as const
