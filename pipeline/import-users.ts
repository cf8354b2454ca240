/** Imports users from the CSV file of the project's first version; see `user-csv.ts`. */
import { type CsvRow, CsvRows } from '../datasets/csv-rows.ts'
import { MusicboxError } from '../datasets/failure.ts'
import type { User } from '../datasets/music.ts'
import { isUserHeader, userFromCells } from '../datasets/user-csv.ts'

export interface ImportUsersOptions {
  source: AsyncIterable<Uint8Array>
  /** Told of each row that is no user, in the order of the file. */
  rejects: (reject: UserReject) => void
  signal?: AbortSignal
}

export interface UserReject {
  /** From 1. */
  line: number
  reason: string
  text: string
}

/**
 * The users of a file, as they are read: a large file needs no memory.
 * @throws MusicboxError `interrupted` on the signal, `backend.unreachable` when the file cannot be read to its end
 */
export async function* importUsers({ source, rejects, signal }: ImportUsersOptions): AsyncGenerator<User> {
  let isFirst = true
  for await (const row of rowsOf(source)) {
    if (signal?.aborted) throw new MusicboxError('interrupted', `stopped at line ${row.line}`, 'Import the file again.')
    const isHeader = isFirst && isUserHeader(row.cells)
    isFirst = false
    if (isHeader) continue
    try {
      if (row.problem) throw new MusicboxError('input.invalid', row.problem)
      if (row.text.includes('\ufffd')) throw new MusicboxError('input.invalid', 'expected UTF-8')
      yield userFromCells(row.cells)
    } catch (error) {
      if (!(error instanceof MusicboxError && error.code === 'input.invalid')) throw error
      rejects({ line: row.line, reason: error.message, text: row.text })
    }
  }
}

async function* rowsOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRow> {
  const rows = new CsvRows()
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  try {
    for await (const chunk of source) yield* rows.push(decoder.decode(chunk, { stream: true }))
  } catch (cause) {
    if (cause instanceof MusicboxError) throw cause
    throw new MusicboxError(
      'backend.unreachable',
      `the file could not be read to its end: ${(cause as Error).message}`,
      'Import it again: a user that is there already is replaced by the same.',
      { cause },
    )
  }
  yield* rows.push(decoder.decode())
  yield* rows.end()
}
