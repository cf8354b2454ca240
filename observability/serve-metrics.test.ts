import assert from 'node:assert/strict'
import { request } from 'node:http'
import { describe, it } from 'node:test'
import { MusicboxError } from '../datasets/failure.ts'
import { createMetrics } from './metrics.ts'
import { serveMetrics } from './serve-metrics.ts'

describe('serveMetrics', () => {
  it('answers a scrape on loopback with the process’s series', async (t) => {
    const metrics = createMetrics('event-api')
    metrics.events_accepted_total.inc({ event: 'play' }, 3)
    const endpoint = await serveMetrics(metrics, { port: 0 })
    t.after(() => endpoint.close())
    const response = await fetch(endpoint.url)
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/)
    assert.match(await response.text(), /^musicbox_events_accepted_total\{event="play",service="event-api"\} 3$/m)
    assert.equal(new URL(endpoint.url).hostname, '127.0.0.1')
    assert.equal(Number(new URL(endpoint.url).port), endpoint.port)
  })

  it('says 404 elsewhere and 405 to what is no read', async (t) => {
    const endpoint = await serveMetrics(createMetrics('event-api'), { port: 0 })
    t.after(() => endpoint.close())
    assert.equal((await fetch(new URL('/', endpoint.url))).status, 404)
    assert.equal((await fetch(new URL('/metrics/x', endpoint.url))).status, 404)
    const post = await fetch(endpoint.url, { method: 'POST', body: '{}' })
    assert.equal(post.status, 405)
    assert.equal(post.headers.get('allow'), 'GET, HEAD')
  })

  it('refreshes gauges before each answer, and answers all the same when that fails', async (t) => {
    const metrics = createMetrics('event-api')
    let calls = 0
    const endpoint = await serveMetrics(metrics, {
      port: 0,
      refresh: async () => {
        calls++
        if (calls === 2) throw new Error('the store is away')
        metrics.log_end_offset.set({ partition: '0' }, calls * 10)
      },
    })
    t.after(() => endpoint.close())
    const offset = async (): Promise<string | undefined> =>
      /^musicbox_log_end_offset\{.*\} (\d+)$/m.exec(await (await fetch(endpoint.url)).text())?.[1]
    assert.deepEqual([await offset(), await offset(), await offset()], ['10', '10', '30'])
  })

  it('a taken port is a failure that says which', async (t) => {
    const first = await serveMetrics(createMetrics('event-api'), { port: 0 })
    t.after(() => first.close())
    await assert.rejects(
      serveMetrics(createMetrics('report-api'), { port: first.port }),
      (error: unknown) =>
        error instanceof MusicboxError &&
        error.code === 'backend.unreachable' &&
        error.message.includes(`port ${first.port}`) &&
        error.message.includes('EADDRINUSE'),
    )
  })

  it('closes with a kept-alive connection open, and again', async () => {
    const endpoint = await serveMetrics(createMetrics('event-api'), { port: 0 })
    const { promise, resolve } = Promise.withResolvers<void>()
    const kept = request(endpoint.url, { agent: undefined, headers: { Connection: 'keep-alive' } }, (response) => {
      response.resume().on('end', resolve)
    })
    kept.on('error', () => {})
    kept.end()
    await promise
    await endpoint.close()
    await endpoint.close()
    await assert.rejects(fetch(endpoint.url))
  })

  it('an instrument that throws fails the scrape and not the process', async (t) => {
    const metrics = createMetrics('event-api')
    const endpoint = await serveMetrics(metrics, { port: 0 })
    t.after(() => endpoint.close())
    const { metrics: read } = metrics.registry
    metrics.registry.metrics = () => Promise.reject(new Error('broken gauge'))
    assert.equal((await fetch(endpoint.url)).status, 500)
    metrics.registry.metrics = read
    assert.equal((await fetch(endpoint.url)).status, 200)
  })

  it('says whether the process can do its work, where it was told how to know', async (t) => {
    let reason: string | undefined
    const endpoint = await serveMetrics(createMetrics('pipeline'), { port: 0, unready: () => reason })
    t.after(() => endpoint.close())
    const ready = endpoint.url.replace('/metrics', '/health/ready')
    assert.equal((await fetch(ready)).status, 200)
    reason = 'the collector stands still'
    const answer = await fetch(ready)
    assert.deepEqual([answer.status, await answer.text()], [503, 'the collector stands still\n'])
  })
})
