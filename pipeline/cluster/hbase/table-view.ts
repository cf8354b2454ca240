/** What one snapshot sees: the publications of its beginning, and of each row the cells that belong to them. */
import { MusicboxError } from '../../../datasets/failure.ts'
import { scopeOf } from '../../../datasets/keys.ts'
import { type Cells, type Row, TABLE_NAMES, type TableName } from '../../../datasets/tables.ts'
import type { Publication, ScanRange, Scope, TableReader } from '../../table-store.ts'
import type { CellRow } from './cell-block.ts'
import { type Control, type ControlRow, type ControlState, isSame } from './control-row.ts'
import type { HbaseClient } from './hbase-client.ts'
import { inOurWords } from './hbase-error.ts'
import { type ScanOptions, scanPages } from './scan.ts'
import { isPublished, REVISIONS_KEPT } from './table-layout.ts'
import { decodeNewest, decodeRow, isKey } from './table-row.ts'

/** Rows of a scan's first page beyond its limit: some of what lies there may be of other revisions. */
const ROWS_UNSEEN = 8
const PAGE_ROWS_MAX = 1000

export class TableView implements TableReader {
  readonly #client: HbaseClient
  readonly #namespace: string
  readonly #state: ControlState
  /** Whether rows were read whose place in a publication matters. */
  #readPublished = false

  constructor(client: HbaseClient, namespace: string, state: ControlState) {
    this.#client = client
    this.#namespace = namespace
    this.#state = state
  }

  async get(table: TableName, key: string): Promise<Cells | undefined> {
    if (table === '_published') return this.#controlCells(key)
    const name = this.#name(table)
    const bytes = Buffer.from(key)
    if (!isKey(bytes)) return undefined
    if (!isPublished(table)) {
      const cells = await inOurWords(() => this.#client.get(name, bytes))
      return cells && decodeNewest(cells)
    }
    const revision = this.#revisionOf(table, key)
    if (revision === undefined) return undefined
    this.#readPublished = true
    const times = { from: revision, to: revision + 1 }
    const cells = await inOurWords(() => this.#client.get(name, bytes, { times }))
    return cells && decodeRow(cells, revision)
  }

  async scan(table: TableName, range: ScanRange): Promise<readonly Row[]> {
    if (table === '_published') return this.#scanControl(range)
    const { reverse = false, limit = Number.POSITIVE_INFINITY } = range
    const [from, to] = [Buffer.from(range.from), Buffer.from(range.to)]
    const cellsOf = this.#cellsOf(table)
    // An empty end would be the end of the table.
    if (limit === 0 || Buffer.compare(from, to) >= 0 || cellsOf === undefined) return []
    const options = { from, to, reverse, page: Math.min(PAGE_ROWS_MAX, limit + ROWS_UNSEEN), ...cellsOf.options }
    const rows: Row[] = []
    await inOurWords(async () => {
      for await (const page of scanPages(this.#client, this.#name(table), options)) {
        for (const found of page) {
          const key = found.key.toString()
          const cells = cellsOf.decode(key, found)
          if (cells && rows.push({ key, cells }) >= limit) return
        }
      }
    })
    return rows
  }

  async published(scope: Scope): Promise<Publication | undefined> {
    const control = this.#state.scopes.get(scope)
    return control && toPublication(control)
  }

  async publications(): Promise<readonly Publication[]> {
    return [...this.#state.scopes.values()].sort((a, b) => (a.scope < b.scope ? -1 : 1)).map(toPublication)
  }

  /**
   * Looks, after all was read, whether HBase still keeps what this view stands on.
   * @throws MusicboxError `backend.unreachable`
   */
  async expectKept(control: ControlRow): Promise<void> {
    if (!this.#readPublished) return
    const now = await control.current()
    // While nothing is published, no publisher pushes out or sweeps what this view sees.
    if (isSame(now, this.#state)) return
    this.#expectNotWiped(now)
    const overtaken = [...this.#state.scopes.values()].filter(
      ({ scope, revision }) => now.scopes.get(scope)?.revision !== revision,
    )
    if (overtaken.length === 0) return
    const claims = await control.claims()
    for (const { scope, revision } of overtaken) {
      const claimed = claims.get(scope) ?? 0
      if (claimed - revision < REVISIONS_KEPT && revision >= now.scopes.get(scope)!.kept_from) continue
      throw new MusicboxError(
        'backend.unreachable',
        `expected ${scope} to be there as it was when reading began, but it has been published or tried ${claimed - revision} times since`,
        'ask again',
      )
    }
  }

  #expectNotWiped({ birth }: ControlState): void {
    if (this.#state.birth === '' || birth === this.#state.birth) return
    throw new MusicboxError(
      'backend.unreachable',
      `expected the namespace ${this.#namespace} as it was when reading began, but it was emptied since`,
      'ask again',
    )
  }

  /** How a table's rows are read; undefined when none can be visible. */
  #cellsOf(
    table: TableName,
  ): { options: Partial<ScanOptions>; decode: (key: string, row: CellRow) => Cells | undefined } | undefined {
    if (!isPublished(table)) return { options: {}, decode: (_, row) => decodeNewest(row.cells) }
    this.#readPublished = true
    const ofPeriods = scopeOf(table, '') !== undefined
    const revisions = [...this.#state.scopes.values()]
      .filter(({ scope }) => (scope === 'periods') === ofPeriods)
      .map(({ revision }) => revision)
    if (revisions.length === 0) return undefined
    const first = revisions.reduce((a, b) => Math.min(a, b))
    const last = revisions.reduce((a, b) => Math.max(a, b))
    return {
      options: { times: { from: first, to: last + 1 }, versions: Math.min(REVISIONS_KEPT, last - first + 1) },
      decode: (key, row) => {
        const revision = this.#revisionOf(table, key)
        return revision === undefined ? undefined : decodeRow(row.cells, revision)
      },
    }
  }

  #revisionOf(table: TableName, key: string): number | undefined {
    const scope = scopeOf(table, key)
    return scope === undefined ? undefined : this.#state.scopes.get(scope)?.revision
  }

  #controlCells(scope: Scope): Cells | undefined {
    const control = this.#state.scopes.get(scope)
    if (!control) return undefined
    const { generation, hash, as_of_ms, complete, events } = control
    return { generation, hash, as_of_ms, complete: complete ? 1 : 0, events }
  }

  #scanControl({ from, to, reverse = false, limit }: ScanRange): Row[] {
    const keys = [...this.#state.scopes.keys()].filter((key) => from <= key && key < to).sort()
    if (reverse) keys.reverse()
    return keys.slice(0, limit).map((key) => ({ key, cells: this.#controlCells(key)! }))
  }

  #name(table: TableName): string {
    if (!TABLE_NAMES.includes(table)) throw new Error(`expected one of ${TABLE_NAMES.join(', ')}, got "${table}"`)
    return `${this.#namespace}:${table}`
  }
}

function toPublication({ revision, kept_from, open_from, ...publication }: Control): Publication {
  return publication
}
