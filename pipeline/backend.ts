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
