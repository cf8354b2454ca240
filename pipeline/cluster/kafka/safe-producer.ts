/**
 * Brings records into Kafka, each acknowledged one durably, in order within a key, and as a rule once.
 *
 * kafkajs's idempotent producer loses acknowledged records: it gives a sequence number to whatever is sent next, so that after
 * an error the broker may take a new batch for the repetition of one that it has, and drop it (the test shows it). Here a
 * number belongs to a batch. One batch is under way at a time; on any error the same bytes are sent again under the same
 * numbers, which the broker recognises if it has them already. A batch that is given up takes its producer id with it, as
 * nobody knows which of its numbers are used.
 *
 * A batch that the topic finds too large, as its limit may be lowered at any time, is divided: first by partition, as the
 * brokers may have stored it in some of them, under the same numbers therefore; then in halves, down to the record to blame.
 *
 * What callers bring while a batch is under way goes into the next one. What waits is bounded in number and bytes; beyond that
 * a call is refused at once, so that a slow cluster is felt by those who send and not by our memory. Each call has a deadline,
 * after which it is refused; its records may be stored even so, as the log's contract allows.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { MusicboxError } from '../../../datasets/failure.ts'
import type { Position } from '../../event-log.ts'
import { isIncurable, kafkaFailure, kindOf } from './kafka-failure.ts'
import type { KafkaLink, ProducerIdentity } from './kafka-link.ts'
import { BATCH_OVERHEAD_BYTES, encodeRecordBatch, type LogRecord, recordBytes } from './record-batch.ts'

export interface PlacedRecord extends LogRecord {
  partition: number
}

export interface SafeProducerOptions {
  link: Pick<KafkaLink, 'newProducer' | 'produce'>
  /** Where to, for messages: topic and brokers. */
  where: string
  /** What the topic takes in one batch of a partition; a batch is smaller if it need not hold a single large record. */
  batchBytesMax: number
  batchRecordsMax: number
  /** What may wait. */
  queueRecordsMax: number
  queueBytesMax: number
  /** From the call to its refusal. */
  deadline_ms: number
  /** Told of each error that a batch met and is sent again after. */
  onRetry?: (error: unknown) => void
  /** Between two tries. */
  pause?: (ms: number) => Promise<unknown>
}

/** More at once gains nothing. */
const BATCH_BYTES = 1024 * 1024
const RETRY_MS_FIRST = 25
const RETRY_MS_MAX = 500
/** Sequence numbers have 31 bits; a new producer begins anew well before. */
const SEQUENCE_MAX = 2 ** 31 - 2 ** 24

/** Errors that a part of the batch may not meet. */
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])

/** Errors after which a broker takes nothing more from this producer id. */
const IDENTITY_LOST = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
])

export class SafeProducer {
  readonly #options: SafeProducerOptions
  readonly #queue: Call[] = []
  #waitingRecords = 0
  #waitingBytes = 0
  #identity: (ProducerIdentity & { next: Map<number, number> }) | undefined
  #running: Promise<void> | undefined
  /** Of the batch that is under way, if it has met one. */
  #lastError: unknown
  /** Of a batch, and of a record that is alone in one; less once the topic has refused what was smaller. */
  #batchBytesMax: number
  #recordBytesMax: number

  constructor(options: SafeProducerOptions) {
    this.#options = options
    this.#batchBytesMax = Math.min(options.batchBytesMax, BATCH_BYTES)
    this.#recordBytesMax = options.batchBytesMax - BATCH_OVERHEAD_BYTES
  }

  /**
   * Resolves with each record's place, in the order given, once all are durable.
   * @throws MusicboxError `backend.full` when too much waits already, `backend.unreachable` after the deadline,
   *   `input.invalid` when a record is too large: nothing is stored when that is known before, else others of the call may be
   */
  append(records: readonly PlacedRecord[]): Promise<Position[]> {
    if (records.length === 0) return Promise.resolve([])
    const { queueRecordsMax, queueBytesMax, deadline_ms } = this.#options
    const sizes = records.map((record) => this.#sizeOf(record))
    const bytes = sizes.reduce((sum, size) => sum + size)
    // A call that is large by itself is let in when nothing waits, else it never could be.
    const full = this.#waitingRecords + records.length > queueRecordsMax || this.#waitingBytes + bytes > queueBytesMax
    if (full && this.#waitingRecords > 0) return Promise.reject(this.#fullFailure())
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#refuse(call, this.#lateFailure()), deadline_ms)
      const call: Call = { records, sizes, taken: 0, places: [], placed: 0, timer, settled: false, resolve, reject }
      this.#queue.push(call)
      this.#waitingRecords += records.length
      this.#waitingBytes += bytes
      this.#running ??= this.#run()
    })
  }

  /** Resolves when every call under way has been answered. */
  async drained(): Promise<void> {
    await this.#running
  }

  #sizeOf(record: PlacedRecord): number {
    const size = recordBytes(record)
    if (size > this.#recordBytesMax) throw this.#tooLargeFailure(record, size)
    return size
  }

  async #run(): Promise<void> {
    // One turn later, so that all calls of this turn share the first batch.
    await Promise.resolve()
    for (let batch = this.#take(); batch; batch = this.#take()) await this.#settle(batch)
    this.#running = undefined
  }

  /** Takes from the front of the queue what fits into one batch; undefined when nobody waits. */
  #take(): Batch | undefined {
    const { batchRecordsMax } = this.#options
    const batch: Batch = { parts: new Map(), calls: new Set() }
    let count = 0
    let bytes = BATCH_OVERHEAD_BYTES
    while (this.#queue.length > 0) {
      const call = this.#queue[0]!
      while (!call.settled && call.taken < call.records.length) {
        const size = call.sizes[call.taken]!
        if (count > 0 && (count === batchRecordsMax || bytes + size > this.#batchBytesMax)) return batch
        const record = call.records[call.taken]!
        const part = batch.parts.get(record.partition) ?? []
        if (part.length === 0) batch.parts.set(record.partition, part)
        part.push({ call, at: call.taken++, record })
        batch.calls.add(call)
        count++
        bytes += size
        this.#waitingRecords--
        this.#waitingBytes -= size
      }
      this.#queue.shift()
    }
    return count > 0 ? batch : undefined
  }

  async #settle(batch: Batch): Promise<void> {
    const refusal = await this.#store(batch)
    if (refusal) await this.#answer(batch, refusal)
  }

  /** Resolves with why it was refused, if it was. */
  async #store(whole: Batch): Promise<Refusal | undefined> {
    const batch = unsettledOf(whole)
    if (batch !== whole) this.#identity = undefined
    if (batch.parts.size === 0) return undefined
    try {
      const offsets = await this.#deliver(batch)
      for (const [partition, part] of batch.parts) {
        const first = offsets.get(partition)!
        part.forEach(({ call, at }, index) => void place(call, at, { partition, offset: first + index }))
      }
      return undefined
    } catch (error) {
      return { error }
    }
  }

  /** Tries the parts of what was refused each for itself, until it is known which is to blame. */
  async #answer(batch: Batch, refusal: Refusal): Promise<void> {
    if (!TOO_LARGE.has(kindOf(refusal.error))) await this.#tryEachCall(batch, refusal)
    else if (batch.parts.size > 1) await this.#tryEachPartition(batch)
    else for (const [partition, part] of batch.parts) await this.#tryHalves(partition, part, refusal)
  }

  async #tryEachCall(batch: Batch, { error }: Refusal): Promise<void> {
    const calls = [...batch.calls].filter(({ settled }) => !settled)
    if (calls.length > 1) for (const call of calls) await this.#settle(partOf(batch, call))
    else for (const call of calls) this.#refuse(call, kafkaFailure(error, `could not write to ${this.#options.where}`))
  }

  async #tryEachPartition(batch: Batch): Promise<void> {
    const refused: [Batch, Refusal][] = []
    for (const [partition, part] of batch.parts) {
      const piece = batchOf(partition, part)
      const refusal = await this.#store(piece)
      if (refusal) refused.push([piece, refusal])
    }
    // Only now, as a verdict ends the producer id by which brokers recognise what they have of the other partitions.
    for (const [piece, refusal] of refused) await this.#answer(piece, refusal)
  }

  async #tryHalves(partition: number, part: readonly Placing[], { error }: Refusal): Promise<void> {
    const [{ call, at, record }] = part as [Placing]
    if (part.length === 1) {
      const size = call.sizes[at]!
      this.#identity = undefined
      this.#recordBytesMax = Math.min(this.#recordBytesMax, size - 1)
      this.#refuse(call, this.#tooLargeFailure(record, size, error))
      return
    }
    const bytes = part.reduce((sum, each) => sum + each.call.sizes[each.at]!, BATCH_OVERHEAD_BYTES)
    this.#batchBytesMax = Math.min(this.#batchBytesMax, Math.ceil(bytes / 2))
    const half = Math.ceil(part.length / 2)
    // One after the other, so that events of a key keep their order.
    await this.#settle(batchOf(partition, part.slice(0, half)))
    await this.#settle(batchOf(partition, part.slice(half)))
  }

  /** Sends until it is stored. @throws what no other try can cure; anything once nobody waits for it any more */
  async #deliver({ parts, calls }: Batch): Promise<ReadonlyMap<number, number>> {
    let encoded: Map<number, Buffer> | undefined
    for (let pause_ms = RETRY_MS_FIRST; ; pause_ms = Math.min(2 * pause_ms, RETRY_MS_MAX)) {
      try {
        if (!this.#identity) {
          this.#identity = { ...(await this.#options.link.newProducer()), next: new Map() }
          encoded = undefined
        }
        encoded ??= encode(parts, this.#identity)
        const offsets = await this.#options.link.produce(encoded)
        this.#advance(parts)
        this.#lastError = undefined
        return offsets
      } catch (error) {
        this.#lastError = error
        if (IDENTITY_LOST.has(kindOf(error))) this.#identity = undefined
        const abandoned = isAbandoned(calls)
        if (isIncurable(error) || abandoned) {
          if (abandoned || !TOO_LARGE.has(kindOf(error))) this.#identity = undefined
          throw error
        }
        this.#options.onRetry?.(error)
        await (this.#options.pause ?? pause)(pause_ms)
      }
    }
  }

  #advance(parts: Batch['parts']): void {
    const { next } = this.#identity!
    for (const [partition, part] of parts) {
      const after = (next.get(partition) ?? 0) + part.length
      next.set(partition, after)
      if (after > SEQUENCE_MAX) this.#identity = undefined
    }
  }

  #refuse(call: Call, failure: MusicboxError): void {
    if (call.settled) return
    call.settled = true
    clearTimeout(call.timer)
    // What of it waits still is not sent any more.
    this.#waitingRecords -= call.records.length - call.taken
    for (let at = call.taken; at < call.records.length; at++) this.#waitingBytes -= call.sizes[at]!
    call.reject(failure)
  }

  #fullFailure(): MusicboxError {
    return new MusicboxError(
      'backend.full',
      `${this.#waitingRecords} events wait already for ${this.#options.where}${this.#because()}`,
      'Send the same events again in a while; nothing of this append was stored.',
      { cause: this.#lastError },
    )
  }

  #tooLargeFailure({ eid }: PlacedRecord, size: number, cause?: unknown): MusicboxError {
    const { where } = this.#options
    return new MusicboxError(
      'input.invalid',
      `expected an event of at most ${this.#recordBytesMax} bytes for ${where}, got ${size} bytes in event ${eid}`,
      'Send smaller events, or raise max.message.bytes of the topic (and segment.bytes if it is less) and start again.',
      { cause },
    )
  }

  #lateFailure(): MusicboxError {
    return new MusicboxError(
      'backend.unreachable',
      `${this.#options.where} did not confirm within ${this.#options.deadline_ms} ms${this.#because()}`,
      'Check that the brokers run (`musicbox cluster status`), then send the same events again: some may be stored.',
      { cause: this.#lastError },
    )
  }

  #because(): string {
    return this.#lastError === undefined ? '' : `: ${(this.#lastError as Error).message}`
  }
}

interface Call {
  records: readonly PlacedRecord[]
  sizes: readonly number[]
  /** How many of the records are in a batch by now. */
  taken: number
  places: Position[]
  placed: number
  timer: NodeJS.Timeout
  settled: boolean
  resolve: (places: Position[]) => void
  reject: (failure: MusicboxError) => void
}

interface Placing {
  call: Call
  at: number
  record: PlacedRecord
}

interface Batch {
  /** By partition. */
  parts: Map<number, Placing[]>
  calls: Set<Call>
}

interface Refusal {
  error: unknown
}

function place(call: Call, at: number, position: Position): void {
  call.places[at] = position
  if (++call.placed < call.records.length || call.settled) return
  call.settled = true
  clearTimeout(call.timer)
  call.resolve(call.places)
}

function batchOf(partition: number, part: Placing[]): Batch {
  return { parts: new Map([[partition, part]]), calls: new Set(part.map(({ call }) => call)) }
}

function partOf({ parts }: Batch, call: Call): Batch {
  return { parts: only(parts, (each) => each.call === call), calls: new Set([call]) }
}

/** Without the records of calls that have been answered; the same batch if there are none. */
function unsettledOf(batch: Batch): Batch {
  const calls = new Set([...batch.calls].filter(({ settled }) => !settled))
  if (calls.size === batch.calls.size) return batch
  return { parts: only(batch.parts, ({ call }) => !call.settled), calls }
}

function only(parts: Batch['parts'], isWanted: (placing: Placing) => boolean): Batch['parts'] {
  const wanted: Batch['parts'] = new Map()
  for (const [partition, part] of parts) {
    const some = part.filter(isWanted)
    if (some.length > 0) wanted.set(partition, some)
  }
  return wanted
}

function isAbandoned(calls: ReadonlySet<Call>): boolean {
  for (const { settled } of calls) if (!settled) return false
  return true
}

function encode(parts: Batch['parts'], identity: ProducerIdentity & { next: Map<number, number> }) {
  const now_ms = Date.now()
  const batches = new Map<number, Buffer>()
  for (const [partition, part] of parts) {
    const stamp = { ...identity, firstSequence: identity.next.get(partition) ?? 0, now_ms }
    batches.set(
      partition,
      encodeRecordBatch(
        part.map(({ record }) => record),
        stamp,
      ),
    )
  }
  return batches
}
