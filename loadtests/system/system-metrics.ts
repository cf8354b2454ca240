/**
 * Metrics of the system under load, as metrics of the run: thresholds, outputs and reports can name them like any other.
 * They are read from what its processes serve at `/metrics`; see system-probe.ts.
 */
import type { Contains, Tags } from '../metrics/metric.ts'
import type { MetricType } from '../metrics/sink.ts'
import type { ScrapedSample } from './prometheus-text.ts'

interface SystemMetric {
  type: MetricType
  contains: Contains
  /** By which sub-metrics can be told apart: `system_cpu{service:event-api}`. */
  tag: 'service' | 'stage' | 'url'
  meaning: string
}

export const SYSTEM_METRICS: Readonly<Record<string, SystemMetric>> = {
  system_cpu: {
    type: 'gauge',
    contains: 'default',
    tag: 'service',
    meaning: 'processor cores used since the last scrape',
  },
  system_rss_bytes: { type: 'gauge', contains: 'data', tag: 'service', meaning: 'resident memory' },
  event_loop_delay_ms: {
    type: 'gauge',
    contains: 'time',
    tag: 'service',
    meaning: 'how late the event loop came round since the last scrape, 99th percentile',
  },
  http_in_flight: { type: 'gauge', contains: 'default', tag: 'service', meaning: 'requests being answered' },
  log_append_ms: {
    type: 'gauge',
    contains: 'time',
    tag: 'service',
    meaning: 'time from append to durable, mean of the appends since the last scrape',
  },
  stage_lag_events: {
    type: 'gauge',
    contains: 'default',
    tag: 'stage',
    meaning: 'events that the stage has still to take (collector: in the log, not in raw files)',
  },
  stage_age_s: {
    type: 'gauge',
    contains: 'default',
    tag: 'stage',
    meaning: 'age of the newest moment before which everything has passed the stage (raw, warehouse, report)',
  },
  system_scrape_failed: { type: 'counter', contains: 'default', tag: 'url', meaning: 'scrapes without an answer' },
}

/** What one process served at one time. */
export interface Scrape {
  samples: readonly ScrapedSample[]
  /** Unix time, ms. */
  at_ms: number
}

export interface Reading {
  name: string
  value: number
  tags: Tags
}

/** The monitor of Node's event loop wakes up this often, and what it reads includes it. */
const LOOP_MONITOR_PERIOD_MS = 10

/**
 * The metrics of one process.
 * @param before its last scrape; without it there are no readings of what grows
 * @param service stands for the process where its samples do not name it
 */
export function systemReadings(now: Scrape, before: Scrape | undefined, service: string): Reading[] {
  const readings: Reading[] = []
  const read = (name: string, value: number | undefined, tags: Tags): void => {
    if (value !== undefined && Number.isFinite(value)) readings.push({ name, value, tags })
  }
  const growth = (series: string): number | undefined => {
    const [last, first] = [sumOf(now, series), before && sumOf(before, series)]
    // A process that has started anew counts from 0; its next scrape can be read again.
    return last === undefined || first === undefined || last < first ? undefined : last - first
  }
  const of = { service: now.samples.find(({ labels }) => labels['service'])?.labels['service'] ?? service }
  const cpu_s = growth('process_cpu_seconds_total')
  const passed_s = before ? (now.at_ms - before.at_ms) / 1000 : 0
  read('system_cpu', cpu_s === undefined || passed_s <= 0 ? undefined : cpu_s / passed_s, of)
  read('system_rss_bytes', sumOf(now, 'process_resident_memory_bytes'), of)
  read('event_loop_delay_ms', loopDelay_ms(now), of)
  read('http_in_flight', sumOf(now, 'musicbox_http_requests_in_flight'), of)
  const appends = growth('musicbox_log_append_duration_seconds_count')
  const append_s = growth('musicbox_log_append_duration_seconds_sum')
  if (appends && append_s !== undefined) read('log_append_ms', (append_s / appends) * 1000, of)
  read('stage_lag_events', sumOf(now, 'musicbox_collector_lag_events'), { stage: 'collector' })
  for (const { name, labels, value } of now.samples) {
    if (name !== 'musicbox_stage_watermark_timestamp_seconds' || !labels['stage']) continue
    read('stage_age_s', now.at_ms / 1000 - value, { stage: labels['stage'] })
  }
  return readings
}

/** Nothing when the process does not have the series. */
function sumOf({ samples }: Scrape, series: string): number | undefined {
  const values = samples.filter(({ name }) => name === series).map(({ value }) => value)
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0)
}

function loopDelay_ms(scrape: Scrape): number | undefined {
  const p99_s = sumOf(scrape, 'nodejs_eventloop_lag_p99_seconds')
  return p99_s === undefined ? undefined : Math.max(0, p99_s * 1000 - LOOP_MONITOR_PERIOD_MS)
}
