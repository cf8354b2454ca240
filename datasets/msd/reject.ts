/** Rows of real files that are not what their format says: told one by one, and never the end of the rest. */
import { MusicboxError } from '../failure.ts'
import { type Line, linesOf } from './lines.ts'

export interface MsdReject {
  /** Path of the file. */
  file: string
  /** Line of a text file, from 1; rowid of a table in a database. */
  line: number
  reason: string
  /** How the row starts. */
  text: string
}

export interface ReadOptions {
  /** Told of each row that is refused, in the order of the file. */
  reject?: ((reject: MsdReject) => void) | undefined
  signal?: AbortSignal | undefined
}

/** Starts of refused rows are shown, not whole rows: a line of the 54-column file may have a megabyte. */
const SHOWN_CHARS = 200

/**
 * Parses the lines of a file; a line that `parse` refuses with `input.invalid` is told and left out.
 * @throws MusicboxError `interrupted`, `backend.unreachable`
 */
export async function* parsedLines<Row>(
  file: string,
  parse: (text: string) => Row,
  options: ReadOptions,
): AsyncGenerator<Row> {
  for await (const lines of linesOf(file)) {
    stopIfAsked(file, options)
    for (const line of lines) {
      const row = attempt(
        file,
        line.number,
        () => line.text,
        () => parse(readable(line)),
        options,
      )
      if (row !== undefined) yield row
    }
  }
}

/** One row, or undefined when it was refused and told. */
export function attempt<Row>(
  file: string,
  line: number,
  text: () => string,
  parse: () => Row,
  { reject }: ReadOptions,
): Row | undefined {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof MusicboxError && error.code === 'input.invalid')) throw error
    reject?.({ file, line, reason: error.message, text: text().slice(0, SHOWN_CHARS) })
    return undefined
  }
}

export function stopIfAsked(file: string, { signal }: ReadOptions): void {
  if (signal?.aborted)
    throw new MusicboxError('interrupted', `stopped while reading ${file}`, 'import the folder again')
}

export function invalid(message: string): MusicboxError {
  return new MusicboxError('input.invalid', message)
}

function readable({ text, problem }: Line): string {
  if (problem !== undefined) throw invalid(problem)
  if (text === '') throw invalid('expected a row, got an empty line')
  return text
}
