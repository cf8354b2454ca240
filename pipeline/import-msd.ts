/** Takes real Million Song Dataset files into the look-up and search tables. */
import { type ImportedMsd, importMsd } from '../datasets/msd/import-msd.ts'
import type { MsdReject } from '../datasets/msd/reject.ts'
import type { Artist, Song } from '../datasets/music.ts'
import { lookupRows } from './lookup.ts'
import type { TableStore } from './table-store.ts'

const BATCH = 5000

export interface ImportMsdResult {
  songs: number
  artists: number
  rejected: number
  /** Rows read, by file. */
  counts: ImportedMsd['counts']
}

/** @param onStored is told how many songs and artists are stored so far */
export async function storeMsd(
  tables: TableStore,
  folder: string,
  options: { rejects: (reject: MsdReject) => void; onStored: (count: number) => void; signal: AbortSignal },
): Promise<ImportMsdResult> {
  let rejected = 0
  const { songs, artists, counts } = await importMsd(folder, {
    reject: (reject) => {
      rejected++
      options.rejects(reject)
    },
    signal: options.signal,
  })
  let stored = 0
  const store = async (rows: { songs?: Song[]; artists?: Artist[] }): Promise<void> => {
    await tables.put(lookupRows({ songs: rows.songs ?? [], artists: rows.artists ?? [], users: [] }))
    stored += (rows.songs ?? rows.artists ?? []).length
    options.onStored(stored)
  }
  const artistCount = await inBatches(artists, (batch) => store({ artists: batch }))
  const songCount = await inBatches(songs, (batch) => store({ songs: batch }))
  return { songs: songCount, artists: artistCount, rejected, counts }
}

async function inBatches<Item>(items: AsyncIterable<Item>, store: (batch: Item[]) => Promise<void>): Promise<number> {
  let count = 0
  let batch: Item[] = []
  for await (const item of items) {
    batch.push(item)
    if (batch.length < BATCH) continue
    await store(batch)
    count += batch.length
    batch = []
  }
  await store(batch)
  return count + batch.length
}
