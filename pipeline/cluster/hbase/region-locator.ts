/**
 * Finds the region of a row in `hbase:meta`, and remembers it until it proves wrong.
 *
 * The look-up is a reversed scan of one row, as the Java client of HBase 2 does it. hbase-rpc-client asks for the closest row
 * before, which HBase 2 does not know: with it, a row of a region that was split is lost for ever.
 */
import type { ClusterConfig } from '../cluster-config.ts'
import { CellBlockReader, type CellRow } from './cell-block.ts'
import type { Answer } from './connection.ts'
import { HbaseError } from './hbase-error.ts'
import { CLIENT, type Method, RegionInfo, type ScanAnswer } from './hbase-protocol.ts'
import { type Region, RegionMap } from './region-map.ts'
import { findMetaServer } from './zookeeper.ts'

export type CallServer = <Fields>(server: string, method: Method<Fields>, request: object) => Promise<Answer<Fields>>

const META_REGION = Buffer.from('hbase:meta,,1')

export class RegionLocator {
  readonly #config: ClusterConfig['hbase']
  readonly #connect_ms: number
  readonly #call: CallServer
  readonly #maps = new Map<string, RegionMap>()
  /** Look-ups under way: many callers that miss at once ask once. */
  readonly #asked = new Map<string, Promise<Region>>()
  #metaServer: Promise<string> | undefined

  constructor(config: ClusterConfig['hbase'], connect_ms: number, call: CallServer) {
    this.#config = config
    this.#connect_ms = connect_ms
    this.#call = call
  }

  /** The region that holds a key. @throws HbaseError with TableNotFoundException for a table that is not there */
  async holding(table: string, key: Buffer): Promise<Region> {
    // After every region that begins at the key: their numbers are less than this.
    return this.#map(table).holding(key) ?? this.#look(table, Buffer.concat([key, Buffer.from(',99999999999999')]))
  }

  /** The region that holds the keys just before a key. @throws HbaseError as {@link holding} */
  async before(table: string, key: Buffer): Promise<Region> {
    return this.#map(table).before(key) ?? this.#look(table, Buffer.concat([key, Buffer.from(',')]))
  }

  forget(table: string, region: Region): void {
    this.#maps.get(table)?.forget(region)
  }

  forgetServer(server: string): void {
    for (const map of this.#maps.values()) map.forgetServer(server)
    this.#metaServer = undefined
  }

  #map(table: string): RegionMap {
    const map = this.#maps.get(table) ?? new RegionMap()
    this.#maps.set(table, map)
    return map
  }

  #look(table: string, from: Buffer): Promise<Region> {
    const name = `${table},${from.toString('latin1')}`
    const asked = this.#asked.get(name)
    if (asked) return asked
    const asking = this.#readMeta(table, from).finally(() => this.#asked.delete(name))
    this.#asked.set(name, asking)
    return asking
  }

  async #readMeta(table: string, from: Buffer): Promise<Region> {
    const answer = await this.#scanMeta(table, from)
    const [count] = answer.message.cellsPerResult
    const row = new CellBlockReader(answer.block).row(count ?? 0)
    if (!row?.key.toString('latin1').startsWith(`${table},`)) {
      throw new HbaseError('refused', `there is no table ${table}`, 'TableNotFoundException', true)
    }
    const region = toRegion(table, row)
    this.#map(table).add(region)
    return region
  }

  async #scanMeta(table: string, from: Buffer): Promise<Answer<ScanAnswer>> {
    this.#metaServer ??= findMetaServer(this.#config, this.#connect_ms)
    const server = this.#metaServer
    try {
      return await this.#call(await server, CLIENT.scan, {
        region: { type: 'REGION_NAME', value: META_REGION },
        numberOfRows: 1,
        closeScanner: true,
        scan: {
          reversed: true,
          startRow: Buffer.concat([Buffer.from(`${table},`), from]),
          stopRow: `${table},,`,
          column: [{ family: 'info', qualifier: ['regioninfo', 'server'] }],
        },
      })
    } catch (error) {
      // It may be elsewhere by now.
      if (this.#metaServer === server) this.#metaServer = undefined
      throw error
    }
  }
}

/** A row of `hbase:meta`. @throws HbaseError that may be retried when the region is not open yet, or was split */
function toRegion(table: string, { key, cells }: CellRow): Region {
  const value = (column: string): Buffer | undefined => cells.find(({ qualifier }) => `${qualifier}` === column)?.value
  const bytes = value('regioninfo')!
  const info = RegionInfo.decode(bytes.subarray(bytes.indexOf('PBUF') + 4))
  const server = value('server')?.toString()
  if (!server || info.offline || info.split) {
    throw new HbaseError('refused', `a region of ${table} is not open yet`, 'RegionOpeningException')
  }
  return {
    name: key,
    start: info.startKey?.toBuffer() ?? Buffer.alloc(0),
    end: info.endKey?.toBuffer() ?? Buffer.alloc(0),
    server,
    id: info.regionId,
  }
}
