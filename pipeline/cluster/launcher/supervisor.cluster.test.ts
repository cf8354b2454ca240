import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import kafkajs from 'kafkajs'
import { freePort } from '../../../observability/free-port.ts'
import { describeOnCluster } from '../test-cluster.suite.ts'
import { isOurs, markOf, signalService, untilServiceReady } from './cluster-process.ts'
import { readClusterState } from './cluster-state.ts'
import { jarFolder } from './jar-cache.ts'
import type { Probe, Site } from './jvm-plan.ts'
import { planKafka } from './kafka-plan.ts'
import { planCluster } from './plan-cluster.ts'
import { isReady } from './probe.ts'
import { findJava } from './requirements.ts'
import { superviseCluster } from './supervisor.ts'

describeOnCluster('a cluster that musicbox started', () => {
  const folder = dirname(process.env['MUSICBOX_TEST_CLUSTER'] ?? '')

  it('has a living process for each service, and each does its work', async () => {
    const state = (await readClusterState(folder))!
    const plans = planCluster({ ...state, folder, kafka_cluster_id: '' })
    assert.equal(state.services.length, plans.length)
    for (const { name, probe } of plans) {
      const { pid } = await untilServiceReady(folder, name, { timeout_ms: 60_000 })
      assert.equal(await isOurs(pid, markOf(folder, name)), true, name)
      assert.equal(await isReady(probe), true, name)
    }
  })

  it('is not ready where nobody or somebody else answers', async () => {
    const state = (await readClusterState(folder))!
    const site = { ...state, folder, kafka_cluster_id: '' }
    const probes = planCluster({ ...site, base_port: 1 }).map(({ probe }) => probe)
    const wrong: Probe[] = [...probes, { kind: 'kafka', broker: `127.0.0.1:${site.base_port + 20}`, node_id: 9 }]
    for (const probe of wrong) assert.equal(await isReady(probe), false, JSON.stringify(probe))
  })
})

describeOnCluster('the supervisor of real brokers', () => {
  let folder: string
  let site: Site
  let running: { stop: AbortController; ended: Promise<void> }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musicbox-brokers-'))
    site = {
      folder,
      // The broker's ports are 20 and 21 above.
      base_port: (await freePort()) - 20,
      topology: { brokers: 1, datanodes: 1, regionservers: 1 },
      kafka_cluster_id: 'bXVzaWNib3gtdGVzdGluZw',
    }
    running = await start()
  })
  after(async () => {
    await stop()
    await rm(folder, { recursive: true, force: true })
  })

  async function start(): Promise<typeof running> {
    const controller = new AbortController()
    const jars = await jarFolder('kafka', process.env)
    const ended = superviseCluster({
      site,
      plans: planKafka(site),
      isReady,
      java: await findJava(process.env),
      jars: { kafka: jars, hdfs: jars, hbase: jars, hive: jars },
      signal: controller.signal,
      log: () => {},
    })
    await untilServiceReady(folder, 'kafka-1', { timeout_ms: 60_000 })
    return { stop: controller, ended }
  }

  async function stop(): Promise<void> {
    running.stop.abort()
    await running.ended
  }

  describe('keeps what a broker has acknowledged', () => {
    before(
      async () =>
        await withKafka(async ({ admin, producer }) => {
          await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }], waitForLeaders: false })
          await producer.send({ topic: 'kept', acks: -1, messages: [{ value: 'first' }] })
        }),
    )

    it('when it is stopped and started again', async () => {
      await stop()
      running = await start()
      assert.equal(await endOf('kept'), '1')
    })

    it('when it is killed, and starts it again by itself', async () => {
      const killed = await signalService(folder, 'kafka-1', 'SIGKILL')
      const { restarts } = await untilServiceReady(folder, 'kafka-1', { not_pid: killed, timeout_ms: 60_000 })
      assert.equal(restarts, 1)
      assert.equal(await endOf('kept'), '1')
    })
  })

  async function withKafka<T>(
    work: (clients: { admin: kafkajs.Admin; producer: kafkajs.Producer }) => Promise<T>,
  ): Promise<T> {
    const { Kafka, logLevel, Partitioners } = kafkajs
    const kafka = new Kafka({ brokers: [`127.0.0.1:${site.base_port + 20}`], logLevel: logLevel.NOTHING })
    const admin = kafka.admin()
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await Promise.all([admin.connect(), producer.connect()])
    try {
      return await work({ admin, producer })
    } finally {
      await Promise.all([admin.disconnect(), producer.disconnect()])
    }
  }

  async function endOf(topic: string): Promise<string> {
    return await withKafka(async ({ admin }) => (await admin.fetchTopicOffsets(topic))[0]!.high)
  }
})
