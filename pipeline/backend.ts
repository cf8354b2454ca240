/**
 * The composition root: the one place that names adapters. Everything else takes ports.
 */
import { join } from 'node:path'
import type { EventLog } from './event-log.ts'
import type { RawStore } from './raw-store.ts'
import type { TableStore } from './table-store.ts'
import type { Warehouse } from './warehouse.ts'

/** Opens stores on demand: a server needs a log and tables, the night job needs no log. */
export interface Backend {
  log(): Promise<EventLog>
  raw(): Promise<RawStore>
  warehouse(): Promise<Warehouse>
  tables(): Promise<TableStore>
  /** Closes what was opened. */
  close(): Promise<void>
}

export interface BackendOptions {
  /** Opens the tables without the right to write; they must be there. */
  readOnly?: boolean
}

/**
 * The stores of one data folder. Each is opened at its first use, its adapter loaded then: a server that never
 * aggregates does not load DuckDB.
 */
export function openEmbeddedBackend(dataFolder: string, options: BackendOptions = {}): Backend {
  const paths = embeddedPaths(dataFolder)
  const closers: (() => Promise<void>)[] = []
  const tracked = async <T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> => {
    const store = await opening
    closers.push(() => store.close())
    return store
  }
  return {
    log: once(() => tracked(import('./embedded/lmdb-event-log.ts').then((the) => the.openLmdbEventLog(paths.log)))),
    raw: once(() => import('./embedded/local-raw-store.ts').then((the) => the.openLocalRawStore(paths.raw))),
    warehouse: once(() =>
      tracked(
        import('./embedded/duckdb-warehouse.ts').then((the) => the.openDuckdbWarehouse(paths.warehouse, paths.raw)),
      ),
    ),
    tables: once(() =>
      tracked(import('./embedded/lmdb-table-store.ts').then((the) => the.openLmdbTableStore(paths.tables, options))),
    ),
    async close() {
      // The last opened first; one that fails to close does not keep the others open.
      const results = await Promise.allSettled(
        closers
          .splice(0)
          .reverse()
          .map((close) => close()),
      )
      const failed = results.find((result) => result.status === 'rejected')
      if (failed) throw failed.reason
    },
  }
}

/** Opens the stores for one piece of work and closes them after it, however it ends. */
export async function withEmbeddedBackend<T>(dataFolder: string, work: (backend: Backend) => Promise<T>): Promise<T> {
  const backend = openEmbeddedBackend(dataFolder)
  try {
    return await work(backend)
  } finally {
    await backend.close()
  }
}

/** Where the embedded stores live under the data folder. */
export function embeddedPaths(dataFolder: string): Record<'log' | 'raw' | 'warehouse' | 'tables' | 'ledgers', string> {
  const under = (name: string): string => join(dataFolder, name)
  return {
    log: under('log'),
    raw: under('raw'),
    warehouse: under('warehouse'),
    tables: under('tables'),
    ledgers: under('ledgers'),
  }
}

/** Opens at the first call and gives the same store to all; a failed opening is tried again at the next call. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opening: Promise<T> | undefined
  return () => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined
      throw error
    })
    return opening
  }
}
