/** One request of a script from its parameters to its response: redirects, cookies and the samples of each hop. */

import type { Vu } from '../engine/vu.ts'
import type { TagSet } from '../metrics/tag-set.ts'
import { type Address, readAddress } from './address.ts'
import { decoded } from './content-encoding.ts'
import { type CookieJar, cookieField, type OwnCookie } from './cookie-jar.ts'
import { callbackOf, DEFAULT_EXPECTED, type ResponseCallback } from './expected-statuses.ts'
import type { HttpAnswer, HttpClient } from './http-client.ts'
import { type HttpSettings, httpSettings } from './http-settings.ts'
import { NetworkError } from './network-error.ts'
import { encodeBody, type RequestBody } from './request-body.ts'
import { requestHead } from './request-head.ts'
import { authorizationOf, cookiesOf, jarFor, type Params, responseTypeOf, timeoutOf } from './request-params.ts'
import { K6Response, type ResponseType, type SentRequest } from './response.ts'

export interface Outcome {
  /** A response in any case that a server or network can cause; status 0 when no answer came. */
  resolve(response: K6Response): void
  /** A MusicboxError `script.failed` for what this engine does not do; a NetworkError when the script wants it thrown. */
  reject(error: unknown): void
}

/**
 * Sends a request and follows where it leads.
 * @param name stands for the address in tags, when given
 */
export function exchange(
  vu: Vu,
  method: string,
  url: string,
  name: string | undefined,
  body: unknown,
  params: Params,
  outcome: Outcome,
): void {
  // Taken first: whatever the engine does with the request is time that the script waits.
  const asked = performance.now()
  try {
    const address = readAddress(url)
    if (address) new HttpExchange(vu, method, name, body, params, outcome).start(address, asked)
    else refuse(vu, method, url, params, outcome)
  } catch (error) {
    outcome.reject(error)
  }
}

/** For an address that cannot be asked: no sample, as nothing was sent. */
function refuse(vu: Vu, method: string, url: string, params: Params, outcome: Outcome): void {
  const error = new NetworkError('invalidUrl', url)
  if (params.throw ?? vu.run.options.throw) throw error
  vu.run.log('warn', `request failed: ${method} ${url}: ${error.message}`)
  outcome.resolve(K6Response.failed(error, { method, url, body: undefined, head: '' }))
}

class HttpExchange {
  readonly #vu: Vu
  /** The user's of now: after an interruption it has another, and this one sends nothing more. */
  readonly #client: HttpClient
  readonly #settings: HttpSettings
  readonly #outcome: Outcome
  readonly #params: Params
  /** Taken when the script asked: by the time the answer is there, it may be in another step. */
  readonly #tags: TagSet
  readonly #jar: CookieJar
  readonly #cookies: readonly OwnCookie[]
  readonly #timeout_ms: number
  readonly #responseType: ResponseType
  /** `null`: nothing is expected, and nothing counts as failed. */
  readonly #callback: ResponseCallback | null
  #method: string
  #payload: RequestBody
  /** Fields of the script that are not for the server that it was led to. */
  #omitted: Set<string> | undefined
  #redirectsLeft: number
  #deadline = 0

  constructor(vu: Vu, method: string, name: string | undefined, body: unknown, params: Params, outcome: Outcome) {
    const settings = httpSettings(vu.run.options)
    const { responseCallback } = params
    const tags = vu.tagSet(params.tags ?? undefined)
    this.#vu = vu
    this.#client = vu.client
    this.#settings = settings
    this.#outcome = outcome
    this.#params = params
    this.#tags = name === undefined ? tags : tags.with('name', name)
    this.#jar = jarFor(params, vu.jar)
    this.#cookies = cookiesOf(params)
    this.#timeout_ms = timeoutOf(params)
    this.#responseType = responseTypeOf(params, settings.discardResponseBodies)
    if (responseCallback !== undefined) this.#callback = callbackOf(responseCallback, 'params.responseCallback')
    else this.#callback = vu.responseCallback === undefined ? DEFAULT_EXPECTED : vu.responseCallback
    this.#method = method
    this.#payload = encodeBody(body, params.compression)
    this.#redirectsLeft = params.redirects ?? settings.maxRedirects
  }

  start(address: Address, asked: number): void {
    // The wait for a turn is part of `blocked`, but not of the time that the server is given.
    const wait_ms = this.#settings.limit?.take(asked) ?? 0
    this.#deadline = asked + wait_ms + this.#timeout_ms
    if (wait_ms === 0) this.#send(address, asked, this.#timeout_ms)
    else setTimeout(() => this.#awaitTurn(address, asked, asked + wait_ms), wait_ms)
  }

  /** Timers count from the moment at which the loop last looked at the clock, so they may fire early. */
  #awaitTurn(address: Address, asked: number, turn: number): void {
    const left_ms = turn - performance.now()
    if (left_ms > 0) setTimeout(() => this.#awaitTurn(address, asked, turn), left_ms)
    else this.#sendLater(address, asked)
  }

  #sendLater(address: Address, asked: number): void {
    try {
      this.#send(address, asked, Math.max(0, this.#deadline - performance.now()))
    } catch (error) {
      this.#outcome.reject(error)
    }
  }

  #send(address: Address, asked: number, timeout_ms: number): void {
    const settings = this.#settings
    const { body, contentType, contentEncoding } = this.#payload
    const { head, sent_bytes } = requestHead({
      method: this.#method,
      address,
      headers: this.#params.headers ?? undefined,
      omitted: this.#omitted,
      userAgent: settings.userAgent,
      contentType,
      contentEncoding,
      authorization: authorizationOf(this.#params, address.credentials),
      cookie: cookieField(this.#jar, address.url, this.#cookies),
      body,
      close: settings.closes,
    })
    const sent: SentRequest = { method: this.#method, url: address.href, body, head }
    this.#client.exchange(
      {
        method: this.#method,
        origin: address.origin,
        head,
        body,
        sent_bytes,
        timeout_ms,
        discardBody: this.#responseType === 'none',
        asked,
        dialing: settings,
      },
      (answer) => this.#answered(address, sent, answer),
    )
  }

  #answered(address: Address, sent: SentRequest, answer: HttpAnswer): void {
    const { head } = answer
    if (head?.setsCookie) this.#jar.store(address.url, head.all('set-cookie'))
    if (head?.isEncoded && this.#responseType !== 'none') unpack(answer)
    const response = new K6Response(answer, sent, this.#responseType)
    this.#record(response, answer)
    const next = this.#redirectsLeft > 0 ? redirectTarget(answer, address) : undefined
    if (next) {
      this.#redirectsLeft--
      this.#redirect(response.status, address, next)
    } else if (!answer.error) this.#outcome.resolve(response)
    else {
      this.#vu.run.log('warn', `request failed: ${sent.method} ${address.href}: ${response.error}`)
      if (this.#params.throw ?? this.#settings.throw) this.#outcome.reject(answer.error)
      else this.#outcome.resolve(response)
    }
  }

  /** 307 and 308 repeat the request; after the others the new place is fetched. */
  #redirect(status: number, from: Address, to: Address): void {
    if (status !== 307 && status !== 308 && this.#method !== 'HEAD') {
      this.#method = 'GET'
      this.#payload = encodeBody(undefined, undefined)
      this.#omit('content-type', 'content-length', 'content-encoding')
    }
    // What a script says in confidence to one server is not for another; nor is the name it calls it by.
    if (from.origin !== to.origin) this.#omit('authorization', 'cookie', 'host')
    this.#sendLater(to, performance.now())
  }

  #omit(...names: string[]): void {
    this.#omitted ??= new Set()
    for (const name of names) this.#omitted.add(name)
  }

  /** The samples of one hop. */
  #record(response: K6Response, answer: HttpAnswer): void {
    const wanted = this.#settings.tags
    // A name set by hand stands for the address too, so that addresses with ids in them stay one series.
    const name = this.#tags.get('name') ?? response.url
    const expected = this.#callback?.expects(response.status)
    let tags = this.#tags
    if (wanted.has('name')) tags = tags.with('name', name)
    if (wanted.has('url')) tags = tags.with('url', name)
    if (wanted.has('method')) tags = tags.with('method', response.method)
    if (wanted.has('status')) tags = tags.with('status', String(response.status))
    if (wanted.has('proto') && response.proto) tags = tags.with('proto', response.proto)
    if (answer.tls && wanted.has('tls_version')) tags = tags.with('tls_version', answer.tls.version)
    if (response.error && wanted.has('error')) tags = tags.with('error', response.error)
    if (response.error_code && wanted.has('error_code')) tags = tags.with('error_code', String(response.error_code))
    if (expected !== undefined && wanted.has('expected_response')) {
      tags = tags.with('expected_response', String(expected))
    }
    const { timings, sent_bytes, received_bytes } = answer
    this.#vu.emitHttp({ timings, expected, sent_bytes, received_bytes }, tags)
  }
}

/** The body as it was before the server compressed it; an answer that cannot be unpacked is none. */
function unpack(answer: HttpAnswer): void {
  try {
    answer.body = decoded(answer.body, answer.head!.all('content-encoding').join(','))
  } catch (error) {
    answer.error = error as NetworkError
    answer.head = undefined
  }
}

/** @throws nothing: where it leads to no address of HTTP, the answer itself is the response */
function redirectTarget({ head }: HttpAnswer, from: Address): Address | undefined {
  if (!head || head.status < 301 || ![301, 302, 303, 307, 308].includes(head.status)) return undefined
  const [location] = head.all('location')
  const next = location === undefined ? null : URL.parse(location, from.url)
  return next ? readAddress(next.href) : undefined
}
