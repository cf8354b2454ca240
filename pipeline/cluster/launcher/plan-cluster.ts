/** All services of a cluster, and the addresses that its clients get. */
import { parseClusterConfig } from '../cluster-config.ts'
import { planHbase } from './hbase-plan.ts'
import { hdfsUri, planHdfs } from './hdfs-plan.ts'
import { planHive } from './hive-plan.ts'
import type { ServicePlan, Site } from './jvm-plan.ts'
import { kafkaReplication, planKafka } from './kafka-plan.ts'
import { oneTo, portsFrom } from './topology.ts'

export function planCluster(site: Site): ServicePlan[] {
  return [...planKafka(site), ...planHdfs(site), ...planHbase(site), ...planHive(site)]
}

/** What `cluster.json` says. */
export function clusterConfigOf({ topology, base_port }: Site): ReturnType<typeof parseClusterConfig> {
  const ports = portsFrom(base_port)
  return parseClusterConfig(
    {
      kafka: {
        brokers: oneTo(topology.brokers).map((index) => `127.0.0.1:${ports.kafka(index).clients}`),
        replication: kafkaReplication(topology.brokers),
      },
      hdfs: { webhdfs: `http://127.0.0.1:${ports.namenode.http}`, fs: hdfsUri(base_port) },
      hive: { hiveserver2: `127.0.0.1:${ports.hiveserver2.thrift}` },
      hbase: { quorum: [`127.0.0.1:${ports.zookeeper.clients}`] },
    },
    'the cluster that was started',
  )
}
