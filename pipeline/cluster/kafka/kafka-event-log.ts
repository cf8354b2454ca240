/**
 * The event log on Kafka: one topic, `NAMESPACE.events`, which several processes may write and read at once.
 *
 * An event is a record: the key is the event's key, the value its line, byte for byte, and the header `eid` its id. The
 * partition is chosen here and not by a client library, so that the same events lie in the same partitions on every backend
 * and make the same raw files. Kafka keeps no index of ids, so every event is answered `stored`; the night job removes repeats.
 *
 * Nothing is kept in Kafka about readers: where the collector is stands in its manifests and nowhere else.
 */
import { MusicboxError } from '../../../datasets/failure.ts'
import { type Appended, checkEntry, type EventLog, type LogEntry, type StoredLine } from '../../event-log.ts'
import { partitionOf } from '../../partition.ts'
import type { ClusterConfig } from '../cluster-config.ts'
import { kafkaConnection } from './kafka-connection.ts'
import { KafkaLink } from './kafka-link.ts'
import { openTopic } from './kafka-topic.ts'
import { PartitionReader } from './partition-reader.ts'
import { retryUntil } from './retry-until.ts'
import { SafeProducer } from './safe-producer.ts'

export interface KafkaEventLogOptions {
  /** Where the password is that the configuration names. Default: the process's environment. */
  env?: NodeJS.ProcessEnv
  connectTimeout_ms?: number
  /** After which a request is sent again. Default 5,000. */
  requestTimeout_ms?: number
  /** After which opening gives up. Default 8,000. */
  openDeadline_ms?: number
  /** After which an append is refused. Default 12,000: longer than a broker takes to start again after a crash. */
  appendDeadline_ms?: number
  /** After which a read gives up. Default 20,000. */
  readDeadline_ms?: number
  /** Events in a batch, at most. Default 2,000. */
  batchEventsMax?: number
  /** Events and bytes that wait to be sent, at most. Default 50,000 and 64 MiB. */
  queueEventsMax?: number
  queueBytesMax?: number
  /** Told of each error that a batch met and is sent again after. */
  onRetry?: (error: unknown) => void
}

/**
 * Opens the log, making its topic when missing.
 * @throws MusicboxError `backend.unreachable` when no broker answers; `input.invalid` when the cluster cannot have the topic
 *   or the configuration names a variable that is not set
 */
export async function openKafkaEventLog(config: ClusterConfig, options: KafkaEventLogOptions = {}): Promise<EventLog> {
  const { kafka, namespace } = config
  const topic = `${namespace}.events`
  const where = `topic ${topic} at ${kafka.brokers.join(', ')}`
  const linkOptions = {
    connection: await kafkaConnection(kafka, options.env ?? process.env),
    topic,
    connectTimeout_ms: options.connectTimeout_ms ?? 2000,
    requestTimeout_ms: options.requestTimeout_ms ?? 5000,
  }
  // Two, so that an error of the one does not end what the other has under way.
  const writing = new KafkaLink(linkOptions)
  const reading = new KafkaLink(linkOptions)
  try {
    const deadline_ms = options.openDeadline_ms ?? 8000
    const { partitionCount, batchBytesMax } = await openTopic({ ...kafka, link: reading, where, deadline_ms })
    const producer = new SafeProducer({
      link: writing,
      where,
      batchBytesMax,
      batchRecordsMax: options.batchEventsMax ?? 2000,
      queueRecordsMax: options.queueEventsMax ?? 50_000,
      queueBytesMax: options.queueBytesMax ?? 64 * 1024 * 1024,
      deadline_ms: options.appendDeadline_ms ?? 12_000,
      ...(options.onRetry && { onRetry: options.onRetry }),
    })
    return new KafkaEventLog({
      partitionCount,
      where,
      producer,
      writing,
      reading,
      readDeadline_ms: options.readDeadline_ms ?? 20_000,
    })
  } catch (error) {
    reading.close()
    throw error
  }
}

interface Parts {
  partitionCount: number
  where: string
  producer: SafeProducer
  writing: KafkaLink
  reading: KafkaLink
  readDeadline_ms: number
}

class KafkaEventLog implements EventLog {
  readonly partitionCount: number
  readonly #parts: Parts
  readonly #readers: readonly PartitionReader[]
  #closed = false

  constructor(parts: Parts) {
    this.partitionCount = parts.partitionCount
    this.#parts = parts
    this.#readers = Array.from(
      { length: parts.partitionCount },
      (_, partition) =>
        new PartitionReader({
          link: parts.reading,
          partition,
          where: parts.where,
          deadline_ms: parts.readDeadline_ms,
          isOpen: () => !this.#closed,
        }),
    )
  }

  async append(entries: readonly LogEntry[]): Promise<readonly Appended[]> {
    this.#mustBeOpen()
    for (const entry of entries) checkEntry(entry)
    const placed = entries.map((entry) => ({ ...entry, partition: partitionOf(entry.key, this.partitionCount) }))
    const positions = await this.#parts.producer.append(placed)
    return positions.map((position) => ({ state: 'stored', position }))
  }

  async read(partition: number, from: number, max: number): Promise<readonly StoredLine[]> {
    this.#mustBeOpen()
    return await this.#readers[partition]!.read(Math.max(0, from), max)
  }

  async ends(): Promise<readonly number[]> {
    this.#mustBeOpen()
    const { reading, where, readDeadline_ms } = this.#parts
    return await retryUntil(() => reading.offsets('next'), {
      deadline_ms: readDeadline_ms,
      doing: `could not ask for the ends of ${where}`,
      goOn: () => !this.#closed,
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#parts.producer.drained()
    this.#parts.writing.close()
    this.#parts.reading.close()
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new MusicboxError('backend.unreachable', `the event log, ${this.#parts.where}, is closed`)
  }
}
