/**
 * The table store on LMDB: one environment, one B-tree a table, shared by all processes that open the folder.
 *
 * A publication is one write transaction, so its control row and all its rows appear together, and a reader holds one
 * read transaction for all it asks. The keys of each scope are listed beside it: what the last publication wrote and
 * the next one does not is deleted in the same transaction.
 *
 * Keys are stored as UTF-8 and order by its bytes, as they do in HBase. A row's column names are stored once
 * for all rows of that shape, because a day row is mostly small numbers and there are millions of them.
 */
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Database, open, type RootDatabase, type Transaction } from 'lmdb'
import { MusicboxError } from '../../datasets/failure.ts'
import { type Cells, type Row, TABLE_NAMES, TABLES, type TableName, type TableRow } from '../../datasets/tables.ts'
import {
  KEY_BYTES_MAX,
  type Publication,
  type ScanRange,
  type Scope,
  type TableReader,
  type TableStore,
} from '../table-store.ts'

export interface LmdbTableStoreOptions {
  /** Opens without the right to write; the folder must hold a table store. */
  readOnly?: boolean
}

/** Rows a look-up transaction writes before others get their turn. */
const PUT_ROWS = 5000
/** Snapshots that may be open at once over all processes. */
const READERS_MAX = 1024

/** @throws MusicboxError `not.found` when opened read-only and nothing is there, `backend.unreachable` */
export async function openLmdbTableStore(folder: string, options: LmdbTableStoreOptions = {}): Promise<TableStore> {
  const readOnly = options.readOnly ?? false
  if (readOnly) await expectStore(folder)
  else await mkdir(folder, { recursive: true })
  return new LmdbTableStore(folder, readOnly)
}

type Tree = Database<string, Buffer>

class LmdbTableStore implements TableStore {
  readonly #root: RootDatabase<string, Buffer>
  readonly #trees: ReadonlyMap<TableName, Tree>
  readonly #scopeKeys: Tree
  readonly #shapes: Shapes
  readonly #readOnly: boolean
  #closed = false

  constructor(folder: string, readOnly: boolean) {
    this.#readOnly = readOnly
    try {
      this.#root = open<string, Buffer>({
        path: folder,
        noSubdir: false,
        readOnly,
        maxDbs: TABLE_NAMES.length + 8,
        maxReaders: READERS_MAX,
        // A reader must not see what a power cut can still take back.
        overlappingSync: false,
        ...TREE,
      })
      const tree = (name: string): Tree => this.#root.openDB<string, Buffer>({ name, ...TREE })
      this.#trees = new Map(TABLE_NAMES.map((name) => [name, tree(name)]))
      this.#scopeKeys = tree('scope_keys')
      this.#shapes = new Shapes(tree('shapes'))
    } catch (cause) {
      throw unreachable('opened', cause)
    }
  }

  async snapshot<T>(read: (view: TableReader) => Promise<T>): Promise<T> {
    const view = this.#view()
    try {
      return await read(view.reader)
    } finally {
      view.done()
    }
  }

  async put(rows: Iterable<TableRow>): Promise<void> {
    this.#expectWritable()
    let batch: TableRow[] = []
    const write = (): void => {
      this.#transact(() => {
        for (const row of batch) this.#putRow(row)
      })
      batch = []
    }
    for (const row of rows) {
      batch.push(row)
      if (batch.length < PUT_ROWS) continue
      write()
      await new Promise(setImmediate)
    }
    if (batch.length > 0) write()
  }

  async publish(publication: Publication, rows: Iterable<TableRow>): Promise<void> {
    this.#expectWritable()
    this.#transact(() => {
      const { scope, generation } = publication
      const control = this.#trees.get('_published')!
      const present = control.get(keyBytes(scope))
      const newer = present === undefined ? undefined : toPublication(scope, this.#shapes.decode(present))
      if (newer && newer.generation > generation) {
        throw new MusicboxError(
          'writer.fenced',
          `expected to publish ${scope} at generation ${newer.generation} or later, got ${generation}`,
          'a later night job has published already; nothing is left to do for this one',
        )
      }
      const stale = this.#keysOf(scope)
      const written: { [table in TableName]?: string[] } = {}
      const seen = new Set<string>()
      for (const row of rows) {
        const name = `${row.table} ${row.key}`
        if (seen.has(name)) throw new Error(`expected one row a key, got ${name} twice in ${scope}`)
        seen.add(name)
        this.#putRow(row)
        written[row.table] ??= []
        written[row.table]!.push(row.key)
        stale.delete(name)
      }
      for (const name of stale) {
        const at = name.indexOf(' ')
        this.#trees.get(name.slice(0, at) as TableName)?.removeSync(keyBytes(name.slice(at + 1)))
      }
      this.#scopeKeys.putSync(keyBytes(scope), JSON.stringify(written))
      control.putSync(keyBytes(scope), this.#shapes.encode(toCells(publication)))
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#root.close()
  }

  #putRow({ table, key, cells }: TableRow): void {
    const tree = this.#trees.get(table)
    if (!tree || table === '_published') {
      throw new Error(`expected a row of one of ${Object.keys(TABLES).slice(0, -1).join(', ')}, got "${table}"`)
    }
    tree.putSync(keyBytes(key), this.#shapes.encode(cells))
  }

  /** `table key` of every row that the last publication of a scope wrote. */
  #keysOf(scope: Scope): Set<string> {
    const text = this.#scopeKeys.get(keyBytes(scope))
    const listed = text === undefined ? {} : (JSON.parse(text) as Record<string, string[]>)
    return new Set(Object.entries(listed).flatMap(([table, keys]) => keys.map((key) => `${table} ${key}`)))
  }

  /** Runs a change in one transaction that is on disk when this returns, or leaves no trace when it throws. */
  #transact(change: () => void): void {
    this.#expectOpen()
    try {
      this.#root.transactionSync(change)
    } catch (cause) {
      // What an aborted transaction added to the shapes is gone from disk.
      this.#shapes.forget()
      if (cause instanceof MusicboxError) throw cause
      const message = String((cause as Error).message)
      if (/MDB_MAP_FULL|ENOSPC|No space/i.test(message)) {
        throw new MusicboxError('backend.full', 'the table store has no room left', 'free disk space and run again', {
          cause,
        })
      }
      if (/MDB_|EIO|EROFS|Input\/output/.test(message)) throw unreachable('written', cause)
      throw cause
    }
  }

  #view(): { reader: TableReader; done: () => void } {
    this.#expectOpen()
    // A transaction is reused within a turn of the event loop; a snapshot must also see what another process
    // published during this turn.
    this.#root.resetReadTxn()
    let transaction: Transaction
    try {
      transaction = this.#root.useReadTransaction()
    } catch (cause) {
      throw unreachable('read', cause)
    }
    const decode = (text: string): Cells => this.#shapes.decode(text, transaction)
    const get = (table: TableName, key: string): Cells | undefined => {
      const bytes = Buffer.from(key)
      if (bytes.length === 0 || bytes.length > KEY_BYTES_MAX) return undefined
      const text = this.#tree(table).get(bytes, { transaction })
      return text === undefined ? undefined : decode(text)
    }
    const scan = (table: TableName, range: ScanRange): Row[] => scanTree(this.#tree(table), range, transaction, decode)
    const reader: TableReader = {
      get: async (table, key) => get(table, key),
      scan: async (table, range) => scan(table, range),
      published: async (scope) => {
        const cells = get('_published', scope)
        return cells && toPublication(scope, cells)
      },
      publications: async () =>
        scan('_published', { from: '', to: LAST_KEY }).map(({ key, cells }) => toPublication(key, cells)),
    }
    return { reader, done: () => transaction.done() }
  }

  #tree(table: TableName): Tree {
    this.#expectOpen()
    const tree = this.#trees.get(table)
    if (!tree) throw new Error(`expected one of ${TABLE_NAMES.join(', ')}, got "${table}"`)
    return tree
  }

  #expectOpen(): void {
    if (this.#closed) throw new MusicboxError('backend.unreachable', 'the table store is closed')
  }

  #expectWritable(): void {
    this.#expectOpen()
    if (this.#readOnly) throw new MusicboxError('backend.unreachable', 'the table store was opened read-only')
  }
}

const TREE = { keyEncoding: 'binary', encoding: 'string' } as const
/** After every key: U+10FFFF is the last character, and no key starts with two. */
const LAST_KEY = '\u{10ffff}\u{10ffff}'

function scanTree(tree: Tree, range: ScanRange, transaction: Transaction, decode: (text: string) => Cells): Row[] {
  const { reverse = false, limit } = range
  const from = Buffer.from(range.from)
  const to = Buffer.from(range.to)
  if (Buffer.compare(from, to) >= 0 || limit === 0) return []
  const entries = tree.getRange({
    // Going down, the package starts at the upper bound and ends at the lower one, so the open end changes sides.
    ...(reverse
      ? { start: to, exclusiveStart: true, inclusiveEnd: true, ...(from.length > 0 && { end: from }) }
      : { end: to, ...(from.length > 0 && { start: from }) }),
    reverse,
    transaction,
    ...(limit !== undefined && { limit }),
  })
  const rows: Row[] = []
  for (const { key, value } of entries) rows.push({ key: key.toString(), cells: decode(value) })
  return rows
}

function keyBytes(key: string): Buffer {
  const bytes = Buffer.from(key)
  if (bytes.length === 0 || bytes.length > KEY_BYTES_MAX) {
    throw new MusicboxError('input.invalid', `expected a row key of 1 to ${KEY_BYTES_MAX} bytes, got ${bytes.length}`)
  }
  return bytes
}

/**
 * Rows as text: the number of the row's shape, then its values as a JSON array. A shape is the list of column names;
 * shapes are few (one or two a table) and stored once, in the transaction that first needs them.
 */
class Shapes {
  readonly #tree: Tree
  #numbers = new Map<string, number>()
  #columns: (readonly string[])[] = []

  constructor(tree: Tree) {
    this.#tree = tree
  }

  /** To be called within a write transaction. */
  encode(cells: Cells): string {
    const columns = Object.keys(cells)
    const values = Object.values(cells)
    for (const value of values) {
      if (typeof value === 'string' ? !value.isWellFormed() : !Number.isFinite(value)) {
        throw new Error(`expected cells of well-formed text and finite numbers, got ${JSON.stringify(cells)}`)
      }
    }
    const name = JSON.stringify(columns)
    const number = this.#numbers.get(name) ?? this.#add(name)
    return `${number}${JSON.stringify(values)}`
  }

  decode(text: string, transaction?: Transaction): Cells {
    const at = text.indexOf('[')
    const number = Number(text.slice(0, at))
    // Another process may have added a shape since; it is in the same transaction as the row.
    if (this.#columns[number] === undefined) this.#load(transaction)
    const columns = this.#columns[number]
    if (at < 1 || columns === undefined) {
      throw new MusicboxError('data.corrupt', `expected a table row, got "${text.slice(0, 60)}"`, 'aggregate anew')
    }
    const values = JSON.parse(text.slice(at)) as (string | number)[]
    return Object.fromEntries(columns.map((column, index) => [column, values[index]!]))
  }

  forget(): void {
    this.#numbers = new Map()
    this.#columns = []
  }

  #add(name: string): number {
    this.#load()
    let number = this.#numbers.get(name)
    if (number === undefined) {
      number = this.#columns.length
      this.#tree.putSync(shapeKey(number), name)
      this.#remember(number, name)
    }
    return number
  }

  #load(transaction?: Transaction): void {
    this.forget()
    let number = 0
    for (const { value } of this.#tree.getRange(transaction ? { transaction } : {})) this.#remember(number++, value)
  }

  #remember(number: number, name: string): void {
    this.#numbers.set(name, number)
    this.#columns[number] = JSON.parse(name) as string[]
  }
}

/** Four digits, so that shapes are listed in the order of their numbers. */
function shapeKey(number: number): Buffer {
  return Buffer.from(String(number).padStart(4, '0'))
}

function toCells(publication: Publication): Cells {
  const { generation, hash, as_of_ms, complete, events } = publication
  return { generation, hash, as_of_ms, complete: complete ? 1 : 0, events }
}

function toPublication(scope: Scope, cells: Cells): Publication {
  return {
    scope,
    generation: Number(cells['generation']),
    hash: String(cells['hash']),
    as_of_ms: Number(cells['as_of_ms']),
    complete: cells['complete'] === 1,
    events: Number(cells['events']),
  }
}

async function expectStore(folder: string): Promise<void> {
  const found = await stat(join(folder, 'data.mdb')).catch(() => undefined)
  if (!found) {
    throw new MusicboxError('not.found', `expected a table store in ${folder}, found none`, 'make a history first')
  }
}

function unreachable(what: string, cause: unknown): MusicboxError {
  return new MusicboxError(
    'backend.unreachable',
    `the table store could not be ${what}: ${(cause as Error).message}`,
    'check the folder, its rights and the disk',
    { cause },
  )
}
