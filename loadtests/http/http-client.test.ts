import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { after, describe, it } from 'node:test'
import { readAddress } from './address.ts'
import { HttpClient, type HttpRequest } from './http-client.ts'
import { requestHead } from './request-head.ts'

const cleanups: (() => void)[] = []
after(() => {
  for (const clean of cleanups) clean()
})

describe('the HTTP client', () => {
  it('reads a body of known length and keeps the connection for the next request', async () => {
    const server = await http((_, respond) => respond('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'))
    const client = newClient()
    for (let i = 0; i < 3; i++) {
      const answer = await client.send(request(server.port))
      assert.equal(answer.head?.status, 200)
      assert.equal(answer.body.toString(), 'hello')
    }
    assert.equal(server.connections(), 1)
  })

  it('opens a connection for each request when told not to keep them', async () => {
    const server = await http((_, respond) => respond('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'))
    const client = newClient({ keepAlive: false })
    for (let i = 0; i < 3; i++) await client.send(request(server.port))
    assert.equal(server.connections(), 3)
  })

  it('reads chunks however the bytes are cut', async () => {
    const whole =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=1\r\nwiki\r\n6\r\npedia \r\n0\r\nTrailer: a\r\n\r\n'
    for (const step of [1, 2, 3, 7, whole.length]) {
      const server = await http(async (socket) => {
        for (let at = 0; at < whole.length; at += step) {
          socket.write(whole.slice(at, at + step))
          await new Promise((resolve) => setImmediate(resolve))
        }
      })
      const client = newClient()
      assert.equal((await client.send(request(server.port))).body.toString(), 'wikipedia ')
      assert.equal(
        (await client.send(request(server.port))).body.toString(),
        'wikipedia ',
        'again, on the kept connection',
      )
      assert.equal(server.connections(), 1)
    }
  })

  it('reads a body that ends with the connection', async () => {
    const server = await http((socket, respond) => {
      respond('HTTP/1.0 200 OK\r\n\r\nuntil the end')
      socket.end()
    })
    assert.equal((await newClient().send(request(server.port))).body.toString(), 'until the end')
  })

  it('expects no body after HEAD and 204, whatever the length says', async () => {
    const server = await http((_, respond, request) =>
      respond(request.startsWith('HEAD') ? 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n' : 'HTTP/1.1 204 No\r\n\r\n'),
    )
    const client = newClient()
    assert.equal((await client.send(request(server.port, { method: 'HEAD' }))).head?.status, 200)
    assert.equal((await client.send(request(server.port))).head?.status, 204)
    assert.equal(server.connections(), 1)
  })

  it('passes over 100 Continue', async () => {
    const server = await http((_, respond) =>
      respond('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    )
    assert.equal((await newClient().send(request(server.port))).body.toString(), 'ok')
  })

  it('sends what a real server understands', async () => {
    const server = createHttpServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part) => parts.push(part))
      request.on('end', () => response.end(`${request.method} ${request.url} ${Buffer.concat(parts)}`))
    }).listen(0, '127.0.0.1')
    cleanups.push(
      () => server.closeAllConnections(),
      () => void server.close(),
    )
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const client = newClient()
    const post = (body?: string | Uint8Array): HttpRequest =>
      request(port, { method: 'POST', path: '/a?b=1', ...(body !== undefined && { body }) })
    assert.equal((await client.send(post('größe'))).body.toString(), 'POST /a?b=1 größe')
    assert.equal((await client.send(post(new Uint8Array([104, 105])))).body.toString(), 'POST /a?b=1 hi')
    assert.equal((await client.send(post())).body.toString(), 'POST /a?b=1 ')
  })

  it('names a refused connection 1212, with no duration', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    const { error, head, timings } = await newClient().send(request(port))
    assert.equal(error?.code, 1212)
    assert.equal(head, undefined)
    assert.equal(timings.duration, 0)
    assert.ok(timings.blocked > 0)
  })

  it('names a reset 1220, and never sends a POST twice for it', async () => {
    let requests = 0
    const server = await http((socket) => {
      requests++
      socket.resetAndDestroy()
    })
    const { error } = await newClient().send(request(server.port, { method: 'POST', body: 'x' }))
    assert.equal(error?.code, 1220)
    assert.equal(requests, 1)
  })

  it('names a time-out 1050, gives up the connection and goes on with a new one', async () => {
    let requests = 0
    const server = await http((_, respond) => {
      if (++requests > 1) respond('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    })
    const client = newClient()
    assert.equal((await client.send(request(server.port, { timeout_ms: 50 }))).error?.code, 1050)
    assert.equal((await client.send(request(server.port))).head?.status, 200)
    assert.equal(server.connections(), 2)
  })

  it('gives an answer that ends early no status', async () => {
    const server = await http((socket, respond) => {
      respond('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')
      socket.end()
    })
    const { head, error } = await newClient().send(request(server.port))
    assert.equal(head, undefined)
    assert.equal(error?.code, 1000)
  })

  it('gives what is not HTTP no status', async () => {
    for (const nonsense of ['SSH-2.0-x\r\n\r\n', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n']) {
      const server = await http((_, respond) => respond(nonsense))
      assert.equal((await newClient().send(request(server.port))).error?.code, 1000)
    }
  })

  it('repeats a GET, but no POST, on a kept connection that the server had closed meanwhile', async () => {
    // Every connection serves one request and then answers the next with its end.
    const server = await http((socket, respond, _, number) => {
      if (number === 1) respond('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      else socket.end()
    })
    const client = newClient()
    await client.send(request(server.port))
    assert.equal((await client.send(request(server.port))).head?.status, 200)
    assert.notEqual((await client.send(request(server.port, { method: 'POST', body: '' }))).error, undefined)
  })

  it('splits the time as k6 defines it: waiting holds the server’s pause, receiving the body’s', async () => {
    const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
    const server = await http(async (socket) => {
      await pause(40)
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab')
      await pause(40)
      socket.write('cd')
    })
    const client = newClient()
    const { timings } = await client.send(request(server.port))
    assert.ok(timings.waiting >= 35, `waiting ${timings.waiting}`)
    assert.ok(timings.receiving >= 35, `receiving ${timings.receiving}`)
    assert.ok(timings.connecting > 0)
    assert.ok(timings.blocked >= timings.connecting)
    const sum = timings.sending + timings.waiting + timings.receiving
    assert.ok(Math.abs(timings.duration - sum) < 1e-9)
    assert.equal((await client.send(request(server.port))).timings.connecting, 0, 'a kept connection is not dialled')
  })

  it('gives a request its own time, whatever the one before it on the connection had', async () => {
    const server = await http((_, respond, text) => {
      const answer = (): void => respond('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      if (text.startsWith('GET /slow')) setTimeout(answer, 150)
      else answer()
    })
    const client = newClient()
    assert.equal((await client.send(request(server.port, { timeout_ms: 100 }))).head?.status, 200)
    assert.equal(
      (await client.send(request(server.port, { path: '/slow' }))).head?.status,
      200,
      'longer than the first',
    )
    const { error } = await client.send(request(server.port, { path: '/slow', timeout_ms: 20 }))
    assert.equal(error?.code, 1050, 'shorter than the second')
    assert.equal(server.connections(), 1)
  })

  it('trusts no connection on which something came that nobody asked for', async () => {
    let closed = (): void => {}
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve
    })
    const server = await http((socket, respond) => {
      respond('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      setTimeout(() => respond('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfake'), 10)
      socket.on('close', closed)
    })
    const client = newClient()
    await client.send(request(server.port))
    await isClosed
    assert.equal((await client.send(request(server.port))).body.length, 0)
    assert.equal(server.connections(), 2)
  })

  it('mixes up no bytes of connections that are read in turns', async () => {
    const bodyOf = (path: string): string => path.repeat(20_000)
    const server = await http(async (socket, _, text) => {
      const path = /^GET (\S+)/.exec(text)![1]!
      const whole = `HTTP/1.1 200 OK\r\nX-Path: ${path}\r\nContent-Length: ${bodyOf(path).length}\r\n\r\n${bodyOf(path)}`
      // The cuts fall into the head and, of unequal sizes, into the body.
      for (let at = 0, size = 9; at < whole.length; at += size, size = Math.min(size * 3, 30_011)) {
        socket.write(whole.slice(at, at + size))
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
    const client = newClient()
    const paths = Array.from({ length: 20 }, (_, i) => `/${i}/`)
    const answers = await Promise.all(paths.map((path) => client.send(request(server.port, { path }))))
    for (const [i, { head, body }] of answers.entries()) {
      assert.deepEqual(head?.all('x-path'), [paths[i]])
      assert.equal(body.toString(), bodyOf(paths[i]!))
    }
    assert.equal(server.connections(), 20)
  })

  it('never answers after it was destroyed', async () => {
    const server = await http((_, respond) => setTimeout(() => respond('HTTP/1.1 200 OK\r\n\r\n'), 20))
    const client = newClient()
    let answered = false
    void client.send(request(server.port)).then(() => {
      answered = true
    })
    await new Promise((resolve) => setTimeout(resolve, 10))
    client.destroy()
    await new Promise((resolve) => setTimeout(resolve, 60))
    assert.equal(answered, false)
  })
})

type Handler = (
  socket: Socket,
  respond: (text: string) => void,
  request: string,
  /** From 1, on this connection. */
  number: number,
) => unknown

/** A server on bare sockets, so that a test says every byte of the answer. Requests are taken to come whole. */
async function http(handle: Handler): Promise<{ port: number; connections: () => number }> {
  let connections = 0
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    connections++
    sockets.add(socket)
    let number = 0
    socket.on('error', () => {})
    socket.on('data', (bytes) => handle(socket, (text) => socket.write(text), bytes.toString(), ++number))
  }).listen(0, '127.0.0.1')
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, connections: () => connections }
}

function newClient(options: { keepAlive?: boolean } = {}): HttpClient {
  const client = new HttpClient(options)
  cleanups.push(() => client.destroy())
  return client
}

/** A GET of `/`, unless `other` says otherwise. */
function request(
  port: number,
  other: { method?: string; path?: string; body?: string | Uint8Array; timeout_ms?: number } = {},
): HttpRequest {
  const { method = 'GET', path = '/', body, timeout_ms = 5000 } = other
  const address = readAddress(`http://127.0.0.1:${port}${path}`)!
  return { method, origin: address.origin, body, timeout_ms, ...requestHead({ method, address, body }) }
}
