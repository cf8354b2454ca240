/**
 * A file of lines that several processes of one run append to. Lines are gathered and written in whole, in one append
 * each time, so that those of different processes never mix. A name that ends in `.gz` is compressed; each append is then
 * a member of its own, and readers of gzip take members that follow each other for one file.
 */
import { closeSync, openSync, write, writeFileSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { gzip, gzipSync } from 'node:zlib'
import { MusicboxError } from '../../datasets/failure.ts'

const APPEND_BYTES = 64 * 1024
/** A disk that falls behind by this much holds the run up rather than filling memory; the generator's verdict shows it. */
const WAITING_BYTES_MAX = 32 * 1024 * 1024
const DEFAULT_FLUSH_MS = 1000

export class LineFile {
  readonly #path: string
  readonly #fd: number
  readonly #timer: NodeJS.Timeout
  #waiting: string[] = []
  #waiting_bytes = 0
  #appending: Promise<void> | undefined
  #failure: unknown

  /** Makes the file anew, with these lines. @throws MusicboxError `backend.unreachable` */
  static create(path: string, lines: readonly string[] = []): void {
    try {
      writeFileSync(path, lines.length === 0 ? '' : encodedSync(path, `${lines.join('\n')}\n`))
    } catch (cause) {
      throw unwritable(path, cause)
    }
  }

  /** @throws MusicboxError `backend.unreachable` */
  constructor(path: string, flush_ms = DEFAULT_FLUSH_MS) {
    this.#path = path
    try {
      this.#fd = openSync(path, 'a')
    } catch (cause) {
      throw unwritable(path, cause)
    }
    this.#timer = setInterval(() => this.#append(), flush_ms).unref()
  }

  /** @param line without its line feed */
  write(line: string): void {
    this.#waiting.push(line)
    this.#waiting_bytes += line.length + 1
    if (this.#waiting_bytes < APPEND_BYTES) return
    if (this.#waiting_bytes > WAITING_BYTES_MAX) this.#appendNow()
    else this.#append()
  }

  /** Resolves once everything is in the file. @throws MusicboxError `backend.unreachable` when something is not */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#appending
    this.#appendNow()
    closeSync(this.#fd)
    if (this.#failure !== undefined) throw unwritable(this.#path, this.#failure)
  }

  #append(): void {
    this.#appending ??= this.#appendAll()
      .catch((cause: unknown) => {
        this.#failure ??= cause
      })
      .finally(() => {
        this.#appending = undefined
      })
  }

  async #appendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const text = this.#take()
      const bytes = isCompressed(this.#path) ? await compress(text) : Buffer.from(text)
      const { bytesWritten } = await append(this.#fd, bytes)
      expectWhole(bytesWritten, bytes)
    }
  }

  #appendNow(): void {
    if (this.#waiting.length === 0) return
    try {
      const bytes = encodedSync(this.#path, this.#take())
      expectWhole(writeSync(this.#fd, bytes), bytes)
    } catch (cause) {
      this.#failure ??= cause
    }
  }

  #take(): string {
    const text = `${this.#waiting.join('\n')}\n`
    this.#waiting = []
    this.#waiting_bytes = 0
    return text
  }
}

const append = promisify(write)
const compress = promisify(gzip)

function encodedSync(path: string, text: string): Buffer {
  return isCompressed(path) ? gzipSync(text) : Buffer.from(text)
}

function isCompressed(path: string): boolean {
  return path.endsWith('.gz')
}

/** The rest could not follow without tearing a line apart. */
function expectWhole(written: number, bytes: Buffer): void {
  if (written !== bytes.length) throw new Error(`${written} of ${bytes.length} bytes were written: is the disk full?`)
}

function unwritable(path: string, cause: unknown): MusicboxError {
  const reason = (cause as NodeJS.ErrnoException).code ?? (cause instanceof Error ? cause.message : String(cause))
  return new MusicboxError('backend.unreachable', `expected to write samples to ${path}, got ${reason}`, '', { cause })
}
