/**
 * One connection: a request at a time, the answer parsed as its bytes come, the clock read at the moments that k6's
 * timings are made of.
 *
 * All connections of a thread read into one buffer: a read is dealt with before the next begins, and what is kept of it
 * is copied. So a thousand idle listeners hold no buffers, and nothing passes through a stream. (Over TLS Node gives
 * buffers of its own.)
 */
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Origin } from './address.ts'
import { AnswerReader } from './answer-reader.ts'
import { Deadline } from './deadline.ts'
import { type Dialing, dialPlain, dialSecure } from './dial.ts'
import type { HttpAnswer, HttpRequest, TlsState } from './http-client.ts'
import { fromSocketError, NetworkError } from './network-error.ts'

/** Told of each exchange's end, and of the end of a connection on which nothing is under way. */
export interface ConnectionOwner {
  settled(connection: HttpConnection, exchange: Exchange, answer: HttpAnswer, reusable: boolean): void
  ended(connection: HttpConnection): void
}

export interface Exchange {
  request: HttpRequest
  /** When the script wanted it, on the monotonic clock, ms; `blocked` begins there. */
  asked: number
  /** Whether its connection has served others before. */
  reused: boolean
  done: (answer: HttpAnswer) => void
}

const EMPTY = Buffer.alloc(0)
const READ_BUFFER = Buffer.allocUnsafeSlow(65_536)

export class HttpConnection {
  readonly origin: Origin
  readonly #owner: ConnectionOwner
  readonly #socket: Socket
  #ended = false

  // Moments on the monotonic clock, ms; 0 until they come.
  readonly #dialed: number
  #lookedUp = 0
  #connected = 0
  #ready = 0
  #remoteIp = ''
  #remotePort = 0
  #tls: TlsState | undefined

  // What is under way, and what has come of it.
  #exchange: Exchange | undefined
  #began = 0
  #written = 0
  #firstByte = 0
  #sent_bytes = 0
  #received_bytes = 0
  readonly #reader = new AnswerReader()
  readonly #deadline = new Deadline(() => this.#fail(new NetworkError('timeout')))

  readonly #onWritten = (): void => {
    if (this.#exchange && this.#written === 0) this.#written = performance.now()
  }

  constructor(owner: ConnectionOwner, origin: Origin, dialing: Dialing) {
    this.#owner = owner
    this.origin = origin
    this.#dialed = performance.now()
    if (origin.secure) {
      const socket = dialSecure(origin, dialing)
      this.#socket = socket
      socket.setNoDelay(true)
      socket.on('secureConnect', () => this.#onSecure(socket))
      socket.on('data', (bytes: Buffer) => this.#onBytes(bytes, bytes.length))
    } else {
      this.#socket = dialPlain(origin, dialing, {
        buffer: READ_BUFFER,
        callback: (size, bytes) => {
          this.#onBytes(bytes as Buffer, size)
          return true
        },
      })
    }
    const onEnd = (): void => this.#onEnd(undefined)
    this.#socket.on('lookup', () => {
      this.#lookedUp = performance.now()
    })
    this.#socket.on('connect', () => this.#onConnect())
    this.#socket.on('error', (error) => this.#onEnd(fromSocketError(error, this.#phase())))
    this.#socket.on('end', onEnd)
    this.#socket.on('close', onEnd)
  }

  /** Only when nothing else is under way. */
  begin(exchange: Exchange): void {
    this.#exchange = exchange
    this.#began = 0
    this.#written = 0
    this.#firstByte = 0
    this.#sent_bytes = 0
    this.#received_bytes = 0
    this.#reader.begin(exchange.request.method, !exchange.request.discardBody)
    this.#deadline.set(exchange.request.timeout_ms)
    if (this.#ended) this.#fail(new NetworkError('reset', 'the server closed the connection'))
    else if (this.#ready > 0) this.#write(exchange)
  }

  destroy(): void {
    this.#exchange = undefined
    this.#close()
  }

  #close(): void {
    this.#ended = true
    this.#deadline.clear()
    this.#socket.destroy()
  }

  #phase(): 'dialing' | 'handshaking' | 'open' {
    if (this.#ready > 0) return 'open'
    return this.#connected > 0 ? 'handshaking' : 'dialing'
  }

  #onConnect(): void {
    this.#connected = performance.now()
    this.#remoteIp = this.#socket.remoteAddress ?? ''
    this.#remotePort = this.#socket.remotePort ?? 0
    if (!this.origin.secure) this.#onReady(this.#connected)
  }

  #onSecure(socket: TLSSocket): void {
    const now = performance.now()
    const version = socket.getProtocol()?.replace('TLSv', 'tls') ?? ''
    this.#tls = {
      version: version === 'tls1' ? 'tls1.0' : version,
      cipher_suite: socket.getCipher().standardName,
    }
    this.#onReady(now)
  }

  #onReady(now: number): void {
    this.#ready = now
    if (this.#exchange) this.#write(this.#exchange)
  }

  #write({ request, reused }: Exchange): void {
    const { head, body } = request
    this.#began = reused ? performance.now() : this.#ready
    this.#sent_bytes = request.sent_bytes
    if (body === undefined) this.#socket.write(head, this.#onWritten)
    else if (typeof body === 'string') this.#socket.write(head + body, this.#onWritten)
    else this.#socket.write(Buffer.concat([Buffer.from(head), body]), this.#onWritten)
    // Usually the kernel took all of it at once; the callback would only come with the next turn of the loop.
    if (this.#socket.writableLength === 0) this.#onWritten()
  }

  /** @param bytes not ours to keep */
  #onBytes(bytes: Buffer, size: number): void {
    const exchange = this.#exchange
    // Bytes that nobody asked for: the connection cannot be trusted any more.
    if (!exchange) return void this.#onEnd(new NetworkError('incomplete', 'bytes came that nobody asked for'))
    const now = performance.now()
    if (this.#received_bytes === 0) {
      this.#firstByte = now
      if (this.#written === 0) this.#written = now
    }
    this.#received_bytes += size
    try {
      if (this.#reader.push(bytes, size)) this.#finish(now)
    } catch (error) {
      this.#fail(error instanceof NetworkError ? error : new NetworkError('incomplete', String(error)))
    }
  }

  #finish(now: number): void {
    this.#settle(undefined, now, this.#reader.isReusable && !this.#ended)
  }

  #onEnd(error: NetworkError | undefined): void {
    this.#ended = true
    if (!this.#exchange) {
      this.#close()
      this.#owner.ended(this)
    } else if (!error && this.#reader.end()) this.#finish(performance.now())
    else this.#fail(error ?? new NetworkError('incomplete', 'the server closed the connection'))
  }

  #fail(error: NetworkError): void {
    if (this.#exchange) this.#settle(error, performance.now(), false)
  }

  #settle(error: NetworkError | undefined, now: number, reusable: boolean): void {
    const exchange = this.#exchange!
    const body = this.#reader.take()
    this.#exchange = undefined
    this.#deadline.lift()
    const fresh = !exchange.reused
    const { secure } = this.origin
    const connected = this.#connected || now
    const lookedUp = this.#lookedUp || this.#dialed
    const began = this.#began || now
    const written = this.#written || now
    const firstByte = this.#firstByte || now
    const answer: HttpAnswer = {
      head: error ? undefined : this.#reader.head,
      error,
      body: error ? EMPTY : body,
      timings: {
        blocked: began - exchange.asked,
        looking_up: fresh ? lookedUp - this.#dialed : 0,
        connecting: fresh ? connected - lookedUp : 0,
        tls_handshaking: fresh && secure && this.#connected > 0 ? (this.#ready || now) - connected : 0,
        sending: written - began,
        waiting: firstByte - written,
        receiving: now - firstByte,
        // A dial that fails has no duration, as in k6; `blocked` says how long it took.
        duration: now - began,
      },
      sent_bytes: this.#sent_bytes,
      received_bytes: this.#received_bytes,
      remote_ip: this.#remoteIp,
      remote_port: this.#remotePort,
      tls: this.#tls,
    }
    if (!reusable) this.#close()
    this.#owner.settled(this, exchange, answer, reusable)
  }
}
