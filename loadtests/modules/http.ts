/** The module `k6/http`, asynchronous half: what blocks in k6 is refused, because one thread serves all users here. */
import { MusicboxError } from '../../datasets/failure.ts'
import { exchange, type Params, type ResponseCallback } from '../http-exchange.ts'
import type { K6Response } from '../response.ts'
import type { Vu } from '../vu.ts'

const SYNCHRONOUS = ['get', 'head', 'post', 'put', 'patch', 'del', 'options', 'request', 'batch']
const UNSUPPORTED = ['file', 'cookieJar']
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

class ExpectedStatuses implements ResponseCallback {
  readonly #ranges: readonly (readonly [min: number, max: number])[]
  constructor(ranges: readonly (readonly [number, number])[]) {
    this.#ranges = ranges
  }
  expects(status: number): boolean {
    return this.#ranges.some(([min, max]) => status >= min && status <= max)
  }
}

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
    const name = url instanceof HttpUrl ? url.name : undefined
    return vu.loop.join(exchange(vu, method.toUpperCase(), String(url), name, body, params ?? {}))
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
    setResponseCallback(callback: ResponseCallback | null): void {
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
