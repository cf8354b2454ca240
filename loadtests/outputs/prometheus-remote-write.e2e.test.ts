/** Remote write against reality: what a run sends, a real Prometheus gives back to queries. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { skipWithoutPrometheus } from '../../observability/prometheus/installed.ts'
import { type PrometheusServer, startPrometheus } from '../../observability/prometheus/server.ts'
import { Metrics } from '../metrics/metric.ts'
import { readThresholds, ThresholdWatch, thresholdSamples } from '../thresholds/thresholds.ts'
import { openOutputs, readOut } from './out-option.ts'
import type { PrometheusRemoteWrite } from './prometheus-remote-write.ts'

describe('remote write to a real Prometheus', { skip: skipWithoutPrometheus(process.env) }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'musicbox-remote-write-'))
  let prometheus: PrometheusServer
  const value = async (expr: string): Promise<number> => Number((await prometheus.query(expr))[0]?.values[0]?.[1])

  before(async () => {
    prometheus = await startPrometheus({ folder, targets: [], flags: ['--web.enable-remote-write-receiver'] })
  })
  after(async () => {
    await prometheus?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const openOutput = (env: Record<string, string> = {}, segment?: number): PrometheusRemoteWrite => {
    const spec = readOut(`experimental-prometheus-rw=${prometheus.url}/api/v1/write`, {
      K6_PROMETHEUS_RW_TREND_STATS: 'p(99),avg,count',
      ...env,
    })
    return openOutputs([spec], segment === undefined ? {} : { segment })[0] as PrometheusRemoteWrite
  }

  it('gives counters, rates, gauges, trends and histograms back under the names that k6 gives them', async () => {
    const metrics = new Metrics()
    const output = openOutput({ MUSICBOX_PROMETHEUS_RW_HISTOGRAMS: 'true' })
    metrics.addOutput(output)
    const tags = metrics.tagSets.root.withAll({ scenario: 'listen', url: 'http://x/?q="a\\b"', testid: 'names' })
    const emit = (name: 'http_reqs' | 'http_req_duration' | 'http_req_failed' | 'vus', sample: number): void =>
      metrics.emit(metrics.builtIn(name), sample, tags, Date.now())
    for (let ms = 1; ms <= 100; ms++) {
      emit('http_reqs', 1)
      emit('http_req_duration', ms)
      emit('http_req_failed', ms % 4 === 0 ? 1 : 0)
    }
    emit('vus', 12)
    await output.push()
    emit('http_reqs', 1)
    await output.close()
    const of = '{testid="names",scenario="listen",url=~"http://x/.*"}'
    assert.equal(await value(`k6_http_reqs_total${of}`), 101)
    assert.equal(await value(`k6_http_req_failed_rate${of}`), 0.25)
    assert.equal(await value(`k6_vus${of}`), 12)
    assert.equal(await value(`k6_http_req_duration_count${of}`), 100)
    assert.ok(Math.abs((await value(`k6_http_req_duration_avg${of}`)) - 0.0505) < 1e-9)
    assert.ok(Math.abs((await value(`k6_http_req_duration_p99${of}`)) - 0.09901) < 1e-9)
    const median = await value(`histogram_quantile(0.5, k6_http_req_duration_seconds_bucket${of})`)
    assert.ok(median > 0.025 && median <= 0.05, String(median))
  })

  it('keeps the series of several processes apart, so that they add up', async () => {
    for (const segment of [0, 1]) {
      const metrics = new Metrics()
      const output = openOutput({}, segment)
      metrics.addOutput(output)
      const tags = metrics.tagSets.root.with('testid', 'segments')
      for (let i = 0; i < 10 + segment; i++) metrics.emit(metrics.builtIn('iterations'), 1, tags, Date.now())
      await output.close()
    }
    assert.equal(await value('sum(k6_iterations_total{testid="segments"})'), 21)
  })

  it('shows which thresholds hold', async () => {
    const metrics = new Metrics()
    const watch = new ThresholdWatch(readThresholds({ http_reqs: ['count>2', 'count<2'] }, metrics))
    metrics.emit(metrics.builtIn('http_reqs'), 1, metrics.tagSets.root, 0)
    const output = openOutput()
    for (const sample of thresholdSamples(watch.results(1), Date.now())) output.sample(sample)
    await output.close()
    assert.equal(await value('k6_threshold_ok{threshold="count<2"}'), 1)
    assert.equal(await value('k6_threshold_ok{threshold="count>2"}'), 0)
    assert.equal(await value('k6_threshold_value{metric="http_reqs",threshold="count>2"}'), 1)
  })

  it('ends its series at once when asked to', async () => {
    const sent = async (staleMarkers: string): Promise<number> => {
      const metrics = new Metrics()
      const output = openOutput({ K6_PROMETHEUS_RW_STALE_MARKERS: staleMarkers })
      metrics.addOutput(output)
      const tags = metrics.tagSets.root.with('testid', `stale-${staleMarkers}`)
      metrics.emit(metrics.builtIn('vus'), 3, tags, Date.now())
      await output.close()
      const { length } = await prometheus.query(`k6_vus{testid="stale-${staleMarkers}"}`)
      assert.equal(await value(`max_over_time(k6_vus{testid="stale-${staleMarkers}"}[1m])`), 3)
      return length
    }
    assert.equal(await sent('false'), 1)
    assert.equal(await sent('true'), 0)
  })

  it('is told when the receiver is not switched on', async () => {
    const plain = mkdtempSync(join(tmpdir(), 'musicbox-remote-write-'))
    const closed = await startPrometheus({ folder: plain, targets: [] })
    try {
      const metrics = new Metrics()
      const [output] = openOutputs([readOut(`experimental-prometheus-rw=${closed.url}/api/v1/write`)])
      metrics.addOutput(output!)
      metrics.emit(metrics.builtIn('vus'), 3, metrics.tagSets.root, Date.now())
      await assert.rejects(output!.close(), /got status 404: remote write receiver needs to be enabled/)
    } finally {
      await closed.stop()
      rmSync(plain, { recursive: true, force: true })
    }
  })
})
