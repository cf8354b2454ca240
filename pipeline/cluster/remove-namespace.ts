/**
 * Removes all that one namespace has on a cluster. Tests and benchmarks leave nothing behind: an abandoned region costs a region
 * server memory, and every recovery that follows the time to open it again.
 */
import kafkajs from 'kafkajs'
import { MusicboxError } from '../../datasets/failure.ts'
import type { ClusterConfig } from './cluster-config.ts'
import { dropHbaseTables } from './hbase/make-tables.ts'
import { HiveClient } from './hive/hive-client.ts'
import { identifier } from './hive/hive-text.ts'
import { kafkaConnection } from './kafka/kafka-connection.ts'

/** @throws whatever a service says that will not; the others have removed theirs all the same */
export async function removeNamespace(config: ClusterConfig): Promise<void> {
  // Hive's tables before the folder that they stand in.
  const inOrder = async (): Promise<void> => {
    await dropDatabase(config)
    await removeFolder(config)
  }
  const removed = await Promise.allSettled([dropHbaseTables(config), deleteTopic(config, process.env), inOrder()])
  const failed = removed.find((each) => each.status === 'rejected')
  if (failed) throw failed.reason
}

async function dropDatabase({ hive, namespace }: ClusterConfig): Promise<void> {
  const client = new HiveClient({ address: hive.hiveserver2, user: hive.user, sessions: 1 })
  try {
    await client.query(`DROP DATABASE IF EXISTS ${identifier(namespace)} CASCADE`)
  } finally {
    await client.close()
  }
}

async function removeFolder({ hdfs, namespace }: ClusterConfig): Promise<void> {
  const url = new URL(`/webhdfs/v1/${namespace}`, hdfs.webhdfs)
  url.search = new URLSearchParams({ op: 'DELETE', recursive: 'true', 'user.name': hdfs.user }).toString()
  const answer = await fetch(url, { method: 'DELETE' })
  if (!answer.ok) {
    throw new MusicboxError(
      'backend.unreachable',
      `expected HDFS to remove /${namespace}, it answered ${answer.status}`,
    )
  }
  await answer.body?.cancel()
}

/** @param env where the password is */
export async function deleteTopic({ kafka, namespace }: ClusterConfig, env: NodeJS.ProcessEnv): Promise<void> {
  const { brokers, tls, sasl, sockets } = await kafkaConnection(kafka, env)
  const { Kafka, logLevel } = kafkajs
  const admin = new Kafka({
    brokers: [...brokers],
    ...(tls && { ssl: tls }),
    ...(sasl && { sasl }),
    logLevel: logLevel.NOTHING,
    socketFactory: sockets(() => {}),
  }).admin()
  try {
    await admin.connect()
    const topics = (await admin.listTopics()).filter((topic) => topic === `${namespace}.events`)
    if (topics.length > 0) await admin.deleteTopics({ topics })
  } finally {
    await admin.disconnect()
  }
}
