/**
 * A client of HBase's tables: finds the region of a row, asks its server, and asks again where the region is by then when it
 * was split, moved, or lost with its server.
 *
 * Reads, puts and deletes carry their timestamps, so that doing them twice is as good as once, and are tried until the
 * operation's time is over. An increment and a check-and-put are tried again only when it is certain that they were not
 * carried out; else the caller decides.
 */
import type { ClusterConfig } from '../cluster-config.ts'
import { type Cell, CellBlockReader, type CellRow, encodeCells, FAMILY } from './cell-block.ts'
import { type Answer, Connection } from './connection.ts'
import { HbaseError } from './hbase-error.ts'
import { BinaryComparator, CLIENT, type Method, type ResultFields } from './hbase-protocol.ts'
import { RegionLocator } from './region-locator.ts'
import type { Region } from './region-map.ts'
import { type RetryLimits, retry } from './retry.ts'

export interface HbaseTimes extends RetryLimits {
  /** For a connection, or an answer of ZooKeeper. */
  connect_ms: number
  /** For one answer. */
  call_ms: number
}

const DEFAULT_TIMES: HbaseTimes = { connect_ms: 5_000, call_ms: 10_000, operation_ms: 60_000 }

export interface GetOptions {
  columns?: readonly string[]
  /** Only cells with a timestamp of `from` ≤ t < `to`. */
  times?: { from: number; to: number }
}

export class HbaseClient {
  readonly config: ClusterConfig['hbase']
  readonly times: HbaseTimes
  readonly #connections = new Map<string, Promise<Connection>>()
  readonly #locator: RegionLocator
  #closed = false

  constructor(config: ClusterConfig['hbase'], times: Partial<HbaseTimes> = {}) {
    this.config = config
    this.times = { ...DEFAULT_TIMES, ...times }
    this.#locator = new RegionLocator(config, this.times.connect_ms, (server, method, request) =>
      this.call(server, method, request),
    )
  }

  /** The cells of a row, by column; undefined when there are none. */
  async get(table: string, key: Buffer, options: GetOptions = {}): Promise<Cell[] | undefined> {
    const answer = await this.atRegion(table, key, true, (region) =>
      this.call(region.server, CLIENT.get, {
        region: regionSpecifier(region),
        gxt: {
          row: key,
          column: [{ family: FAMILY, qualifier: options.columns ?? [] }],
          ...(options.times && { timeRange: options.times }),
        },
      }),
    )
    return rowOf(answer.message.result, new CellBlockReader(answer.block))?.cells
  }

  /**
   * Adds to a counter, which starts at 0, and gives what it is then. Not tried again once it may have been carried out.
   */
  async increment(table: string, key: Buffer, column: string): Promise<number> {
    const amount = Buffer.alloc(8)
    amount.writeBigInt64BE(1n)
    const cell = { qualifier: Buffer.from(column), timestamp: 0, value: amount }
    const answer = await this.#mutate(table, { key, cells: [cell] }, 'INCREMENT')
    const after = rowOf(answer.message.result, new CellBlockReader(answer.block))
    return Number(after!.cells[0]!.value.readBigInt64BE())
  }

  /**
   * Puts cells if `column` holds `expected`, or nothing where that is undefined.
   * @returns whether it did
   */
  async checkAndPut(table: string, row: CellRow, column: string, expected: Buffer | undefined): Promise<boolean> {
    const condition = {
      row: row.key,
      family: FAMILY,
      qualifier: column,
      compareType: 'EQUAL',
      comparator: {
        name: 'org.apache.hadoop.hbase.filter.BinaryComparator',
        // An empty value stands for "no such cell".
        serializedComparator: new BinaryComparator({ comparable: { value: expected ?? Buffer.alloc(0) } }).toBuffer(),
      },
    }
    const answer = await this.#mutate(table, row, 'PUT', condition)
    return answer.message.processed ?? false
  }

  /** Where a row is, which may be long ago by the time of asking. */
  locate(table: string, key: Buffer): Promise<Region> {
    return retry(this.times, true, () => this.#locator.holding(table, key))
  }

  /**
   * Runs `ask` at the region of a row, again where that region is by then if it fails in a way that allows it.
   * @param side which region, when the key parts two: the one that holds it, or the one before
   */
  atRegion<T>(
    table: string,
    key: Buffer,
    idempotent: boolean,
    ask: (region: Region) => Promise<T>,
    side: 'holding' | 'before' = 'holding',
  ): Promise<T> {
    return retry(this.times, idempotent, async () => {
      const region = await this.#locator[side](table, key)
      try {
        return await ask(region)
      } catch (error) {
        this.#locator.forget(table, region)
        throw error
      }
    })
  }

  /** @internal For batches, which find and forget the regions of many rows. */
  get locator(): RegionLocator {
    return this.#locator
  }

  /** One call to one server, once. @throws HbaseError */
  async call<Fields>(server: string, method: Method<Fields>, request: object, block?: Buffer): Promise<Answer<Fields>> {
    const connection = await this.#connection(server)
    return connection.call(method, request, block)
  }

  async close(): Promise<void> {
    this.#closed = true
    const open = await Promise.allSettled(this.#connections.values())
    for (const connection of open) if (connection.status === 'fulfilled') connection.value.close()
  }

  async #mutate(table: string, row: CellRow, mutateType: 'PUT' | 'INCREMENT', condition?: object) {
    const block = encodeCells([row], 'put')
    return this.atRegion(table, row.key, false, (region) =>
      this.call(
        region.server,
        CLIENT.mutate,
        {
          region: regionSpecifier(region),
          mutation: { row: row.key, mutateType, associatedCellCount: row.cells.length },
          ...(condition && { condition }),
        },
        block,
      ),
    )
  }

  #connection(server: string): Promise<Connection> {
    if (this.#closed) return Promise.reject(new HbaseError('refused', 'the client is closed', 'Closed', true))
    const known = this.#connections.get(server)
    if (known) return known
    const gone = (): void => {
      if (this.#connections.get(server) === opening) this.#connections.delete(server)
      this.#locator.forgetServer(server)
    }
    const { user } = this.config
    const options = { service: 'ClientService', user, ...this.times } as const
    const opening = Connection.open(server, options, gone)
    opening.catch(gone)
    this.#connections.set(server, opening)
    return opening
  }
}

export function regionSpecifier(region: Region): object {
  return { type: 'REGION_NAME', value: region.name }
}

/** A row of an answer; undefined for one without cells. */
export function rowOf(result: ResultFields | null, block: CellBlockReader): CellRow | undefined {
  if (result === null) return undefined
  if (result.cell.length === 0) return block.row(result.associatedCellCount ?? 0)
  return {
    key: result.cell[0]!.row.toBuffer(),
    cells: result.cell.map((cell) => ({
      qualifier: cell.qualifier.toBuffer(),
      timestamp: cell.timestamp.toNumber(),
      value: cell.value?.toBuffer() ?? Buffer.alloc(0),
    })),
  }
}
