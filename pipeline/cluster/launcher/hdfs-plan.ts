/** HDFS: one namenode, one to three datanodes. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { hadoopXml, log4j1, type Settings } from './configuration.ts'
import { configurationFolder, dataFolder, jvm, type ServicePlan, type Site } from './jvm-plan.ts'
import { oneTo, portsFrom } from './topology.ts'

const NAMENODE = 'org.apache.hadoop.hdfs.server.namenode.NameNode'
const DATANODE = 'org.apache.hadoop.hdfs.server.datanode.DataNode'

export function planHdfs(site: Site): ServicePlan[] {
  return [planNamenode(site), ...oneTo(site.topology.datanodes).map((index) => planDatanode(site, index))]
}

/** The file system as its clients name it. */
export function hdfsUri(base_port: number): string {
  return `hdfs://127.0.0.1:${portsFrom(base_port).namenode.rpc}`
}

/** Names of the services without which the file system does not work. */
export function hdfsServices({ topology }: Site): string[] {
  return ['namenode', ...oneTo(topology.datanodes).map((index) => `datanode-${index}`)]
}

/** What every client of this file system must know, HBase and Hive included: it is the client that asks for copies. */
export function hdfsClientSettings({ topology, base_port }: Site): Settings {
  return {
    'fs.defaultFS': hdfsUri(base_port),
    'dfs.replication': topology.datanodes,
    // With three datanodes or fewer there is none to put in a lost one's place: a writer goes on with those that are left.
    'dfs.client.block.write.replace-datanode-on-failure.policy': 'NEVER',
    // A writer asks "is the last block reported?" before it can be and sleeps: 400 ms by default, for every single file.
    'dfs.client.block.write.locateFollowingBlock.initial.delay.ms': 5,
    // A namenode that restarts is waited for, 30 s by half seconds and a minute more: HBase would abort, a query would fail.
    'dfs.client.retry.policy.enabled': true,
    'dfs.client.retry.policy.spec': '500,60,2000,30',
    // One checksum for a file whatever its blocks: equal bytes have equal checksums.
    'dfs.checksum.type': 'CRC32',
    'dfs.checksum.combine.mode': 'COMPOSITE_CRC',
  }
}

function planNamenode(site: Site): ServicePlan {
  const ports = portsFrom(site.base_port).namenode
  const data = dataFolder(site, 'namenode')
  return {
    name: 'namenode',
    module: 'hdfs',
    ports: { ...ports },
    after: [],
    files: hdfsFiles(site, 'namenode', namenodeSettings(site, data)),
    folders: [data, webapps(site, 'namenode')],
    first: {
      unless: join(data, 'current', 'VERSION'),
      java: [...jvm(128), NAMENODE, '-format', '-nonInteractive'],
    },
    java: [...jvm(256), NAMENODE],
    probe: { kind: 'namenode', http: `http://127.0.0.1:${ports.http}` },
    memory_mb: 250,
  }
}

function planDatanode(site: Site, index: number): ServicePlan {
  const name = `datanode-${index}`
  const ports = portsFrom(site.base_port).datanode(index)
  const data = dataFolder(site, name)
  return {
    name,
    module: 'hdfs',
    ports: { ...ports },
    after: [],
    files: hdfsFiles(site, name, {
      'dfs.datanode.data.dir': pathToFileURL(data).href,
      'dfs.datanode.address': `127.0.0.1:${ports.data}`,
      'dfs.datanode.http.address': `127.0.0.1:${ports.http}`,
      'dfs.datanode.ipc.address': `127.0.0.1:${ports.ipc}`,
      'dfs.datanode.hostname': '127.0.0.1',
      // The file system leaves its safe mode when the blocks are reported: at once, not some time within minutes.
      'dfs.blockreport.initialDelay': 0,
    }),
    folders: [data, webapps(site, name)],
    java: [...jvm(256), DATANODE],
    probe: {
      kind: 'datanode',
      http: `http://127.0.0.1:${ports.http}`,
      namenode_http: `http://127.0.0.1:${portsFrom(site.base_port).namenode.http}`,
      transfer: `127.0.0.1:${ports.data}`,
    },
    memory_mb: 250,
  }
}

function namenodeSettings({ base_port }: Site, data: string): Settings {
  const { rpc, http } = portsFrom(base_port).namenode
  return {
    'dfs.namenode.name.dir': pathToFileURL(data).href,
    'dfs.namenode.rpc-bind-host': '127.0.0.1',
    'dfs.namenode.http-address': `127.0.0.1:${http}`,
    'dfs.namenode.rpc-address': `127.0.0.1:${rpc}`,
    // Datanodes come from an address that no DNS knows.
    'dfs.namenode.datanode.registration.ip-hostname-check': false,
    'dfs.namenode.safemode.extension': 0,
    // A datanode that was killed is avoided after 3 s and taken for dead after 20 s; by default after 30 s and 10 minutes.
    'dfs.namenode.avoid.read.stale.datanode': true,
    'dfs.namenode.avoid.write.stale.datanode': true,
    'dfs.namenode.stale.datanode.interval': 3000,
    'dfs.namenode.heartbeat.recheck-interval': 5000,
  }
}

function hdfsFiles(site: Site, name: string, own: Settings): ServicePlan['files'] {
  const settings: Settings = {
    ...hdfsClientSettings(site),
    'hadoop.tmp.dir': join(dataFolder(site, name), 'tmp'),
    'hadoop.http.staticuser.user': 'musicbox',
    'hadoop.prometheus.endpoint.enabled': true,
    'dfs.namenode.rpc-address': `127.0.0.1:${portsFrom(site.base_port).namenode.rpc}`,
    'dfs.webhdfs.enabled': true,
    // Whoever reaches the loopback interface may do all: names are believed anyway.
    'dfs.permissions.enabled': false,
    'dfs.blocksize': 32 * 1024 * 1024,
    'dfs.heartbeat.interval': 1,
    ...own,
  }
  return [
    { name: 'core-site.xml', text: hadoopXml(pick(settings, (key) => !key.startsWith('dfs.'))) },
    { name: 'hdfs-site.xml', text: hadoopXml(pick(settings, (key) => key.startsWith('dfs.'))) },
    // Every block and every request is logged at INFO.
    {
      name: 'log4j.properties',
      text: log4j1('INFO', {
        BlockStateChange: 'WARN',
        'org.apache.hadoop.hdfs.StateChange': 'WARN',
        'org.apache.hadoop.hdfs.server.datanode.DataNode.clienttrace': 'WARN',
        'datanode.webhdfs': 'WARN',
      }),
    },
  ]
}

/** The jars hold no web pages, without whose folders both daemons end at once: empty ones will do. */
function webapps(site: Site, name: string): string {
  return join(configurationFolder(site, name), 'webapps', name === 'namenode' ? 'hdfs' : 'datanode')
}

function pick(settings: Settings, wanted: (key: string) => boolean): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => wanted(key)))
}
