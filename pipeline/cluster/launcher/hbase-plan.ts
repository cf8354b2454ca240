/** HBase as separate processes, as on a real cluster: ZooKeeper, the master, and one to three region servers. */
import { join } from 'node:path'
import { hadoopXml, javaProperties, log4j1, type Settings } from './configuration.ts'
import { hdfsClientSettings, hdfsServices, hdfsUri } from './hdfs-plan.ts'
import { dataFolder, jvm, opened, type ServicePlan, type Site } from './jvm-plan.ts'
import { oneTo, portsFrom } from './topology.ts'

const JVM_ACCESS = [
  '-Dorg.apache.hbase.thirdparty.io.netty.tryReflectionSetAccessible=true',
  '--add-modules=jdk.unsupported',
  ...opened('java.base', [
    'java.lang',
    'java.lang.reflect',
    'java.nio',
    'java.util',
    'java.util.concurrent',
    'jdk.internal.ref',
    'sun.nio.ch',
  ]),
  '--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED',
  '--add-exports=java.base/sun.net.dns=ALL-UNNAMED',
  '--add-exports=java.base/sun.net.util=ALL-UNNAMED',
  '--add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED',
]

export function planHbase(site: Site): ServicePlan[] {
  return [
    planZookeeper(site),
    planMaster(site),
    ...oneTo(site.topology.regionservers).map((index) => planRegionserver(site, index)),
  ]
}

function planZookeeper(site: Site): ServicePlan {
  const ports = portsFrom(site.base_port).zookeeper
  return {
    name: 'zookeeper',
    module: 'hbase',
    ports: { ...ports },
    after: [],
    files: hbaseFiles(site, 'zookeeper'),
    folders: [dataFolder(site, 'zookeeper')],
    // Its web server for administrators would take port 8080.
    java: [
      ...jvm(128),
      '-Dzookeeper.admin.enableServer=false',
      ...JVM_ACCESS,
      'org.apache.hadoop.hbase.zookeeper.HQuorumPeer',
    ],
    probe: { kind: 'zookeeper', address: `127.0.0.1:${ports.clients}` },
    memory_mb: 110,
  }
}

function planMaster(site: Site): ServicePlan {
  const ports = portsFrom(site.base_port).hbaseMaster
  return {
    name: 'hbase-master',
    module: 'hbase',
    ports: { ...ports },
    after: ['zookeeper', ...hdfsServices(site)],
    files: hbaseFiles(site, 'hbase-master'),
    folders: [],
    java: [...jvm(512), ...JVM_ACCESS, 'org.apache.hadoop.hbase.master.HMaster', 'start'],
    probe: { kind: 'hbase-master', http: `http://127.0.0.1:${ports.http}` },
    memory_mb: 320,
  }
}

function planRegionserver(site: Site, index: number): ServicePlan {
  const name = `regionserver-${index}`
  const ports = portsFrom(site.base_port).regionserver(index)
  return {
    name,
    module: 'hbase',
    ports: { ...ports },
    // Not after the master, which waits for region servers itself.
    after: ['zookeeper', ...hdfsServices(site)],
    files: hbaseFiles(site, name, {
      'hbase.regionserver.port': ports.rpc,
      'hbase.regionserver.info.port': ports.http,
    }),
    folders: [],
    java: [...jvm(1024), ...JVM_ACCESS, 'org.apache.hadoop.hbase.regionserver.HRegionServer', 'start'],
    probe: {
      kind: 'regionserver',
      http: `http://127.0.0.1:${ports.http}`,
      master_http: `http://127.0.0.1:${portsFrom(site.base_port).hbaseMaster.http}`,
      rpc_port: ports.rpc,
    },
    memory_mb: 350,
  }
}

function hbaseFiles(site: Site, name: string, own: Settings = {}): ServicePlan['files'] {
  const { zookeeper, hbaseMaster } = portsFrom(site.base_port)
  const { regionservers } = site.topology
  const settings: Settings = {
    ...hdfsClientSettings(site),
    'hbase.cluster.distributed': true,
    'hbase.rootdir': `${hdfsUri(site.base_port)}/hbase`,
    'hbase.tmp.dir': join(dataFolder(site, name), 'tmp'),
    'hbase.zookeeper.quorum': '127.0.0.1',
    'hbase.zookeeper.property.dataDir': dataFolder(site, 'zookeeper'),
    'hbase.zookeeper.property.clientPort': zookeeper.clients,
    'hbase.zookeeper.property.clientPortAddress': '127.0.0.1',
    // A region server that was killed or stopped is noticed after 6 s; by default after 90 s. ZooKeeper grants sessions of
    // 2 to 20 ticks.
    'hbase.zookeeper.property.tickTime': 1000,
    'zookeeper.session.timeout': 6000,
    'hbase.master.port': hbaseMaster.rpc,
    'hbase.master.info.port': hbaseMaster.http,
    'hbase.master.info.bindAddress': '127.0.0.1',
    'hbase.regionserver.info.bindAddress': '127.0.0.1',
    'hbase.master.ipc.address': '127.0.0.1',
    'hbase.regionserver.ipc.address': '127.0.0.1',
    'hbase.master.hostname': 'localhost',
    'hbase.regionserver.hostname': 'localhost',
    // The master waits for as many region servers as there are, and then no longer.
    'hbase.master.wait.on.regionservers.mintostart': regionservers,
    'hbase.master.wait.on.regionservers.maxtostart': regionservers,
    'hbase.regionserver.msginterval': 1000,
    // The log of a dead region server is read by others only when HDFS has taken its lease away: asked again after 1 s
    // rather than 4 s.
    'hbase.lease.recovery.first.pause': 1000,
    // For one machine's few clients; each is a thread.
    'hbase.regionserver.handler.count': 16,
    ...own,
  }
  return [
    { name: 'hbase-site.xml', text: hadoopXml(settings) },
    // What it tells of itself is this many seconds old at most; by default 10, and our questions would get old answers.
    { name: 'hadoop-metrics2-hbase.properties', text: javaProperties({ '*.period': 1 }) },
    {
      name: 'log4j.properties',
      text: log4j1('INFO', {
        'org.apache.zookeeper': 'WARN',
        'org.apache.hadoop.metrics2': 'WARN',
        'org.apache.hadoop.hbase.http': 'WARN',
      }),
    },
  ]
}
