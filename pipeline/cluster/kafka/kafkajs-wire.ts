/**
 * The inside of kafkajs, as far as it is used: its connections, and requests that its public classes do not offer. They are
 * those of its last release, which package.json pins exactly; no other file knows them.
 */
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import type { KafkaConnection } from './kafka-connection.ts'

export interface Cluster {
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

export interface Broker {
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

export interface WireOptions {
  connection: KafkaConnection
  connectTimeout_ms: number
  requestTimeout_ms: number
}

/** A client that connects when told to. It logs nothing. */
export function openCluster(options: WireOptions, made: (socket: Socket) => void): Cluster {
  const { connection, connectTimeout_ms, requestTimeout_ms } = options
  return new KafkajsCluster({
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
    socketFactory: connection.sockets(made),
  })
}

/** Asks one broker to store batches; kafkajs's own request would encode each batch anew at each try. */
export function produceFrame(
  topic: string,
  batches: readonly [partition: number, batch: Buffer][],
  timeout_ms: number,
): { request: Request; response: Response<ProduceAnswer> } {
  const encode = async (): Promise<KafkajsEncoder> => {
    const size = batches.reduce((sum, [, batch]) => sum + batch.length + 8, 64 + topic.length)
    // No transaction; all in-sync copies.
    const encoder = new Encoder(size).writeString(null).writeInt16(-1).writeInt32(timeout_ms)
    encoder.writeInt32(1).writeString(topic).writeInt32(batches.length)
    for (const [partition, batch] of batches) encoder.writeInt32(partition).writeBytes(batch)
    return encoder
  }
  const { request, response } = produceVersion
  return { request: { ...request, encode }, response: { decode: response.decode, parse: asItIs } }
}

/** Asks for one partition's batches from `from` on; the answer comes at once, with nothing at the end of the log. */
export function fetchFrame(
  topic: string,
  partition: number,
  from: number,
  bytesMax: number,
): { request: Request; response: Response<FetchAnswer> } {
  const { request } = fetchVersion({
    maxWaitTime: 0,
    minBytes: 0,
    maxBytes: bytesMax,
    isolationLevel: READ_UNCOMMITTED,
    topics: [{ topic, partitions: [{ partition, fetchOffset: from, maxBytes: bytesMax }] }],
  })
  return { request, response: { decode: decodeFetch, parse: asItIs } }
}

/** kafkajs's own step throws the first error of any partition and the answers of the others with it. */
async function asItIs<T>(decoded: T): Promise<T> {
  return decoded
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

type Frame = (request: object) => { request: Request; response: Response<never> }

const require = createRequire(import.meta.url)
const KafkajsCluster = require('kafkajs/src/cluster') as new (options: object) => Cluster
const { createLogger } = require('kafkajs/src/loggers') as { createLogger: (options: object) => object }
/** The error that a broker means by a number, with its name as `type`. */
export const { createErrorFromCode: errorOfCode } = require('kafkajs/src/protocol/error') as {
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

export const TOPIC_RESOURCE = 2
const READ_UNCOMMITTED = 0
export const OFFSET_OUT_OF_RANGE = 1
/** The newest that kafkajs knows; Kafka 2.3 and all later ones do. */
const fetchVersion = requests.Fetch.protocol({ version: 11 })
const produceVersion = requests.Produce.protocol({ version: 7 })({ topicData: [] }) as unknown as {
  request: Request
  response: Response<ProduceAnswer>
}
