/** The head of an HTTP/1.1 answer, read from bytes as they come (RFC 9112). */
import { NetworkError } from './network-error.ts'

export type Field = readonly [name: string, value: string]

const HEAD_BYTES_MAX = 65_536

/** What the engine must know of each answer is read from its bytes; all else only when somebody asks. */
export class ResponseHead {
  status = 0
  /** `HTTP/1.0` when false. */
  http11 = true
  /** Undefined when the head does not say. */
  contentLength: number | undefined
  chunked = false
  keepAlive = true
  /** Whether there are fields of these names. */
  setsCookie = false
  isEncoded = false
  /** How many bytes the head takes, its empty line included. */
  size = 0
  /** Its lines, without the empty one that ends it. */
  text = ''
  #fields: Field[] | undefined

  get proto(): string {
    return this.http11 ? 'HTTP/1.1' : 'HTTP/1.0'
  }

  get statusText(): string {
    return /^.{13}(.*)/.exec(this.text)?.[1] ?? ''
  }

  /** Names as they came, in order. */
  get fields(): readonly Field[] {
    this.#fields ??= readFields(this.text)
    return this.#fields
  }

  /** The values of a field, whose name is given in lower case. */
  all(name: string): string[] {
    return this.fields.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value)
  }
}

/** The fields of a head whose first line is something else. */
export function readFields(head: string): Field[] {
  return head
    .split(/\r?\n/)
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).trim()]
    })
}

const CR = 0x0d
const LF = 0x0a
const COLON = 0x3a
const SPACE = 0x20

/**
 * The head at the start of `bytes[from, to)`, or nothing while it is not whole. What the framing of the body hangs on is
 * read from the bytes themselves: most answers are never asked for more.
 * @throws NetworkError `incomplete` for what is no HTTP answer
 */
export function parseHead(bytes: Buffer, from = 0, to: number = bytes.length): ResponseHead | undefined {
  let line = from
  let head: ResponseHead | undefined
  for (let at = from; at < to; at++) {
    if (bytes[at] !== LF) continue
    const end = at > line && bytes[at - 1] === CR ? at - 1 : at
    if (!head) head = readStatusLine(bytes, line, end)
    else if (end === line) {
      head.size = at + 1 - from
      head.text = latin1(bytes, from, line)
      return head
    } else readField(head, bytes, line, end)
    line = at + 1
  }
  if (to - from > HEAD_BYTES_MAX) throw new NetworkError('incomplete', 'the head is larger than 64 KiB')
  return undefined
}

/** `HTTP/1.1 200 OK`; the reason may be missing. */
function readStatusLine(bytes: Buffer, from: number, to: number): ResponseHead {
  const head = new ResponseHead()
  const digit = (at: number): number => bytes[from + at]! - 0x30
  const isHttp1 = latin1(bytes, from, Math.min(to, from + 7)) === 'HTTP/1.'
  const minor = digit(7)
  for (let i = 9; i < 12; i++) {
    if (!(digit(i) >= 0 && digit(i) <= 9)) head.status = Number.NaN
    head.status = head.status * 10 + digit(i)
  }
  const ends = to - from === 12 || (to - from > 12 && bytes[from + 12] === SPACE)
  if (!isHttp1 || (minor !== 0 && minor !== 1) || bytes[from + 8] !== SPACE || !(head.status >= 100) || !ends) {
    throw new NetworkError(
      'incomplete',
      `expected an HTTP/1.1 answer, got "${latin1(bytes, from, Math.min(to, from + 60))}"`,
    )
  }
  head.http11 = minor === 1
  head.keepAlive = head.http11
  return head
}

/** Takes notice of a field if the engine needs it, judged by its first letter and the length of its name. */
function readField(head: ResponseHead, bytes: Buffer, from: number, to: number): void {
  let colon = from
  while (colon < to && bytes[colon] !== COLON) colon++
  if (colon === from || colon === to) {
    throw new NetworkError(
      'incomplete',
      `expected a header field, got "${latin1(bytes, from, Math.min(to, from + 60))}"`,
    )
  }
  const letter = bytes[from]! | 0x20
  const length = colon - from
  if (letter === 0x63 && (length === 14 || length === 10 || length === 16)) {
    const name = latin1(bytes, from, colon).toLowerCase()
    if (name === 'content-length') head.contentLength = readLength(head, latin1(bytes, colon + 1, to).trim())
    else if (name === 'connection') readConnection(head, latin1(bytes, colon + 1, to).toLowerCase())
    else if (name === 'content-encoding') head.isEncoded = true
  } else if (letter === 0x74 && length === 17) {
    if (latin1(bytes, from, colon).toLowerCase() !== 'transfer-encoding') return
    head.chunked = latin1(bytes, colon + 1, to)
      .trim()
      .toLowerCase()
      .endsWith('chunked')
  } else if (letter === 0x73 && length === 10) {
    if (latin1(bytes, from, colon).toLowerCase() === 'set-cookie') head.setsCookie = true
  }
}

function readLength(head: ResponseHead, value: string): number {
  // Two lengths that differ are how one answer is smuggled behind another.
  const agrees = head.contentLength === undefined || head.contentLength === Number(value)
  if (!/^\d{1,15}$/.test(value) || !agrees) throw new NetworkError('incomplete', `content-length is "${value}"`)
  return Number(value)
}

function readConnection(head: ResponseHead, value: string): void {
  if (value.includes('close')) head.keepAlive = false
  else if (value.includes('keep-alive')) head.keepAlive = true
}

function latin1(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('latin1', from, to)
}
