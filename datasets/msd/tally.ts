/** How many rows each file gave and how many were refused, counted once however often the file is read. */
import type { MsdReject, ReadOptions } from './reject.ts'

export interface FileCount {
  /** Rows that were taken. */
  rows: number
  refused: number
}

/** How many refused rows are kept to be shown; all are counted and told. */
const REJECTS_MAX = 1000

export class Tally {
  /** By path. */
  readonly counts: Record<string, FileCount> = {}
  readonly rejects: MsdReject[] = []
  readonly #options: ReadOptions

  constructor(options: ReadOptions) {
    this.#options = options
  }

  /** Reads a file; only its first reading is counted and told. */
  async *reading<Row>(
    file: string,
    read: (file: string, options: ReadOptions) => AsyncGenerator<Row>,
  ): AsyncGenerator<Row> {
    const { signal } = this.#options
    if (this.counts[file]) {
      yield* read(file, { signal })
      return
    }
    const count = { rows: 0, refused: 0 }
    this.counts[file] = count
    const reject = (refused: MsdReject): void => {
      count.refused++
      if (this.rejects.length < REJECTS_MAX) this.rejects.push(refused)
      this.#options.reject?.(refused)
    }
    for await (const row of read(file, { signal, reject })) {
      count.rows++
      yield row
    }
  }
}
