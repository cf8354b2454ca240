/** Three brokers and three datanodes on one machine: one of each may be lost while the work goes on. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { freePort } from '../../observability/free-port.ts'
import { checkStored, entries, type Sent } from '../event-log.suite.ts'
import type { EventLog } from '../event-log.ts'
import { bytesOf } from '../raw-store.suite.ts'
import type { ClusterConfig } from './cluster-config.ts'
import { openHdfsRawStore } from './hdfs/hdfs-raw-store.ts'
import { openKafkaEventLog } from './kafka/kafka-event-log.ts'
import { signalService, untilServiceReady } from './launcher/cluster-process.ts'
import { planHdfs } from './launcher/hdfs-plan.ts'
import { jarFolder } from './launcher/jar-cache.ts'
import type { Site } from './launcher/jvm-plan.ts'
import { planKafka } from './launcher/kafka-plan.ts'
import { clusterConfigOf } from './launcher/plan-cluster.ts'
import { isReady } from './launcher/probe.ts'
import { findJava } from './launcher/requirements.ts'
import { superviseCluster } from './launcher/supervisor.ts'
import { describeOnCluster } from './test-cluster.suite.ts'

const READY_WITHIN_MS = 120_000

describeOnCluster('three of each', () => {
  let site: Site
  let config: ClusterConfig
  let ended: Promise<void>
  const stop = new AbortController()

  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'musicbox-three-'))
    const topology = { brokers: 3, datanodes: 3, regionservers: 1 }
    site = { folder, base_port: await freePort(), topology, kafka_cluster_id: 'bXVzaWNib3gtdGhyZWUtb25l' }
    config = clusterConfigOf(site)
    const [kafka, hdfs] = [await jarFolder('kafka', process.env), await jarFolder('hdfs', process.env)]
    const plans = [...planKafka(site), ...planHdfs(site)]
    ended = superviseCluster({
      site,
      plans,
      isReady,
      java: await findJava(process.env),
      jars: { kafka, hdfs, hbase: hdfs, hive: hdfs },
      signal: stop.signal,
      log: () => {},
    })
    for (const { name } of plans) await untilServiceReady(folder, name, { timeout_ms: READY_WITHIN_MS })
  })
  after(async () => {
    stop.abort()
    await ended
    await rm(site.folder, { recursive: true, force: true })
  })

  for (const [how, strike] of [
    ['killed', () => signalService(site.folder, 'kafka-1', 'SIGKILL')],
    ['stopped for good', () => signalService(site.folder, 'kafka-2', 'SIGSTOP')],
  ] as const) {
    it(`events are acknowledged and kept while a broker is ${how}`, async () => {
      let struck = 0
      const log = await openKafkaEventLog({ ...config, namespace: how === 'killed' ? 'one' : 'two' })
      try {
        const sent = await appendFor(log, 40, async (round) => {
          if (round === 10) struck = await strike()
        })
        assert.equal(sent.length, 40)
        await checkStored(log, sent)
      } finally {
        if (how !== 'killed') await signalService(site.folder, 'kafka-2', 'SIGCONT')
        // Two lost at once are one too many.
        else await untilServiceReady(site.folder, 'kafka-1', { timeout_ms: READY_WITHIN_MS, not_pid: struck })
        await log.close()
      }
    })
  }

  it('files are published and read while a datanode is killed', async () => {
    const raw = await openHdfsRawStore({ ...config, namespace: 'files' })
    try {
      const paths = Array.from({ length: 20 }, (_, at) => `dt=2026-01-01/hr=00/${at}`)
      for (const [at, path] of paths.entries()) {
        if (at === 8) await signalService(site.folder, 'datanode-1', 'SIGKILL')
        await raw.publish(path, bytesOf(path, 2000))
      }
      for (const path of paths) assert.deepEqual(Buffer.from(await raw.read(path)), bytesOf(path, 2000))
    } finally {
      await raw.close()
    }
  })
})

/** Appends one batch after the other. */
async function appendFor(log: EventLog, rounds: number, each: (round: number) => Promise<void>): Promise<Sent[]> {
  const sent: Sent[] = []
  for (let round = 0; round < rounds; round++) {
    await each(round)
    const batch = entries(round * 20, 20)
    sent.push({ entries: batch, outcomes: await log.append(batch) })
  }
  return sent
}
