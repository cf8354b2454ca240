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
import { TABLE_NAMES, TABLES, type TableName, type TableRow } from '../../../datasets/tables.ts'
import type { Publication, Scope, TableReader, TableStore } from '../../table-store.ts'
import type { ClusterConfig } from '../cluster-config.ts'
import { writeRows } from './batch.ts'
import type { CellRow } from './cell-block.ts'
import { type Control, ControlRow, type ControlState } from './control-row.ts'
import { HbaseClient, type HbaseTimes } from './hbase-client.ts'
import { asMusicboxError, HbaseError, inOurWords } from './hbase-error.ts'
import { removeLeftovers, sweepTopLists } from './leftovers.ts'
import { makeTables } from './make-tables.ts'
import { isPublished, REVISIONS_KEPT } from './table-layout.ts'
import { encodeRow } from './table-row.ts'
import { TableView } from './table-view.ts'

export interface HbaseTableStoreOptions {
  /** Opens without the right to write; the tables must be there. */
  readOnly?: boolean
  times?: Partial<HbaseTimes>
  /** Clock of look-up rows, ms UTC. */
  now?: () => number
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
  readonly #client: HbaseClient
  readonly #namespace: string
  readonly #control: ControlRow
  readonly #readOnly: boolean
  readonly #now: () => number
  readonly #publishRows: number
  #lastPut_ms = 0
  #closed = false

  constructor(client: HbaseClient, namespace: string, options: HbaseTableStoreOptions) {
    this.#client = client
    this.#namespace = namespace
    this.#control = new ControlRow(client, this.#table('_published'))
    this.#readOnly = options.readOnly ?? false
    this.#now = options.now ?? Date.now
    this.#publishRows = options.publishRows ?? PUBLISH_ROWS
  }

  async snapshot<T>(read: (view: TableReader) => Promise<T>): Promise<T> {
    this.#expectOpen()
    const state = await inOurWords(() => this.#control.current())
    const view = new TableView(this.#client, this.#namespace, state)
    const result = await read(view)
    await inOurWords(() => view.expectKept(this.#control))
    return result
  }

  async put(rows: Iterable<TableRow>): Promise<void> {
    this.#expectWritable()
    for (const some of inChunks(rows, PUT_ROWS)) {
      // Later than what this store wrote before, so that a row of this chunk replaces one of an earlier chunk.
      this.#lastPut_ms = Math.max(this.#now(), this.#lastPut_ms + 1)
      const timestamp = this.#lastPut_ms
      const published = some.some(({ table }) => isPublished(table)) ? await this.#state() : undefined
      await this.#write(
        // Of two rows of one key in a chunk the last one counts; in a batch both would be at the same time.
        new Map(some.map((row) => [rowName(row), row])).values(),
        (row) => (published && isPublished(row.table) ? revisionOf(row, published) : timestamp),
      )
      await turn()
    }
  }

  async publish(publication: Publication, rows: Iterable<TableRow>): Promise<void> {
    this.#expectWritable()
    const { scope } = publication
    const state = await this.#state()
    const present = state.scopes.get(scope)
    expectNotOlder(publication, present)
    const revision = await inOurWords(() => this.#control.claim(scope))
    if (present && revision - present.revision >= REVISIONS_KEPT) {
      await inOurWords(() => removeLeftovers(this.#client, this.#namespace, scope, present.revision, revision))
    }
    const seen = new Set<string>()
    for (const some of inChunks(rows, this.#publishRows)) {
      for (const row of some) expectRowOf(scope, row, seen)
      await this.#write(some, () => revision)
    }
    const previous = await this.#reveal(publication, revision)
    if (scope === 'periods' && previous) {
      await inOurWords(() => sweepTopLists(this.#client, this.#namespace, previous.revision))
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#client.close()
  }

  /** @returns what was published before */
  async #reveal(publication: Publication, revision: number): Promise<Control | undefined> {
    let before: Control | undefined
    for (;;) {
      const state = await this.#state()
      const present = state.scopes.get(publication.scope)
      // An answer was lost, but not what it answered.
      if (present?.revision === revision) return before
      expectNotOlder(publication, present)
      if (present && present.revision > revision) {
        throw new MusicboxError(
          'writer.fenced',
          `expected to publish ${publication.scope} alone, but another publisher began later and was done first`,
          'run again: what is there already is not made anew',
        )
      }
      before = present
      const kept_from = publication.scope === 'periods' ? (present?.revision ?? 0) : 0
      const control = { ...publication, revision, kept_from }
      if (await inOurWords(() => this.#tryReveal(state, control))) return before
    }
  }

  async #tryReveal(state: ControlState, control: Control): Promise<boolean> {
    try {
      return await this.#control.reveal(state, control)
    } catch (error) {
      if (error instanceof HbaseError && error.failure === 'unanswered') return false
      throw error
    }
  }

  #state(): Promise<ControlState> {
    return inOurWords(() => this.#control.current())
  }

  async #write(rows: Iterable<TableRow>, timestampOf: (row: TableRow) => number): Promise<void> {
    const byTable = new Map<TableName, CellRow[]>()
    for (const row of rows) {
      if (!TABLE_NAMES.includes(row.table) || row.table === '_published') {
        throw new Error(`expected a row of one of ${Object.keys(TABLES).slice(0, -1).join(', ')}, got "${row.table}"`)
      }
      const encoded = encodeRow(row.key, row.cells, timestampOf(row))
      const there = byTable.get(row.table)
      if (there) there.push(encoded)
      else byTable.set(row.table, [encoded])
    }
    await inOurWords(() =>
      Promise.all([...byTable].map(([table, encoded]) => writeRows(this.#client, this.#table(table), encoded))),
    )
  }

  #table(name: TableName): string {
    return `${this.#namespace}:${name}`
  }

  #expectOpen(): void {
    if (this.#closed) throw new MusicboxError('backend.unreachable', 'the table store is closed')
  }

  #expectWritable(): void {
    this.#expectOpen()
    if (this.#readOnly) throw new MusicboxError('backend.unreachable', 'the table store was opened read-only')
  }
}

function expectNotOlder({ scope, generation }: Publication, present: Publication | undefined): void {
  if (present && present.generation > generation) {
    throw new MusicboxError(
      'writer.fenced',
      `expected to publish ${scope} at generation ${present.generation} or later, got ${generation}`,
      'a later night job has published already; nothing is left to do for this one',
    )
  }
}

function expectRowOf(scope: Scope, row: TableRow, seen: Set<string>): void {
  const name = rowName(row)
  if (seen.has(name)) throw new Error(`expected one row a key, got ${name} twice in ${scope}`)
  seen.add(name)
  if (scopeOf(row.table, row.key) !== scope) throw new Error(`expected a row of ${scope}, got ${name}`)
}

/** The revision by which a row is visible. */
function revisionOf(row: TableRow, { scopes }: ControlState): number {
  const scope = scopeOf(row.table, row.key)
  const control = scope === undefined ? undefined : scopes.get(scope)
  if (!control) throw new Error(`expected a row of a publication that is there, got ${rowName(row)}`)
  return control.revision
}

function rowName({ table, key }: TableRow): string {
  return `${table} ${key}`
}

function* inChunks<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = []
  for (const item of items) {
    if (chunk.push(item) < size) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}
