/**
 * HBase's messages: the protocol files and the codec that hbase-rpc-client brings, with what HBase 2 added in
 * `hbase2.proto`. The package's own connection is not used: it speaks to region servers only, never settles a call whose
 * server died nor one to a port that refuses, and knows no blocks of cells.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bytes, Long, MessageClass, ProtoBufPackage, ZookeeperPackage } from './hbase-rpc-client.d.ts'

const packageFile = fileURLToPath(import.meta.resolve('hbase-rpc-client/package.json'))
// Its dependencies as it finds them, whatever else is installed.
const requireThere = createRequire(packageFile)

export const zookeeper = requireThere('node-zookeeper-client') as ZookeeperPackage

const messages = loadMessages()

/** One remote call: the name on the wire, what is asked and what is answered. */
export interface Method<Answer> {
  name: string
  request: MessageClass<unknown>
  response: MessageClass<Answer>
}

export const CLIENT = {
  get: method<{ result: ResultFields | null }>('Get', 'GetRequest', 'GetResponse'),
  mutate: method<{ result: ResultFields | null; processed: boolean | null }>(
    'Mutate',
    'MutateRequest',
    'MutateResponse',
  ),
  multi: method<MultiAnswer>('Multi', 'MultiRequest', 'MultiResponse'),
  scan: method<ScanAnswer>('Scan', 'hbase2.ScanRequest', 'hbase2.ScanResponse'),
}

export const MASTER = {
  createNamespace: method('CreateNamespace', 'hbase2.NamespaceRequest', 'hbase2.ProcedureResponse'),
  deleteNamespace: method('DeleteNamespace', 'hbase2.NamespaceName', 'hbase2.ProcedureResponse'),
  tableNames: method<{ tableName: { namespace: Bytes; qualifier: Bytes }[] }>(
    'ListTableNamesByNamespace',
    'hbase2.NamespaceName',
    'hbase2.TableNamesByNamespaceResponse',
  ),
  createTable: method('CreateTable', 'hbase2.CreateTableRequest', 'hbase2.ProcedureResponse'),
  disableTable: method('DisableTable', 'hbase2.TableRequest', 'hbase2.ProcedureResponse'),
  deleteTable: method('DeleteTable', 'hbase2.TableRequest', 'hbase2.ProcedureResponse'),
  splitRegion: method('SplitRegion', 'hbase2.SplitTableRegionRequest', 'hbase2.ProcedureResponse'),
  moveRegion: method('MoveRegion', 'hbase2.RegionRequest', 'hbase2.Empty'),
  unassignRegion: method('UnassignRegion', 'hbase2.RegionRequest', 'hbase2.Empty'),
  assignRegion: method('AssignRegion', 'hbase2.RegionRequest', 'hbase2.Empty'),
  clusterStatus: method<{ clusterStatus: { liveServers: { server: ServerName }[] } }>(
    'GetClusterStatus',
    'hbase2.Empty',
    'hbase2.ClusterStatusResponse',
  ),
  procedureResult: method<ProcedureResult>(
    'getProcedureResult',
    'hbase2.ProcedureResultRequest',
    'hbase2.ProcedureResultResponse',
  ),
}

export const ConnectionHeader = message('hbase2.ConnectionHeader')
export const RequestHeader = message('hbase2.RequestHeader')
export const ResponseHeader = message<ResponseHeaderFields>('ResponseHeader')
export const BinaryComparator = message('BinaryComparator')
export const RegionInfo = message<RegionInfoFields>('RegionInfo')
export const MetaRegionServer = message<{ server: ServerName }>('MetaRegionServer')
export const MasterAddress = message<{ master: ServerName }>('Master')

export interface ServerName {
  hostName: string
  port: number
  startCode: Long
}

export interface ResponseHeaderFields {
  callId: number
  exception: { exceptionClassName: string; stackTrace: string; doNotRetry: boolean | null } | null
  cellBlockMeta: { length: number } | null
}

export interface RegionInfoFields {
  regionId: Long
  tableName: { namespace: Bytes; qualifier: Bytes }
  startKey: Bytes | null
  endKey: Bytes | null
  offline: boolean | null
  split: boolean | null
}

/** A row of an answer. Its cells stand in the message, or are so many of the block that comes with it. */
export interface ResultFields {
  cell: { row: Bytes; qualifier: Bytes; timestamp: Long; value: Bytes | null }[]
  associatedCellCount: number | null
}

interface NamedException {
  name: string
  value: Bytes | null
}

export interface MultiAnswer {
  regionActionResult: {
    exception: NamedException | null
    resultOrException: { index: number; exception: NamedException | null }[]
  }[]
}

export interface ScanAnswer {
  cellsPerResult: number[]
  results: ResultFields[]
  partialFlagPerResult: boolean[]
  moreResultsInRegion: boolean | null
  cursor: { row: Bytes | null } | null
}

export interface ProcedureResult {
  state: number
  exception: { genericException: { className: string; message: string } | null } | null
}

export interface ProcedureStarted {
  procId: Long | null
}

/** Calls that answer with nothing but a procedure's number need no type. */
function method<Answer = ProcedureStarted>(name: string, request: string, response: string): Method<Answer> {
  return { name, request: message(request), response: message<Answer>(response) }
}

function message<Fields>(path: string): MessageClass<Fields> {
  let found: unknown = messages
  for (const name of path.split('.')) found = (found as Record<string, unknown>)[name]
  if (typeof found !== 'function') throw new Error(`expected a message ${path} in the protocol files`)
  return found as MessageClass<Fields>
}

function loadMessages(): Record<string, unknown> {
  const protobuf = requireThere('protobufjs') as ProtoBufPackage
  protobuf.convertFieldsToCamelCase = true
  const builder = protobuf.loadProtoFile(join(dirname(packageFile), 'proto', 'Client.proto'))
  for (const name of ['RPC.proto', 'ZooKeeper.proto']) {
    protobuf.loadProtoFile(join(dirname(packageFile), 'proto', name), builder)
  }
  protobuf.loadProto(readFileSync(new URL('hbase2.proto', import.meta.url), 'utf8'), builder)
  return builder.build()
}
