/** Asks a service whether it does its work. A port that is open proves little: each is asked for what its clients need. */
import { once } from 'node:events'
import { connect } from 'node:net'
import hiveDriver from 'hive-driver'
import kafkajs from 'kafkajs'
import type { Probe } from './jvm-plan.ts'

/** One question is given up after this time; the next one is asked soon. */
const ANSWER_WITHIN_MS = 5000

/** @returns whether the service is ready; whatever goes wrong on the way means that it is not yet */
export async function isReady(probe: Probe): Promise<boolean> {
  try {
    return await within(ASK[probe.kind](probe as never))
  } catch {
    return false
  }
}

type Ask<Kind extends Probe['kind']> = (probe: Extract<Probe, { kind: Kind }>) => Promise<boolean>

const ASK: { [Kind in Probe['kind']]: Ask<Kind> } = {
  /** The broker is a member of the cluster, and every partition that it knows of has a leader. */
  async kafka({ broker, node_id }) {
    if (!(await accepts(broker))) return false
    const { Kafka, logLevel } = kafkajs
    const admin = new Kafka({
      brokers: [broker],
      logLevel: logLevel.NOTHING,
      retry: { retries: 0 },
      requestTimeout: ANSWER_WITHIN_MS,
    }).admin()
    try {
      await admin.connect()
      const { brokers } = await admin.describeCluster()
      const { topics } = await admin.fetchTopicMetadata()
      const partitions = topics.flatMap((topic) => topic.partitions)
      return brokers.some(({ nodeId }) => nodeId === node_id) && partitions.every(({ leader }) => leader >= 0)
    } finally {
      await admin.disconnect()
    }
  },

  /** It serves WebHDFS and is out of safe mode. */
  async namenode({ http }) {
    const { Safemode } = await bean(http, 'Hadoop:service=NameNode,name=NameNodeInfo')
    return Safemode === ''
  },

  /** It has registered, and the namenode counts it among the living. */
  async datanode({ http, namenode_http, transfer }) {
    const own = await bean(http, 'Hadoop:service=DataNode,name=DataNodeInfo')
    const actors = JSON.parse(String(own['BPServiceActorInfo'])) as { ActorState: string }[]
    if (actors.length === 0 || actors.some(({ ActorState }) => ActorState !== 'RUNNING')) return false
    const namenode = await bean(namenode_http, 'Hadoop:service=NameNode,name=NameNodeInfo')
    const living = JSON.parse(String(namenode['LiveNodes'])) as Record<
      string,
      { xferaddr: string; lastContact: number }
    >
    return Object.values(living).some(({ xferaddr, lastContact }) => xferaddr === transfer && lastContact <= 3)
  },

  async zookeeper({ address }) {
    return /^Mode: /m.test(await fourLetterWord(address, 'srvr'))
  },

  /** It leads, and has finished its start: hbase:meta is served by then. */
  async 'hbase-master'({ http }) {
    return isInitialised(await bean(http, 'Hadoop:service=HBase,name=Master,sub=Server'))
  },

  /** The master counts it among the living, has dealt with every crash, and no region is without a server. */
  async regionserver({ http, master_http, rpc_port }) {
    const own = await bean(http, 'Hadoop:service=HBase,name=RegionServer,sub=Server')
    const master = await bean(master_http, 'Hadoop:service=HBase,name=Master,sub=Server')
    const assignment = await bean(master_http, 'Hadoop:service=HBase,name=Master,sub=AssignmentManager')
    // Host, port and time of start: its predecessor on the same port has another name.
    const name = String(own['tag.serverName'])
    return (
      isInitialised(master) &&
      name.includes(`,${rpc_port},`) &&
      String(master['tag.liveRegionServers']).split(';').includes(name) &&
      openCrashes(master) <= 0 &&
      Number(assignment['ritCount']) === 0
    )
  },

  /** A session opens and answers a query. */
  async hiveserver2({ address }) {
    if (!(await accepts(address))) return false
    const { HiveClient, HiveUtils, auth, connections, thrift } = hiveDriver
    const { TCLIService, TCLIService_types } = thrift
    const [host, port] = address.split(':')
    const client = new HiveClient(TCLIService, TCLIService_types)
    // A refused connection is told by this event only; without a listener it would end our process.
    const broken = new Promise<never>((_, reject) => client.on('error', reject))
    const ask = async (): Promise<boolean> => {
      await client.connect(
        { host: host!, port: Number(port) },
        new connections.TcpConnection(),
        new auth.NoSaslAuthentication(),
      )
      const session = await client.openSession({
        client_protocol: TCLIService_types.TProtocolVersion.HIVE_CLI_SERVICE_PROTOCOL_V10,
      })
      const operation = await session.executeStatement('SELECT 1', { runAsync: true })
      const utils = new HiveUtils(TCLIService_types)
      await utils.waitUntilReady(operation, false, () => {})
      await utils.fetchAll(operation)
      const rows = utils.getResult(operation).getValue() as unknown[]
      await operation.close()
      await session.close()
      return rows.length === 1
    }
    try {
      return await Promise.race([ask(), broken])
    } finally {
      client.close()
    }
  },
}

type Bean = Readonly<Record<string, unknown>>

function isInitialised(master: Bean): boolean {
  return master['tag.isActiveMaster'] === 'true' && Number(master['masterFinishedInitializationTime']) > 0
}

/** Crashes of region servers whose regions the master has not yet given to others. */
function openCrashes(master: Bean): number {
  const count = (name: string): number => Number(master[`ServerCrash${name}`])
  return count('SubmittedCount') - count('Time_num_ops') - count('FailedCount')
}

/** The attributes of one of a Java server's management beans, over HTTP. */
async function bean(http: string, name: string): Promise<Bean> {
  const answer = await fetch(`${http}/jmx?qry=${encodeURIComponent(name)}`, {
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  })
  const { beans } = (await answer.json()) as { beans: Record<string, unknown>[] }
  if (beans[0] === undefined) throw new Error(`no bean ${name}`)
  return beans[0]
}

/** Whether anybody listens there. */
async function accepts(address: string): Promise<boolean> {
  const [host, port] = address.split(':')
  const socket = connect({ host: host!, port: Number(port) })
  try {
    await once(socket, 'connect')
    return true
  } finally {
    socket.destroy()
  }
}

/** ZooKeeper's plain questions. */
async function fourLetterWord(address: string, word: string): Promise<string> {
  const [host, port] = address.split(':')
  const socket = connect({ host: host!, port: Number(port) })
  let text = ''
  try {
    await once(socket, 'connect')
    socket.end(word)
    for await (const chunk of socket) text += chunk
    return text
  } finally {
    socket.destroy()
  }
}

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), ANSWER_WITHIN_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
