/** The cookies of one virtual user, emptied at each iteration: host, path and end of life are kept to, no more. */
export class CookieJar {
  readonly #byHost = new Map<string, Cookie[]>()

  /** Takes the `Set-Cookie` fields of an answer. */
  store(host: string, requestPath: string, fields: readonly string[]): void {
    for (const field of fields) {
      const [pair = '', ...attributes] = field.split(';')
      const at = pair.indexOf('=')
      if (at <= 0) continue
      const attribute = (name: string): string | undefined =>
        attributes
          .find((text) => text.trim().toLowerCase().startsWith(`${name}=`))
          ?.split('=')[1]
          ?.trim()
      const name = pair.slice(0, at).trim()
      const path = attribute('path') ?? requestPath.replace(/\/[^/]*$/, '') ?? '/'
      const kept = (this.#byHost.get(host) ?? []).filter((cookie) => cookie.name !== name || cookie.path !== path)
      const maxAge = attribute('max-age')
      const ended = maxAge !== undefined && Number(maxAge) <= 0
      this.#byHost.set(host, ended ? kept : [...kept, { name, value: pair.slice(at + 1).trim(), path: path || '/' }])
    }
  }

  /** The `Cookie` field for a request, or nothing. */
  header(host: string, path: string, own: Readonly<Record<string, string>> = {}): string | undefined {
    const pairs = new Map<string, string>()
    for (const cookie of this.#byHost.get(host) ?? [])
      if (covers(cookie.path, path)) pairs.set(cookie.name, cookie.value)
    for (const name in own) pairs.set(name, own[name]!)
    return pairs.size === 0 ? undefined : [...pairs].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  clear(): void {
    this.#byHost.clear()
  }
}

interface Cookie {
  name: string
  value: string
  path: string
}

/** RFC 6265, section 5.1.4. */
function covers(cookiePath: string, path: string): boolean {
  return path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`)
}
