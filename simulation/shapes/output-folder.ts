/** The files of one export: written under temporary names, and renamed together when all are complete. */
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ExportReport } from './shape.ts'

/** Takes rows of text. */
export interface OutputFile {
  /** @param row with its line break */
  row(row: string): void
  /** A line that is no row: a header. */
  header(line: string): void
  /** Flushes and closes the file before the folder does: where there are as many files as days. */
  close(): void
}

/** Texts are handed to the system in pieces of this many UTF-16 units. */
const PIECE_CHARS = 1 << 18
const UNFINISHED = '.part'

/**
 * Runs the writing of an export, and gives its files their names when it has ended well; else removes them.
 * ```ts
 * return writeFolder(out, async (folder) => { const file = folder.text('songs.tsv'); file.row('…\n') })
 * ```
 */
export async function writeFolder(
  out: string,
  write: (folder: OutputFolder) => Promise<unknown>,
): Promise<ExportReport> {
  const folder = new OutputFolder(out)
  try {
    await write(folder)
    return folder.finish()
  } catch (error) {
    folder.discard()
    throw error
  }
}

export class OutputFolder {
  readonly #out: string
  readonly #rows = new Map<string, () => number>()
  readonly #open: (() => void)[] = []

  constructor(out: string) {
    this.#out = out
    mkdirSync(out, { recursive: true })
  }

  /** @param name may hold folders: `training_set/log.csv` */
  text(name: string): OutputFile {
    let rows = 0
    const descriptor = openSync(
      this.file(name, () => rows),
      'w',
    )
    let piece = ''
    let isOpen = true
    const flush = (): void => {
      const bytes = Buffer.from(piece)
      piece = ''
      for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done)
    }
    const put = (text: string): void => {
      piece += text
      if (piece.length >= PIECE_CHARS) flush()
    }
    const close = (): void => {
      if (!isOpen) return
      isOpen = false
      try {
        flush()
      } finally {
        closeSync(descriptor)
      }
    }
    this.#open.push(close)
    return {
      row: (row) => {
        rows++
        put(row)
      },
      header: put,
      close,
    }
  }

  /** Path under which another writer makes a file, which then belongs to the export. */
  file(name: string, rows: () => number): string {
    const path = join(this.#out, `${name}${UNFINISHED}`)
    mkdirSync(dirname(path), { recursive: true })
    // What an export that was killed left behind must not be added to.
    rmSync(path, { force: true })
    this.#rows.set(name, rows)
    return path
  }

  finish(): ExportReport {
    for (const close of this.#open) close()
    const files: Record<string, number> = {}
    for (const [name, rows] of this.#rows) {
      renameSync(join(this.#out, `${name}${UNFINISHED}`), join(this.#out, name))
      files[name] = rows()
    }
    return { files }
  }

  discard(): void {
    for (const close of this.#open) {
      try {
        close()
      } catch {
        // The failure that led here is the one to tell.
      }
    }
    for (const name of this.#rows.keys()) rmSync(join(this.#out, `${name}${UNFINISHED}`), { force: true })
  }
}
