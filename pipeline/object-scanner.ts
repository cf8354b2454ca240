/**
 * Finds JSON objects in a stream of bytes: one a line, or run together, spread over lines, after a byte order mark, with
 * rubbish between them or cut short. Every byte is white space, part of an object that is handed on, or part of a piece that
 * is reported as broken; and the outcome does not depend on how the stream is cut into chunks.
 *
 * An object that turns out broken may have swallowed the start of a whole one: a text that lost its closing quote runs
 * into the next line's. So the scanner goes back to just behind the broken one's brace and takes the next brace from
 * which a whole object can be read. To see a fault where it is, and not at the end of the file, it follows JSON's grammar
 * as it goes; nesting and size have limits, which bound both memory and how far it must go back.
 */

export type Scanned =
  | { state: 'object'; offset_bytes: number; size_bytes: number; text: string; value: Record<string, unknown> }
  | { state: 'broken'; offset_bytes: number; size_bytes: number; text: string; reason: string }

/** A larger object is broken, and a longer broken piece is reported in parts. */
export const OBJECT_BYTES_MAX = 65_536
/** Events are flat but for lists of tags. */
const DEPTH_MAX = 8

export class ObjectScanner {
  #bytes: Buffer = Buffer.alloc(0)
  /** Offset in the stream of the first byte held. */
  #base = 0
  #at = 0
  #ended = false
  /** Where the broken piece under way starts, and why it is broken. */
  #broken: { start: number; reason: string } | undefined
  #grammar: Grammar | undefined
  /** Where the object under way starts. */
  #start = 0
  #found: Scanned[] = []

  /** Takes the next bytes; answers what they bring to an end. */
  push(bytes: Uint8Array): Scanned[] {
    const kept = Math.min(this.#at, this.#broken?.start ?? Infinity, this.#grammar ? this.#start : Infinity)
    this.#bytes = Buffer.concat([this.#bytes.subarray(kept), bytes])
    this.#base += kept
    this.#at -= kept
    this.#start -= kept
    if (this.#broken) this.#broken.start -= kept
    return this.#scan()
  }

  /** The stream is over. */
  end(): Scanned[] {
    this.#ended = true
    return this.#scan()
  }

  #scan(): Scanned[] {
    while (this.#grammar ? this.#inObject(this.#grammar) : this.#broken ? this.#inBroken() : this.#between()) {}
    const found = this.#found
    this.#found = []
    return found
  }

  /** Each of these three goes on until something changes; false when it needs more bytes. */
  #between(): boolean {
    const byte = this.#bytes[this.#at]
    if (byte === undefined) return false
    if (isSpace(byte)) {
      this.#at++
    } else if (byte === OPEN_BRACE) {
      this.#begin()
    } else {
      const start = this.#bytes.subarray(this.#at, this.#at + BOM.length)
      if (start.equals(BOM)) this.#at += BOM.length
      else if (!this.#ended && start.equals(BOM.subarray(0, start.length))) return false
      else this.#broken = { start: this.#at, reason: `expected "{", got ${shownByte(byte)}` }
    }
    return true
  }

  #inBroken(): boolean {
    const { start } = this.#broken!
    for (; this.#at < this.#bytes.length; this.#at++) {
      const byte = this.#bytes[this.#at]
      if (byte === NEWLINE) {
        this.#reportBroken(this.#at)
        return true
      }
      if (this.#at - start === OBJECT_BYTES_MAX) {
        const { reason } = this.#broken!
        this.#reportBroken(this.#at)
        this.#broken = { start: this.#at, reason }
        return true
      }
      // The brace of the broken object itself has been tried.
      if (byte === OPEN_BRACE && this.#at > start) {
        this.#begin()
        return true
      }
    }
    if (this.#ended) this.#reportBroken(this.#at)
    return false
  }

  #inObject(grammar: Grammar): boolean {
    for (; this.#at < this.#bytes.length; this.#at++) {
      if (this.#at - this.#start === OBJECT_BYTES_MAX) return this.#fail(`larger than ${OBJECT_BYTES_MAX} bytes`)
      const byte = this.#bytes[this.#at]!
      const fault = grammar.take(byte)
      if (fault) return this.#fail(`${fault} at byte ${this.#base + this.#at}, got ${shownByte(byte)}`)
      if (grammar.done) {
        this.#at++
        return this.#complete()
      }
    }
    return this.#ended ? this.#fail('cut short: the stream ends within it') : false
  }

  #begin(): void {
    this.#grammar = new Grammar()
    this.#start = this.#at
  }

  #complete(): boolean {
    const bytes = this.#bytes.subarray(this.#start, this.#at)
    const place = { offset_bytes: this.#base + this.#start, size_bytes: bytes.length }
    let text: string
    try {
      text = strictUtf8.decode(bytes)
    } catch {
      this.#hand({ state: 'broken', ...place, text: bytes.toString(), reason: 'not UTF-8' })
      return true
    }
    try {
      this.#hand({ state: 'object', ...place, text, value: JSON.parse(text) })
    } catch (error) {
      return this.#fail(`not JSON: ${(error as Error).message}`)
    }
    return true
  }

  #hand(scanned: Scanned): void {
    if (this.#broken) this.#reportBroken(this.#start)
    this.#grammar = undefined
    this.#found.push(scanned)
  }

  /** What began at the last brace is no object: the next brace may be one's. */
  #fail(reason: string): true {
    this.#broken ??= { start: this.#start, reason }
    this.#grammar = undefined
    this.#at = this.#start + 1
    return true
  }

  #reportBroken(end: number): void {
    const { start, reason } = this.#broken!
    this.#broken = undefined
    let last = end
    while (last > start && isSpace(this.#bytes[last - 1]!)) last--
    if (last === start) return
    this.#found.push({
      state: 'broken',
      offset_bytes: this.#base + start,
      size_bytes: last - start,
      text: this.#bytes.toString('utf8', start, last),
      reason,
    })
  }
}

/** Follows one object's grammar, byte by byte. Numbers and words are checked by `JSON.parse` in the end. */
class Grammar {
  done = false
  #expects: 'key' | 'key or end' | 'colon' | 'value' | 'value or end' | 'comma or end' = 'value'
  #inside: 'text' | 'escape' | 'word' | undefined
  #isKey = false
  /** Open brackets, innermost last. */
  readonly #open: number[] = []

  /** @returns what was expected instead; undefined when the byte fits */
  take(byte: number): string | undefined {
    if (this.#inside === 'text') {
      if (byte === QUOTE) {
        this.#inside = undefined
        this.#expects = this.#isKey ? 'colon' : 'comma or end'
      } else if (byte === BACKSLASH) this.#inside = 'escape'
      else if (byte < SPACE) return 'expected the text to end on its line'
      return undefined
    }
    if (this.#inside === 'escape') {
      if (byte < SPACE) return 'expected the text to end on its line'
      this.#inside = 'text'
      return undefined
    }
    if (isWord(byte)) {
      if (this.#inside === 'word') return undefined
      if (this.#expects !== 'value' && this.#expects !== 'value or end') return `expected ${NAMES[this.#expects]}`
      this.#inside = 'word'
      return undefined
    }
    if (this.#inside === 'word') {
      this.#inside = undefined
      this.#expects = 'comma or end'
    }
    if (isSpace(byte)) return undefined
    return this.#takeMark(byte)
  }

  #takeMark(byte: number): string | undefined {
    const expects = this.#expects
    if (byte === QUOTE && expects !== 'colon' && expects !== 'comma or end') {
      this.#inside = 'text'
      this.#isKey = expects === 'key' || expects === 'key or end'
    } else if (byte === COLON && expects === 'colon') this.#expects = 'value'
    else if (byte === COMMA && expects === 'comma or end') {
      this.#expects = this.#open.at(-1) === OPEN_BRACE ? 'key' : 'value'
    } else if ((byte === OPEN_BRACE || byte === OPEN_BRACKET) && (expects === 'value' || expects === 'value or end')) {
      if (this.#open.length === DEPTH_MAX) return `expected at most ${DEPTH_MAX} levels`
      this.#open.push(byte)
      this.#expects = byte === OPEN_BRACE ? 'key or end' : 'value or end'
    } else if (this.#mayEnd(byte)) {
      this.#open.pop()
      this.#expects = 'comma or end'
      this.done = this.#open.length === 0
    } else return `expected ${NAMES[expects]}`
    return undefined
  }

  #mayEnd(byte: number): boolean {
    const inner = this.#open.at(-1)
    if (byte === CLOSE_BRACE && inner === OPEN_BRACE) {
      return this.#expects === 'key or end' || this.#expects === 'comma or end'
    }
    if (byte === CLOSE_BRACKET && inner === OPEN_BRACKET) {
      return this.#expects === 'value or end' || this.#expects === 'comma or end'
    }
    return false
  }
}

const NAMES = {
  key: 'a field name',
  'key or end': 'a field name or "}"',
  colon: '":"',
  value: 'a value',
  'value or end': 'a value or "]"',
  'comma or end': '"," or the end of the object or list',
} as const

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c]
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d]
const [SPACE, NEWLINE, RETURN, TAB] = [0x20, 0x0a, 0x0d, 0x09]
const BOM = Buffer.from([0xef, 0xbb, 0xbf])
/** A byte order mark inside an object's text is a character like any other. */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB
}

/** Of numbers, `true`, `false` and `null`. */
function isWord(byte: number): boolean {
  return (
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2d ||
    byte === 0x2b ||
    byte === 0x2e ||
    byte === 0x45
  )
}

function shownByte(byte: number): string {
  return byte > SPACE && byte < 0x7f
    ? JSON.stringify(String.fromCharCode(byte))
    : `byte 0x${byte.toString(16).padStart(2, '0')}`
}
