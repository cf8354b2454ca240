import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { exchange } from './http-exchange.ts'

const SILENCE_MS = 300

describe('HTTP exchange', () => {
  it('gives up on a connection that is never made', { timeout: 10_000 }, async () => {
    // The address never comes, which is the one way of not connecting that needs no network.
    const agent = new Agent({ keepAlive: true, lookup: () => {} })
    const url = new URL('http://nowhere.example/')
    await assert.rejects(exchange({ method: 'GET', url, agent, timeout_ms: SILENCE_MS }), { code: 'ETIMEDOUT' })
    agent.destroy()
  })

  it('goes on with a slow upload and a slow answer while there is progress', async () => {
    const sent = Buffer.alloc(32_000_000, 'x')
    const before_ms = performance.now()
    const { took, body } = await against(
      async (request, response) => {
        let size = 0
        for await (const chunk of request) {
          size += (chunk as Buffer).length
          // So often that the whole takes many times the longest silence.
          if (size % 4_000_000 < (chunk as Buffer).length) await sleep(SILENCE_MS / 3)
        }
        for (let part = 0; part < 6; part++) {
          response.write(`${size} `)
          await sleep(SILENCE_MS / 3)
        }
        response.end()
      },
      async (url, agent) => {
        const { body } = await exchange({ method: 'PUT', url, body: sent, agent, timeout_ms: SILENCE_MS })
        return { took: performance.now() - before_ms, body }
      },
    )
    assert.equal(String(body), `${sent.length} `.repeat(6))
    assert.ok(took > 3 * SILENCE_MS, `${took} ms`)
  })

  it('gives up on an upload that nobody takes, over a connection that was in use before', async () => {
    let connections = 0
    await against(
      (request, response) => {
        if (request.method === 'GET') response.end('at first')
        else request.pause()
      },
      async (url, agent, server) => {
        server.on('connection', () => connections++)
        await exchange({ method: 'GET', url, agent, timeout_ms: 10 * SILENCE_MS })
        const upload = { method: 'PUT', url, body: Buffer.alloc(32_000_000), agent, timeout_ms: SILENCE_MS } as const
        await assert.rejects(exchange(upload), { code: 'ETIMEDOUT' })
      },
    )
    assert.equal(connections, 1)
  })
})

async function against<T>(
  answer: RequestListener,
  ask: (url: URL, agent: Agent, server: ReturnType<typeof createServer>) => Promise<T>,
): Promise<T> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const agent = new Agent({ keepAlive: true })
  try {
    return await ask(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`), agent, server)
  } finally {
    agent.destroy()
    server.closeAllConnections()
    server.close()
  }
}
