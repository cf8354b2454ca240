/**
 * An HTTP/1.1 client made for measuring, on bare sockets.
 *
 * Node's own client works its answers through streams and agents, and at a thousand connections that shows in the tail
 * (measured here: p99 33.7 ms against 9.7 ms from the same server). A load generator must not add what it then reports,
 * so this one does the least; see HttpConnection.
 *
 * It speaks HTTP/1.1, in plain text or over TLS. What k6 does over TLS is HTTP/2 where the server has it; here it is
 * HTTP/1.1 always. It asks for no compression and follows no redirect: that is the caller's business.
 */
import type { Origin } from './address.ts'
import { type Dialing, PLAIN_DIALING } from './dial.ts'
import { type ConnectionOwner, type Exchange, HttpConnection } from './http-connection.ts'
import type { ResponseHead } from './http-message.ts'
import type { NetworkError } from './network-error.ts'

export interface HttpRequest {
  method: string
  origin: Origin
  /** As it is to be written, from the method to the empty line; see request-head.ts. */
  head: string
  body: string | Uint8Array | undefined
  /** Head and body on the wire; over TLS before encryption. */
  sent_bytes: number
  timeout_ms: number
  /** The body is counted but not kept. */
  discardBody?: boolean
  /** When the script asked, on the monotonic clock, ms; without it, now. */
  asked?: number
  dialing?: Dialing
}

/** Milliseconds, as k6 defines them. `duration` = sending + waiting + receiving; dialling is in `blocked`. */
export interface Timings {
  /** From asking for the request to its first byte's sending: waiting for a turn, looking up, dialling, handshake. */
  blocked: number
  looking_up: number
  connecting: number
  tls_handshaking: number
  sending: number
  waiting: number
  receiving: number
  duration: number
}

export interface TlsState {
  /** `tls1.2`, `tls1.3`. */
  version: string
  /** By its name in the standards, `TLS_AES_128_GCM_SHA256`. */
  cipher_suite: string
}

export interface HttpAnswer {
  /** Absent when no whole answer came; then `error` is there. */
  head: ResponseHead | undefined
  error: NetworkError | undefined
  body: Buffer
  timings: Timings
  /** Bytes on the wire; over TLS before encryption. */
  sent_bytes: number
  received_bytes: number
  remote_ip: string
  remote_port: number
  tls: TlsState | undefined
}

/** Methods that may be sent again when a kept connection turns out to be closed: nothing can have been done twice. */
const REPLAYABLE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])
const TIMEOUT_CODE = 1050

/** The connections of one virtual user, kept alive between requests. */
export class HttpClient implements ConnectionOwner {
  readonly #idle = new Map<Origin, HttpConnection[]>()
  readonly #open = new Set<HttpConnection>()
  readonly #keepAlive: boolean
  #closed = false

  constructor(options: { keepAlive?: boolean } = {}) {
    this.#keepAlive = options.keepAlive ?? true
  }

  /** Never rejects: what went wrong is in the answer, with the time it took. */
  send(request: HttpRequest): Promise<HttpAnswer> {
    return new Promise((resolve) => this.exchange(request, resolve))
  }

  /** As {@link send}, without a promise. `done` is never called once the client was destroyed. */
  exchange(request: HttpRequest, done: (answer: HttpAnswer) => void): void {
    if (this.#closed) return
    const asked = request.asked ?? performance.now()
    const kept = this.#idle.get(request.origin)?.pop()
    if (kept) kept.begin({ request, asked, reused: true, done })
    else this.#dial(request).begin({ request, asked, reused: false, done })
  }

  /** Cuts every connection; requests under way are never answered. */
  destroy(): void {
    this.#closed = true
    for (const connection of this.#open) connection.destroy()
    this.#open.clear()
    this.#idle.clear()
  }

  settled(connection: HttpConnection, exchange: Exchange, answer: HttpAnswer, reusable: boolean): void {
    if (this.#closed) return
    const { request } = exchange
    if (reusable && this.#keepAlive) {
      const idle = this.#idle.get(connection.origin)
      if (idle) idle.push(connection)
      else this.#idle.set(connection.origin, [connection])
    } else {
      this.#open.delete(connection)
      connection.destroy()
    }
    // The server may close a kept connection at the very moment it is used again.
    const stale = answer.error !== undefined && answer.received_bytes === 0 && answer.error.code !== TIMEOUT_CODE
    if (stale && exchange.reused && REPLAYABLE.has(request.method)) {
      this.#dial(request).begin({ ...exchange, reused: false })
    } else exchange.done(answer)
  }

  ended(connection: HttpConnection): void {
    this.#open.delete(connection)
    const idle = this.#idle.get(connection.origin)
    const at = idle?.indexOf(connection) ?? -1
    if (at >= 0) idle!.splice(at, 1)
  }

  #dial(request: HttpRequest): HttpConnection {
    const connection = new HttpConnection(this, request.origin, request.dialing ?? PLAIN_DIALING)
    this.#open.add(connection)
    return connection
  }
}
