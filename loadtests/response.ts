/** An answer as a k6 script sees it. What most scripts never look at (headers, cookies) is made when it is asked for. */
import { MusicboxError } from '../datasets/failure.ts'
import type { HttpAnswer, Timings } from './http-client.ts'
import type { NetworkError } from './network-error.ts'

export interface SentRequest {
  method: string
  url: string
  body: string | Uint8Array | undefined
  headers: Readonly<Record<string, string>>
}

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
  readonly method: string
  /** 0 when no answer came. */
  readonly status: number
  readonly status_text: string
  readonly proto: string
  readonly error: string
  readonly error_code: number
  readonly timings: Timings
  readonly remote_ip: string
  readonly remote_port: number
  readonly #answer: HttpAnswer
  readonly #sent: SentRequest
  readonly #responseType: 'text' | 'binary' | 'none'
  #body: string | ArrayBuffer | null | undefined
  #headers: Record<string, string> | undefined
  #json: unknown

  constructor(answer: HttpAnswer, sent: SentRequest, responseType: 'text' | 'binary' | 'none') {
    const { head, error } = answer
    this.#answer = answer
    this.#sent = sent
    this.#responseType = responseType
    this.url = sent.url
    this.method = sent.method
    this.status = error ? 0 : (head?.status ?? 0)
    this.status_text = this.status ? `${this.status} ${head!.statusText}`.trim() : ''
    this.proto = head?.proto ?? ''
    this.error = error?.message ?? ''
    this.error_code = error?.code ?? (this.status >= 400 ? 1000 + this.status : 0)
    this.timings = answer.timings
    this.remote_ip = answer.remote_ip
    this.remote_port = answer.remote_port
  }

  static failed(error: NetworkError, sent: SentRequest): K6Response {
    const nothing = { sent_bytes: 0, received_bytes: 0, remote_ip: '', remote_port: 0 }
    return new K6Response({ error, body: Buffer.alloc(0), timings: { ...NO_TIMINGS }, ...nothing }, sent, 'text')
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

  get request(): { method: string; url: string; body: string; headers: Record<string, string[]> } {
    const { method, url, body, headers } = this.#sent
    return {
      method,
      url,
      body: typeof body === 'string' ? body : '',
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [canonicalName(name), [value]])),
    }
  }

  get cookies(): Record<string, { name: string; value: string }[]> {
    const cookies: Record<string, { name: string; value: string }[]> = {}
    for (const [field, text] of this.#answer.head?.fields ?? []) {
      const pair = field.toLowerCase() === 'set-cookie' ? /^\s*([^=;]+)=([^;]*)/.exec(text) : null
      if (pair) cookies[pair[1]!] = [...(cookies[pair[1]!] ?? []), { name: pair[1]!, value: pair[2]! }]
    }
    return cookies
  }

  /**
   * The body as JSON, or the part of it at a path such as `results.0.state`.
   * @throws Error when the body is no JSON, as in k6
   */
  json(path?: string): unknown {
    this.#json ??= parseJson(this.body)
    if (path === undefined) return this.#json
    if (!/^[\w-]+(\.[\w-]+)*$/.test(path)) {
      throw new MusicboxError(
        'script.failed',
        `json("${path}") is more than this engine selects`,
        'Use names and numbers joined by dots.',
      )
    }
    let at = this.#json
    for (const step of path.split('.')) {
      if (typeof at !== 'object' || at === null) return undefined
      at = (at as Record<string, unknown>)[step]
    }
    return at
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
