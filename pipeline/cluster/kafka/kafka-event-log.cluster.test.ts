import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Admin, Kafka, logLevel, Partitioners } from 'kafkajs'
import { checkStored, entries, entry, eventLogSuite, isFailure, readAll } from '../../event-log.suite.ts'
import type { EventLog, LogEntry } from '../../event-log.ts'
import type { ClusterConfig } from '../cluster-config.ts'
import { signalService, untilServiceReady } from '../launcher/cluster-process.ts'
import { describeOnCluster } from '../test-cluster.suite.ts'
import { type KafkaEventLogOptions, openKafkaEventLog } from './kafka-event-log.ts'
import { openRelay, type Relay } from './relay.suite.ts'

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

  describe('kafka event log', () => {
    let config: ClusterConfig
    const opened: EventLog[] = []
    const relays: Relay[] = []

    beforeEach(async () => {
      config = await cluster()
    })
    afterEach(async () => {
      for (const relay of relays.splice(0)) await relay.close()
      for (const log of opened.splice(0)) await log.close()
      await removeTopic(config)
    })

    async function open(options: KafkaEventLogOptions = {}, on = config): Promise<EventLog> {
      const log = await openKafkaEventLog(on, options)
      opened.push(log)
      return log
    }

    /** The cluster, with a relay on the way to its first broker. */
    async function relayed(): Promise<{ relay: Relay; config: ClusterConfig }> {
      const [broker] = config.kafka.brokers as [string]
      const relay = await openRelay(broker)
      relays.push(relay)
      return { relay, config: { ...config, kafka: { ...config.kafka, routes: { [broker]: relay.address } } } }
    }

    it('is one log, whoever opens it first', async () => {
      const logs = await Promise.all(Array.from({ length: 5 }, () => open()))
      const sent = await Promise.all(
        logs.map(async (log, at) => {
          const batch = entries(at * 10, 10)
          return { entries: batch, outcomes: await log.append(batch) }
        }),
      )
      assert.deepEqual(new Set(logs.map(({ partitionCount }) => partitionCount)), new Set([config.kafka.partitions]))
      await checkStored(logs[0]!, sent)
    })

    it('holds key, line and id where any client of Kafka finds them', async () => {
      const log = await open()
      const [outcome] = await log.append([entry(5)])
      const consumer = kafka(config).consumer({ groupId: config.namespace })
      await consumer.connect()
      await consumer.subscribe({ topic: topicOf(config), fromBeginning: true })
      const found = await new Promise((resolve) => {
        void consumer.run({
          eachMessage: async ({ partition, message: { offset, key, value, headers } }) =>
            resolve([partition, offset, `${key}`, `${value}`, `${headers?.['eid']}`]),
        })
      })
      await consumer.disconnect()
      const { eid, key, line } = entry(5)
      assert.deepEqual(found, [outcome!.position.partition, '0', key, line, eid])
    })

    // The trap: kafkajs numbers what it sends next, so that after an error the broker takes a new event for an old one.
    describe('when the broker is silent for a while', () => {
      const REQUEST_MS = 200
      const SILENT_MS = 1000

      it("kafkajs's own idempotent producer loses an event that it has acknowledged", async () => {
        const log = await open()
        const way = await relayed()
        const producer = kafka(way.config, { requestTimeout: REQUEST_MS }).producer({
          idempotent: true,
          retry: { retries: 1 },
          createPartitioner: Partitioners.DefaultPartitioner,
        })
        await producer.connect()
        const append = async ({ key, line }: LogEntry): Promise<void> => {
          await producer.send({ topic: topicOf(config), messages: [{ key, value: line, partition: 0 }] })
        }
        const { acked, lost } = await appendOneByOne(append, way.relay, log)
        await producer.disconnect()
        assert.ok(acked > 0)
        assert.ok(lost > 0, 'kafkajs has been mended: safe-producer.ts may go')
      })

      for (const [patience, appendDeadline_ms] of [
        ['waits for it', 10_000],
        ['gives events up meanwhile', 300],
      ] as const) {
        it(`the log, when it ${patience}, loses nothing`, async () => {
          const log = await open()
          const way = await relayed()
          const through = await open({ requestTimeout_ms: REQUEST_MS, appendDeadline_ms }, way.config)
          const { acked, refused, lost, doubled } = await appendOneByOne(
            async (each) => {
              await through.append([each])
            },
            way.relay,
            log,
          )
          assert.ok(acked > 0)
          assert.equal(lost, 0)
          if (appendDeadline_ms > SILENT_MS) assert.deepEqual({ refused, doubled }, { refused: 0, doubled: 0 })
          else assert.ok(refused > 0)
        })
      }

      async function appendOneByOne(append: (each: LogEntry) => Promise<void>, relay: Relay, log: EventLog) {
        const acked: LogEntry[] = []
        let refused = 0
        let goOn = true
        const appending = (async () => {
          for (let at = 0; goOn; at++) {
            try {
              await append(entry(at))
              acked.push(entry(at))
            } catch {
              refused++
            }
          }
        })()
        // Something is acknowledged before the silence, and a few events after it, however slow the machine is.
        await until(() => acked.length > 0)
        relay.hold()
        await sleep(SILENT_MS)
        relay.release()
        const before = acked.length
        await until(() => acked.length > before + 5)
        goOn = false
        await appending
        const { lost, doubled } = await compare(log, acked)
        return { acked: acked.length, refused, lost, doubled }
      }
    })

    it('stores once what a broken connection makes it send again, and reads on across it', async () => {
      const log = await open()
      const way = await relayed()
      let retries = 0
      const through = await open({ onRetry: () => retries++, batchEventsMax: 50 }, way.config)
      const sent = entries(0, 3000)
      const appending = Promise.all(
        Array.from({ length: 60 }, (_, at) => through.append(sent.slice(at * 50, (at + 1) * 50))),
      )
      for (let cut = 0; cut < 5; cut++) {
        await sleep(15)
        way.relay.cut()
      }
      const outcomes = await appending
      assert.ok(retries > 0)
      await checkStored(log, [{ entries: sent, outcomes: outcomes.flat() }])
      // Ever longer between two cuts, so that a slow machine comes through between some.
      const cutting = (async () => {
        for (let cut = 1; cut <= 8; cut++) {
          await sleep(20 * cut)
          way.relay.cut()
        }
      })()
      assert.deepEqual(await readAll(through, 100), await readAll(log, 1000))
      await cutting
    })

    it('leaves nothing behind that would keep a process from ending', async () => {
      const log = await open()
      const way = await relayed()
      const child = spawn(
        process.execPath,
        ['--input-type=module-typescript', '-e', WRITER, JSON.stringify(way.config)],
        {
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      )
      const ended = once(child, 'exit')
      const output = Promise.all([text(child.stdout), text(child.stderr)])
      for (let cut = 0; cut < 12; cut++) {
        await sleep(60)
        way.relay.cut()
      }
      const code = await Promise.race([
        ended.then(([status]) => status),
        sleep(40_000, 'it is still there', { ref: false }),
      ])
      child.kill('SIGKILL')
      assert.equal(code, 0)
      // Nor does kafkajs, nor Node because of it, say anything.
      assert.deepEqual(await output, ['', ''])
      assert.equal((await readAll(log)).flat().length, 1000)
    })

    it('refuses at once when too much waits, and what it took comes through', async () => {
      const log = await open()
      const way = await relayed()
      const through = await open({ queueEventsMax: 100, batchEventsMax: 10 }, way.config)
      await through.append(entries(0, 10))
      way.relay.hold()
      const taken = through.append(entries(10, 100))
      await assert.rejects(through.append(entries(200, 50)), (error) => isFailure(error, 'backend.full'))
      way.relay.release()
      await taken
      assert.equal((await readAll(log)).flat().length, 110)
    })

    it('refuses after its deadline with the broker named, and works again afterwards', async () => {
      const way = await relayed()
      const through = await open({ appendDeadline_ms: 300, requestTimeout_ms: 100 }, way.config)
      way.relay.hold()
      await assert.rejects(
        through.append(entries(0, 5)),
        (error) => isFailure(error, 'backend.unreachable') && named(error, config.kafka.brokers[0]!),
      )
      way.relay.release()
      await until(async () => {
        const again = await through.append(entries(0, 5)).catch(() => undefined)
        return again?.length === 5
      })
    })

    it('refuses an event that is too large at once, and only that one', async () => {
      const log = await open()
      const large = { ...entry(0), line: 'x'.repeat(1_100_000) }
      await assert.rejects(log.append([large]), (error) => isFailure(error, 'input.invalid'))
      // The topic takes less since it was opened: now it is the broker that refuses.
      await setTopic(config, 'max.message.bytes', '20000')
      const [first, second, third] = await Promise.allSettled([
        log.append([entry(1)]),
        log.append([{ ...entry(1), line: 'y'.repeat(30_000) }]),
        log.append([entry(2)]),
      ])
      assert.equal(first.status, 'fulfilled')
      assert.equal(third.status, 'fulfilled')
      assert.ok(second.status === 'rejected' && isFailure(second.reason, 'input.invalid'))
      const lines = (await readAll(log)).flat().map(({ line }) => line)
      assert.deepEqual(new Set(lines), new Set([entry(1).line, entry(2).line]))
    })

    it('stores once each event of a call that is larger than the topic takes since it was opened', async () => {
      const log = await open()
      await setTopic(config, 'max.message.bytes', '20000')
      // Most in one partition; the few elsewhere are stored by the request that is refused.
      const sent = entries(0, 400).map((each, at) => ({
        ...each,
        key: at % 20 === 0 ? each.key : 'one',
        line: each.line.padEnd(270),
      }))
      const outcomes = await log.append(sent)
      await checkStored(log, [{ entries: sent, outcomes }])
      assert.deepEqual(await compare(log, sent), { lost: 0, doubled: 0 })
    })

    it('does not open on a topic that is compacted', async () => {
      await open()
      await setTopic(config, 'cleanup.policy', 'compact')
      await assert.rejects(open(), (error) => isFailure(error, 'input.invalid') && /compact/.test(String(error)))
    })

    it('says which events are gone when the topic has removed them before they were read', async () => {
      const log = await open()
      const sent = entries(0, 100).map((each) => ({ ...each, key: 'one' }))
      const [first] = await log.append(sent)
      const { partition } = first!.position
      await withAdmin(config, async (admin) => {
        // Which makes kafkajs learn of the topic.
        await admin.fetchTopicOffsets(topicOf(config))
        await admin.deleteTopicRecords({ topic: topicOf(config), partitions: [{ partition, offset: '40' }] })
      })
      await assert.rejects(
        log.read(partition, 10, 5),
        (error) => isFailure(error, 'data.corrupt') && /expected events 10 to 39 in partition/.test(String(error)),
      )
      assert.equal((await log.read(partition, 40, 100)).length, 60)
    })

    it('says within seconds that no broker answers, and which were asked', async () => {
      // Nothing listens on a port that was just given up; and the name is one that never exists.
      const gone = await openRelay(config.kafka.brokers[0]!)
      await gone.close()
      for (const broker of [gone.address, 'no-such-broker.invalid:9092']) {
        const nowhere = { ...config, kafka: { ...config.kafka, brokers: [broker] } }
        await assert.rejects(
          openKafkaEventLog(nowhere, { openDeadline_ms: 1000 }),
          (error) => isFailure(error, 'backend.unreachable') && named(error, broker),
        )
      }
      // One broker that is away does not keep the log from opening.
      await open({}, { ...config, kafka: { ...config.kafka, brokers: [gone.address, ...config.kafka.brokers] } })
    })

    // A cluster elsewhere has no state file here, and its processes are not ours to stop.
    describe('when the broker itself', () => {
      const folder = dirname(process.env['MUSICBOX_TEST_CLUSTER'] ?? '.')
      const broker = 'kafka-1'
      after(async () => {
        await signalService(folder, broker, 'SIGCONT').catch(() => {})
      })

      it('is stopped for 3 seconds, each acknowledged event is stored once', async () => {
        const log = await open()
        const through = await open({ requestTimeout_ms: 1000 })
        const load = appendUntilTold(through, 1, 1)
        await sleep(200)
        await signalService(folder, broker, 'SIGSTOP')
        await sleep(3000)
        await signalService(folder, broker, 'SIGCONT')
        await sleep(300)
        const { acked, refused } = await load.end()
        assert.equal(refused, 0)
        assert.deepEqual(await compare(log, acked), { lost: 0, doubled: 0 })
      })

      it('is killed under load, nothing is lost, and readers go on reading', async () => {
        const log = await open()
        const through = await open({ appendDeadline_ms: 60_000, readDeadline_ms: 60_000 })
        const load = appendUntilTold(through, 4, 50)
        const follower = await open({ readDeadline_ms: 60_000 })
        const following = follow(follower, load)
        await sleep(500)
        const killed = await signalService(folder, broker, 'SIGKILL')
        await untilServiceReady(folder, broker, { timeout_ms: 60_000, not_pid: killed })
        await sleep(500)
        const { acked, refused } = await load.end()
        assert.equal(refused, 0)
        assert.deepEqual(await compare(log, acked), { lost: 0, doubled: 0 })
        assert.deepEqual(await following, await readAll(log, 5000))
      })
    })
  })
})

/** A process that appends events one after the other, and has nothing else to do. */
const WRITER = `
  import { openKafkaEventLog } from ${JSON.stringify(new URL('./kafka-event-log.ts', import.meta.url).href)}
  import { entry } from ${JSON.stringify(new URL('../../event-log.suite.ts', import.meta.url).href)}
  const log = await openKafkaEventLog(JSON.parse(process.argv[1]))
  for (let at = 0; at < 1000; at++) await log.append([entry(at)])
  await log.close()
`

/** Callers that append one after the other until they are told to end. */
function appendUntilTold(log: EventLog, callers: number, size: number) {
  const acked: LogEntry[] = []
  let refused = 0
  let next = 0
  let ended = false
  const running = Promise.all(
    Array.from({ length: callers }, async () => {
      while (!ended) {
        const batch = entries(next, size)
        next += size
        try {
          await log.append(batch)
          acked.push(...batch)
        } catch {
          refused++
        }
        // Enough to have something under way at every moment; more would only take the machine from the broker.
        await sleep(2)
      }
    }),
  )
  return {
    get ended() {
      return ended
    },
    async end() {
      ended = true
      await running
      return { acked, refused }
    },
  }
}

/** Reads as events come, without a gap; ends when it has all that the load has brought. */
async function follow(log: EventLog, load: { readonly ended: boolean; end(): Promise<unknown> }) {
  const partitions = Array.from({ length: log.partitionCount }, () => [] as { offset: number; line: string }[])
  for (;;) {
    const last = load.ended
    if (last) await load.end()
    let some = 0
    for (const [partition, all] of partitions.entries()) {
      const more = await log.read(partition, all.length, 500)
      all.push(...more)
      some += more.length
    }
    if (last && some === 0) return partitions
    if (some === 0) await sleep(20)
  }
}

async function compare(log: EventLog, acked: readonly LogEntry[]): Promise<{ lost: number; doubled: number }> {
  const times = new Map<string, number>()
  for (const { line } of (await readAll(log, 5000)).flat()) times.set(line, (times.get(line) ?? 0) + 1)
  return {
    lost: acked.filter(({ line }) => !times.has(line)).length,
    doubled: [...times.values()].filter((count) => count > 1).length,
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let end_ms = Date.now() + 20_000; !(await condition()); await sleep(10)) {
    assert.ok(Date.now() < end_ms, 'it did not come about in 20 s')
  }
}

function named(error: unknown, address: string): boolean {
  return (error as Error).message.includes(address)
}

function topicOf({ namespace }: ClusterConfig): string {
  return `${namespace}.events`
}

/** kafkajs as it comes. */
function kafka({ kafka: { brokers, routes } }: ClusterConfig, options: { requestTimeout?: number } = {}): Kafka {
  const [broker] = brokers as [string]
  return new Kafka({
    brokers,
    logLevel: logLevel.NOTHING,
    ...options,
    ...(routes && { socketFactory: relaySocket(routes[broker]!) }),
  })
}

function relaySocket(address: string) {
  const [host, port] = address.split(':') as [string, string]
  return ({ onConnect }: { onConnect: () => void }) => connect({ host, port: Number(port) }, onConnect)
}

/** kafkajs's admin as it comes, which does not try again what it calls retriable, such as a leader that is being chosen. */
async function withAdmin<T>(config: ClusterConfig, work: (admin: Admin) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const admin = kafka(config).admin()
    try {
      await admin.connect()
      return await work(admin)
    } catch (error) {
      if (tries === 20 || !(error as { retriable?: boolean }).retriable) throw error
      await sleep(250)
    } finally {
      await admin.disconnect()
    }
  }
}

async function setTopic(config: ClusterConfig, name: string, value: string): Promise<void> {
  const resources = [{ type: 2, name: topicOf(config), configEntries: [{ name, value }] }]
  await withAdmin(config, (admin) => admin.alterConfigs({ validateOnly: false, resources }))
}

async function removeTopic(config: ClusterConfig): Promise<void> {
  await withAdmin(config, async (admin) => {
    const topics = (await admin.listTopics()).filter((topic) => topic === topicOf(config))
    if (topics.length > 0) await admin.deleteTopics({ topics })
  })
}
