/** The lines of a text file of any size, with their numbers, and with what is wrong with them. */
import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { MusicboxError } from '../failure.ts'

export interface Line {
  /** From 1. */
  number: number
  /** Without its line break, `\n` or `\r\n`. */
  text: string
  /** Why the line cannot be read, if it cannot; `text` then holds what could be made of it. */
  problem?: string
}

/** A line that never ends must not fill the memory; the longest tracks of the MSD have about a megabyte as a line. */
const LINE_BYTES_MAX = 16 << 20
const CHUNK_BYTES = 1 << 18
const NEWLINE = 0x0a

/**
 * Lines by batches, as they are read: to take them one by one costs more than to split them.
 * @throws MusicboxError `backend.unreachable` when the file cannot be read to its end
 */
export async function* linesOf(path: string): AsyncGenerator<Line[]> {
  let number = 1
  let rest: Buffer[] = []
  let rest_bytes = 0
  let isTooLong = false
  const cut = (bytes: Buffer): Line[] => {
    const lines = split(bytes, number)
    number += lines.length
    return lines
  }
  const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      let start = 0
      if (isTooLong) {
        const end = chunk.indexOf(NEWLINE)
        if (end < 0) continue
        isTooLong = false
        start = end + 1
        yield [{ number: number++, text: '', problem: `expected a line of at most ${LINE_BYTES_MAX} bytes` }]
      }
      const end = chunk.lastIndexOf(NEWLINE)
      if (end >= start) {
        const whole =
          rest_bytes === 0 ? chunk.subarray(start, end) : Buffer.concat([...rest, chunk.subarray(start, end)])
        rest = []
        rest_bytes = 0
        start = end + 1
        yield cut(whole)
      }
      if (start < chunk.length) {
        rest.push(chunk.subarray(start))
        rest_bytes += chunk.length - start
      }
      if (rest_bytes > LINE_BYTES_MAX) {
        isTooLong = true
        rest = []
        rest_bytes = 0
      }
    }
  } catch (cause) {
    if (cause instanceof MusicboxError) throw cause
    const { message } = cause as Error
    throw new MusicboxError(
      'backend.unreachable',
      `${path} could not be read to its end: ${message}`,
      'check the file',
      {
        cause,
      },
    )
  }
  if (isTooLong) yield [{ number, text: '', problem: `expected a line of at most ${LINE_BYTES_MAX} bytes` }]
  else if (rest_bytes > 0) yield cut(Buffer.concat(rest))
}

/** The lines between line breaks; the bytes have none at their end. */
function split(bytes: Buffer, firstNumber: number): Line[] {
  if (isUtf8(bytes)) {
    return bytes
      .toString('utf8')
      .split('\n')
      .map((text, i) => ({ number: firstNumber + i, text: bare(text, firstNumber + i) }))
  }
  const lines: Line[] = []
  for (let start = 0; start <= bytes.length; ) {
    const at = bytes.indexOf(NEWLINE, start)
    const end = at < 0 ? bytes.length : at
    const line = bytes.subarray(start, end)
    const number = firstNumber + lines.length
    const text = bare(line.toString('utf8'), number)
    lines.push(isUtf8(line) ? { number, text } : { number, text, problem: 'expected UTF-8' })
    start = end + 1
  }
  return lines
}

function bare(text: string, number: number): string {
  const unmarked = number === 1 && text.startsWith('\ufeff') ? text.slice(1) : text
  return unmarked.endsWith('\r') ? unmarked.slice(0, -1) : unmarked
}
