/** Bytes under way to a file: filled by `ascii.ts`, handed on in blocks of about a mebibyte, used again. */
import { SLACK_BYTES } from './ascii.ts'

/** No line is longer: a comment of the API's largest size would fit, each character escaped. */
export const LINE_BYTES_MAX = 16_384

/** Blocks have this size and part of a line more; compressed files are cut here, so it belongs to their bytes. */
const BLOCK_BYTES = 1 << 20

export class LineBuffer {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly view: DataView<ArrayBuffer>
  used = 0
  readonly #take: (block: Uint8Array<ArrayBuffer>) => void

  /** @param take gets each block; must be done with it when it returns */
  constructor(take: (block: Uint8Array<ArrayBuffer>) => void) {
    this.#take = take
    this.bytes = new Uint8Array(BLOCK_BYTES + LINE_BYTES_MAX + SLACK_BYTES)
    this.view = new DataView(this.bytes.buffer)
  }

  /** A line ends at `at`. */
  endLine(at: number): void {
    this.used = at
    if (at >= BLOCK_BYTES) this.flush()
  }

  flush(): void {
    if (this.used > 0) this.#take(this.bytes.subarray(0, this.used))
    this.used = 0
  }

  /** Puts text of any script. */
  putText(at: number, text: string): number {
    return at + utf8.encodeInto(text, this.bytes.subarray(at)).written
  }
}

const utf8 = new TextEncoder()
