import { csvCell } from '../../datasets/csv-cell.ts'

/** A row of CSV (RFC 4180) with its line break; numbers as they are, an absent value as an empty cell. */
export function csvLine(cells: readonly (string | number | undefined)[]): string {
  return `${cells.map((cell) => (cell === undefined ? '' : csvCell(String(cell)))).join(',')}\n`
}
