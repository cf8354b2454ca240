/** Writes rows of several tables, all tables at once. */
import { TABLE_NAMES, TABLES, type TableName, type TableRow } from '../../../datasets/tables.ts'
import { writeRows } from './batch.ts'
import type { CellRow } from './cell-block.ts'
import type { HbaseClient } from './hbase-client.ts'
import { inOurWords } from './hbase-error.ts'
import { encodeRow } from './table-row.ts'

/**
 * @param rows as many as may be held; no two with one key
 * @param timestampOf of all cells of a row
 * @throws MusicboxError `backend.unreachable`; some rows may have been written
 */
export async function writeTables(
  client: HbaseClient,
  namespace: string,
  rows: Iterable<TableRow>,
  timestampOf: (row: TableRow) => number,
): Promise<void> {
  const byTable = new Map<TableName, TableRow[]>()
  for (const row of rows) {
    if (!TABLE_NAMES.includes(row.table) || row.table === '_published') {
      throw new Error(`expected a row of one of ${Object.keys(TABLES).slice(0, -1).join(', ')}, got "${row.table}"`)
    }
    const there = byTable.get(row.table)
    if (there) there.push(row)
    else byTable.set(row.table, [row])
  }
  await inOurWords(() =>
    Promise.all(
      [...byTable].map(([table, some]) => writeRows(client, `${namespace}:${table}`, encodeRows(some, timestampOf))),
    ),
  )
}

/** As it stands in a message, and unlike any other row's. */
export function rowName({ table, key }: TableRow): string {
  return `${table} ${key}`
}

export function* inChunks<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = []
  for (const item of items) {
    if (chunk.push(item) < size) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

/** One by one, as they are sent: a row's cells are many times its text. */
function* encodeRows(rows: readonly TableRow[], timestampOf: (row: TableRow) => number): Generator<CellRow> {
  for (const row of rows) yield encodeRow(row.key, row.cells, timestampOf(row))
}
