/**
 * The composition root: the one place that names adapters. Everything else takes ports.
 */
import { join } from 'node:path'
import type { StoreChoice } from '../datasets/command.ts'
import { MusicboxError } from '../datasets/failure.ts'
import { clusterConfigPath, readClusterConfig } from './cluster/cluster-config.ts'
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
 * The stores that a user chose. Each is opened at its first use, its adapter loaded then: a server that never aggregates
 * does not load DuckDB, and who works on embedded stores loads no client of a cluster.
 */
export function openBackend(choice: StoreChoice, options: BackendOptions = {}): Backend {
  return choice.backend === 'cluster' ? openCluster(choice, options) : openEmbedded(choice.data, options)
}

/** Opens the stores for one piece of work and closes them after it, however it ends. */
export async function withBackend<T>(choice: StoreChoice, work: (backend: Backend) => Promise<T>): Promise<T> {
  const backend = openBackend(choice)
  try {
    return await work(backend)
  } finally {
    await backend.close()
  }
}

function openEmbedded(dataFolder: string, options: BackendOptions): Backend {
  const paths = embeddedPaths(dataFolder)
  return openOnDemand({
    log: () => import('./embedded/lmdb-event-log.ts').then((the) => the.openLmdbEventLog(paths.log)),
    raw: () => import('./embedded/local-raw-store.ts').then((the) => the.openLocalRawStore(paths.raw)),
    warehouse: () =>
      import('./embedded/duckdb-warehouse.ts').then((the) => the.openDuckdbWarehouse(paths.warehouse, paths.raw)),
    tables: () => import('./embedded/lmdb-table-store.ts').then((the) => the.openLmdbTableStore(paths.tables, options)),
  })
}

function openCluster(choice: StoreChoice, options: BackendOptions): Backend {
  const config = once(() => readClusterConfig(choice.config ?? clusterConfigPath(choice.data)))
  return openOnDemand({
    log: async () => (await import('./cluster/kafka/kafka-event-log.ts')).openKafkaEventLog(await config()),
    raw: async () => (await import('./cluster/hdfs/hdfs-raw-store.ts')).openHdfsRawStore(await config()),
    warehouse: async () => (await import('./cluster/hive/hive-warehouse.ts')).openHiveWarehouse(await config()),
    tables: async () =>
      (await import('./cluster/hbase/hbase-table-store.ts')).openHbaseTableStore(await config(), options),
  })
}

/** What opens each store. */
type Openers = { [Store in 'log' | 'raw' | 'warehouse' | 'tables']: () => ReturnType<Backend[Store]> }

function openOnDemand(openers: Openers): Backend {
  const opened: Promise<object>[] = []
  let closed = false
  const tracked = <T extends object>(open: () => Promise<T>): (() => Promise<T>) =>
    once(async () => {
      if (closed) throw new MusicboxError('backend.unreachable', 'the stores are closed')
      const opening = open()
      opened.push(opening)
      return await opening
    })
  return {
    log: tracked(openers.log),
    raw: tracked(openers.raw),
    warehouse: tracked(openers.warehouse),
    tables: tracked(openers.tables),
    async close() {
      closed = true
      // The last opened first, one that is still opening too; one that fails to close does not keep the others open.
      const failures: unknown[] = []
      for (const opening of opened.splice(0).reverse()) {
        const store = await opening.catch(() => undefined)
        // A raw store of local files holds nothing open.
        if (store && 'close' in store) {
          await (store as { close(): Promise<void> }).close().catch((error: unknown) => failures.push(error))
        }
      }
      if (failures.length > 0) throw failures[0]
    },
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
