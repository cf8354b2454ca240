/** Kafka without ZooKeeper: each process is broker and controller in one. */
import { join } from 'node:path'
import { javaProperties, log4j2, type Settings } from './configuration.ts'
import { configurationFolder, dataFolder, jvm, type ServicePlan, type Site } from './jvm-plan.ts'
import { oneTo, portsFrom } from './topology.ts'

export function planKafka(site: Site): ServicePlan[] {
  return oneTo(site.topology.brokers).map((index) => planBroker(site, index))
}

/** Copies of each partition that the brokers can hold. */
export function kafkaReplication(brokers: number): number {
  return Math.min(3, brokers)
}

function planBroker(site: Site, index: number): ServicePlan {
  const name = `kafka-${index}`
  const ports = portsFrom(site.base_port).kafka(index)
  const data = dataFolder(site, name)
  const properties = join(configurationFolder(site, name), 'server.properties')
  return {
    name,
    module: 'kafka',
    ports: { ...ports },
    after: [],
    files: [
      { name: 'server.properties', text: javaProperties(brokerSettings(site, index, data)) },
      { name: 'log4j2.properties', text: log4j2('INFO', { 'org.apache.kafka.common.utils.AppInfoParser': 'WARN' }) },
    ],
    folders: [data],
    first: {
      unless: join(data, 'meta.properties'),
      java: [...jvm(128), 'kafka.tools.StorageTool', 'format', '-t', site.kafka_cluster_id, '-c', properties],
    },
    java: ['-Xms128m', ...jvm(512), 'kafka.Kafka', properties],
    probe: { kind: 'kafka', broker: `127.0.0.1:${ports.clients}`, node_id: index },
    memory_mb: 250,
  }
}

function brokerSettings({ topology, base_port }: Site, index: number, data: string): Settings {
  const { clients, controller } = portsFrom(base_port).kafka(index)
  const voters = oneTo(topology.brokers).map((id) => `${id}@127.0.0.1:${portsFrom(base_port).kafka(id).controller}`)
  const replication = kafkaReplication(topology.brokers)
  // A write waits for all but one of three copies: one broker may be lost without losing it, or the next write.
  const inSync = Math.max(1, replication - 1)
  return {
    'process.roles': 'broker,controller',
    'node.id': index,
    'controller.quorum.voters': voters.join(','),
    listeners: `PLAINTEXT://127.0.0.1:${clients},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${clients}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': data,
    'default.replication.factor': replication,
    'min.insync.replicas': inSync,
    // Kafka's own topics have 50 partitions each by default: seconds of start and hundreds of files for nothing.
    'offsets.topic.replication.factor': replication,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': replication,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': replication,
    'share.coordinator.state.topic.min.isr': inSync,
    'share.coordinator.state.topic.num.partitions': 4,
    // A first consumer would wait 3 s for others to join its group.
    'group.initial.rebalance.delay.ms': 0,
    // A misspelt topic is an error, not a new topic.
    'auto.create.topics.enable': false,
    'log.segment.bytes': 64 * 1024 * 1024,
    // Of its 128 MB by default the cleaner uses little: few topics here are compacted.
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    // A killed broker may come back only when its old registration has expired: after 12 s by default, 4 s with these.
    'broker.session.timeout.ms': 2000,
    'broker.heartbeat.interval.ms': 500,
  }
}
