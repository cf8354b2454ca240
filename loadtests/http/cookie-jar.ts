/**
 * Cookies (RFC 6265): the jar of a virtual user, emptied at each iteration, and jars that a script makes. Domain, path,
 * end of life and `Secure` are kept to. There is no list of public suffixes: a test asks servers that it names.
 */
export interface Cookie {
  name: string
  value: string
  /** Without a leading dot. */
  domain: string
  /** Whether only this very host gets it, and no name below it. */
  hostOnly: boolean
  path: string
  secure: boolean
  httpOnly: boolean
  /** Unix time, ms; 0: it lasts as long as the jar. */
  expires: number
  /** As it was given, in seconds; 0 when it was not. */
  maxAge: number
}

export class CookieJar {
  readonly #cookies: Cookie[] = []

  /** Whether there is nothing in it: true of nearly every jar at nearly every request. */
  get isEmpty(): boolean {
    return this.#cookies.length === 0
  }

  /** Takes the `Set-Cookie` fields of an answer. */
  store(url: URL, fields: readonly string[]): void {
    for (const field of fields) {
      const cookie = readCookie(field, url)
      if (cookie) this.put(cookie)
    }
  }

  put(cookie: Cookie): void {
    const at = this.#cookies.findIndex(
      ({ name, domain, path }) => name === cookie.name && domain === cookie.domain && path === cookie.path,
    )
    if (isOver(cookie)) {
      if (at >= 0) this.#cookies.splice(at, 1)
    } else if (at >= 0) this.#cookies[at] = cookie
    else this.#cookies.push(cookie)
  }

  /** Those that go with a request, longer paths first. */
  cookiesFor(url: URL): readonly Cookie[] {
    if (this.#cookies.length === 0) return this.#cookies
    return this.#cookies
      .filter((cookie) => belongs(cookie, url) && !isOver(cookie))
      .sort((a, b) => b.path.length - a.path.length)
  }

  /** @param name only those of this name */
  remove(url: URL, name?: string): void {
    for (let i = this.#cookies.length - 1; i >= 0; i--) {
      const cookie = this.#cookies[i]!
      if (reaches(cookie, url.hostname) && (name === undefined || name === cookie.name)) this.#cookies.splice(i, 1)
    }
  }

  clear(): void {
    this.#cookies.length = 0
  }
}

/** What a script gives with one request: its value, and whether it stands for one of that name in the jar. */
export interface OwnCookie {
  name: string
  value: string
  replace: boolean
}

/** The field `Cookie` of a request, or nothing: its own first, then what the jar has, as in k6. */
export function cookieField(jar: CookieJar, url: URL, own: readonly OwnCookie[]): string | undefined {
  if (jar.isEmpty && own.length === 0) return undefined
  const pairs = own.map(({ name, value }) => `${name}=${value}`)
  for (const { name, value } of jar.cookiesFor(url)) {
    if (!own.some((other) => other.replace && other.name === name)) pairs.push(`${name}=${value}`)
  }
  return pairs.length === 0 ? undefined : pairs.join('; ')
}

/** Reads a `Set-Cookie` field; nothing for one that is none, or that sets a cookie for somebody else's domain. */
export function readCookie(field: string, url: URL): Cookie | undefined {
  const [pair = '', ...attributes] = field.split(';')
  const equals = pair.indexOf('=')
  if (equals <= 0) return undefined
  const value = pair.slice(equals + 1).trim()
  const cookie: Cookie = {
    name: pair.slice(0, equals).trim(),
    value: value.replace(/^"(.*)"$/, '$1'),
    domain: url.hostname,
    hostOnly: true,
    path: defaultPath(url.pathname),
    secure: false,
    httpOnly: false,
    expires: 0,
    maxAge: 0,
  }
  for (const attribute of attributes) {
    const [name = '', text = ''] = split(attribute)
    if (name === 'domain' && text !== '') {
      cookie.domain = text.replace(/^\./, '').toLowerCase()
      cookie.hostOnly = false
    } else if (name === 'path' && text.startsWith('/')) cookie.path = text
    else if (name === 'secure') cookie.secure = true
    else if (name === 'httponly') cookie.httpOnly = true
    else if (name === 'max-age' && /^-?\d+$/.test(text)) cookie.maxAge = Number(text)
    else if (name === 'expires' && !Number.isNaN(Date.parse(text))) cookie.expires = Math.max(1, Date.parse(text))
  }
  // An age goes before a date; none and less mean at once.
  const age = attributes.map(split).find(([name]) => name === 'max-age')?.[1]
  if (age !== undefined && /^-?\d+$/.test(age)) cookie.expires = Number(age) > 0 ? Date.now() + Number(age) * 1000 : 1
  return reaches(cookie, url.hostname) ? cookie : undefined
}

function split(attribute: string): [name: string, text: string] {
  const at = attribute.indexOf('=')
  const name = (at < 0 ? attribute : attribute.slice(0, at)).trim().toLowerCase()
  return [name, at < 0 ? '' : attribute.slice(at + 1).trim()]
}

function isOver({ expires }: Cookie): boolean {
  return expires !== 0 && expires <= Date.now()
}

function belongs(cookie: Cookie, url: URL): boolean {
  return (
    reaches(cookie, url.hostname) && covers(cookie.path, url.pathname) && (!cookie.secure || url.protocol === 'https:')
  )
}

/** RFC 6265, section 5.1.3. An address has no names below it. */
function reaches({ domain, hostOnly }: Pick<Cookie, 'domain' | 'hostOnly'>, host: string): boolean {
  return host === domain || (!hostOnly && host.endsWith(`.${domain}`) && !/^[\d.]+$|^\[/.test(host))
}

/** RFC 6265, section 5.1.4. */
function covers(cookiePath: string, path: string): boolean {
  return path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`)
}

export function defaultPath(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')))
}
