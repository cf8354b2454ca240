/**
 * What the stores hold, in one order and one form, so that two runs, or two backends, can be compared by a digest.
 *
 * The digest leaves out what depends on when and in how many batches the work was done (how lines are cut into files, the
 * instant of publication, the generation, the hash over the files), and nothing else.
 */
import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { afterPrefix } from '../datasets/keys.ts'
import { type Row, TABLE_NAMES, type TableName } from '../datasets/tables.ts'
import { filesByDay, readManifests } from './manifest.ts'
import type { RawStore } from './raw-store.ts'
import type { TableReader, TableStore } from './table-store.ts'

export interface Digest {
  sha256: string
  rows: number
}

export interface DumpDigest {
  /** Over the lines of all raw files, by day, hour, partition and offset. */
  raw: { sha256: string; events: number }
  tables: Record<TableName, Digest>
  /** Over all of the above. */
  digest: string
}

/** Rows read in one scan. */
const PAGE_ROWS = 5000

/** All tables as of one moment. @throws MusicboxError `data.corrupt` for a broken chain of manifests */
export async function dumpDigest({ raw, tables }: { raw: RawStore; tables: TableStore }): Promise<DumpDigest> {
  const rawDigest = await digestRaw(raw)
  const byTable = await tables.snapshot(async (view) => {
    const digests = {} as Record<TableName, Digest>
    for (const table of TABLE_NAMES) digests[table] = await digestTable(view, table)
    return digests
  })
  const all = createHash('sha256').update(rawDigest.sha256)
  for (const table of TABLE_NAMES) all.update(`${table}:${byTable[table].sha256}`)
  return { raw: rawDigest, tables: byTable, digest: all.digest('hex') }
}

/** A table's rows by key, as of one moment; of `_published` without what the clock and the batches decide. */
export async function* dumpRows(tables: TableStore, table: TableName): AsyncGenerator<Row> {
  const end = Promise.withResolvers<void>()
  const start = Promise.withResolvers<TableReader>()
  // The snapshot is held until the reader of this generator is done with it.
  const held = tables.snapshot((view) => {
    start.resolve(view)
    return end.promise
  })
  held.catch(start.reject)
  try {
    yield* rowsOf(await start.promise, table)
  } finally {
    end.resolve()
    await held
  }
}

async function* rowsOf(view: TableReader, table: TableName): AsyncGenerator<Row> {
  if (table === '_published') {
    for (const { scope, complete, events } of await view.publications()) {
      yield { key: scope, cells: { complete: complete ? 1 : 0, events } }
    }
    return
  }
  let from = ''
  for (;;) {
    const rows = await view.scan(table, { from, to: afterPrefix(afterPrefix('')), limit: PAGE_ROWS })
    yield* rows
    if (rows.length < PAGE_ROWS) return
    // The least key after the last one.
    from = `${rows.at(-1)!.key}\u0000`
  }
}

async function digestTable(view: TableReader, table: TableName): Promise<Digest> {
  const hash = createHash('sha256')
  let count = 0
  for await (const { key, cells } of rowsOf(view, table)) {
    const sorted = Object.entries(cells).sort(([a], [b]) => (a < b ? -1 : 1))
    hash.update(`${JSON.stringify([key, sorted])}\n`)
    count++
  }
  return { sha256: hash.digest('hex'), rows: count }
}

async function digestRaw(raw: RawStore): Promise<{ sha256: string; events: number }> {
  const hash = createHash('sha256')
  let events = 0
  for (const files of filesByDay(await readManifests(raw)).values()) {
    // A day's files come by partition first; the dump goes by hour, as a reader of the folders would.
    const byHour = [...files].sort((a, b) => (a.hour < b.hour ? -1 : a.hour > b.hour ? 1 : 0))
    for (const { path, count } of byHour) {
      hash.update(gunzipSync(await raw.read(path)))
      events += count
    }
  }
  return { sha256: hash.digest('hex'), events }
}
