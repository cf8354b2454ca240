/** Brings the warehouse's look-up data up to date with the look-up tables, after some of these were changed. */
import type { Artist, Song, User } from '../datasets/music.ts'
import type { TableName } from '../datasets/tables.ts'
import type { TableStore } from './table-store.ts'
import type { Warehouse } from './warehouse.ts'

const PAGE_ROWS = 5000

/** Days are then built anew by the next night job where the look-up data changed what they hold. */
export async function refreshDimensions(tables: TableStore, warehouse: Warehouse): Promise<void> {
  await warehouse.setDimensions({
    // The warehouse reads a few text columns, which stand in the rows as they are.
    songs: (await allCells(tables, 'song_info')) as unknown as Song[],
    artists: (await allCells(tables, 'artist_info')) as unknown as Artist[],
    users: (await allCells(tables, 'user_info')) as unknown as User[],
  })
}

async function allCells(tables: TableStore, table: TableName): Promise<object[]> {
  const cells: object[] = []
  let from = ''
  for (;;) {
    const rows = await tables.snapshot((view) => view.scan(table, { from, to: '\u{10ffff}', limit: PAGE_ROWS }))
    for (const row of rows) cells.push(row.cells)
    if (rows.length < PAGE_ROWS) return cells
    // The least key after the last one.
    from = `${rows.at(-1)!.key}\u0000`
  }
}
