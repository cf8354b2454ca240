import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { after, before, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { signalService, untilServiceReady } from '../launcher/cluster-process.ts'
import { describeOnCluster } from '../test-cluster.suite.ts'
import { type HdfsRawStore, openHdfsRawStore } from './hdfs-raw-store.ts'

const WRITERS = 4
const READY_MS = 60_000

describeOnCluster('HDFS raw store, servers killed and paused', (cluster) => {
  const folder = dirname(process.env['MUSICBOX_TEST_CLUSTER']!)
  let raw: HdfsRawStore
  let reader: HdfsRawStore
  before(async () => {
    const config = await cluster()
    // Impatient: an operation that was paused is given up, and done by the server all the same.
    raw = await openHdfsRawStore(config, { timeout_ms: 700 })
    reader = await openHdfsRawStore(config)
  })
  after(async () => {
    await raw.close()
    await reader.close()
  })

  const kill = (service: string) => async (): Promise<void> => {
    const pid = await signalService(folder, service, 'SIGKILL')
    await untilServiceReady(folder, service, { timeout_ms: READY_MS, not_pid: pid })
  }
  const pause = (service: string) => async (): Promise<void> => {
    await signalService(folder, service, 'SIGSTOP')
    await sleep(2000)
    await signalService(folder, service, 'SIGCONT')
  }
  const faults: [string, () => Promise<void>][] = [
    ['a paused namenode', pause('namenode')],
    ['a paused datanode', pause('datanode-1')],
    ['a killed datanode', kill('datanode-1')],
    ['a killed namenode', kill('namenode')],
  ]
  for (const [at, [name, strike]] of faults.entries()) {
    it(`${name}: every file is published once and whole, and work goes on`, async () => {
      const day = `dt=2026-01-0${at + 1}`
      const published: string[] = []
      let stop = false
      const writers = Array.from({ length: WRITERS }, async (_, writer) => {
        for (let count = 0; !stop; count++) {
          const path = `${day}/${writer}-${String(count).padStart(5, '0')}`
          await raw.publish(path, bytesOf(path))
          published.push(path)
        }
      })
      const going = (count: number): Promise<void> => untilTrue(() => published.length >= count)
      await going(20)
      await strike()
      await going(published.length + 20)
      stop = true
      await Promise.all(writers)

      assert.deepEqual(
        (await reader.list(day)).map((file) => `${day}/${file}`),
        [...published].sort(),
      )
      for (const path of published) assert.deepEqual(await reader.read(path), bytesOf(path), path)
    })
  }
})

/** Bytes that no other path has. */
function bytesOf(path: string): Buffer {
  return Buffer.alloc(20_000, `${path} `)
}

async function untilTrue(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20)
}
