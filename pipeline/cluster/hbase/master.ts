/**
 * Calls to HBase's master: namespaces and tables are made and dropped, regions split and moved. Most of them run as procedures
 * that the master finishes even when it is restarted; here their end is waited for.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterConfig } from '../cluster-config.ts'
import { FAMILY } from './cell-block.ts'
import { Connection } from './connection.ts'
import { HbaseError } from './hbase-error.ts'
import { MASTER, type Method, type ProcedureStarted, type ServerName } from './hbase-protocol.ts'
import type { Region } from './region-map.ts'
import { retry } from './retry.ts'
import { findMaster } from './zookeeper.ts'

export interface NewTable {
  /** Versions of a cell that are kept. */
  versions: number
  /** First keys of all regions but the first. */
  splits: readonly string[]
}

/** A new table may wait for the regions of many others. */
const TIMES = { connect_ms: 5_000, call_ms: 30_000, operation_ms: 120_000 }
const PROCEDURE_FINISHED = 2

export class Master {
  readonly #config: ClusterConfig['hbase']
  #connection: Promise<Connection> | undefined

  constructor(config: ClusterConfig['hbase']) {
    this.#config = config
  }

  /** Makes a namespace, unless it is there. */
  async createNamespace(name: string): Promise<void> {
    await this.#unless('NamespaceExistException', MASTER.createNamespace, { namespaceDescriptor: { name } })
  }

  /** Drops a namespace without tables, if it is there. */
  async deleteNamespace(name: string): Promise<void> {
    await this.#unless('NamespaceNotFoundException', MASTER.deleteNamespace, { namespaceName: name })
  }

  /** Names of a namespace's tables, without it. */
  async tableNames(namespace: string): Promise<string[]> {
    const { tableName } = await this.#call(MASTER.tableNames, { namespaceName: namespace })
    return tableName.map(({ qualifier }) => qualifier.toBuffer().toString())
  }

  /** Makes a table, unless it is there. */
  async createTable(namespace: string, name: string, { versions, splits }: NewTable): Promise<void> {
    const attribute = (first: string, second: string): object => ({ first, second })
    await this.#unless('TableExistsException', MASTER.createTable, {
      tableSchema: {
        tableName: { namespace, qualifier: name },
        columnFamilies: [
          {
            name: FAMILY,
            attributes: [
              attribute('VERSIONS', String(versions)),
              // Rows repeat the names of their columns.
              attribute('DATA_BLOCK_ENCODING', 'FAST_DIFF'),
            ],
          },
        ],
      },
      splitKeys: splits,
    })
  }

  /** Drops a table, if it is there. */
  async deleteTable(namespace: string, name: string): Promise<void> {
    const tableName = { namespace, qualifier: name }
    await this.#unless(/TableNot(Found|Enabled)Exception/, MASTER.disableTable, { tableName })
    await this.#unless('TableNotFoundException', MASTER.deleteTable, { tableName })
  }

  /** Parts a region in two; `key` becomes the second one's first. */
  async splitRegion(namespace: string, table: string, region: Region, key: Buffer): Promise<void> {
    const regionInfo = {
      regionId: region.id,
      tableName: { namespace, qualifier: table },
      startKey: region.start,
      endKey: region.end,
      offline: false,
      split: false,
    }
    await this.#procedure(MASTER.splitRegion, { regionInfo, splitRow: key })
  }

  /** Moves a region to a server, or takes it from its server and gives it to any. */
  async moveRegion(region: Region, to?: ServerName): Promise<void> {
    const specifier = { region: { type: 'REGION_NAME', value: region.name } }
    if (to) await this.#call(MASTER.moveRegion, { ...specifier, destServerName: to })
    else {
      await this.#call(MASTER.unassignRegion, specifier)
      await this.#call(MASTER.assignRegion, specifier)
    }
  }

  async servers(): Promise<ServerName[]> {
    const { clusterStatus } = await this.#call(MASTER.clusterStatus, {})
    return clusterStatus.liveServers.map(({ server }) => server)
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined)
    connection?.close()
  }

  /** Runs a procedure, and is content as well when its end is there already. */
  async #unless(exception: string | RegExp, method: Method<ProcedureStarted>, request: object): Promise<void> {
    try {
      await this.#procedure(method, request)
    } catch (error) {
      if (!(error instanceof HbaseError) || !error.exception.match(exception)) throw error
    }
  }

  async #procedure(method: Method<ProcedureStarted>, request: object): Promise<void> {
    const { procId } = await this.#call(method, request)
    if (procId === null) return
    const end_ms = performance.now() + TIMES.operation_ms
    for (let wait_ms = 10; ; wait_ms = Math.min(500, wait_ms * 1.5)) {
      const { state, exception } = await this.#call(MASTER.procedureResult, { procId })
      const problem = exception?.genericException
      if (problem) throw new HbaseError('refused', problem.message, problem.className, true)
      if (state === PROCEDURE_FINISHED) return
      if (performance.now() > end_ms) throw new HbaseError('unanswered', `the master did not finish ${method.name}`)
      await sleep(wait_ms)
    }
  }

  /** All calls here may be made twice: the second meets what the first has done. */
  #call<Fields>(method: Method<Fields>, request: object): Promise<Fields> {
    return retry(TIMES, true, async () => {
      const connection = await this.#connected()
      const { message } = await connection.call(method, request)
      return message
    })
  }

  #connected(): Promise<Connection> {
    const gone = (): void => {
      if (this.#connection === opening) this.#connection = undefined
    }
    if (this.#connection) return this.#connection
    const opening = findMaster(this.#config, TIMES.connect_ms).then((server) =>
      Connection.open(server, { service: 'MasterService', user: this.#config.user, ...TIMES }, gone),
    )
    opening.catch(gone)
    this.#connection = opening
    return opening
  }
}
