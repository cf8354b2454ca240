import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Hono } from 'hono'
import { createMetrics } from '../../observability/metrics.ts'
import { guard, newServerState } from './guard.ts'
import { HTTP_LIMITS } from './limits.ts'
import { isLoopback, LOGIN_COST, RateLimiter } from './rate-limit.ts'

describe('the rate limit', () => {
  it('lets a burst pass, then as many as its rate, and says when to come back', () => {
    const limiter = new RateLimiter({ per_s: 10, burst: 20 })
    const passed = (now_ms: number): number => {
      let count = 0
      while (limiter.take('a', 1, now_ms) === 0) count++
      return count
    }
    assert.equal(passed(0), 20)
    assert.equal(passed(500), 5)
    assert.equal(passed(1_000_000), 20)
    assert.equal(limiter.take('a', 20, 1_000_000), 2)
  })

  it('counts each address by itself, and takes nothing for what it refuses', () => {
    const limiter = new RateLimiter({ per_s: 1, burst: 1 })
    assert.equal(limiter.take('a', 1, 0), 0)
    assert.equal(limiter.take('b', 1, 0), 0)
    for (let i = 0; i < 100; i++) assert.ok(limiter.take('a', 1, 10) > 0)
    assert.equal(limiter.take('a', 1, 1000), 0)
  })

  it('stays small however many addresses come', () => {
    const limiter = new RateLimiter({ per_s: 1, burst: 1 })
    limiter.take('first', 1, 0)
    for (let i = 0; i < 20_000; i++) limiter.take(String(i), 1, 1)
    assert.equal(limiter.take('first', 1, 1), 0)
  })

  it('knows this machine’s own addresses', () => {
    for (const own of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) assert.ok(isLoopback(own), own)
    for (const other of ['10.0.0.1', '1.127.0.0', '::2', '']) assert.ok(!isLoopback(other), other)
  })

  it('answers 429 with Retry-After, sooner for logins, never for health and never for this machine', async () => {
    const statuses = async (address: string | undefined, path: string, count: number): Promise<Map<number, number>> => {
      const app = new Hono()
      const options = {
        state: newServerState(),
        limits: HTTP_LIMITS,
        metrics: createMetrics('test'),
        loopDelay_ms: () => 0,
      }
      app.use(guard({ ...options, addressOf: () => address }))
      app.all('*', (c) => c.text('ok'))
      const seen = new Map<number, number>()
      for (let i = 0; i < count; i++) {
        const answer = await app.request(path, { method: 'POST' })
        if (answer.status === 429) assert.ok(Number(answer.headers.get('Retry-After')) >= 1)
        seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1)
      }
      return seen
    }
    assert.ok((await statuses('203.0.113.7', '/v1/events', 600)).get(429)! > 100)
    const logins = await statuses('203.0.113.7', '/v1/login', 100)
    assert.ok(logins.get(200)! < 2 * (300 / LOGIN_COST))
    assert.equal((await statuses('203.0.113.7', '/health/live', 600)).get(200), 600)
    assert.equal((await statuses('127.0.0.1', '/v1/events', 600)).get(200), 600)
    assert.equal((await statuses(undefined, '/v1/events', 600)).get(200), 600)
  })
})
