/** The file that an analyst answers with: CSV with a header, whose columns may stand in any order. */
import { readFile } from 'node:fs/promises'
import { CsvRows } from '../../datasets/csv-rows.ts'
import { MusicboxError } from '../../datasets/failure.ts'

export interface Answer {
  /** Of the file, from 1. */
  line: number
  /** By column; an absent optional column is an empty cell. */
  cells: Readonly<Record<string, string>>
}

/**
 * @param columns that must be there; further ones are left alone
 * @throws MusicboxError `not.found` when there is no such file, `input.invalid` for one that is not of the form
 */
export async function readAnswers(path: string, columns: readonly string[]): Promise<Answer[]> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause
    throw new MusicboxError('not.found', `expected a file of answers at ${path}, found none`)
  })
  return parseAnswers(text, columns, path)
}

export function parseAnswers(text: string, columns: readonly string[], path: string): Answer[] {
  const rows = new CsvRows()
  const [head, ...body] = [...rows.push(text), ...rows.end()]
  const names = head?.cells.map((name) => name.trim()) ?? []
  const missing = columns.filter((column) => !names.includes(column))
  if (missing.length > 0) {
    throw new MusicboxError(
      'input.invalid',
      `expected ${path} to begin with a line that names the columns ${columns.join(', ')}; missing: ${missing.join(', ')}`,
      '`musicbox score --baseline TASK` writes a file of the right form',
    )
  }
  return body.map(({ line, cells, problem }) => {
    if (problem !== undefined) throw wrongAnswer(path, line, problem)
    if (cells.length !== names.length) {
      throw wrongAnswer(path, line, `expected ${names.length} cells, got ${cells.length}`)
    }
    return { line, cells: Object.fromEntries(names.map((name, at) => [name, cells[at]!.trim()])) }
  })
}

export function wrongAnswer(path: string, line: number, problem: string): MusicboxError {
  return new MusicboxError('input.invalid', `${path}, line ${line}: ${problem}`)
}
