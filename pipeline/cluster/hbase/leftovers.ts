/** Cells that no reader sees any more, and that would be in the way if they stayed. */
import { scopeOf } from '../../../datasets/keys.ts'
import { TABLE_NAMES, type TableName } from '../../../datasets/tables.ts'
import type { Scope } from '../../table-store.ts'
import { writeRows } from './batch.ts'
import type { CellRow } from './cell-block.ts'
import type { HbaseClient } from './hbase-client.ts'
import { scanPages } from './scan.ts'
import { isPublished, REVISIONS_KEPT } from './table-layout.ts'

const ALL = { from: Buffer.alloc(0), to: Buffer.alloc(0) }

/**
 * Removes what failed publishers of a scope wrote, so that the next one does not push out what is published. Each cell goes by
 * its exact revision: that hides no other, since a revision is drawn once. This reads all tables that may hold rows of
 * the scope; it is done once in {@link REVISIONS_KEPT} failures in a row.
 * @param published revision that readers see; what failed lies above it
 * @param before the first revision that stays
 */
export async function removeLeftovers(
  client: HbaseClient,
  namespace: string,
  scope: Scope,
  published: number,
  before: number,
): Promise<void> {
  const tables = TABLE_NAMES.filter((table) => isPublished(table) && mayHold(table, scope))
  await Promise.all(
    tables.map(async (table) => {
      const name = `${namespace}:${table}`
      const options = { ...ALL, times: { from: published + 1, to: before }, versions: REVISIONS_KEPT }
      for await (const page of scanPages(client, name, options)) {
        const rows = page.filter(({ key }) => scopeOf(table, key.toString()) === scope)
        await writeRows(client, name, rows, 'deleteVersion')
      }
    }),
  )
}

function mayHold(table: TableName, scope: Scope): boolean {
  return (scopeOf(table, '') ?? 'a day') === (scope === 'periods' ? 'periods' : 'a day')
}

/** Removes the rows of top lists, and the cells of rows that are still in one, that are older than a revision. */
export async function sweepTopLists(client: HbaseClient, namespace: string, revision: number): Promise<void> {
  const name = `${namespace}:top_log`
  for await (const page of scanPages(client, name, { ...ALL, times: { from: 0, to: revision } })) {
    const rows = page.map(({ key }): CellRow => ({ key, cells: [upTo(revision - 1)] }))
    await writeRows(client, name, rows, 'deleteFamily')
  }
}

/** The deletion of all cells of a row up to a timestamp. */
function upTo(timestamp: number): CellRow['cells'][number] {
  return { qualifier: Buffer.alloc(0), timestamp, value: Buffer.alloc(0) }
}
