import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, it } from 'node:test'
import { createMetrics, type Metrics as ServerMetrics } from '../../observability/metrics.ts'
import { serveMetrics } from '../../observability/serve-metrics.ts'
import { Metrics } from '../metrics/metric.ts'
import { parsePrometheusText } from './prometheus-text.ts'
import { type Scrape, SYSTEM_METRICS, systemReadings } from './system-metrics.ts'
import { SystemProbe, type SystemProbeOptions } from './system-probe.ts'

describe('readings of a system', () => {
  it('are cores, bytes and milliseconds, from what grew between two scrapes', () => {
    const before = scrapeOf(10_000, { cpu: 4, appends: 100, append_s: 1 })
    const now = scrapeOf(12_000, { cpu: 7, appends: 150, append_s: 1.1 })
    assert.deepEqual(systemReadings(now, before, 'unnamed').map(rounded), [
      { name: 'system_cpu', value: 1.5, tags: { service: 'event-api' } },
      { name: 'system_rss_bytes', value: 5e7, tags: { service: 'event-api' } },
      { name: 'event_loop_delay_ms', value: 12, tags: { service: 'event-api' } },
      { name: 'http_in_flight', value: 3, tags: { service: 'event-api' } },
      { name: 'log_append_ms', value: 2, tags: { service: 'event-api' } },
      { name: 'stage_lag_events', value: 42, tags: { stage: 'collector' } },
      { name: 'stage_age_s', value: 5, tags: { stage: 'raw' } },
      { name: 'stage_age_s', value: 11, tags: { stage: 'report' } },
    ])
  })

  it('of what grows wait for a second scrape, and for one more after a restart', () => {
    const grows = ({ name }: { name: string }): boolean => name === 'system_cpu' || name === 'log_append_ms'
    const first = scrapeOf(10_000, { cpu: 4, appends: 100, append_s: 1 })
    const restarted = scrapeOf(11_000, { cpu: 0.1, appends: 1, append_s: 0.01 })
    const later = scrapeOf(12_000, { cpu: 0.6, appends: 3, append_s: 0.02 })
    assert.deepEqual(systemReadings(first, undefined, 'x').filter(grows), [])
    assert.deepEqual(systemReadings(restarted, first, 'x').filter(grows), [])
    assert.deepEqual(systemReadings(later, restarted, 'x').filter(grows).map(rounded), [
      { name: 'system_cpu', value: 0.5, tags: { service: 'event-api' } },
      { name: 'log_append_ms', value: 5, tags: { service: 'event-api' } },
    ])
  })

  it('leave out what a process does not have and what is not a number', () => {
    const scrape = { samples: parsePrometheusText('nodejs_eventloop_lag_p99_seconds Nan\nother 1'), at_ms: 0 }
    assert.deepEqual(systemReadings(scrape, scrape, 'x'), [])
  })
})

describe('a system probe', () => {
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  const probeOf = (options: Omit<SystemProbeOptions, 'metrics'>): { probe: SystemProbe; metrics: Metrics } => {
    const metrics = new Metrics()
    const probe = new SystemProbe({ ...options, metrics })
    metrics.subMetric('stage_lag_events{stage:collector}')
    closing.push(() => probe.stop())
    return { probe, metrics }
  }
  const serverOf = async (job: string): Promise<{ metrics: ServerMetrics; url: string; close(): Promise<void> }> => {
    const metrics = createMetrics(job, { runtime: true })
    const endpoint = await serveMetrics(metrics, { port: 0 })
    closing.push(endpoint.close)
    return { metrics, url: endpoint.url, close: endpoint.close }
  }

  it('records what a real metrics endpoint of each of our processes serves', async () => {
    const [api, pipeline] = await Promise.all([serverOf('event-api'), serverOf('pipeline')])
    api.metrics.http_requests_in_flight.set(7)
    pipeline.metrics.collector_lag_events.set({ partition: '0' }, 30)
    pipeline.metrics.collector_lag_events.set({ partition: '1' }, 12)
    pipeline.metrics.stage_watermark_timestamp_seconds.set({ stage: 'report' }, 100)
    let now_ms = 160_000
    const { probe, metrics } = probeOf({ urls: [api.url, pipeline.url], clock: () => now_ms })
    await probe.scrape()
    api.metrics.log_append_duration_seconds.observe(0.004)
    now_ms += 1000
    await probe.scrape()
    const gauge = (name: string): number => (metrics.subMetric(name)!.sink as { value: number }).value
    assert.equal(gauge('stage_lag_events{stage:collector}'), 42)
    assert.equal(gauge('stage_age_s'), 61)
    assert.equal(gauge('log_append_ms'), 4)
    assert.ok(gauge('system_rss_bytes') > 1e6)
    const parts = metrics.series().filter(({ name }) => name.startsWith('system_rss_bytes{'))
    assert.equal(parts.length, 2, 'each part has a line of its own')
    const silent = Object.keys(SYSTEM_METRICS).filter((name) => !metrics.all.get(name)!.used)
    assert.deepEqual(silent, ['system_scrape_failed'])
  })

  it('counts scrapes without an answer, by address, and goes on', async () => {
    const refusing = createServer((_, response) => response.writeHead(500).end('no'))
    refusing.listen(0, '127.0.0.1')
    await once(refusing, 'listening')
    closing.push(async () => void refusing.close())
    const url = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}/metrics`
    const server = await serverOf('event-api')
    const { probe, metrics } = probeOf({ urls: [url, server.url] })
    const failed = metrics.subMetric(`system_scrape_failed{url:"${server.url}"}`)!.sink as { total: number }
    await probe.scrape()
    await server.close()
    await probe.scrape()
    assert.equal((metrics.all.get('system_scrape_failed')!.sink as { total: number }).total, 3)
    assert.equal(failed.total, 1)
  })

  it('lets go of addresses that were only a guess and are not there', async () => {
    const gone = await serverOf('report-api')
    await gone.close()
    const there = await serverOf('event-api')
    const { probe, metrics } = probeOf({ urls: [gone.url, there.url], optional: true })
    await probe.scrape()
    assert.deepEqual(probe.urls, [there.url])
    assert.equal(metrics.all.get('system_scrape_failed')!.used, false)
    await there.close()
    await probe.scrape()
    assert.equal(metrics.all.get('system_scrape_failed')!.used, true)
  })

  it('refuses what is no address, rather than count a failure each second', () => {
    for (const url of ['localhost:9181/metrics', '/metrics', '']) {
      assert.throws(() => new SystemProbe({ urls: [url], metrics: new Metrics() }), /such as http.*got "/)
    }
  })

  it('stops while a process does not answer, and counts nothing for it', async () => {
    const asked = Promise.withResolvers<void>()
    const mute = createServer(() => asked.resolve())
    mute.listen(0, '127.0.0.1')
    await once(mute, 'listening')
    closing.push(async () => {
      mute.closeAllConnections()
      mute.close()
    })
    const { probe, metrics } = probeOf({ urls: [`http://127.0.0.1:${(mute.address() as AddressInfo).port}/metrics`] })
    const started = probe.start()
    await asked.promise
    await probe.stop()
    await started
    assert.equal(metrics.all.get('system_scrape_failed')!.used, false)
  })
})

function scrapeOf(
  at_ms: number,
  { cpu, appends, append_s }: { cpu: number; appends: number; append_s: number },
): Scrape {
  const service = '{service="event-api"}'
  const text = `
process_cpu_seconds_total${service} ${cpu}
process_resident_memory_bytes${service} 50000000
nodejs_eventloop_lag_p99_seconds${service} 0.022
musicbox_http_requests_in_flight${service} 3
musicbox_log_append_duration_seconds_count${service} ${appends}
musicbox_log_append_duration_seconds_sum${service} ${append_s}
musicbox_collector_lag_events{service="event-api",partition="0"} 40
musicbox_collector_lag_events{service="event-api",partition="1"} 2
musicbox_stage_watermark_timestamp_seconds{service="event-api",stage="raw"} ${at_ms / 1000 - 5}
musicbox_stage_watermark_timestamp_seconds{service="event-api",stage="report"} ${at_ms / 1000 - 11}`
  return { samples: parsePrometheusText(text), at_ms }
}

function rounded<T extends { value: number }>(reading: T): T {
  return { ...reading, value: Number(reading.value.toFixed(6)) }
}
