import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { isFailure } from '../../event-log.suite.ts'
import type { StoredLine } from '../../event-log.ts'
import { decodeRecordBatches } from './record-batch.ts'
import { type PlacedRecord, SafeProducer, type SafeProducerOptions } from './safe-producer.ts'

type Link = SafeProducerOptions['link']

function producer(link: Link, options: Partial<SafeProducerOptions> = {}): SafeProducer {
  return new SafeProducer({
    link,
    where: 'topic t at nowhere:1',
    batchBytesMax: 100_000,
    batchRecordsMax: 100,
    queueRecordsMax: 1000,
    queueBytesMax: 1_000_000,
    deadline_ms: 5000,
    pause: () => turn(),
    ...options,
  })
}

function record(at: number, partition = at % 3): PlacedRecord {
  const eid = at.toString(16).padStart(32, '0')
  return { eid, key: `user-${partition}`, line: `{"at":${at}}`, partition }
}

const kafkaError = (type: string): Error => Object.assign(new Error(type), { type })

/** What happens to one request on its way. */
type Fate = 'done' | 'lost' | 'answer lost' | 'comes later'

/** A broker that tells repetitions by producer and number, as Kafka does, on a way that loses and delays. */
class FakeBroker implements Link {
  readonly stored: string[][] = [[], [], []]
  readonly requests: ReadonlyMap<number, Buffer>[] = []
  producers = 0
  /** Of a batch; what is larger is refused. */
  batchBytesMax = Number.POSITIVE_INFINITY
  readonly #fates: Fate[]
  readonly #known = new Map<string, number>()
  readonly #next = new Map<string, number>()
  #late: [number, Buffer][] = []

  constructor(fates: readonly Fate[] = []) {
    this.#fates = [...fates]
  }

  async newProducer() {
    return { producerId: BigInt(++this.producers), producerEpoch: 0 }
  }

  async produce(batches: ReadonlyMap<number, Buffer>): Promise<Map<number, number>> {
    await turn()
    this.requests.push(batches)
    const fate = this.#fates.shift() ?? 'done'
    const late = this.#late
    this.#late = []
    if (fate === 'comes later') this.#late = [...batches]
    const offsets = new Map<number, number>()
    let refusal: unknown
    if (fate === 'done' || fate === 'answer lost') {
      for (const [to, batch] of batches) {
        // As Kafka does: the other partitions of the request are stored.
        if (batch.length > this.batchBytesMax) refusal = kafkaError('MESSAGE_TOO_LARGE')
        else offsets.set(to, this.#store(to, batch))
      }
    }
    for (const [to, batch] of late) this.#tryStore(to, batch)
    if (fate !== 'done') throw kafkaError('REQUEST_TIMED_OUT')
    if (refusal) throw refusal
    return offsets
  }

  heal(): void {
    this.#fates.length = 0
  }

  /** What is still on its way when the test ends. */
  arrive(): void {
    for (const [to, batch] of this.#late) this.#tryStore(to, batch)
    this.#late = []
  }

  #tryStore(partition: number, batch: Buffer): void {
    try {
      this.#store(partition, batch)
    } catch {
      // Nobody waits for the answer.
    }
  }

  #store(partition: number, batch: Buffer): number {
    const producer = `${partition} ${batch.readBigInt64BE(43)}`
    const sequence = batch.readInt32BE(53)
    const known = this.#known.get(`${producer} ${sequence}`)
    if (known !== undefined) return known
    const expected = this.#next.get(producer)
    if (expected !== undefined && expected !== sequence) throw kafkaError('OUT_OF_ORDER_SEQUENCE_NUMBER')
    const log = this.stored[partition]!
    const lines: StoredLine[] = decodeRecordBatches(batch)
    this.#known.set(`${producer} ${sequence}`, log.length)
    this.#next.set(producer, sequence + lines.length)
    log.push(...lines.map(({ line }) => line))
    return log.length - lines.length
  }
}

describe('safe producer', () => {
  it('answers each record with its place, in the order given, and shares batches among callers', async () => {
    const broker = new FakeBroker()
    const safe = producer(broker)
    const calls = Array.from({ length: 40 }, (_, at) => [record(2 * at), record(2 * at + 1)])
    const answers = await Promise.all(calls.map((call) => safe.append(call)))
    calls.forEach((call, at) => {
      call.forEach(({ line, partition }, which) => {
        const place = answers[at]![which]!
        assert.equal(place.partition, partition)
        assert.equal(broker.stored[partition]![place.offset], line)
      })
    })
    assert.equal(broker.requests.length, 1)
    assert.deepEqual(await safe.append([]), [])
  })

  it('cuts batches by number and by bytes', async () => {
    const broker = new FakeBroker()
    const safe = producer(broker, { batchRecordsMax: 10, batchBytesMax: 2000 })
    const large = Array.from({ length: 4 }, (_, at) => ({ ...record(at), line: 'x'.repeat(900) }))
    await safe.append([...Array.from({ length: 25 }, (_, at) => record(at)), ...large])
    const sizes = broker.requests.map((batches) => [...batches.values()].flatMap((batch) => decodeRecordBatches(batch)))
    for (const lines of sizes) assert.ok(lines.length <= 10)
    assert.equal(sizes.flat().length, 29)
    for (const batches of broker.requests) {
      assert.ok([...batches.values()].reduce((sum, { length }) => sum + length, 0) <= 2000)
    }
  })

  it('whatever is lost or late on the way: what is acknowledged is stored where it was said, once, in order', async () => {
    const fate = fc.constantFrom<Fate>('done', 'lost', 'answer lost', 'comes later')
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { maxLength: 12 }), fc.integer({ min: 1, max: 4 }), async (fates, size) => {
        const broker = new FakeBroker(fates)
        const safe = producer(broker, { batchRecordsMax: 5 })
        const sent = Array.from({ length: 24 }, (_, at) => record(at))
        const places = await Promise.all(
          Array.from({ length: 24 / size }, (_, call) => safe.append(sent.slice(call * size, (call + 1) * size))),
        )
        broker.arrive()
        places.flat().forEach(({ partition, offset }, at) => {
          assert.equal(broker.stored[partition]![offset], sent[at]!.line)
        })
        broker.stored.forEach((lines, partition) => {
          const ofPartition = sent.slice(0, places.flat().length).filter((each) => each.partition === partition)
          assert.deepEqual(
            lines,
            ofPartition.map(({ line }) => line),
          )
        })
      }),
      { numRuns: 300 },
    )
  })

  it('a batch that is given up takes its producer id with it: its numbers are never used for another', async () => {
    const broker = new FakeBroker(new Array<Fate>(8).fill('answer lost'))
    const safe = producer(broker, { deadline_ms: 10, pause: () => sleep(5) })
    await assert.rejects(
      safe.append([record(0)]),
      (error) => isFailure(error, 'backend.unreachable') && /10 ms: REQUEST_TIMED_OUT/.test((error as Error).message),
    )
    await safe.drained()
    broker.heal()
    const [place] = await safe.append([record(3)])
    assert.equal(broker.stored[0]![place!.offset], record(3).line)
    assert.deepEqual(broker.stored[0], [record(0).line, record(3).line])
    assert.equal(broker.producers, 2)
  })

  it('the check finds a producer that uses a number twice', async () => {
    // The law broken on purpose: every batch goes out as number 0, as kafkajs may do after an error.
    const broker = new FakeBroker()
    const careless = producer({
      newProducer: () => broker.newProducer(),
      produce: (batches) => {
        for (const batch of batches.values()) batch.writeInt32BE(0, 53)
        return broker.produce(batches)
      },
    })
    await careless.append([record(0)])
    const [place] = await careless.append([record(3)])
    assert.notEqual(broker.stored[0]![place!.offset], record(3).line)
  })

  it('refuses at once what no other try can cure, and only the record that is to blame', async () => {
    const broker = new FakeBroker()
    let requests = 0
    const link: Link = {
      newProducer: () => broker.newProducer(),
      produce: async (batches) => {
        requests++
        const lines = [...batches.values()].flatMap((batch) => decodeRecordBatches(batch))
        if (lines.some(({ line }) => line.includes('"at":7}'))) throw kafkaError('MESSAGE_TOO_LARGE')
        return await broker.produce(batches)
      },
    }
    const safe = producer(link)
    const answers = await Promise.allSettled(Array.from({ length: 12 }, (_, at) => safe.append([record(at)])))
    const refused = answers.flatMap((answer, at) =>
      answer.status === 'rejected' ? [{ at, reason: answer.reason }] : [],
    )
    assert.deepEqual(
      refused.map(({ at }) => at),
      [7],
    )
    isFailure(refused[0]!.reason, 'input.invalid')
    // All, each of three partitions, the two halves of one, the two events of a half.
    assert.equal(requests, 8)
  })

  it('divides a call whose batch is larger than the topic takes by now: each event is stored once, in order', async () => {
    const broker = new FakeBroker()
    const safe = producer(broker, { batchRecordsMax: 1000 })
    broker.batchBytesMax = 3000
    // Partition 2 gets so little that the request which is refused stores it.
    const sent = Array.from({ length: 200 }, (_, at) => record(at, at < 5 ? 2 : at % 2))
    const places = await safe.append(sent)
    places.forEach(({ partition, offset }, at) => {
      assert.equal(broker.stored[partition]![offset], sent[at]!.line)
    })
    broker.stored.forEach((lines, partition) => {
      const expected = sent.filter((each) => each.partition === partition).map(({ line }) => line)
      assert.deepEqual(lines, expected)
    })
    // It has learned from that: no batch is refused any more.
    const before = broker.requests.length
    await safe.append(sent)
    for (const batches of broker.requests.slice(before)) {
      for (const batch of batches.values()) assert.ok(batch.length <= 3000, `${batch.length} bytes`)
    }
  })

  it('names the event that is larger than the topic takes by now, and refuses the next such before it sends', async () => {
    const broker = new FakeBroker()
    const safe = producer(broker)
    broker.batchBytesMax = 2000
    const large = { ...record(7), line: 'x'.repeat(3000) }
    // Those of partition 2 are stored by the request that is refused; no verdict may make them be stored again.
    const others = [1, 4, 10, 2, 5].map((at) => record(at))
    const [guilty, innocent] = await Promise.allSettled([safe.append([record(0), large]), safe.append(others)])
    assert.ok(guilty.status === 'rejected' && isFailure(guilty.reason, 'input.invalid'))
    assert.match(guilty.reason.message, new RegExp(`got 3\\d+ bytes in event ${large.eid}`))
    assert.equal(innocent.status, 'fulfilled')
    for (const partition of [1, 2]) {
      const expected = others.filter((each) => each.partition === partition).map(({ line }) => line)
      assert.deepEqual(broker.stored[partition], expected)
    }
    const before = broker.requests.length
    assert.throws(
      () => void safe.append([record(0), large]),
      (error) => isFailure(error, 'input.invalid'),
    )
    assert.equal(broker.requests.length, before)
    // A number of the batch that was given up is used for no other event.
    const [place] = await safe.append([record(13)])
    assert.equal(broker.stored[1]![place!.offset], record(13).line)
  })

  it('an event that was stored before the limit fell below it lends its number to no other', async () => {
    const broker = new FakeBroker(['answer lost'])
    const lower = async () => {
      broker.batchBytesMax = 2000
    }
    const safe = producer(broker, { pause: lower })
    await assert.rejects(safe.append([{ ...record(1), line: 'x'.repeat(3000) }]), (error) =>
      isFailure(error, 'input.invalid'),
    )
    const [place] = await safe.append([record(4)])
    assert.equal(broker.stored[1]![place!.offset], record(4).line)
  })

  it('nor does one whose call ended while its batch was divided', async () => {
    const broker = new FakeBroker()
    const slow: Link = {
      newProducer: () => broker.newProducer(),
      produce: async (batches) => {
        // The second, of partition 0 alone, outlasts the call; the first has stored the event of partition 1 by then.
        if (broker.requests.length === 1) await sleep(50)
        return await broker.produce(batches)
      },
    }
    const safe = producer(slow, { deadline_ms: 20 })
    broker.batchBytesMax = 2000
    await assert.rejects(safe.append([record(0), record(1), { ...record(2), line: 'x'.repeat(3000) }]), (error) =>
      isFailure(error, 'backend.unreachable'),
    )
    await safe.drained()
    const [place] = await safe.append([record(4)])
    assert.equal(broker.stored[1]![place!.offset], record(4).line)
  })

  it('refuses a record that the topic cannot take before anything is sent', () => {
    const broker = new FakeBroker()
    const safe = producer(broker, { batchBytesMax: 500 })
    assert.throws(
      () => void safe.append([record(1), { ...record(2), line: 'x'.repeat(500) }]),
      (error) => isFailure(error, 'input.invalid') && /at most 439 bytes/.test((error as Error).message),
    )
    assert.equal(broker.requests.length, 0)
  })

  it('bounds what waits, and says why it does', async () => {
    const link: Link = {
      newProducer: () => Promise.reject(new Error('connect ECONNREFUSED')),
      produce: () => Promise.reject(new Error('not reached')),
    }
    const safe = producer(link, { queueRecordsMax: 10, batchRecordsMax: 1, deadline_ms: 100 })
    // One is under way, ten wait.
    const first = Promise.allSettled([safe.append([record(0)])])
    await turn()
    const others = Promise.allSettled(Array.from({ length: 10 }, (_, at) => safe.append([record(1 + at)])))
    await assert.rejects(
      safe.append([record(20)]),
      (error) => isFailure(error, 'backend.full') && /10 events wait.*ECONNREFUSED/.test((error as Error).message),
    )
    for (const answer of [...(await first), ...(await others)]) {
      assert.ok(answer.status === 'rejected' && isFailure(answer.reason, 'backend.unreachable'))
    }
    await safe.drained()
    // What was refused does not take up room.
    const late = Promise.allSettled(Array.from({ length: 10 }, (_, at) => safe.append([record(1 + at)])))
    for (const answer of await late)
      assert.ok(answer.status === 'rejected' && isFailure(answer.reason, 'backend.unreachable'))
  })
})
