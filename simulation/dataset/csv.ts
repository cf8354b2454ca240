/** Cells and rows of RFC 4180: quotes where needed, CRLF. */
import { csvCell } from '../../datasets/csv-cell.ts'

/** Absent is empty; an empty text is two quotes. */
export function cell(value: string | number | boolean | undefined): string {
  if (value === undefined) return ''
  if (typeof value !== 'string') return String(value)
  return value === '' ? '""' : csvCell(value)
}

export function csvRow(values: readonly (string | number | boolean | undefined)[]): string {
  return `${values.map(cell).join(',')}\r\n`
}

export function csvHeader(columns: readonly { name: string }[]): string {
  return csvRow(columns.map(({ name }) => name))
}
