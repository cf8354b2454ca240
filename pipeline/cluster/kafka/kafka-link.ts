/**
 * What the log asks of the brokers, on kafkajs's wire layer (`kafkajs-wire.ts`). It takes the place of
 *  - the consumer, which must join a group, commits offsets nobody should trust, and cannot be given a partition;
 *  - the producer, whose sequence numbers belong to no batch, so that after an error the broker may take a new batch for the
 *    old one and drop it (`safe-producer.ts`), and which forgets partitions that change their leader between two tries.
 *
 * Whatever fails ends the connections that it failed on: the next call begins with new ones and asks anew who leads what.
 * Every call ends within its time, as kafkajs alone waits for ever in some cases (a socket that ends before it is connected,
 * a request on a connection that is being given up).
 */
import type { Socket } from 'node:net'
import type { StoredLine } from '../../event-log.ts'
import type { KafkaConnection } from './kafka-connection.ts'
import { kindOf } from './kafka-failure.ts'
import {
  type Cluster,
  errorOfCode,
  fetchFrame,
  OFFSET_OUT_OF_RANGE,
  openCluster,
  produceFrame,
  TOPIC_RESOURCE,
} from './kafkajs-wire.ts'
import { decodeRecordBatches } from './record-batch.ts'

export interface KafkaLinkOptions {
  connection: KafkaConnection
  topic: string
  connectTimeout_ms: number
  requestTimeout_ms: number
}

/** What a broker knows a producer by. */
export interface ProducerIdentity {
  producerId: bigint
  producerEpoch: number
}

export type Fetched =
  | { state: 'read'; lines: readonly StoredLine[]; end: number }
  /** The offset asked for is not within the log. */
  | { state: 'outside' }

export interface TopicSettings {
  partitions: number
  replication: number
  settings: Readonly<Record<string, string>>
}

export class KafkaLink {
  readonly #options: KafkaLinkOptions
  #session: Session | undefined
  #closed = false

  constructor(options: KafkaLinkOptions) {
    this.#options = options
  }

  /** The broker that leads each partition, by partition; -1 where none does. */
  leaders(): Promise<number[]> {
    return this.#ask(async ({ cluster }) => leadersOf(cluster, this.#options.topic))
  }

  /** @throws what kafkajs throws, `TOPIC_ALREADY_EXISTS` among it */
  createTopic({ partitions, replication, settings }: TopicSettings): Promise<void> {
    return this.#ask(
      async ({ cluster }) => {
        await cluster.refreshMetadata()
        const controller = await cluster.findControllerBroker()
        await controller.createTopics({
          topics: [
            {
              topic: this.#options.topic,
              numPartitions: partitions,
              replicationFactor: replication,
              configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
            },
          ],
          timeout: this.#options.requestTimeout_ms,
        })
      },
      { topicNeeded: false },
    )
  }

  /** A setting of the topic as it is in force. */
  topicSetting(name: string): Promise<string | undefined> {
    return this.#ask(async ({ cluster }) => {
      const broker = await cluster.findControllerBroker()
      const { resources } = await broker.describeConfigs({
        resources: [{ type: TOPIC_RESOURCE, name: this.#options.topic, configNames: [name] }],
      })
      return resources[0]?.configEntries.find(({ configName }) => configName === name)?.configValue
    })
  }

  newProducer(): Promise<ProducerIdentity> {
    return this.#ask(async ({ cluster }) => {
      const broker = await cluster.findControllerBroker()
      const { producerId, producerEpoch } = await broker.initProducerId({})
      return { producerId: BigInt(producerId), producerEpoch }
    })
  }

  /**
   * Stores one batch in each partition given; resolves with each batch's first offset once all in-sync copies have it.
   * @throws the first error of any partition; the others may then be stored
   */
  produce(batches: ReadonlyMap<number, Buffer>): Promise<Map<number, number>> {
    return this.#ask(async ({ cluster }) => {
      const { topic, requestTimeout_ms } = this.#options
      const leaders = leadersOf(cluster, topic)
      const offsets = new Map<number, number>()
      const byLeader = Map.groupBy(batches, ([partition]) => leaders[partition]!)
      const sent = [...byLeader].map(async ([nodeId, ofBroker]) => {
        const broker = await cluster.findBroker({ nodeId })
        const answer = await broker.connectionPool.send(produceFrame(topic, ofBroker, requestTimeout_ms))
        for (const { partitions } of answer.topics) {
          for (const { partition, errorCode, baseOffset } of partitions) {
            if (errorCode !== 0) throw errorOfCode(errorCode)
            offsets.set(partition, Number(baseOffset))
          }
        }
      })
      const failed = (await Promise.allSettled(sent)).find((result) => result.status === 'rejected')
      if (failed) throw failed.reason
      const unanswered = [...batches.keys()].filter((partition) => !offsets.has(partition))
      if (unanswered.length > 0) throw new Error(`the broker did not answer for partition ${unanswered.join(', ')}`)
      return offsets
    })
  }

  /** Lines from `from` on: as many whole batches as fit into `bytesMax`, one at least, and nothing at the end of the log. */
  fetch(partition: number, from: number, bytesMax: number): Promise<Fetched> {
    return this.#ask(async ({ cluster }) => {
      const { topic } = this.#options
      const broker = await cluster.findBroker({ nodeId: leadersOf(cluster, topic)[partition]! })
      const frame = fetchFrame(topic, partition, from, bytesMax)
      const { errorCode, end, records } = await broker.connectionPool.send(frame)
      if (errorCode === OFFSET_OUT_OF_RANGE) return { state: 'outside' }
      if (errorCode !== 0) throw errorOfCode(errorCode)
      // A batch is sent whole, so the first may begin before the offset asked for.
      const lines = decodeRecordBatches(records).filter(({ offset }) => offset >= from)
      return { state: 'read', lines, end }
    })
  }

  /** For each partition the first offset that is still there, or the one the next event will get. */
  offsets(which: 'first' | 'next'): Promise<number[]> {
    return this.#ask(async ({ cluster }) => {
      const { topic } = this.#options
      const partitions = leadersOf(cluster, topic).map((_, partition) => ({ partition }))
      const [found] = await cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning: which === 'first' }])
      const offsets = new Map(found?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
      // Rows come in any order.
      return partitions.map(({ partition }) => {
        const offset = offsets.get(partition)
        if (offset === undefined) throw new Error(`the brokers did not answer for partition ${partition}`)
        return offset
      })
    })
  }

  /** Ends all connections; what is under way fails. */
  close(): void {
    this.#closed = true
    this.#drop(this.#session)
  }

  async #ask<T>(work: (session: Session) => Promise<T>, { topicNeeded = true } = {}): Promise<T> {
    if (this.#closed) throw new Error('the connection to Kafka is closed')
    this.#session ??= openSession(this.#options)
    const session = this.#session
    try {
      return await this.#inTime(async () => {
        await session.cluster.connect()
        if (topicNeeded) await session.cluster.addTargetTopic(this.#options.topic)
        return await work(session)
      })
    } catch (error) {
      this.#drop(session)
      throw error
    }
  }

  async #inTime<T>(work: () => Promise<T>): Promise<T> {
    const { connectTimeout_ms, requestTimeout_ms, connection } = this.#options
    // Two connections at most (any broker, then the leader), and two requests (metadata, then the work).
    const limit_ms = 2 * (connectTimeout_ms + requestTimeout_ms)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer from ${connection.brokers} in ${limit_ms} ms`)), limit_ms)
    })
    try {
      return await Promise.race([work(), late])
    } finally {
      clearTimeout(timer)
    }
  }

  #drop(session: Session | undefined): void {
    if (!session) return
    if (this.#session === session) this.#session = undefined
    session.givenUp = true
    for (const socket of session.sockets) giveUp(socket)
  }
}

interface Session {
  cluster: Cluster
  sockets: Set<Socket>
  givenUp: boolean
}

/** With an error, because kafkajs fails the requests under way only on that, and stops its timers then. */
function giveUp(socket: Socket): void {
  socket.destroy(new Error('the connection was given up'))
}

function openSession(options: KafkaLinkOptions): Session {
  const sockets = new Set<Socket>()
  const cluster = openCluster(options, (socket) => {
    // kafkajs may go on trying after its session was given up; what it opens then would stay open for good.
    if (session.givenUp) giveUp(socket)
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const session = { cluster, sockets, givenUp: false }
  return session
}

/** By partition. @throws `UNKNOWN_TOPIC_OR_PARTITION` */
function leadersOf(cluster: Cluster, topic: string): number[] {
  const leaders: number[] = []
  for (const { partitionId, leader } of cluster.findTopicPartitionMetadata(topic)) leaders[partitionId] = leader
  return leaders
}

/** Kafka's error for a topic that is not there; also what a broker says that has just started. */
export function isUnknownTopic(error: unknown): boolean {
  return kindOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION'
}
