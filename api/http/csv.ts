/**
 * A report as comma-separated values (RFC 4180), safe to open in a spreadsheet: a cell that a spreadsheet would run as a
 * formula is made text by a leading apostrophe (OWASP, "CSV injection"). Song titles come from outside.
 */
import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import { csvCell } from '../../datasets/csv-cell.ts'

export type CsvValue = string | number | boolean | null | undefined

/** The columns, in order, and one row a record. Numbers stay numbers; a missing value is an empty cell. */
export function csvText(columns: readonly string[], rows: Iterable<Readonly<Record<string, CsvValue>>>): string {
  const lines = [columns.map(cell).join(',')]
  for (const row of rows) lines.push(columns.map((column) => cell(row[column])).join(','))
  return `${lines.join('\r\n')}\r\n`
}

/** Whether the client asked for CSV: by `?format=csv`, or by an `Accept` that wants it rather than JSON. */
export function wantsCsv(c: Context, format: 'json' | 'csv' | undefined): boolean {
  if (format !== undefined) return format === 'csv'
  const type = accepts(c, { header: 'Accept', supports: ['application/json', 'text/csv'], default: 'application/json' })
  return type === 'text/csv'
}

/** @param name of the file, without ending; what is not a letter, digit, `.`, `_` or `-` becomes `-` */
export function csvResponse(name: string, text: string): Response {
  return new Response(text, {
    headers: {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename="${name.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 150)}.csv"`,
      'Cache-Control': 'no-cache',
      Vary: 'Accept',
    },
  })
}

function cell(value: CsvValue): string {
  if (typeof value !== 'string') return value === null || value === undefined ? '' : String(value)
  const text = /^[=+\-@\t\r\n|%＝＋－＠]/.test(value) ? `'${value}` : value
  return csvCell(text)
}
