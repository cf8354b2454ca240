import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { MusicboxError } from '../../datasets/failure.ts'
import { createMetrics } from '../metrics.ts'
import { serveMetrics } from '../serve-metrics.ts'
import { skipWithoutPrometheus } from './installed.ts'
import { startPrometheus } from './server.ts'

const folder = mkdtempSync(join(tmpdir(), 'musicbox-prometheus-'))
after(() => rmSync(folder, { recursive: true, force: true }))

describe('a real Prometheus', { skip: skipWithoutPrometheus(process.env) }, () => {
  it('scrapes our endpoint, keeps our labels, evaluates our rules', async (t) => {
    const metrics = createMetrics('pipeline')
    metrics.job_duration_seconds.observe({ job: 'night', outcome: 'ok' }, 2)
    metrics.audit_gap_events.set({ from: 'log', to: 'raw' }, -2)
    const endpoint = await serveMetrics(metrics, { port: 0 })
    t.after(() => endpoint.close())
    const prometheus = await startPrometheus({
      targets: [{ service: 'pipeline', address: `127.0.0.1:${endpoint.port}` }],
      folder,
    })
    t.after(() => prometheus.stop())

    await until(async () => (await prometheus.query('ALERTS{alertname="MusicboxEventsLostOrDoubled"}')).length > 0)
    const [up] = await prometheus.query('up')
    assert.equal(up?.metric['service'], 'pipeline')
    assert.equal(up?.values[0]?.[1], '1')
    // `job` names the batch job here: Prometheus must not have put its own over it.
    const [runs] = await prometheus.query('musicbox_job_duration_seconds_count')
    assert.equal(runs?.metric['job'], 'night')
    const now_s = Date.now() / 1000
    const gaps = await prometheus.queryRange('musicbox_audit_gap_events', {
      start_s: now_s - 60,
      end_s: now_s,
      step_s: 1,
    })
    assert.equal(gaps[0]?.values.at(-1)?.[1], '-2')
    await assert.rejects(
      prometheus.query('sum('),
      (error) => error instanceof MusicboxError && /parse/.test(error.message),
    )

    await prometheus.stop()
    await prometheus.stop()
    await assert.rejects(fetch(prometheus.url))
  })

  it('says why it ended when it cannot start', async (t) => {
    const endpoint = await serveMetrics(createMetrics('pipeline'), { port: 0 })
    t.after(() => endpoint.close())
    await assert.rejects(
      startPrometheus({ targets: [], folder, port: endpoint.port }),
      (error) => error instanceof MusicboxError && error.code === 'backend.unreachable' && /in use/.test(error.message),
    )
  })
})

describe('skipWithoutPrometheus', () => {
  it('names what is missing, and lets nothing be skipped where it is required', () => {
    assert.match(String(skipWithoutPrometheus({ PATH: folder })), /^prometheus and promtool not installed/)
    assert.equal(skipWithoutPrometheus({ PATH: folder, MUSICBOX_REQUIRE_PROMETHEUS: '1' }), false)
  })
})

/** Waits for what must come; the test runner's own limit ends it. */
async function until(happened: () => Promise<boolean>): Promise<void> {
  while (!(await happened())) await new Promise((resolve) => setTimeout(resolve, 200))
}
