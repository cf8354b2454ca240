/** The topic of the log: found, or made when it is not there. */
import { MusicboxError } from '../../../datasets/failure.ts'
import { kindOf } from './kafka-failure.ts'
import { isUnknownTopic, type KafkaLink } from './kafka-link.ts'
import { retryUntil } from './retry-until.ts'

export interface TopicWanted {
  link: Pick<KafkaLink, 'leaders' | 'createTopic' | 'topicSetting'>
  partitions: number
  replication: number
  where: string
  deadline_ms: number
}

export interface TopicFound {
  partitionCount: number
  /** Bytes of a batch that the topic takes, at most. */
  batchBytesMax: number
}

/** Kafka's own default, for a user who may not see the topic's settings. */
const BATCH_BYTES_DEFAULT = 1_048_588
const NOT_ALLOWED = new Set(['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED'])

/**
 * Several processes may call it at once; one of them makes the topic. An existing topic keeps its partitions and settings.
 * @throws MusicboxError `backend.unreachable`; `input.invalid` when the cluster cannot have such a topic, or has one that
 *   is compacted: it would drop all events of a user but the last
 */
export async function openTopic(wanted: TopicWanted): Promise<TopicFound> {
  const { link, where, deadline_ms } = wanted
  const leaders = await retryUntil(() => findOrMake(wanted), { deadline_ms, doing: `could not open ${where}` })
  const setting = (name: string): Promise<string | undefined> =>
    retryUntil(() => settingIfAllowed(link, name), { deadline_ms, doing: `could not read ${name} of ${where}` })
  const policy = await setting('cleanup.policy')
  if (policy?.split(',').some((each) => each.trim() === 'compact')) {
    throw new MusicboxError(
      'input.invalid',
      `expected cleanup.policy of ${where} to be delete, got ${policy}: compaction keeps one event a user`,
      'Set cleanup.policy of the topic to delete, or choose another namespace in cluster.json.',
    )
  }
  const batchBytesMax = Number((await setting('max.message.bytes')) ?? BATCH_BYTES_DEFAULT)
  return { partitionCount: leaders.length, batchBytesMax }
}

/** Undefined for a user who may write and read the topic, but not see how it is set up. */
async function settingIfAllowed(link: TopicWanted['link'], name: string): Promise<string | undefined> {
  try {
    return await link.topicSetting(name)
  } catch (error) {
    if (NOT_ALLOWED.has(kindOf(error))) return undefined
    throw error
  }
}

async function findOrMake(wanted: TopicWanted): Promise<number[]> {
  const { link, partitions, replication } = wanted
  const leaders = await link.leaders().catch((error: unknown) => {
    if (isUnknownTopic(error)) return undefined
    throw error
  })
  if (leaders) {
    // Right after it was made a partition may have no leader yet.
    if (leaders.length > 0 && leaders.every((leader) => leader >= 0)) return leaders
    throw new Error('some partitions have no broker that leads them')
  }
  try {
    await link.createTopic({ partitions, replication, settings: settingsOf(replication) })
  } catch (error) {
    if (kindOf(error) !== 'TOPIC_ALREADY_EXISTS') throw error
  }
  // kafkajs's own waiting gives up on "unknown topic", which brokers say until word has gone round.
  throw new Error('the topic has been made, but its brokers do not know of it yet')
}

function settingsOf(replication: number): Record<string, string> {
  return {
    // An acknowledged event is on all copies but one: one broker may be lost, and one may be away without stopping writes.
    'min.insync.replicas': String(Math.max(1, replication - 1)),
    // A broker that lags may not take over: it would drop what others have acknowledged.
    'unclean.leader.election.enable': 'false',
    // Until it is collected the log is the only copy of an event, and Kafka removes by age whether it was read or not. So
    // nothing is removed unless the operator says so, who then watches the collector's lag (ARCHITECTURE.md, "Scale").
    'retention.ms': '-1',
    'retention.bytes': '-1',
    'cleanup.policy': 'delete',
    // Batches are stored as they are sent, so that offsets and bytes are the producer's.
    'compression.type': 'producer',
  }
}
