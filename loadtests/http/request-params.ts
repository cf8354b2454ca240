/** The parameters of a request, as a script gives them. */
import { MusicboxError } from '../../datasets/failure.ts'
import { jarOf } from '../engine/modules/cookie-jar.ts'
import { durationMs } from '../options/duration.ts'
import type { CookieJar, OwnCookie } from './cookie-jar.ts'
import type { ResponseType } from './response.ts'

export interface Params {
  headers?: Readonly<Record<string, string>> | null
  tags?: Readonly<Record<string, string>> | null
  timeout?: string | number
  responseType?: ResponseType
  redirects?: number
  cookies?: Readonly<Record<string, string | { value?: string; replace?: boolean }>> | null
  jar?: unknown
  auth?: string
  compression?: string
  responseCallback?: unknown
  throw?: boolean
}

const TIMEOUT_MS = 60_000
const NO_COOKIES: readonly OwnCookie[] = []
const REMEMBERED_MAX = 1000
const timeouts = new Map<string | number, number>()

export function timeoutOf({ timeout }: Params): number {
  if (timeout === undefined || timeout === null) return TIMEOUT_MS
  let ms = timeouts.get(timeout)
  if (ms === undefined) {
    // Given as 0 it is the default, as in k6.
    ms = durationMs(timeout, 'params.timeout') || TIMEOUT_MS
    if (timeouts.size >= REMEMBERED_MAX) timeouts.clear()
    timeouts.set(timeout, ms)
  }
  return ms
}

export function cookiesOf({ cookies }: Params): readonly OwnCookie[] {
  if (!cookies) return NO_COOKIES
  return Object.entries(cookies).map(([name, given]) => {
    const { value = '', replace = false } = typeof given === 'object' ? given : { value: String(given) }
    if (/[\r\n\0;]/.test(name + value)) {
      throw new MusicboxError(
        'script.failed',
        `expected a cookie without line breaks and ";", got ${JSON.stringify(name)}`,
      )
    }
    return { name, value, replace }
  })
}

/** The jar that the request takes cookies from and leaves them in. */
export function jarFor({ jar }: Params, own: CookieJar): CookieJar {
  if (jar === undefined || jar === null) return own
  const given = jarOf(jar)
  if (given) return given
  throw new MusicboxError(
    'script.failed',
    `expected params.jar to be a cookie jar, got ${typeof jar}`,
    'Make one by new http.CookieJar(), or leave it out for the user’s own.',
  )
}

/**
 * `Basic …` for an address with user and password in it.
 * @throws MusicboxError `script.failed` for another way of saying who one is
 */
export function authorizationOf({ auth }: Params, credentials: string | undefined): string | undefined {
  if (auth !== undefined && auth !== 'basic' && auth !== '') {
    throw new MusicboxError(
      'script.failed',
      `params.auth is not supported but for "basic", got ${JSON.stringify(auth)}`,
      'Use "basic" with http://user:password@host/, set the header Authorization, or run it with k6.',
    )
  }
  return credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`
}

export function responseTypeOf({ responseType }: Params, discard: boolean): ResponseType {
  if (responseType === undefined || responseType === null) return discard ? 'none' : 'text'
  if (responseType === 'text' || responseType === 'binary' || responseType === 'none') return responseType
  throw new MusicboxError(
    'script.failed',
    `expected params.responseType to be text, binary or none, got ${JSON.stringify(responseType)}`,
  )
}
