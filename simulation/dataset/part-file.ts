/** A file that is there whole or not at all: written under another name, hashed on the way, renamed at its end. */
import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

export interface FileRecord {
  /** Below the data set's folder, with `/`. */
  path: string
  /** Events, songs, users …; 0 for documents. */
  rows: number
  bytes: number
  sha256: string
}

export class PartFile {
  readonly #out: string
  readonly #path: string
  readonly #hash = createHash('sha256')
  readonly #isCompressed: boolean
  readonly #file: number
  #bytes = 0

  /** A path that ends in `.gz` is compressed, block by block: concatenated members are one gzip file (RFC 1952). */
  constructor(out: string, path: string) {
    this.#out = out
    this.#path = path
    this.#isCompressed = path.endsWith('.gz')
    mkdirSync(dirname(join(out, path)), { recursive: true })
    this.#file = openSync(this.#unfinished(), 'w')
  }

  write(block: Uint8Array): void {
    const bytes = this.#isCompressed ? gzipSync(block, { level: 1 }) : block
    this.#hash.update(bytes)
    let written = 0
    while (written < bytes.length) written += writeSync(this.#file, bytes, written)
    this.#bytes += bytes.length
  }

  close(rows: number): FileRecord {
    // A file without rows is a compressed file all the same.
    if (this.#bytes === 0 && this.#isCompressed) this.write(new Uint8Array(0))
    closeSync(this.#file)
    renameSync(this.#unfinished(), join(this.#out, this.#path))
    return { path: this.#path, rows, bytes: this.#bytes, sha256: this.#hash.digest('hex') }
  }

  /** Hive and Spark pass over names that start with a dot. */
  #unfinished(): string {
    return join(this.#out, dirname(this.#path), `.${basename(this.#path)}.unfinished`)
  }
}
