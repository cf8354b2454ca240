/**
 * Addresses of requests, read once: the same few are asked thousands of times, and reading one costs as much as a good
 * part of the request itself.
 */

/** Where connections go. Equal origins are the same object. */
export interface Origin {
  readonly secure: boolean
  /** A name, or an address without brackets. */
  readonly host: string
  readonly port: number
}

export interface Address {
  readonly url: URL
  readonly origin: Origin
  /** Without user and password, for tags and for people. */
  readonly href: string
  /** Path and query, as written after the method. */
  readonly target: string
  /** `host` or `host:port`, as written in the field Host. */
  readonly hostField: string
  /** `user:password`, decoded, when the address holds them. */
  readonly credentials: string | undefined
}

/** More are not remembered: addresses with ids in them have no end. */
const REMEMBERED_MAX = 10_000

const addresses = new Map<string, Address>()
const origins = new Map<string, Origin>()

/** Nothing for what is no `http:` or `https:` address. */
export function readAddress(text: string): Address | undefined {
  const known = addresses.get(text)
  if (known) return known
  const url = URL.parse(text)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return undefined
  const address = addressOf(url)
  if (addresses.size >= REMEMBERED_MAX) addresses.clear()
  addresses.set(text, address)
  return address
}

function addressOf(url: URL): Address {
  const secure = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const hasCredentials = url.username !== '' || url.password !== ''
  let href = url.href
  if (hasCredentials) {
    const shown = new URL(href)
    shown.username = '****'
    shown.password = '****'
    href = shown.href
  }
  return {
    url,
    origin: originOf(secure, host, Number(url.port || (secure ? 443 : 80))),
    href,
    target: url.pathname + url.search,
    hostField: url.host,
    credentials: hasCredentials ? `${unescaped(url.username)}:${unescaped(url.password)}` : undefined,
  }
}

export function originOf(secure: boolean, host: string, port: number): Origin {
  const key = `${secure} ${host} ${port}`
  let origin = origins.get(key)
  if (!origin) {
    if (origins.size >= REMEMBERED_MAX) origins.clear()
    origin = { secure, host, port }
    origins.set(key, origin)
  }
  return origin
}

/** Text with a lone "%" in it stands for itself. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
