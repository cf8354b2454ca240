/**
 * Rows as HBase's cells, and back: a column's value is its JSON, so that 3 and "3" stay apart and a shell shows both as they
 * are.
 */
import { MusicboxError } from '../../../datasets/failure.ts'
import type { Cells } from '../../../datasets/tables.ts'
import { KEY_BYTES_MAX } from '../../table-store.ts'
import type { Cell, CellRow } from './cell-block.ts'

/** A row must have a cell to be there: this one, without a name and without JSON, stands in a row without columns. */
const NO_COLUMNS = { qualifier: Buffer.alloc(0), value: Buffer.alloc(0) }

/** A row whose cells all have one timestamp. */
export function encodeRow(key: string, cells: Cells, timestamp: number): CellRow {
  const encoded = Object.entries(cells).map(([column, value]) => {
    if (typeof value === 'string' ? !value.isWellFormed() : !Number.isFinite(value)) {
      throw new Error(`expected cells of well-formed text and finite numbers, got ${JSON.stringify(cells)}`)
    }
    return { qualifier: Buffer.from(column), timestamp, value: Buffer.from(JSON.stringify(value)) }
  })
  return { key: keyBytes(key), cells: encoded.length > 0 ? encoded : [{ ...NO_COLUMNS, timestamp }] }
}

/** The columns of a row as of one timestamp; undefined when it has none of that. */
export function decodeRow(cells: readonly Cell[], timestamp: number): Cells | undefined {
  const ofThen = cells.filter((cell) => cell.timestamp === timestamp)
  if (ofThen.length === 0) return undefined
  const columns = ofThen.filter(({ value }) => value.length > 0)
  return Object.fromEntries(columns.map(({ qualifier, value }) => [qualifier.toString(), parse(value)]))
}

/** The columns of a row as it was last written. */
export function decodeNewest(cells: readonly Cell[]): Cells | undefined {
  return decodeRow(
    cells,
    cells.reduce((newest, { timestamp }) => Math.max(newest, timestamp), 0),
  )
}

/** @throws MusicboxError `input.invalid` */
export function keyBytes(key: string): Buffer {
  const bytes = Buffer.from(key)
  if (isKey(bytes)) return bytes
  throw new MusicboxError('input.invalid', `expected a row key of 1 to ${KEY_BYTES_MAX} bytes, got ${bytes.length}`)
}

export function isKey(bytes: Buffer): boolean {
  return bytes.length > 0 && bytes.length <= KEY_BYTES_MAX
}

function parse(value: Buffer): string | number {
  const text = value.toString()
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'string' || typeof parsed === 'number') return parsed
  } catch {
    // Told below, with what was found.
  }
  throw new MusicboxError(
    'data.corrupt',
    `expected a number or a text in a cell, got ${text.slice(0, 60)}`,
    'aggregate anew',
  )
}
