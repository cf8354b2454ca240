/**
 * Puts an application on a socket, with Node's limits set, and takes it off again without cutting an answer short.
 */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import { MusicboxError } from '../../datasets/failure.ts'
import { SECURITY_HEADERS, type ServerState } from './guard.ts'
import type { HttpLimits } from './limits.ts'
import { PROBLEM_TYPE, PROBLEMS, Problem, type ProblemKind, problemDocument, problemResponse } from './problem.ts'

export interface ListenOptions {
  host: string
  /** 0 takes any free port. */
  port: number
  limits: HttpLimits
  state: ServerState
  /** How long a closing server still answers before it stops listening, so that who watches `ready` can go elsewhere. */
  notice_ms: number
  /** After so long, requests that are still unanswered are cut off. */
  deadline_ms: number
}

export interface Listening {
  url: string
  /**
   * Drains: `ready` answers 503 and every answer asks its connection to close; then no connection is taken any more,
   * idle ones end, and those with a request end after its answer, or at the deadline. Calling it again waits for the same.
   */
  close(): Promise<void>
}

/** @throws MusicboxError `backend.unreachable` when the port cannot be had */
export async function listen(
  fetch: Parameters<typeof getRequestListener>[0],
  options: ListenOptions,
): Promise<Listening> {
  const answer = getRequestListener(fetch, {
    // What Hono never sees: no Host header, or a target that is no URL.
    errorHandler: () => {
      const also = { headers: { ...SECURITY_HEADERS, Connection: 'close' } }
      return problemResponse(new Problem('invalid-request', 'Expected a Host header and a path.', also))
    },
  })
  const server = limitedServer(answer, options.limits)
  await bind(server, options.host, options.port)
  let closing: Promise<void> | undefined
  return {
    url: urlOf(server, options.host),
    close: () => {
      closing ??= drain(server, options)
      return closing
    },
  }
}

/** A server with every limit set that Node keeps by itself; what it refuses is answered as a problem. */
export function limitedServer(answer: RequestListener, limits: HttpLimits): Server {
  const server = createServer(
    {
      maxHeaderSize: limits.header_bytes_max,
      headersTimeout: limits.headers_ms_max,
      requestTimeout: limits.request_ms_max,
      keepAliveTimeout: limits.keep_alive_ms,
      connectionsCheckingInterval: limits.check_ms,
      noDelay: true,
      // Node would answer without a body; the error handler above says what is missing.
      requireHostHeader: false,
    },
    answer,
  )
  server.maxConnections = limits.connections_max
  server.maxRequestsPerSocket = limits.requests_per_connection_max
  // Node leaves out the headers above its count and goes on; two more let the guard see that there were too many.
  server.maxHeadersCount = limits.header_count_max + 2
  server.on('clientError', refuse)
  return server
}

/** @throws MusicboxError `backend.unreachable` */
export async function bind(server: Server, host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onError = (error: NodeJS.ErrnoException): void => {
    const reason = error.code === 'EADDRINUSE' ? 'another program has it' : (error.code ?? error.message)
    reject(
      new MusicboxError(
        'backend.unreachable',
        `expected to listen on ${host} port ${port}, but ${reason}`,
        'give another port, or 0 for any free one',
        { cause: error },
      ),
    )
  }
  server.once('error', onError)
  server.listen(port, host, () => {
    server.off('error', onError)
    resolve()
  })
  await promise
}

export function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

const POLL_MS = 20

async function drain(server: Server, { state, notice_ms, deadline_ms }: ListenOptions): Promise<void> {
  state.draining = true
  await sleep(notice_ms)
  const closed = new Promise<true>((resolve) => server.close(() => resolve(true)))
  const deadline = performance.now() + deadline_ms
  while (performance.now() < deadline) {
    server.closeIdleConnections()
    if (await Promise.race([closed, sleep(POLL_MS, false, { ref: true })])) return
  }
  server.closeAllConnections()
  await closed
}

const REFUSALS: Record<string, ProblemKind> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
}

/** What Node refuses before there is a request: an answer is written by hand, and the connection ends. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  // An answer that has begun must not be broken by a second one; Node's own handler looks at the same two fields.
  const { _httpMessage: response } = socket as Socket & { _httpMessage?: { _headerSent: boolean } }
  if (!socket.writable || error.code === 'ECONNRESET' || response?._headerSent) {
    socket.destroy()
    return
  }
  const kind = REFUSALS[error.code ?? ''] ?? 'invalid-request'
  const { status, title } = PROBLEMS[kind]
  const body = JSON.stringify(problemDocument(kind, REFUSAL_DETAILS[kind] ?? `Expected HTTP/1.1, got ${title}.`))
  const headers = Object.entries({
    ...SECURITY_HEADERS,
    'Content-Type': PROBLEM_TYPE,
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  })
  const head = [`HTTP/1.1 ${status} ${title}`, ...headers.map(([name, value]) => `${name}: ${value}`)]
  // Destroyed once it is sent: whoever waits for the rest of the body learns that there is none.
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}

const REFUSAL_DETAILS: Partial<Record<ProblemKind, string>> = {
  'headers-too-large': 'Expected fewer bytes of headers.',
  'request-timeout': 'Expected the whole request sooner.',
  'invalid-request': 'Expected a request as HTTP/1.1 has it, got bytes that are none.',
}
