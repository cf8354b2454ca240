/**
 * `/metrics` on a port of its own: what operators read is not for those who use the API, and a scrape must get through
 * when the API is full. Loopback unless told otherwise.
 *
 * One scraper, please: Node's event-loop lag figures start anew at each scrape, so a second reader takes the maximum away
 * from the first.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MusicboxError } from '../datasets/failure.ts'
import type { Metrics } from './metrics.ts'

export interface MetricsEndpoint {
  /** The address to scrape, with its path. */
  url: string
  port: number
  /** Ends open scrapes and frees the port. Calling it again does nothing. */
  close(): Promise<void>
}

export interface MetricsEndpointOptions {
  /** Default 127.0.0.1. */
  host?: string
  /** 0 takes any free port. */
  port: number
  /** Sets the gauges that are read rather than counted, before each answer. Its failure leaves them as they were. */
  refresh?: () => void | Promise<void>
  /** Why the process cannot do its work, if it cannot: makes `/health/ready` beside `/metrics`, for one without an API. */
  unready?: () => string | undefined
}

/** @throws MusicboxError `backend.unreachable` when the port cannot be had */
export async function serveMetrics(metrics: Metrics, options: MetricsEndpointOptions): Promise<MetricsEndpoint> {
  const { host = '127.0.0.1', port } = options
  const server = createServer(LIMITS, (request, response) => {
    answer(request, response, metrics, options).catch((cause: unknown) => {
      // An instrument that throws while it is read is a bug; the scraper sees a failed scrape, the process goes on.
      if (!response.headersSent) response.writeHead(500, TEXT)
      response.end(`expected every instrument to be readable, got: ${String(cause)}\n`)
    })
  })
  server.maxConnections = CONNECTIONS_MAX
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (cause) {
    throw new MusicboxError(
      'backend.unreachable',
      `expected to serve /metrics on ${host} port ${port}, got ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`,
      'Another program may have the port: give another one, or 0 for any free port.',
      { cause },
    )
  }
  const bound = (server.address() as AddressInfo).port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/metrics`,
    port: bound,
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** A scrape is one short request without a body; whoever needs longer is no scraper. */
const LIMITS = { headersTimeout: 5000, requestTimeout: 5000, keepAliveTimeout: 60_000, maxHeaderSize: 8192 }
const CONNECTIONS_MAX = 16
const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' }

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: Metrics,
  { refresh, unready }: MetricsEndpointOptions,
): Promise<void> {
  const path = request.url?.split('?', 1)[0]
  if (path === '/health/ready' && unready) {
    const reason = unready()
    response.writeHead(reason === undefined ? 200 : 503, TEXT).end(`${reason ?? 'ready'}\n`)
    return
  }
  if (path !== '/metrics') {
    response.writeHead(404, TEXT).end(`expected /metrics, got ${path}\n`)
    return
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { ...TEXT, Allow: 'GET, HEAD' }).end(`expected GET or HEAD, got ${request.method}\n`)
    return
  }
  try {
    await refresh?.()
  } catch {
    // A store that does not answer must not take the metrics with it: they are needed then most.
  }
  const body = await metrics.registry.metrics()
  response.writeHead(200, { 'Content-Type': metrics.registry.contentType }).end(body)
}
