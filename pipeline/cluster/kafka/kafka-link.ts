/**
 * What the log asks of the brokers, on kafkajs's wire layer. The one file that knows kafkajs's insides, which are those of its
 * last release, pinned exactly: it takes the place of
 *  - the consumer, which must join a group, commits offsets nobody should trust, and cannot be given a partition;
 *  - the producer, whose sequence numbers belong to no batch, so that after an error the broker may take a new batch for the
 *    old one and drop it (`safe-producer.ts`), and which forgets partitions that change their leader between two tries.
 *
 * Whatever fails ends the connections that it failed on: the next call begins with new ones and asks anew who leads what.
 * Every call ends within its time, as kafkajs alone waits for ever in some cases (a socket that ends before it is connected,
 * a request on a connection that is being given up).
 */
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import type { StoredLine } from '../../event-log.ts'
import type { KafkaConnection } from './kafka-connection.ts'
import { kindOf } from './kafka-failure.ts'
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
        const answer = await broker.connectionPool.send<ProduceAnswer>({
          request: produceRequest(topic, ofBroker, requestTimeout_ms),
          response: { decode: produceFrame.response.decode, parse: async (decoded) => decoded },
        })
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
      const { request } = fetchFrame({
        // Answers at once, with nothing at the end of the log.
        maxWaitTime: 0,
        minBytes: 0,
        maxBytes: bytesMax,
        isolationLevel: READ_UNCOMMITTED,
        topics: [{ topic, partitions: [{ partition, fetchOffset: from, maxBytes: bytesMax }] }],
      })
      const { errorCode, end, records } = await broker.connectionPool.send<FetchAnswer>({
        request,
        response: { decode: decodeFetch, parse: async (decoded) => decoded },
      })
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

function openSession({ connection, connectTimeout_ms, requestTimeout_ms }: KafkaLinkOptions): Session {
  const sockets = new Set<Socket>()
  const cluster = new KafkajsCluster({
    logger: createLogger({ level: 0, logCreator: () => () => {} }),
    brokers: [...connection.brokers],
    ...(connection.tls && { ssl: connection.tls }),
    ...(connection.sasl && { sasl: connection.sasl }),
    clientId: 'musicbox',
    connectionTimeout: connectTimeout_ms,
    requestTimeout: requestTimeout_ms,
    authenticationTimeout: requestTimeout_ms,
    enforceRequestTimeout: true,
    metadataMaxAge: 300_000,
    // Each of the brokers named is tried once; all other trying again is the caller's.
    retry: { retries: connection.brokers.length, initialRetryTime: 20, maxRetryTime: 100 },
    allowAutoTopicCreation: false,
    isolationLevel: READ_UNCOMMITTED,
    socketFactory: connection.sockets((socket) => {
      // kafkajs may go on trying after its session was given up; what it opens then would stay open for good.
      if (session.givenUp) giveUp(socket)
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    }),
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

// kafkajs's insides, as far as they are used.

interface Cluster {
  connect(): Promise<void>
  refreshMetadata(): Promise<void>
  addTargetTopic(topic: string): Promise<void>
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[]
  findBroker(which: { nodeId: number }): Promise<Broker>
  findControllerBroker(): Promise<Broker>
  fetchTopicsOffset(
    topics: readonly { topic: string; partitions: readonly { partition: number }[]; fromBeginning: boolean }[],
  ): Promise<{ partitions: { partition: number; offset: string }[] }[]>
}

interface Broker {
  connectionPool: { send<T>(frame: { request: Request; response: Response<T> }): Promise<T> }
  createTopics(request: object): Promise<unknown>
  describeConfigs(request: object): Promise<{
    resources: { configEntries: { configName: string; configValue: string }[] }[]
  }>
  initProducerId(request: object): Promise<{ producerId: string; producerEpoch: number }>
}

interface Request {
  apiKey: number
  apiVersion: number
  apiName: string
  encode(): Promise<{ buf: Buffer; buffer: Buffer }>
}

interface Response<T> {
  decode(payload: Buffer): Promise<T>
  parse(decoded: T): Promise<T>
}

interface ProduceAnswer {
  topics: { partitions: { partition: number; errorCode: number; baseOffset: string }[] }[]
}

type Frame = (request: object) => { request: Request; response: Response<never> }

const require = createRequire(import.meta.url)
const KafkajsCluster = require('kafkajs/src/cluster') as new (options: object) => Cluster
const { createLogger } = require('kafkajs/src/loggers') as { createLogger: (options: object) => object }
const { createErrorFromCode: errorOfCode } = require('kafkajs/src/protocol/error') as {
  createErrorFromCode: (code: number) => Error
}
const Encoder = require('kafkajs/src/protocol/encoder') as new (size?: number) => KafkajsEncoder
const requests = require('kafkajs/src/protocol/requests').requests as Record<
  'Produce' | 'Fetch',
  { protocol(which: { version: number }): Frame }
>

/**
 * kafkajs sets a timer after every answer, even with nothing to wait for, and for a time long past; Node warns of that on the
 * standard error output. Here the timer is set only if it has something to do.
 */
const RequestQueue = require('kafkajs/src/network/requestQueue') as { prototype: KafkajsQueue }
const { scheduleCheckPendingRequests } = RequestQueue.prototype
RequestQueue.prototype.scheduleCheckPendingRequests = function (this: KafkajsQueue) {
  if (this.pending.length > 0 || this.throttledUntil > Date.now()) scheduleCheckPendingRequests.call(this)
}

interface KafkajsQueue {
  pending: readonly unknown[]
  throttledUntil: number
  scheduleCheckPendingRequests(this: KafkajsQueue): void
}

interface KafkajsEncoder {
  buf: Buffer
  buffer: Buffer
  writeString(text: string | null): this
  writeInt16(value: number): this
  writeInt32(value: number): this
  writeBytes(bytes: Buffer): this
}

const TOPIC_RESOURCE = 2
const READ_UNCOMMITTED = 0
const OFFSET_OUT_OF_RANGE = 1
/** The newest that kafkajs knows; Kafka 2.3 and all later ones do. */
const fetchFrame = requests.Fetch.protocol({ version: 11 })
const produceFrame = requests.Produce.protocol({ version: 7 })({ topicData: [] }) as unknown as {
  request: Request
  response: Response<ProduceAnswer>
}

/** kafkajs's request with our batches in it: its own encoder makes a batch anew at each call. */
function produceRequest(topic: string, batches: readonly [number, Buffer][], timeout_ms: number): Request {
  return {
    ...produceFrame.request,
    encode: async () => {
      const size = batches.reduce((sum, [, batch]) => sum + batch.length + 8, 64 + topic.length)
      // No transaction; all in-sync copies.
      const encoder = new Encoder(size).writeString(null).writeInt16(-1).writeInt32(timeout_ms)
      encoder.writeInt32(1).writeString(topic).writeInt32(batches.length)
      for (const [partition, batch] of batches) encoder.writeInt32(partition).writeBytes(batch)
      return encoder
    },
  }
}

interface FetchAnswer {
  errorCode: number
  end: number
  records: Buffer
}

/** The answer to a fetch of one partition; the layout is in kafkajs/src/protocol/requests/fetch/v11/response.js. */
async function decodeFetch(payload: Buffer): Promise<FetchAnswer> {
  // Throttling, error of the session, session.
  const sessionError = payload.readInt16BE(4)
  if (sessionError !== 0) return { errorCode: sessionError, end: 0, records: Buffer.alloc(0) }
  // Count of topics, name of the topic, count of partitions, partition.
  let at = 14 + 2 + payload.readInt16BE(14) + 8
  const errorCode = payload.readInt16BE(at)
  const end = Number(payload.readBigInt64BE(at + 2))
  // Then the last stable and the first offset, and the transactions that were aborted (-1: none).
  at += 26
  at += 4 + 16 * Math.max(0, payload.readInt32BE(at))
  // Then the copy that would rather be read from.
  at += 4
  const size = Math.max(0, payload.readInt32BE(at))
  return { errorCode, end, records: payload.subarray(at + 4, at + 4 + size) }
}
