/**
 * Rows of a CSV text (RFC 4180) that comes in pieces: quotes, doubled quotes within, commas and line breaks in quotes, CRLF
 * or LF, a byte order mark. Blank lines are no rows. A quote inside an unquoted cell is a character like any other.
 */
export interface CsvRow {
  /** Of its first character, from 1. */
  line: number
  cells: string[]
  /** As it stood in the file. */
  text: string
  /** What is wrong with its form: then its cells are not to be trusted. */
  problem?: string
}

/** A quote that is never closed must not swallow the rest of a large file. */
export const ROW_LENGTH_MAX = 65_536

export class CsvRows {
  #text = ''
  #line = 1
  #rowLine = 1
  #cells: string[] = []
  #cell = ''
  #state: 'start' | 'plain' | 'quoted' | 'quote in quoted' = 'start'
  #problem: string | undefined
  #isFirst = true

  /** Takes the next piece of text; answers the rows that it ends. */
  push(piece: string): CsvRow[] {
    const found: CsvRow[] = []
    for (const char of piece) {
      const isMark = this.#isFirst && char === '\ufeff'
      this.#isFirst = false
      if (isMark) continue
      const isLong = this.#text.length >= ROW_LENGTH_MAX
      if (char === '\n' && (this.#state !== 'quoted' || isLong)) {
        found.push(...this.end())
        this.#line++
        this.#rowLine = this.#line
        continue
      }
      if (this.#text.length >= 2 * ROW_LENGTH_MAX) {
        this.#problem ??= `expected a row of at most ${ROW_LENGTH_MAX} characters`
        found.push(...this.end())
      }
      if (char === '\n') this.#line++
      this.#take(char)
    }
    return found
  }

  /** The text is over: the row under way, if there is one. */
  end(): CsvRow[] {
    if (this.#state === 'quoted') this.#problem ??= 'expected a closing quote'
    // The first half of a line break is no part of the last cell.
    if (this.#state === 'plain') this.#cell = this.#cell.replace(/\r$/, '')
    this.#endCell()
    const text = this.#text.replace(/\r$/, '')
    const row = { line: this.#rowLine, cells: this.#cells, text, ...(this.#problem && { problem: this.#problem }) }
    this.#text = ''
    this.#cells = []
    this.#problem = undefined
    return text.trim() === '' ? [] : [row]
  }

  #take(char: string): void {
    this.#text += char
    if (this.#state === 'quoted') {
      if (char === '"') this.#state = 'quote in quoted'
      else this.#cell += char
    } else if (char === ',') {
      this.#endCell()
    } else if (char === '"' && this.#state !== 'plain') {
      // In "quote in quoted" it is the second of two that stand for one.
      if (this.#state === 'quote in quoted') this.#cell += char
      this.#state = 'quoted'
    } else if (!(char === '\r' && this.#state === 'quote in quoted')) {
      if (this.#state === 'quote in quoted') this.#problem ??= `expected a comma after a closing quote, got "${char}"`
      this.#state = this.#state === 'quote in quoted' ? this.#state : 'plain'
      this.#cell += char
    }
  }

  #endCell(): void {
    this.#cells.push(this.#cell)
    this.#cell = ''
    this.#state = 'start'
  }
}
