/**
 * What stands before and after every handler: shedding, limits that need no reading, headers that every answer has, and
 * the request metrics. It is the outermost middleware, so an error's answer passes through it as well.
 */
import type { Http2Bindings, HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { Metrics } from '../../observability/metrics.ts'
import type { HttpLimits } from './limits.ts'
import { Problem, problemResponse } from './problem.ts'
import { isLoopback, LOGIN_COST, RateLimiter } from './rate-limit.ts'

/** Node's own request and response stand behind Hono's; an in-process request has neither. */
export interface HttpEnv {
  Bindings: Partial<Exclude<HttpBindings, Http2Bindings>>
}

/** What a server knows of itself; one per server, shared by the guard, the health routes and the socket. */
export interface ServerState {
  draining: boolean
  in_flight: number
  in_flight_bytes: number
}

export function newServerState(): ServerState {
  return { draining: false, in_flight: 0, in_flight_bytes: 0 }
}

export interface GuardOptions {
  state: ServerState
  limits: HttpLimits
  metrics: Metrics
  loopDelay_ms: () => number
  /** Where a request comes from; undefined for one that came over no socket. */
  addressOf?: (c: Context<HttpEnv>) => string | undefined
}

/** No script, style, font, picture or connection from elsewhere, no frame, no guessing of types. */
export const SECURITY_HEADERS = {
  'Content-Security-Policy': "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const

const SECURITY_ENTRIES = Object.entries(SECURITY_HEADERS)

/** Answers that carry {@link SECURITY_HEADERS} already. */
const secured = new WeakSet<Response>()

/**
 * An answer of JSON with every header it needs, in one plain object: Node then writes them as they are, where headers
 * that are added one by one are checked, kept and merged. For the route that all load goes over.
 */
export function quickJson(status: number, body: unknown): Response {
  const response = new Response(JSON.stringify(body), { status, headers: QUICK_HEADERS })
  secured.add(response)
  return response
}

const QUICK_HEADERS = { ...SECURITY_HEADERS, 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }

export function guard(options: GuardOptions): MiddlewareHandler<HttpEnv> {
  const { state, limits, metrics, loopDelay_ms, addressOf = remoteAddress } = options
  const limiter = new RateLimiter()
  const refusal = (c: Context<HttpEnv>): Problem | undefined => {
    const headers = c.env?.incoming?.rawHeaders.length ?? 0
    // Node would drop the headers above its own count without a word, so the socket lets one more in; see listen.ts.
    if (headers / 2 > limits.header_count_max) {
      return new Problem('headers-too-large', `Expected at most ${limits.header_count_max} headers, got more.`)
    }
    const size_bytes = Number(c.req.header('content-length') ?? 0)
    if (size_bytes > limits.body_bytes_max) return bodyTooLarge(limits, `${size_bytes} bytes`)
    if (c.req.path.startsWith('/health/')) return undefined
    const address = addressOf(c)
    if (address !== undefined && !isLoopback(address)) {
      const wait_s = limiter.take(address, c.req.path === '/v1/login' ? LOGIN_COST : 1, performance.now())
      if (wait_s > 0) return tooMany(wait_s)
    }
    const reason = sheddingReason(state, limits, loopDelay_ms())
    if (reason === undefined) return undefined
    metrics.http_shed_total.inc({ reason })
    return new Problem('overloaded', SHED_DETAILS[reason], { headers: { 'Retry-After': '1' } })
  }

  return async (c, next) => {
    const started_ms = performance.now()
    const problem = refusal(c)
    state.in_flight++
    try {
      if (problem) c.res = problemResponse(problem)
      else await next()
    } finally {
      state.in_flight--
    }
    const { outgoing } = c.env ?? {}
    if (outgoing) {
      // Set on Node's response: setting them on Hono's would rebuild every answer's headers.
      if (!secured.has(c.res)) for (const [name, value] of SECURITY_ENTRIES) outgoing.setHeader(name, value)
      if (state.draining || CLOSING.has(c.res.status)) outgoing.setHeader('Connection', 'close')
    } else for (const [name, value] of SECURITY_ENTRIES) c.res.headers.set(name, value)
    metrics.http_request_duration_seconds.observe(
      {
        method: METHODS.has(c.req.method) ? c.req.method : 'other',
        route: routeLabel(c),
        status_class: `${Math.floor(c.res.status / 100)}xx`,
      },
      (performance.now() - started_ms) / 1000,
    )
  }
}

function remoteAddress(c: Context<HttpEnv>): string | undefined {
  return c.env?.incoming?.socket.remoteAddress
}

function tooMany(wait_s: number): Problem {
  return new Problem('too-many-requests', `Expected fewer requests from this address; come back in ${wait_s} s.`, {
    headers: { 'Retry-After': String(wait_s) },
  })
}

/** A body that will not be read leaves its connection in no state to be used again. */
export function bodyTooLarge(limits: HttpLimits, came: string): Problem {
  return new Problem('too-large', `Expected a body of at most ${limits.body_bytes_max} bytes, got ${came}.`)
}

type ShedReason = 'event-loop' | 'in-flight' | 'memory'

const SHED_DETAILS: Record<ShedReason, string> = {
  'event-loop': 'The server’s event loop runs late; it takes no request until it has caught up.',
  'in-flight': 'The server is answering as many requests as it can.',
  memory: 'The server is holding as many bytes of requests as it can.',
}

/** Why this request is not taken; undefined when it is. */
function sheddingReason(state: ServerState, limits: HttpLimits, loopDelay_ms: number): ShedReason | undefined {
  if (loopDelay_ms > limits.loop_delay_ms_max) return 'event-loop'
  if (state.in_flight >= limits.in_flight_max) return 'in-flight'
  if (state.in_flight_bytes >= limits.in_flight_bytes_max) return 'memory'
  return undefined
}

/** Answers given before the request was read to its end. */
const CLOSING = new Set([408, 413, 431])

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** The route's template: a label must not grow with what clients ask for. */
function routeLabel(c: Context<HttpEnv>): string {
  const path = routePath(c, -1)
  return path === '*' || path === '/*' ? 'none' : path
}
