/**
 * The table store on HBase.
 *
 * A publication's cells have its revision for a timestamp, a small number that nobody else has; then one change of the control
 * row makes them visible (`control-row.ts`). Readers take the control row first, and of each row only the cells of the
 * revision that it names. So what a publisher wrote that failed, was fenced, or still writes after it was given up for
 * dead, is never seen and needs no cleaning before the next one.
 *
 * HBase keeps the newest {@link REVISIONS_KEPT} revisions of a cell. A snapshot that is overtaken by so many claims of a
 * scope may miss rows, and fails at its end; a publisher whose cells would push out the published ones, because so many
 * before it failed, removes theirs first.
 *
 * Rows that the next publication lacks stay where they are, unseen: a few for a day, published once or twice. Top lists have the
 * day in their keys and grow by whole lists each night; those are swept away, one publication late.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { MusicboxError } from '../../../datasets/failure.ts'
import { scopeOf } from '../../../datasets/keys.ts'
import type { TableRow } from '../../../datasets/tables.ts'
import type { Publication, TableReader, TableStore } from '../../table-store.ts'
import type { ClusterConfig } from '../cluster-config.ts'
import { ControlRow, type ControlState } from './control-row.ts'
import { HbaseClient, type HbaseTimes } from './hbase-client.ts'
import { asMusicboxError, inOurWords } from './hbase-error.ts'
import { makeTables } from './make-tables.ts'
import { type PublishingPlace, publish } from './publish.ts'
import { isPublished } from './table-layout.ts'
import { TableView } from './table-view.ts'
import { inChunks, rowName, writeTables } from './write-tables.ts'

export interface HbaseTableStoreOptions {
  /** Opens without the right to write; the tables must be there. */
  readOnly?: boolean
  times?: Partial<HbaseTimes>
  /** Rows of a publication that are held at once and written before the next are asked for. */
  publishRows?: number
}

/** Look-up rows of one timestamp. */
const PUT_ROWS = 5000
const PUBLISH_ROWS = 10_000

/** @throws MusicboxError `not.found` when opened read-only and nothing is there, `backend.unreachable` */
export async function openHbaseTableStore(
  config: ClusterConfig,
  options: HbaseTableStoreOptions = {},
): Promise<TableStore> {
  const client = new HbaseClient(config.hbase, options.times)
  try {
    await makeTables(client, config, options.readOnly ?? false)
  } catch (error) {
    await client.close()
    throw asMusicboxError(error)
  }
  return new HbaseTableStore(client, config.namespace, options)
}

/** Over tables that are there; {@link openHbaseTableStore} makes them. */
export class HbaseTableStore implements TableStore {
  readonly #place: PublishingPlace
  readonly #readOnly: boolean
  #closed = false

  constructor(client: HbaseClient, namespace: string, options: HbaseTableStoreOptions = {}) {
    const control = new ControlRow(client, `${namespace}:_published`)
    this.#place = { client, namespace, control, rowsAtOnce: options.publishRows ?? PUBLISH_ROWS }
    this.#readOnly = options.readOnly ?? false
  }

  async snapshot<T>(read: (view: TableReader) => Promise<T>): Promise<T> {
    this.#expectOpen()
    const { client, namespace, control } = this.#place
    const state = await inOurWords(() => control.current())
    const view = new TableView(client, namespace, state)
    const result = await read(view)
    await inOurWords(() => view.expectKept(control))
    return result
  }

  async put(rows: Iterable<TableRow>): Promise<void> {
    this.#expectWritable()
    const { client, namespace, control } = this.#place
    for (const some of inChunks(rows, PUT_ROWS)) {
      // Of two cells HBase shows the one of the later time, whichever came last: a clock of one of several writers would not do.
      const timestamp = await inOurWords(() => control.putTime())
      const alters = some.some(({ table }) => isPublished(table))
      const state = alters ? await inOurWords(() => control.current()) : undefined
      // Of two rows of one key the last one counts; in a batch both would be of the same time.
      const last = new Map(some.map((row) => [rowName(row), row])).values()
      await writeTables(client, namespace, last, (row) =>
        state && isPublished(row.table) ? revisionOf(row, state) : timestamp,
      )
      await turn()
    }
  }

  async publish(publication: Publication, rows: Iterable<TableRow>): Promise<void> {
    this.#expectWritable()
    await publish(this.#place, publication, rows)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#place.client.close()
  }

  #expectOpen(): void {
    if (this.#closed) throw new MusicboxError('backend.unreachable', 'the table store is closed')
  }

  #expectWritable(): void {
    this.#expectOpen()
    if (this.#readOnly) throw new MusicboxError('backend.unreachable', 'the table store was opened read-only')
  }
}

/** The revision by which a row is visible. */
function revisionOf(row: TableRow, { scopes }: ControlState): number {
  const scope = scopeOf(row.table, row.key)
  const control = scope === undefined ? undefined : scopes.get(scope)
  if (!control) throw new Error(`expected a row of a publication that is there, got ${rowName(row)}`)
  return control.revision
}
