/**
 * Lines put together from ready-made pieces of ASCII, without a string a row.
 *
 * Text is copied eight bytes at a time as a floating-point number, which is the widest copy that an engine compiles to a
 * plain load and store. It is exact for ASCII alone: eight bytes below 0x80 are never a NaN, whose bits could change. A
 * copy may write up to seven bytes beyond its piece: what comes next writes over them, and a buffer keeps that much room.
 */

/** How many bytes beyond its end a piece may read or write. */
export const SLACK_BYTES = 8

/** Copies `length` bytes of ASCII. @returns the place behind them, as all functions here do */
export function putPiece(to: DataView, at: number, from: DataView, start: number, length: number): number {
  for (let i = 0; i < length; i += 8) to.setFloat64(at + i, from.getFloat64(start + i, true), true)
  return at + length
}

/** Copies up to 16 bytes of a piece that has SLACK_BYTES of room behind it: two steps, no loop. */
export function putShort(to: DataView, at: number, from: DataView, length: number): number {
  to.setFloat64(at, from.getFloat64(0, true), true)
  if (length > 8) to.setFloat64(at + 8, from.getFloat64(8, true), true)
  return at + length
}

/** A whole number from 0 to 2^53, in decimal. */
export function putInteger(to: DataView, at: number, value: number): number {
  if (value < 1000) {
    to.setUint32(at, SHORT_DIGITS[value]!, true)
    return at + (value < 10 ? 1 : value < 100 ? 2 : 3)
  }
  const thousands = Math.floor(value / 1000)
  const after = putInteger(to, at, thousands)
  to.setUint32(after, THREE_DIGITS[value - thousands * 1000]!, true)
  return after + 3
}

/** An instant of the years 2001 to 2286 has thirteen digits; others go the long way. */
export function putInstant(to: DataView, at: number, ms: number): number {
  if (ms < 1e12 || ms >= 1e13) return putInteger(to, at, ms)
  const high = Math.floor(ms / 1e6)
  const low = ms - high * 1e6
  const first = Math.floor(high / 1e6)
  const middle = high - first * 1e6
  const middleThousands = Math.floor(middle / 1000)
  const lowThousands = Math.floor(low / 1000)
  to.setUint8(at, 0x30 + first)
  to.setUint32(at + 1, THREE_DIGITS[middleThousands]!, true)
  to.setUint32(at + 4, THREE_DIGITS[middle - middleThousands * 1000]!, true)
  to.setUint32(at + 7, THREE_DIGITS[lowThousands]!, true)
  to.setUint32(at + 10, THREE_DIGITS[low - lowThousands * 1000]!, true)
  return at + 13
}

/** Eight lower-case hex digits of an unsigned 32-bit integer. */
export function putHex32(to: DataView, at: number, word: number): number {
  to.setUint32(at, FOUR_HEX[word >>> 16]!, true)
  to.setUint32(at + 4, FOUR_HEX[word & 0xffff]!, true)
  return at + 8
}

/** A short constant piece. @throws RangeError when it is not ASCII or longer than 16 bytes */
export function piece(text: string): { view: DataView; length: number } {
  if (text.length > 16) throw new RangeError(`expected a piece of at most 16 bytes, got ${text.length}`)
  const bytes = new Uint8Array(16 + SLACK_BYTES)
  putAsciiText(bytes, 0, text)
  return { view: new DataView(bytes.buffer), length: text.length }
}

/** @throws RangeError when the text is not ASCII */
export function putAsciiText(to: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x80) throw new RangeError(`expected ASCII, got "${text}"`)
    to[at + i] = code
  }
  return at + text.length
}

/** Texts by number, one behind the other in one buffer. */
export class PieceTable {
  view: DataView
  starts = new Uint32Array(257)
  count = 0
  #bytes: Uint8Array<ArrayBuffer>

  constructor() {
    this.#bytes = new Uint8Array(1 << 14)
    this.view = new DataView(this.#bytes.buffer)
  }

  clear(): void {
    this.count = 0
  }

  /** The number of the text added is the count before. @throws RangeError when the text is not ASCII */
  add(text: string): void {
    const at = this.starts[this.count]!
    if (at + text.length + SLACK_BYTES > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length + text.length)
      larger.set(this.#bytes)
      this.#bytes = larger
      this.view = new DataView(larger.buffer)
    }
    if (this.count + 2 > this.starts.length) {
      const larger = new Uint32Array(2 * this.starts.length)
      larger.set(this.starts)
      this.starts = larger
    }
    this.count++
    this.starts[this.count] = putAsciiText(this.#bytes, at, text)
  }

  /** Copies text `index`. */
  put(to: DataView, at: number, index: number): number {
    const start = this.starts[index]!
    return putPiece(to, at, this.view, start, this.starts[index + 1]! - start)
  }
}

const encode = (text: string): number => {
  let word = 0
  for (let i = text.length - 1; i >= 0; i--) word = (word << 8) | text.charCodeAt(i)
  return word >>> 0
}
const THREE_DIGITS = Uint32Array.from({ length: 1000 }, (_, n) => encode(String(n).padStart(3, '0')))
const SHORT_DIGITS = Uint32Array.from({ length: 1000 }, (_, n) => encode(String(n)))
const FOUR_HEX = Uint32Array.from({ length: 65_536 }, (_, n) => encode(n.toString(16).padStart(4, '0')))
