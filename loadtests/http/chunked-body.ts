/** A body in chunked coding (RFC 9112, section 7.1), read as its bytes come. */
import { NetworkError } from './network-error.ts'

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
