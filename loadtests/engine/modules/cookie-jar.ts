/** The cookie jar as a script sees it: `http.cookieJar()` and `new http.CookieJar()`. */
import { MusicboxError } from '../../../datasets/failure.ts'
import { CookieJar, defaultPath } from '../../http/cookie-jar.ts'

/** The names are k6's. */
export interface CookieOptions {
  domain?: string
  path?: string
  /** A date as in HTTP. */
  expires?: string
  /** Seconds. */
  max_age?: number
  secure?: boolean
  http_only?: boolean
}

export class K6CookieJar {
  readonly #jar: CookieJar

  constructor(jar?: unknown) {
    this.#jar = jar instanceof CookieJar ? jar : new CookieJar()
  }

  static jarOf(value: unknown): CookieJar | undefined {
    return value instanceof K6CookieJar ? value.#jar : undefined
  }

  /** Values by name, of the cookies that a request to `url` would carry. */
  cookiesForURL(url: string): Record<string, string[]> {
    const values: Record<string, string[]> = {}
    for (const { name, value } of this.#jar.cookiesFor(parsed(url))) values[name] = [...(values[name] ?? []), value]
    return values
  }

  set(url: string, name: string, value: string, options?: CookieOptions | null): boolean {
    const at = parsed(url)
    const { domain, path, expires, max_age, secure, http_only } = options ?? {}
    const ends = expires === undefined || expires === '' ? 0 : Math.max(1, Date.parse(expires))
    if (Number.isNaN(ends)) {
      throw new MusicboxError(
        'script.failed',
        `expected expires to be a date such as "Mon, 02 Jan 2026 15:04:05 GMT", got "${expires}"`,
      )
    }
    this.#jar.put({
      name,
      value: String(value),
      domain: domain ? domain.replace(/^\./, '').toLowerCase() : at.hostname,
      hostOnly: !domain,
      path: path || defaultPath(at.pathname),
      secure: secure ?? false,
      httpOnly: http_only ?? false,
      expires: max_age === undefined || max_age === 0 ? ends : max_age < 0 ? 1 : Date.now() + max_age * 1000,
      maxAge: max_age ?? 0,
    })
    return true
  }

  clear(url: string): void {
    this.#jar.remove(parsed(url))
  }

  delete(url: string, name: string): void {
    this.#jar.remove(parsed(url), name)
  }
}

/** The jar behind what a script holds; nothing for what is no jar. */
export function jarOf(value: unknown): CookieJar | undefined {
  return K6CookieJar.jarOf(value)
}

function parsed(url: string): URL {
  const read = URL.parse(String(url))
  if (read) return read
  throw new MusicboxError('script.failed', `expected an address such as http://host/, got ${JSON.stringify(url)}`)
}
