/** The module `k6/http`, asynchronous half: what blocks in k6 is refused, because one thread serves all users here. */
import { MusicboxError } from '../../datasets/failure.ts'
import { durationMs } from '../duration.ts'
import type { HttpAnswer } from '../http-client.ts'
import { NetworkError } from '../network-error.ts'
import { K6Response } from '../response.ts'
import type { Vu } from '../vu.ts'

/** Parameters of a request that mean something here. */
interface Params {
  headers?: Readonly<Record<string, string>>
  tags?: Readonly<Record<string, string>>
  timeout?: string | number
  responseType?: 'text' | 'binary' | 'none'
  redirects?: number
  cookies?: Readonly<Record<string, string | { value?: string }>>
  responseCallback?: ExpectedStatuses | null
  throw?: boolean
}

const REFUSED_PARAMS: Readonly<Record<string, string>> = {
  auth: 'Set the Authorization header instead.',
  compression: 'Send the body as it is.',
  jar: 'The user’s own jar is used; give cookies by name in params.cookies.',
}
const SYNCHRONOUS = ['get', 'head', 'post', 'put', 'patch', 'del', 'options', 'request', 'batch']
const UNSUPPORTED = ['file', 'cookieJar']
const TIMEOUT_MS = 60_000
/** Stands for each value in the name of an http.url`…` address, as in k6. */
const PLACEHOLDER = `$${'{}'}`

/** An address with a name for its tag, made by http.url`…`. */
class HttpUrl {
  readonly url: string
  readonly name: string
  constructor(url: string, name: string) {
    this.url = url
    this.name = name
  }
  toString(): string {
    return this.url
  }
}

class ExpectedStatuses {
  readonly #ranges: readonly (readonly [min: number, max: number])[]
  constructor(ranges: readonly (readonly [number, number])[]) {
    this.#ranges = ranges
  }
  expects(status: number): boolean {
    return this.#ranges.some(([min, max]) => status >= min && status <= max)
  }
}

const DEFAULT_EXPECTED = new ExpectedStatuses([[200, 399]])

export function httpModule(vu: Vu): Record<string, unknown> {
  const asyncRequest = (
    method: string,
    url: string | HttpUrl,
    body?: unknown,
    params?: Params | null,
  ): Promise<K6Response> => {
    vu.require('vu', 'http.asyncRequest()')
    // A parked user begins nothing more; its promise never settles.
    if (vu.loop.parked) return new Promise(() => {})
    return vu.loop.join(exchange(vu, method.toUpperCase(), url, body, params ?? {}))
  }
  return {
    asyncRequest,
    url: (strings: readonly string[], ...values: unknown[]) =>
      new HttpUrl(
        strings.map((text, i) => text + (i < values.length ? String(values[i]) : '')).join(''),
        strings.join(PLACEHOLDER),
      ),
    expectedStatuses(...given: (number | { min: number; max: number })[]) {
      return new ExpectedStatuses(
        given.map((entry) => (typeof entry === 'number' ? [entry, entry] : [entry.min, entry.max])),
      )
    },
    setResponseCallback(callback: ExpectedStatuses | null): void {
      vu.responseCallback = callback
    },
    ...Object.fromEntries(SYNCHRONOUS.map((name) => [name, refuseSynchronous(name)])),
    ...Object.fromEntries(
      UNSUPPORTED.map((name) => [
        name,
        () => {
          throw new MusicboxError('script.failed', `http.${name}() is not supported by this engine`, 'Run it with k6.')
        },
      ]),
    ),
  }
}

function refuseSynchronous(name: string): () => never {
  const method = name === 'del' ? 'DELETE' : name.toUpperCase()
  const remedy =
    name === 'batch'
      ? 'Write await Promise.all([http.asyncRequest(…), …]).'
      : `Write await http.asyncRequest(${name === 'request' ? 'method' : `'${method}'`}, url, body, params).`
  return () => {
    throw new MusicboxError('script.failed', `http.${name}() blocks, and here one thread serves every listener`, remedy)
  }
}

async function exchange(
  vu: Vu,
  method: string,
  target: string | HttpUrl,
  body: unknown,
  params: Params,
): Promise<K6Response> {
  for (const name in REFUSED_PARAMS) {
    if ((params as Record<string, unknown>)[name] === undefined) continue
    throw new MusicboxError('script.failed', `params.${name} is not supported by this engine`, REFUSED_PARAMS[name])
  }
  const { options } = vu.run
  const throws = params.throw ?? options.throw
  const name = target instanceof HttpUrl ? target.name : undefined
  const first = parseUrl(String(target))
  if (!first) return failed(vu, method, String(target), new NetworkError('invalidUrl', String(target)), throws)
  const payload = encodeBody(body)
  const headers: Record<string, string> = { 'User-Agent': options.userAgent, ...payload.headers }
  for (const key in params.headers) setHeader(headers, key, String(params.headers[key]))
  const timeout_ms = params.timeout === undefined ? TIMEOUT_MS : durationMs(params.timeout, 'params.timeout')
  const responseType = params.responseType ?? (options.discardResponseBodies ? 'none' : 'text')
  const callback =
    params.responseCallback !== undefined
      ? params.responseCallback
      : vu.responseCallback !== undefined
        ? vu.responseCallback
        : DEFAULT_EXPECTED
  const cookies = Object.fromEntries(
    Object.entries(params.cookies ?? {}).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : (value.value ?? ''),
    ]),
  )
  let url: URL = first
  let redirectsLeft = params.redirects ?? options.maxRedirects
  let hop = method
  let sent = payload.body
  for (;;) {
    const path = url.pathname + url.search
    const cookie = vu.jar.header(url.hostname, url.pathname, cookies)
    const answer: HttpAnswer = await vu.client.send({
      method: hop,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || 80),
      path,
      headers: cookie === undefined ? { ...headers, Host: url.host } : { ...headers, Host: url.host, Cookie: cookie },
      body: sent,
      timeout_ms,
      discardBody: responseType === 'none',
    })
    const setCookies = answer.head?.fields.filter(([field]) => field.toLowerCase() === 'set-cookie') ?? []
    if (setCookies.length > 0) {
      vu.jar.store(
        url.hostname,
        url.pathname,
        setCookies.map(([, value]) => value),
      )
    }
    const response = new K6Response(answer, { method: hop, url: url.href, body: sent, headers }, responseType)
    record(vu, response, answer, name, params.tags, callback)
    const next: URL | undefined = redirectsLeft > 0 ? redirectTarget(response, url) : undefined
    if (!next) {
      if (answer.error) {
        vu.run.log('debug', `request failed: ${hop} ${url.href}: ${response.error}`)
        if (throws) throw answer.error
      }
      return response
    }
    redirectsLeft--
    url = next
    // 307 and 308 repeat the request; after the others the new place is fetched.
    if (response.status !== 307 && response.status !== 308 && hop !== 'HEAD') {
      hop = 'GET'
      sent = undefined
      delete headers['Content-Type']
    }
  }
}

/** The samples of one exchange. */
function record(
  vu: Vu,
  response: K6Response,
  answer: HttpAnswer,
  name: string | undefined,
  own: Readonly<Record<string, string>> | undefined,
  callback: { expects(status: number): boolean } | null,
): void {
  const { metrics } = vu.run
  const tags = vu.tagsWith(own)
  // A name set by hand stands for the address too, so that addresses with ids in them stay one series.
  tags['name'] = name ?? tags['name'] ?? response.url
  tags['url'] = tags['name']
  tags['method'] = response.method
  tags['status'] = String(response.status)
  tags['proto'] = response.proto
  if (response.error) {
    tags['error'] = response.error
    tags['error_code'] = String(response.error_code)
  }
  if (callback) tags['expected_response'] = String(callback.expects(response.status))
  const now = Date.now()
  const { timings } = answer
  vu.emit(metrics.builtIn('http_reqs'), 1, tags, now)
  vu.emit(metrics.builtIn('http_req_duration'), timings.duration, tags, now)
  vu.emit(metrics.builtIn('http_req_blocked'), timings.blocked, tags, now)
  vu.emit(metrics.builtIn('http_req_connecting'), timings.connecting, tags, now)
  vu.emit(metrics.builtIn('http_req_tls_handshaking'), timings.tls_handshaking, tags, now)
  vu.emit(metrics.builtIn('http_req_sending'), timings.sending, tags, now)
  vu.emit(metrics.builtIn('http_req_waiting'), timings.waiting, tags, now)
  vu.emit(metrics.builtIn('http_req_receiving'), timings.receiving, tags, now)
  if (callback) vu.emit(metrics.builtIn('http_req_failed'), callback.expects(response.status) ? 0 : 1, tags, now)
  vu.emit(metrics.builtIn('data_sent'), answer.sent_bytes, tags, now)
  vu.emit(metrics.builtIn('data_received'), answer.received_bytes, tags, now)
}

/** An answer for a request that could not even be sent. */
function failed(vu: Vu, method: string, url: string, error: NetworkError, throws: boolean): K6Response {
  if (throws) throw error
  vu.run.log('warn', `request failed: ${method} ${url}: ${error.message}`)
  return K6Response.failed(error, { method, url, body: undefined, headers: {} })
}

function parseUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'https:') {
    throw new MusicboxError('script.failed', `https is not supported by this engine, got ${text}`, 'Use http:// here.')
  }
  return url?.protocol === 'http:' ? url : undefined
}

function redirectTarget(response: K6Response, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(response.status)) return undefined
  const location = response.headers['Location']
  return location !== undefined && URL.canParse(location, from) ? parseUrl(new URL(location, from).href) : undefined
}

function encodeBody(body: unknown): { body: string | Uint8Array | undefined; headers: Record<string, string> } {
  if (body === undefined || body === null) return { body: undefined, headers: {} }
  if (typeof body === 'string') return { body, headers: {} }
  if (body instanceof ArrayBuffer) return { body: new Uint8Array(body), headers: {} }
  if (ArrayBuffer.isView(body)) {
    return { body: new Uint8Array(body.buffer, body.byteOffset, body.byteLength), headers: {} }
  }
  const form = new URLSearchParams()
  for (const [key, value] of Object.entries(body)) {
    if (Array.isArray(value)) for (const item of value) form.append(key, String(item))
    else form.append(key, value === null ? '' : String(value))
  }
  return { body: form.toString(), headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }
}

function setHeader(headers: Record<string, string>, name: string, value: string): void {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || /[\r\n\0]/.test(value)) {
    throw new MusicboxError('script.failed', `expected a header without line breaks, got ${JSON.stringify(name)}`)
  }
  const same = Object.keys(headers).find((known) => known.toLowerCase() === name.toLowerCase())
  if (same) delete headers[same]
  headers[name] = value
}
