/** Brings the warehouse's look-up data up to date with the look-up tables, after some of these were changed. */
import type { Artist, Song, User } from '../datasets/music.ts'
import type { TableName } from '../datasets/tables.ts'
import { dumpRows } from './dump.ts'
import type { TableStore } from './table-store.ts'
import type { Warehouse } from './warehouse.ts'

/** Days are then built anew by the next night job, since their versions name the look-up data they were joined with. */
export async function refreshDimensions(tables: TableStore, warehouse: Warehouse): Promise<void> {
  await warehouse.setDimensions({
    // The warehouse reads a few text columns, which stand in the rows as they are.
    songs: (await allCells(tables, 'song_info')) as unknown as Song[],
    artists: (await allCells(tables, 'artist_info')) as unknown as Artist[],
    users: (await allCells(tables, 'user_info')) as unknown as User[],
  })
}

async function allCells(tables: TableStore, table: TableName): Promise<object[]> {
  const all: object[] = []
  for await (const { cells } of dumpRows(tables, table)) all.push(cells)
  return all
}
