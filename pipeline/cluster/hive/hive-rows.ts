/** Decodes the columns that HiveServer2 sends into rows. */

/** A BIGINT is a `bigint`, whatever its size; the other whole numbers and DOUBLE are a `number`. DECIMAL comes as text. */
export type Cell = string | number | bigint | boolean | null

/** A piece of a result, by column, as Thrift has read it. */
export interface RowSet {
  columns?: readonly Partial<Record<ColumnKind, Column>>[]
}

interface Column {
  values: readonly unknown[]
  /** One bit a row, least significant first. */
  nulls?: Uint8Array | string
}

const COLUMN_KINDS = ['stringVal', 'doubleVal', 'i64Val', 'i32Val', 'i16Val', 'byteVal', 'boolVal'] as const

type ColumnKind = (typeof COLUMN_KINDS)[number]

export function decodeRows({ columns = [] }: RowSet): Cell[][] {
  const decoded = columns.map(decodeColumn)
  return (decoded[0] ?? []).map((_, row) => decoded.map((column) => column[row]!))
}

function decodeColumn(column: Partial<Record<ColumnKind, Column>>): Cell[] {
  const kind = COLUMN_KINDS.find((name) => column[name])
  if (!kind) throw new TypeError(`expected a column of ${COLUMN_KINDS.join(', ')}, got ${Object.keys(column).join()}`)
  const { values, nulls } = column[kind]!
  const bits = typeof nulls === 'string' ? Buffer.from(nulls, 'latin1') : nulls
  return values.map((value, row) => {
    if (bits && ((bits[row >> 3] ?? 0) >> (row & 7)) & 1) return null
    return kind === 'i64Val' ? bigintOf(value as Int64) : (value as Cell)
  })
}

/** node-int64, which hive-driver gives for 64 bits: its number would lose what is beyond 2^53. */
interface Int64 {
  buffer: Buffer
  offset: number
}

function bigintOf({ buffer, offset }: Int64): bigint {
  return buffer.readBigInt64BE(offset)
}
