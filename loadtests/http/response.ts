/** What a script gets for a request: k6's response. What is asked for seldom is worked out when it is asked for. */
import { MusicboxError } from '../../datasets/failure.ts'
import { type Cookie, readCookie } from './cookie-jar.ts'
import type { HttpAnswer, Timings } from './http-client.ts'
import { readFields } from './http-message.ts'
import { selectJson } from './json-path.ts'
import type { NetworkError } from './network-error.ts'

export interface SentRequest {
  method: string
  /** Without user and password. */
  url: string
  body: string | Uint8Array | undefined
  /** As it was written; empty when nothing was. */
  head: string
}

export type ResponseType = 'text' | 'binary' | 'none'

const NO_TIMINGS: Timings = {
  blocked: 0,
  looking_up: 0,
  connecting: 0,
  tls_handshaking: 0,
  sending: 0,
  waiting: 0,
  receiving: 0,
  duration: 0,
}

export class K6Response {
  readonly url: string
  /** 0 when no answer came. */
  readonly status: number
  readonly error: string
  readonly error_code: number
  readonly timings: Timings
  readonly #answer: HttpAnswer
  readonly #sent: SentRequest
  readonly #responseType: ResponseType
  #body: string | ArrayBuffer | null | undefined
  #headers: Record<string, string> | undefined
  #json: unknown

  constructor(answer: HttpAnswer, sent: SentRequest, responseType: ResponseType) {
    const { head, error } = answer
    this.#answer = answer
    this.#sent = sent
    this.#responseType = responseType
    this.url = sent.url
    this.status = error ? 0 : (head?.status ?? 0)
    this.error = error?.message ?? ''
    this.error_code = error?.code ?? (this.status >= 400 ? 1000 + this.status : 0)
    this.timings = answer.timings
  }

  static failed(error: NetworkError, sent: SentRequest): K6Response {
    const nothing = { sent_bytes: 0, received_bytes: 0, remote_ip: '', remote_port: 0, tls: undefined, head: undefined }
    return new K6Response({ error, body: Buffer.alloc(0), timings: { ...NO_TIMINGS }, ...nothing }, sent, 'text')
  }

  get method(): string {
    return this.#sent.method
  }

  get status_text(): string {
    return this.status ? `${this.status} ${this.#answer.head!.statusText}`.trim() : ''
  }

  get proto(): string {
    return this.#answer.head?.proto ?? ''
  }

  get remote_ip(): string {
    return this.#answer.remote_ip
  }

  get remote_port(): number {
    return this.#answer.remote_port
  }

  /** `tls1.3`; empty in plain text. */
  get tls_version(): string {
    return this.#answer.tls?.version ?? ''
  }

  get tls_cipher_suite(): string {
    return this.#answer.tls?.cipher_suite ?? ''
  }

  /** Stapled answers of authorities are not read. */
  get ocsp(): Record<string, string | number> {
    return { produced_at: 0, this_update: 0, next_update: 0, revoked_at: 0, revocation_reason: '', status: 'unknown' }
  }

  get body(): string | ArrayBuffer | null {
    if (this.#body === undefined) {
      const { body } = this.#answer
      if (this.#responseType === 'none' || this.status === 0) this.#body = null
      else if (this.#responseType === 'text') this.#body = body.toString('utf8')
      else this.#body = new Uint8Array(body).buffer
    }
    return this.#body
  }

  /** Names in canonical form (`Content-Type`); repeated fields are joined. */
  get headers(): Record<string, string> {
    if (!this.#headers) {
      this.#headers = {}
      for (const [name, value] of this.#answer.head?.fields ?? []) {
        const canonical = canonicalName(name)
        const before = this.#headers[canonical]
        this.#headers[canonical] = before === undefined ? value : `${before}, ${value}`
      }
    }
    return this.#headers
  }

  get request(): {
    method: string
    url: string
    body: string
    headers: Record<string, string[]>
    cookies: Record<string, { name: string; value: string; replace: boolean }[]>
  } {
    const { method, url, body, head } = this.#sent
    const headers: Record<string, string[]> = {}
    const cookies: Record<string, { name: string; value: string; replace: boolean }[]> = {}
    for (const [given, value] of readFields(head)) {
      const name = canonicalName(given)
      headers[name] = [...(headers[name] ?? []), value]
      if (name !== 'Cookie') continue
      for (const pair of value.split('; ')) {
        const at = pair.indexOf('=')
        const cookie = { name: pair.slice(0, at), value: pair.slice(at + 1), replace: false }
        cookies[cookie.name] = [...(cookies[cookie.name] ?? []), cookie]
      }
    }
    return { method, url, body: typeof body === 'string' ? body : '', headers, cookies }
  }

  /** What this answer set. */
  get cookies(): Record<string, Omit<Cookie, 'hostOnly'>[]> {
    const cookies: Record<string, Omit<Cookie, 'hostOnly'>[]> = {}
    if (!this.#answer.head?.setsCookie) return cookies
    for (const field of this.#answer.head.all('set-cookie')) {
      const cookie = readCookie(field, new URL(this.url))
      if (!cookie) continue
      const { hostOnly, ...shown } = cookie
      // As in k6, what the field does not say is empty.
      if (hostOnly) shown.domain = ''
      cookies[cookie.name] = [...(cookies[cookie.name] ?? []), shown]
    }
    return cookies
  }

  /**
   * The body as JSON, or the part of it that a path selects; see json-path.ts.
   * @throws Error when the body is no JSON, as in k6
   */
  json(path?: string): unknown {
    this.#json ??= parseJson(this.body)
    return path === undefined ? this.#json : selectJson(this.#json, path)
  }

  /** What a script that prints its response sees. */
  toJSON(): Record<string, unknown> {
    const { remote_ip, remote_port, url, status, status_text, proto, headers, cookies, body, timings } = this
    const { tls_version, tls_cipher_suite, ocsp, error, error_code, request } = this
    const answer = { remote_ip, remote_port, url, status, status_text, proto, headers, cookies, body, timings }
    return { ...answer, tls_version, tls_cipher_suite, ocsp, error, error_code, request }
  }

  html(): never {
    throw unsupported('html')
  }
  submitForm(): never {
    throw unsupported('submitForm')
  }
  clickLink(): never {
    throw unsupported('clickLink')
  }
}

function parseJson(body: string | ArrayBuffer | null): unknown {
  if (body === null) throw new Error('the answer has no body to read as JSON')
  return JSON.parse(typeof body === 'string' ? body : Buffer.from(body).toString('utf8'))
}

function canonicalName(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
}

function unsupported(name: string): MusicboxError {
  return new MusicboxError('script.failed', `response.${name}() is not supported by this engine`, 'Run it with k6.')
}
