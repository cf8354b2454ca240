/** What a server does to clients that ask too much, too slowly, too often or nonsense, and how it ends. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { MusicboxError } from '../../datasets/failure.ts'
import { createMetrics, type Metrics } from '../../observability/metrics.ts'
import { createApplication } from './application.ts'
import { readJson } from './body.ts'
import { type Answer, get, openConnection, postJson } from './connection.ts'
import { HTTP_LIMITS, type HttpLimits } from './limits.ts'
import { type RunningServer, startServer } from './server.ts'

interface Fixture extends RunningServer {
  metrics: Metrics
  faults: unknown[]
  /** Lets the requests to `/slow` end. */
  release: () => void
  /** Resolves when so many requests have reached `/slow`. */
  reached: (count: number) => Promise<void>
}

const running: RunningServer[] = []
after(() => Promise.all(running.map((server) => server.close())))

async function fixture(
  options: { limits?: Partial<HttpLimits>; loopDelay_ms?: () => number; notice_ms?: number; deadline_ms?: number } = {},
): Promise<Fixture> {
  const metrics = createMetrics('test')
  const faults: unknown[] = []
  const released = Promise.withResolvers<void>()
  const waiters: { count: number; resolve: () => void }[] = []
  let arrived = 0
  const limits = { ...HTTP_LIMITS, ...options.limits }
  const server = await startServer(
    (parts) => {
      const app = createApplication({
        ...parts,
        info: { title: 'test', description: 'test' },
        checks: { part: async () => undefined },
      })
      app.post('/size', async (c) => {
        await readJson(c, parts)
        return c.json({ size: true })
      })
      app.get('/slow', async (c) => {
        arrived++
        for (const { count, resolve } of waiters) if (arrived >= count) resolve()
        await released.promise
        return c.json({ slow: true })
      })
      app.get('/bug', () => {
        throw new Error('a secret path')
      })
      app.get('/store', () => {
        throw new MusicboxError('backend.unreachable', 'no answer from /a/secret/path')
      })
      return app
    },
    { port: 0, notice_ms: 0, deadline_ms: 5_000, ...options, limits, metrics, onFault: (error) => faults.push(error) },
  )
  running.push(server)
  const reached = (count: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    waiters.push({ count, resolve })
    if (arrived >= count) resolve()
    return promise
  }
  return { ...server, metrics, faults, release: released.resolve, reached }
}

async function ask(url: string, bytes: string | Uint8Array): Promise<Answer> {
  const connection = await openConnection(url)
  try {
    return await connection.request(bytes)
  } finally {
    connection.close()
  }
}

function problem(answer: Answer, status: number, kind: string): Record<string, unknown> {
  assert.equal(answer.status, status, answer.body)
  assert.equal(answer.headers.get('content-type'), 'application/problem+json')
  assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'self'/)
  const document = JSON.parse(answer.body) as Record<string, unknown>
  assert.equal(document['type'], `/docs#${kind}`)
  assert.equal(document['status'], status)
  assert.ok(String(document['detail']).length > 10)
  return document
}

const jsonOf = (bytes: number): string => `"${'x'.repeat(bytes - 2)}"`

function chunked(body: string, chunk_bytes: number): string {
  const chunks: string[] = []
  for (let at = 0; at < body.length; at += chunk_bytes) {
    const chunk = body.slice(at, at + chunk_bytes)
    chunks.push(`${chunk.length.toString(16)}\r\n${chunk}\r\n`)
  }
  return `POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.join('')}0\r\n\r\n`
}

describe('a body', () => {
  it('of exactly the limit is taken, one byte more is 413, announced or in chunks', async () => {
    const { url } = await fixture()
    const limit = HTTP_LIMITS.body_bytes_max
    assert.equal((await ask(url, postJson('/size', jsonOf(limit)))).status, 200)
    assert.equal((await ask(url, chunked(jsonOf(limit), 60_000))).status, 200)
    for (const bytes of [postJson('/size', jsonOf(limit + 1)), chunked(jsonOf(limit + 1), 60_000)]) {
      const answer = await ask(url, bytes)
      problem(answer, 413, 'too-large')
      assert.equal(answer.headers.get('connection'), 'close')
    }
  })

  it('is refused by the limit and nothing else: with the limit lifted it is taken', async () => {
    const { url } = await fixture({ limits: { body_bytes_max: 2_000_000 } })
    assert.equal((await ask(url, postJson('/size', jsonOf(1_000_001)))).status, 200)
    assert.equal((await ask(url, chunked(jsonOf(1_000_001), 60_000))).status, 200)
  })

  it('that claims more than it may is refused before it is sent', async () => {
    const { url } = await fixture()
    const head =
      'POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9000000\r\n\r\n'
    problem(await ask(url, head), 413, 'too-large')
    problem(await ask(url, head.replace('/size', '/nowhere')), 413, 'too-large')
  })

  it('that is no JSON, of no type, compressed or no UTF-8 is told so', async () => {
    const { url } = await fixture()
    problem(await ask(url, postJson('/size', '{"a":')), 400, 'invalid-json')
    problem(await ask(url, postJson('/size', '')), 400, 'invalid-json')
    problem(await ask(url, postJson('/size', '1', { 'Content-Type': 'text/plain' })), 415, 'unsupported-media-type')
    problem(
      await ask(url, postJson('/size', '1', { 'Content-Type': 'application/json; charset=latin1' })),
      415,
      'unsupported-media-type',
    )
    problem(await ask(url, postJson('/size', '1', { 'Content-Encoding': 'gzip' })), 415, 'unsupported-media-type')
    const bare = 'POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n1'
    problem(await ask(url, bare), 415, 'unsupported-media-type')
    const latin1 = Buffer.concat([
      Buffer.from(
        'POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n',
      ),
      Buffer.from([0x22, 0xe9, 0x22]),
    ])
    problem(await ask(url, latin1), 400, 'invalid-json')
    assert.equal(
      (await ask(url, postJson('/size', '\ufeff1', { 'Content-Type': 'Application/JSON; Charset="UTF-8"' }))).status,
      200,
    )
  })
})

describe('a request', () => {
  it('of too many or too long headers is 431', async () => {
    const { url } = await fixture()
    const headers = (count: number, size: number): string =>
      Array.from({ length: count }, (_, index) => `X-${index}: ${'v'.repeat(size)}\r\n`).join('')
    const with63 = `GET /health/live HTTP/1.1\r\nHost: a\r\n${headers(63, 1)}\r\n`
    assert.equal((await ask(url, with63)).status, 200)
    for (const count of [64, 65, 500]) {
      const bytes = `GET /health/live HTTP/1.1\r\nHost: a\r\n${headers(count, 1)}\r\n`
      problem(await ask(url, bytes), 431, 'headers-too-large')
    }
    problem(await ask(url, `GET / HTTP/1.1\r\nHost: a\r\n${headers(1, 17_000)}\r\n`), 431, 'headers-too-large')
  })

  it('that is no HTTP, or has no host, is 400', async () => {
    const { url } = await fixture()
    problem(await ask(url, 'nonsense\r\n\r\n'), 400, 'invalid-request')
    problem(await ask(url, 'GET /health/live HTTP/1.1\r\n\r\n'), 400, 'invalid-request')
    problem(await ask(url, 'GET /a\\b HTTP/1.1\r\nHost: localhost\r\n\r\n'), 400, 'invalid-request')
  })

  it('that never ends is cut off, in its headers and in its body', async () => {
    const { url } = await fixture({ limits: { headers_ms_max: 50, request_ms_max: 100, check_ms: 20 } })
    const heads = [
      'GET /health/live HTTP/1.1\r\nHost: loc',
      'POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n12',
    ]
    for (const head of heads) {
      const connection = await openConnection(url)
      problem(await connection.request(head), 408, 'request-timeout')
      await connection.closed
    }
  })

  it('to nowhere is 404, by another method 405 with Allow', async () => {
    const { url } = await fixture()
    problem(await ask(url, get('/nowhere')), 404, 'no-such-route')
    const answer = await ask(url, postJson('/health/live', '1'))
    problem(answer, 405, 'method-not-allowed')
    assert.equal(answer.headers.get('allow'), 'GET, HEAD')
  })

  it('that meets a bug is 500 and learns nothing of it; the operator does', async () => {
    const { url, faults } = await fixture()
    const answer = await ask(url, get('/bug'))
    problem(answer, 500, 'internal')
    assert.doesNotMatch(answer.body, /secret|Error|at /)
    assert.match(String(faults[0]), /a secret path/)
  })

  it('that meets a store out of reach is 503 with Retry-After, and is not told where the store is', async () => {
    const { url, faults } = await fixture()
    const answer = await ask(url, get('/store'))
    problem(answer, 503, 'unavailable')
    assert.equal(answer.headers.get('retry-after'), '2')
    assert.doesNotMatch(answer.body, /secret/)
    assert.equal(faults.length, 1)
  })
})

describe('shedding', () => {
  it('refuses with Retry-After while the event loop is late, counts it, and spares health', async () => {
    let delay_ms = 0
    const { url, metrics } = await fixture({ loopDelay_ms: () => delay_ms })
    assert.equal((await ask(url, postJson('/size', '1'))).status, 200)
    delay_ms = HTTP_LIMITS.loop_delay_ms_max + 1
    const answer = await ask(url, postJson('/size', '1'))
    problem(answer, 503, 'overloaded')
    assert.equal(answer.headers.get('retry-after'), '1')
    assert.equal((await ask(url, get('/health/live'))).status, 200)
    assert.equal((await ask(url, get('/health/ready'))).status, 200)
    assert.deepEqual(
      (await metrics.http_shed_total.get()).values.map(({ labels, value }) => [labels.reason, value]),
      [['event-loop', 1]],
    )
  })

  it('refuses the request that is one too many, and takes the next after one has ended', async () => {
    const { url, release, reached } = await fixture({ limits: { in_flight_max: 2 } })
    const slow = [ask(url, get('/slow')), ask(url, get('/slow'))]
    await reached(2)
    problem(await ask(url, postJson('/size', '1')), 503, 'overloaded')
    release()
    await Promise.all(slow)
    assert.equal((await ask(url, postJson('/size', '1'))).status, 200)
  })

  it('refuses while too many bytes are held, and forgets the bytes of a client that went away', async () => {
    const { url } = await fixture({ limits: { in_flight_bytes_max: 100 } })
    const holder = await openConnection(url)
    holder.write(postJson('/size', jsonOf(500)).subarray(0, 400))
    // How soon the server has read what was written is its own affair, so it is asked until it shows.
    const until = async (done: (status: number) => boolean): Promise<Answer> => {
      let answer = await ask(url, postJson('/size', '1'))
      for (let tries = 0; tries < 500 && !done(answer.status); tries++) answer = await ask(url, postJson('/size', '1'))
      return answer
    }
    problem(await until((status) => status !== 200), 503, 'overloaded')
    holder.close()
    const taken = await until((status) => status !== 503)
    assert.equal(taken.status, 200)
  })
})

describe('closing', () => {
  it('says so at once, finishes what is under way, and then takes no connection', async () => {
    const { url, close, release, reached } = await fixture({ notice_ms: 200 })
    const slow = await openConnection(url)
    const slowAnswer = slow.request(get('/slow'))
    const other = await openConnection(url)
    assert.equal((await other.request(get('/health/ready'))).status, 200)
    await reached(1)
    const closed = close()
    const notReady = await other.request(get('/health/ready'))
    problem(notReady, 503, 'not-ready')
    assert.equal(notReady.headers.get('connection'), 'close')
    await other.closed
    // Others may still come while notice is given; they are answered and sent away.
    const late = await ask(url, get('/health/live'))
    assert.equal(late.headers.get('connection'), 'close')
    release()
    const answer = await slowAnswer
    assert.equal(answer.status, 200)
    assert.equal(answer.headers.get('connection'), 'close')
    await closed
    await assert.rejects(openConnection(url), /ECONNREFUSED/)
    await close()
  })

  it('cuts off at its deadline what does not end', async () => {
    const { url, close, reached } = await fixture({ deadline_ms: 50 })
    const slow = await openConnection(url)
    const cut = assert.rejects(slow.request(get('/slow')), /the connection ended/)
    await reached(1)
    await close()
    await cut
  })
})

describe('request metrics', () => {
  it('have the route’s template, never what the client asked for', async () => {
    const { url, metricsUrl } = await fixture()
    for (const path of ['/health/live', '/nowhere/1', '/nowhere/2', '/bug']) await ask(url, get(path))
    const text = await (await fetch(metricsUrl)).text()
    const counts = [...text.matchAll(/musicbox_http_request_duration_seconds_count\{(.*)\} (\d+)/g)].map(
      ([, labels, count]) => [/route="([^"]*)"/.exec(labels!)![1], /status_class="([^"]*)"/.exec(labels!)![1], count],
    )
    assert.deepEqual(counts.sort(), [
      ['/bug', '5xx', '1'],
      ['/health/live', '2xx', '1'],
      ['none', '4xx', '2'],
    ])
    assert.doesNotMatch(text, /nowhere/)
  })

  it('are not on the API’s port', async () => {
    const { url } = await fixture()
    problem(await ask(url, get('/metrics')), 404, 'no-such-route')
  })
})
