/**
 * The table store: ordered rows for point reads and range scans. Embedded: LMDB. Cluster: HBase.
 */
import type { Cells, Row, TableName, TableRow } from '../datasets/tables.ts'

/** What one publication covers: a day (`YYYY-MM-DD`), or `periods` for the period and top lists. */
export type Scope = string

/** The control row of a scope: the one row by which a publication becomes visible. */
export interface Publication {
  scope: Scope
  /** Grows with each night: the sequence number of the newest manifest it rests on. */
  generation: number
  /** Hash of all inputs. Equal hash, equal rows. */
  hash: string
  /** Everything the server received before this instant is in, ms UTC. */
  as_of_ms: number
  /** Whether the scope's time was over, and every event received for it was in, when it was published. */
  complete: boolean
  /** Distinct events that the rows count. */
  events: number
}

/** Longest row key, in bytes of UTF-8: what LMDB takes. Keys order by these bytes; none is empty. */
export const KEY_BYTES_MAX = 1978

export interface ScanRange {
  /** First key, included. */
  from: string
  /** Key to stop before. */
  to: string
  /** At most so many rows. */
  limit?: number
  reverse?: boolean
}

/** A consistent view: all reads through it see the same publications. */
export interface TableReader {
  get(table: TableName, key: string): Promise<Cells | undefined>
  /** Rows in key order (descending with `reverse`: still `from` ≤ key < `to`). */
  scan(table: TableName, range: ScanRange): Promise<readonly Row[]>
  published(scope: Scope): Promise<Publication | undefined>
  /** Every publication, by scope ascending. */
  publications(): Promise<readonly Publication[]>
}

export interface TableStore {
  /**
   * Runs `read` against one consistent view.
   * @throws MusicboxError `backend.unreachable` when the view was overtaken by so many publications that what it read may be
   *   gone: nothing that `read` gave is to be believed
   */
  snapshot<T>(read: (view: TableReader) => Promise<T>): Promise<T>

  /**
   * Writes look-up rows (songs, artists, users, search); an existing key is replaced. A row of a publication that is there may
   * be altered this way, at once and for all to see: so tests plant what an audit must find.
   */
  put(rows: Iterable<TableRow>): Promise<void>

  /**
   * Replaces all rows of a scope by `rows` and makes its control row visible, in one step: a reader sees the whole
   * publication or none of it. Rows of the scope that are not in `rows` are gone.
   * @throws MusicboxError `writer.fenced` when a publication of a higher generation is already there, or when another
   *   publisher of the scope began later and was done first
   */
  publish(publication: Publication, rows: Iterable<TableRow>): Promise<void>

  close(): Promise<void>
}
