/** The parts of an HTTP/1.1 answer, read from bytes as they come (RFC 9112). */
import { NetworkError } from './network-error.ts'

export interface ResponseHead {
  status: number
  statusText: string
  /** `HTTP/1.1` or `HTTP/1.0`. */
  proto: string
  /** Names as they came, in order. */
  fields: (readonly [name: string, value: string])[]
  /** Absent when the head does not say. */
  contentLength: number | undefined
  chunked: boolean
  keepAlive: boolean
}

const HEAD_BYTES_MAX = 65_536

/**
 * The head at the start of `bytes` and its size, or nothing while it is not whole.
 * @throws NetworkError `incomplete` for what is no HTTP answer
 */
export function parseHead(bytes: Buffer): { head: ResponseHead; size: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) {
    if (bytes.length > HEAD_BYTES_MAX) throw new NetworkError('incomplete', 'the head is larger than 64 KiB')
    return undefined
  }
  const lines = bytes.toString('latin1', 0, end).split('\r\n')
  const first = /^(HTTP\/1\.[01]) (\d{3})(?: (.*))?$/.exec(lines[0]!)
  if (!first) throw new NetworkError('incomplete', `expected an HTTP/1.1 answer, got "${lines[0]!.slice(0, 60)}"`)
  const head: ResponseHead = {
    status: Number(first[2]),
    statusText: first[3] ?? '',
    proto: first[1]!,
    fields: [],
    contentLength: undefined,
    chunked: false,
    keepAlive: first[1] === 'HTTP/1.1',
  }
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i]!
    const colon = line.indexOf(':')
    if (colon <= 0) throw new NetworkError('incomplete', `expected a header field, got "${line.slice(0, 60)}"`)
    const name = line.slice(0, colon)
    const value = line.slice(colon + 1).trim()
    head.fields.push([name, value])
    readFraming(head, name.toLowerCase(), value)
  }
  return { head, size: end + 4 }
}

function readFraming(head: ResponseHead, name: string, value: string): void {
  if (name === 'content-length') {
    if (!/^\d+$/.test(value)) throw new NetworkError('incomplete', `content-length is "${value}"`)
    head.contentLength = Number(value)
  } else if (name === 'transfer-encoding') {
    head.chunked = value.toLowerCase().endsWith('chunked')
  } else if (name === 'connection') {
    const lower = value.toLowerCase()
    if (lower.includes('close')) head.keepAlive = false
    else if (lower.includes('keep-alive')) head.keepAlive = true
  }
}

/** A body in chunked coding. */
export class ChunkedBody {
  /** Where the pieces go; nothing is kept without it. */
  readonly #pieces: Buffer[] | undefined
  #state: 'size' | 'data' | 'data-end' | 'trailer' = 'size'
  #line = ''
  #remaining = 0

  constructor(pieces: Buffer[] | undefined) {
    this.#pieces = pieces
  }

  /**
   * Takes bytes. Once the body has ended: how many of them follow it.
   * @throws NetworkError `incomplete` for a malformed chunk
   */
  push(bytes: Buffer): number | undefined {
    let at = 0
    while (at < bytes.length) {
      if (this.#state === 'data') {
        const take = Math.min(this.#remaining, bytes.length - at)
        this.#pieces?.push(bytes.subarray(at, at + take))
        at += take
        this.#remaining -= take
        if (this.#remaining === 0) this.#state = 'data-end'
        continue
      }
      const newline = bytes.indexOf(0x0a, at)
      this.#line += bytes.toString('latin1', at, newline < 0 ? bytes.length : newline)
      if (this.#line.length > 8192) throw new NetworkError('incomplete', 'a chunk’s head is larger than 8 KiB')
      if (newline < 0) return undefined
      at = newline + 1
      const line = this.#line.replace(/\r$/, '')
      this.#line = ''
      if (this.#endOfLine(line)) return bytes.length - at
    }
    return undefined
  }

  /** Whether the body ends with this line. */
  #endOfLine(line: string): boolean {
    if (this.#state === 'trailer') return line === ''
    if (this.#state === 'data-end') {
      if (line !== '') throw new NetworkError('incomplete', 'a chunk is longer than its size')
      this.#state = 'size'
      return false
    }
    const size = /^([0-9a-fA-F]{1,12})\s*(;.*)?$/.exec(line)
    if (!size) throw new NetworkError('incomplete', `expected a chunk’s size, got "${line.slice(0, 30)}"`)
    this.#remaining = Number.parseInt(size[1]!, 16)
    this.#state = this.#remaining === 0 ? 'trailer' : 'data'
    return false
  }
}
