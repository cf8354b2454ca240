/** One request of a script from its parameters to its response: redirects, cookies and the samples of each hop. */
import { MusicboxError } from '../datasets/failure.ts'
import { durationMs } from './duration.ts'
import type { HttpAnswer } from './http-client.ts'
import { NetworkError } from './network-error.ts'
import { K6Response } from './response.ts'
import type { TagSet } from './tag-set.ts'
import type { Vu } from './vu.ts'

/** The parameters of a request that mean something here. */
export interface Params {
  headers?: Readonly<Record<string, string>>
  tags?: Readonly<Record<string, string>>
  timeout?: string | number
  responseType?: 'text' | 'binary' | 'none'
  redirects?: number
  cookies?: Readonly<Record<string, string | { value?: string }>>
  responseCallback?: ResponseCallback | null
  throw?: boolean
}

/** Which answers count as they should be. */
export interface ResponseCallback {
  expects(status: number): boolean
}

const REFUSED_PARAMS: Readonly<Record<string, string>> = {
  auth: 'Set the Authorization header instead.',
  compression: 'Send the body as it is.',
  jar: 'The user’s own jar is used; give cookies by name in params.cookies.',
}
const TIMEOUT_MS = 60_000
const DEFAULT_EXPECTED: ResponseCallback = { expects: (status) => status >= 200 && status <= 399 }

/**
 * Sends a request and follows where it leads.
 * @param name stands for the address in tags, when given
 * @returns a response in any case that a server or network can cause; status 0 when no answer came
 * @throws MusicboxError `script.failed` for parameters that this engine does not do
 */
export async function exchange(
  vu: Vu,
  method: string,
  address: string,
  name: string | undefined,
  body: unknown,
  params: Params,
): Promise<K6Response> {
  const { options } = vu.run
  const plan = planOf(vu, body, params)
  // Taken now: by the time the answer is there, the script may be in another step.
  let tags = vu.tagSet(params.tags)
  if (name !== undefined) tags = tags.with('name', name)
  const first = parseUrl(address)
  if (!first) return unsent(vu, method, address, plan.throws)
  let url: URL = first
  let hop = { method, body: plan.body, headers: plan.headers }
  for (let redirectsLeft = params.redirects ?? options.maxRedirects; ; redirectsLeft--) {
    const cookie = vu.jar.header(url.hostname, url.pathname, plan.cookies)
    const answer: HttpAnswer = await vu.client.send({
      method: hop.method,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || 80),
      path: url.pathname + url.search,
      headers: { ...hop.headers, Host: url.host, ...(cookie !== undefined && { Cookie: cookie }) },
      body: hop.body,
      timeout_ms: plan.timeout_ms,
      discardBody: plan.responseType === 'none',
    })
    keepCookies(vu, url, answer)
    const response = new K6Response(answer, { ...hop, url: url.href }, plan.responseType)
    record(vu, response, answer, tags, plan.callback)
    const next: URL | undefined = redirectsLeft > 0 ? redirectTarget(response, url) : undefined
    if (!next) {
      if (answer.error) {
        vu.run.log('warn', `request failed: ${hop.method} ${url.href}: ${response.error}`)
        if (plan.throws) throw answer.error
      }
      return response
    }
    url = next
    hop = redirected(hop, response.status)
  }
}

interface Plan {
  headers: Record<string, string>
  body: string | Uint8Array | undefined
  cookies: Record<string, string>
  timeout_ms: number
  responseType: 'text' | 'binary' | 'none'
  /** `null`: nothing is expected, and nothing counts as failed. */
  callback: ResponseCallback | null
  throws: boolean
}

function planOf(vu: Vu, body: unknown, params: Params): Plan {
  for (const name in REFUSED_PARAMS) {
    if ((params as Record<string, unknown>)[name] === undefined) continue
    throw new MusicboxError('script.failed', `params.${name} is not supported by this engine`, REFUSED_PARAMS[name])
  }
  const { options } = vu.run
  const payload = encodeBody(body)
  const headers: Record<string, string> = { 'User-Agent': options.userAgent, ...payload.headers }
  for (const name in params.headers) setHeader(headers, name, String(params.headers[name]))
  const cookies: Record<string, string> = {}
  for (const name in params.cookies) {
    const cookie = params.cookies[name]!
    cookies[name] = typeof cookie === 'string' ? cookie : (cookie.value ?? '')
  }
  let callback = params.responseCallback
  if (callback === undefined) callback = vu.responseCallback
  return {
    headers,
    body: payload.body,
    cookies,
    timeout_ms: params.timeout === undefined ? TIMEOUT_MS : durationMs(params.timeout, 'params.timeout'),
    responseType: params.responseType ?? (options.discardResponseBodies ? 'none' : 'text'),
    callback: callback === undefined ? DEFAULT_EXPECTED : callback,
    throws: params.throw ?? options.throw,
  }
}

function keepCookies(vu: Vu, url: URL, answer: HttpAnswer): void {
  const fields = answer.head?.fields.filter(([name]) => name.toLowerCase() === 'set-cookie') ?? []
  if (fields.length === 0) return
  vu.jar.store(
    url.hostname,
    url.pathname,
    fields.map(([, value]) => value),
  )
}

/** 307 and 308 repeat the request; after the others the new place is fetched. */
function redirected(
  hop: { method: string; body: string | Uint8Array | undefined; headers: Record<string, string> },
  status: number,
): typeof hop {
  if (status === 307 || status === 308 || hop.method === 'HEAD') return hop
  const { 'Content-Type': _, ...headers } = hop.headers
  return { method: 'GET', body: undefined, headers }
}

/** The samples of one exchange. */
function record(
  vu: Vu,
  response: K6Response,
  answer: HttpAnswer,
  common: TagSet,
  callback: ResponseCallback | null,
): void {
  // A name set by hand stands for the address too, so that addresses with ids in them stay one series.
  const name = common.get('name') ?? response.url
  let tags = common
    .with('name', name)
    .with('url', name)
    .with('method', response.method)
    .with('status', String(response.status))
    .with('proto', response.proto)
  if (response.error) tags = tags.with('error', response.error)
  if (response.error_code) tags = tags.with('error_code', String(response.error_code))
  const expected = callback?.expects(response.status)
  if (expected !== undefined) tags = tags.with('expected_response', String(expected))
  const { timings, sent_bytes, received_bytes } = answer
  vu.emitHttp({ timings, expected, sent_bytes, received_bytes }, tags)
}

/** For an address that cannot be asked: no sample, as nothing was sent. */
function unsent(vu: Vu, method: string, address: string, throws: boolean): K6Response {
  const error = new NetworkError('invalidUrl', address)
  if (throws) throw error
  vu.run.log('warn', `request failed: ${method} ${address}: ${error.message}`)
  return K6Response.failed(error, { method, url: address, body: undefined, headers: {} })
}

function parseUrl(text: string): URL | undefined {
  const url = URL.parse(text)
  if (url?.protocol === 'https:') {
    throw new MusicboxError('script.failed', `https is not supported by this engine, got ${text}`, 'Use http:// here.')
  }
  return url?.protocol === 'http:' ? url : undefined
}

function redirectTarget(response: K6Response, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(response.status)) return undefined
  const location = response.headers['Location']
  const next = location === undefined ? null : URL.parse(location, from)
  return next ? parseUrl(next.href) : undefined
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
