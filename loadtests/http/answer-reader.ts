/** Reads one answer of HTTP/1.1 after the other from bytes as they come (RFC 9112, section 6.3). */
import { ChunkedBody } from './chunked-body.ts'
import { parseHead, type ResponseHead } from './http-message.ts'

const EMPTY = Buffer.alloc(0)

export class AnswerReader {
  head: ResponseHead | undefined
  #isHead = false
  #keepsBody = true
  /** Bytes of a head that is not whole yet. */
  #partial = EMPTY
  #pieces: Buffer[] | undefined
  /** Bytes of the body still to come; -1: until the connection ends. */
  #remaining = 0
  #chunked: ChunkedBody | undefined
  #isClean = true

  /** @param method of the request: what answers HEAD has no body, whatever its length says */
  begin(method: string, keepsBody: boolean): void {
    this.head = undefined
    this.#isHead = method === 'HEAD'
    this.#keepsBody = keepsBody
    this.#partial = EMPTY
    this.#pieces = undefined
    this.#remaining = 0
    this.#chunked = undefined
    this.#isClean = true
  }

  /**
   * @param read its first `size` bytes came; they are not ours to keep
   * @returns whether the answer is whole
   * @throws NetworkError `incomplete` for what is no answer
   */
  push(read: Buffer, size: number): boolean {
    let bytes = read
    let from = 0
    let to = size
    while (!this.head) {
      if (this.#partial.length > 0) {
        bytes = Buffer.concat([this.#partial, bytes.subarray(from, to)])
        this.#partial = EMPTY
        from = 0
        to = bytes.length
      }
      const head = parseHead(bytes, from, to)
      if (!head) {
        this.#partial = Buffer.from(bytes.subarray(from, to))
        return false
      }
      from += head.size
      // 100 Continue and its like come before the answer proper.
      if (head.status >= 200) this.#beginBody(head)
    }
    if (this.#chunked) return this.#pushChunked(this.#chunked, bytes.subarray(from, to))
    const end = this.#remaining < 0 ? to : Math.min(to, from + this.#remaining)
    if (end > from && this.#keepsBody) this.#keep(bytes, from, end)
    if (this.#remaining < 0) return false
    this.#remaining -= end - from
    this.#isClean = end === to
    return this.#remaining === 0
  }

  /** The connection ended. @returns whether the answer is whole by that */
  end(): boolean {
    this.#isClean = false
    return this.head !== undefined && this.#remaining < 0
  }

  /** Whether another request may follow on the connection: the server keeps it, and nothing came after the answer. */
  get isReusable(): boolean {
    return this.#isClean && this.head?.keepAlive === true
  }

  /** The body; the reader keeps it no longer. */
  take(): Buffer {
    const pieces = this.#pieces
    this.#pieces = undefined
    this.#partial = EMPTY
    if (!pieces) return EMPTY
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
  }

  #beginBody(head: ResponseHead): void {
    this.head = head
    if (this.#isHead || head.status === 204 || head.status === 304) return
    if (head.chunked) {
      if (this.#keepsBody) this.#pieces = []
      this.#chunked = new ChunkedBody(this.#pieces)
    } else this.#remaining = head.contentLength ?? -1
  }

  #pushChunked(chunked: ChunkedBody, bytes: Buffer): boolean {
    const left = chunked.push(this.#keepsBody ? Buffer.from(bytes) : bytes)
    this.#isClean = left === 0
    return left !== undefined
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    const piece = Buffer.allocUnsafe(to - from)
    bytes.copy(piece, 0, from, to)
    if (this.#pieces) this.#pieces.push(piece)
    else this.#pieces = [piece]
  }
}
