/** Who is who in an HBase, as ZooKeeper knows it. */
import type { ClusterConfig } from '../cluster-config.ts'
import { HbaseError } from './hbase-error.ts'
import { MasterAddress, MetaRegionServer, type ServerName, zookeeper } from './hbase-protocol.ts'
import type { ZookeeperClient } from './hbase-rpc-client.d.ts'

/** `host:port` of the server that holds the table of all regions. @throws HbaseError `unreachable` */
export async function findMetaServer(config: ClusterConfig['hbase'], timeout_ms: number): Promise<string> {
  const bytes = await readNode(config, 'meta-region-server', timeout_ms)
  return serverAddress(MetaRegionServer.decode(afterMagic(bytes)).server)
}

/** `host:port` of the active master. @throws HbaseError `unreachable` */
export async function findMaster(config: ClusterConfig['hbase'], timeout_ms: number): Promise<string> {
  const bytes = await readNode(config, 'master', timeout_ms)
  return serverAddress(MasterAddress.decode(afterMagic(bytes)).master)
}

/** A session for one look: servers change seldom, and a watch that is held open would have to be healed, too. */
function readNode({ quorum, znode }: ClusterConfig['hbase'], name: string, timeout_ms: number): Promise<Buffer> {
  const client = zookeeper.createClient(quorum.join(','), { sessionTimeout: 10_000, retries: 0, spinDelay: PAUSE_MS })
  const path = `${znode}/${name}`
  const unreachable = (why: string): HbaseError =>
    new HbaseError('unreachable', `ZooKeeper at ${quorum.join(', ')} did not give ${path}: ${why}`)
  return new Promise<Buffer>((resolve, reject) => {
    const timer = setTimeout(() => reject(unreachable(`no answer in ${timeout_ms} ms`)), timeout_ms)
    client.once('connected', () => {
      client.getData(path, (error, data) => {
        clearTimeout(timer)
        if (error || !data) reject(unreachable(String(error ?? 'it is empty')))
        else resolve(data)
      })
    })
    client.connect()
  }).finally(() => close(client))
}

/** The package's pause before it asks the servers of a quorum once more. */
const PAUSE_MS = 1000

/**
 * The package's own end of a session only sends a farewell and waits for the server to hang up, which a silent one never does.
 * A socket that it opens after a pause that was under way is ended, too.
 */
function close(client: ZookeeperClient): void {
  client.close()
  const hangUp = (): void => {
    client.connectionManager.socket?.destroy()
  }
  hangUp()
  setTimeout(hangUp, 2 * PAUSE_MS).unref()
}

/** A node's bytes after the mark, the writer's name with its length, and the mark of protocol buffers. */
function afterMagic(bytes: Buffer): Buffer {
  if (bytes[0] !== 0xff) throw new HbaseError('unreachable', 'ZooKeeper holds no address in the form of HBase')
  return bytes.subarray(5 + bytes.readUInt32BE(1) + 'PBUF'.length)
}

function serverAddress({ hostName, port }: ServerName): string {
  return `${hostName}:${port}`
}
