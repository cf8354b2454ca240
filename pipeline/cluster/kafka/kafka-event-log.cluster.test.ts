import { Kafka, logLevel } from 'kafkajs'
import { eventLogSuite } from '../../event-log.suite.ts'
import type { ClusterConfig } from '../cluster-config.ts'
import { describeOnCluster } from '../test-cluster.suite.ts'
import { openKafkaEventLog } from './kafka-event-log.ts'

describeOnCluster('event log on Kafka', (cluster) => {
  eventLogSuite(
    'kafka',
    async () => {
      const config = await cluster()
      let log = await openKafkaEventLog(config)
      return {
        log,
        reopen: async () => {
          await log.close()
          log = await openKafkaEventLog(config)
          return log
        },
        cleanUp: async () => {
          await log.close()
          await removeTopic(config)
        },
      }
    },
    { keepsIds: false },
  )
})

async function removeTopic({ kafka, namespace }: ClusterConfig): Promise<void> {
  const admin = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.deleteTopics({ topics: [`${namespace}.events`] })
  await admin.disconnect()
}
