/** The module `k6/http`, asynchronous half: what blocks in k6 is refused, because one thread serves all users here. */
import { MusicboxError } from '../../../datasets/failure.ts'
import { callbackOf, expectedStatuses, type ResponseCallback } from '../../http/expected-statuses.ts'
import { exchange } from '../../http/http-exchange.ts'
import { FileData } from '../../http/request-body.ts'
import type { Params } from '../../http/request-params.ts'
import type { K6Response } from '../../http/response.ts'
import type { Vu } from '../vu.ts'
import { K6CookieJar } from './cookie-jar.ts'

const SYNCHRONOUS = ['get', 'head', 'post', 'put', 'patch', 'del', 'options', 'request', 'batch']
/** Stands for each value in the name of an http.url`…` address, as in k6. */
const PLACEHOLDER = `$${'{}'}`

/** For scripts that compare; the values are k6's. */
const CONSTANTS = {
  SSL_3_0: 'ssl3.0',
  TLS_1_0: 'tls1.0',
  TLS_1_1: 'tls1.1',
  TLS_1_2: 'tls1.2',
  TLS_1_3: 'tls1.3',
  OCSP_STATUS_GOOD: 'good',
  OCSP_STATUS_REVOKED: 'revoked',
  OCSP_STATUS_SERVER_FAILED: 'server_failed',
  OCSP_STATUS_UNKNOWN: 'unknown',
  OCSP_REASON_AA_COMPROMISE: 'aa_compromise',
  OCSP_REASON_AFFILIATION_CHANGED: 'affiliation_changed',
  OCSP_REASON_CA_COMPROMISE: 'ca_compromise',
  OCSP_REASON_CERTIFICATE_HOLD: 'certificate_hold',
  OCSP_REASON_CESSATION_OF_OPERATION: 'cessation_of_operation',
  OCSP_REASON_KEY_COMPROMISE: 'key_compromise',
  OCSP_REASON_PRIVILEGE_WITHDRAWN: 'privilege_withdrawn',
  OCSP_REASON_REMOVE_FROM_CRL: 'remove_from_crl',
  OCSP_REASON_SUPERSEDED: 'superseded',
  OCSP_REASON_UNSPECIFIED: 'unspecified',
}

export function httpModule(vu: Vu): Record<string, unknown> {
  const asyncRequest = (
    method: string,
    url: string | HttpUrl,
    body?: unknown,
    params?: Params | null,
  ): Promise<K6Response> => {
    vu.require('vu', 'http.asyncRequest()')
    // A parked user begins nothing more.
    if (vu.loop.parked) return vu.loop.stall()
    const name = url instanceof HttpUrl ? url.name : undefined
    const sent = new Promise<K6Response>((resolve, reject) =>
      exchange(vu, method.toUpperCase(), String(url), name, body, params ?? NO_PARAMS, { resolve, reject }),
    )
    return vu.loop.join(sent)
  }
  return Object.assign(Object.create(SAME_FOR_ALL) as Record<string, unknown>, {
    asyncRequest,
    setResponseCallback(callback: ResponseCallback | null): void {
      vu.responseCallback = callbackOf(callback, 'http.setResponseCallback()')
    },
    cookieJar(): K6CookieJar {
      vu.require('vu', 'http.cookieJar()')
      return new K6CookieJar(vu.jar)
    },
  })
}

const NO_PARAMS: Params = Object.freeze({})

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

/** What knows nothing of a user. A thousand users share it: a copy for each would take more memory than its sockets. */
const SAME_FOR_ALL = Object.freeze({
  url: (strings: readonly string[], ...values: unknown[]) =>
    new HttpUrl(
      strings.map((text, i) => text + (i < values.length ? String(values[i]) : '')).join(''),
      strings.join(PLACEHOLDER),
    ),
  expectedStatuses,
  CookieJar: K6CookieJar,
  file: (data: string | ArrayBuffer, filename?: string, contentType?: string) =>
    new FileData(data, filename || `${Date.now()}`, contentType || 'application/octet-stream'),
  FileData,
  ...CONSTANTS,
  ...Object.fromEntries(SYNCHRONOUS.map((name) => [name, refuseSynchronous(name)])),
})
