import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readClusterConfig } from '../cluster-config.ts'
import { clusterProcesses, signalService, untilServiceReady } from './cluster-process.ts'
import { readClusterState, type ServiceState } from './cluster-state.ts'
import type { ServicePlan } from './jvm-plan.ts'
import { superviseCluster } from './supervisor.ts'

/** A stand-in for Java: notes its start and its end, and works until it is told to stop. */
const JAVA = `#!/bin/sh
for each; do case $each in -Dmusicbox.service=*) name=\${each#*=};; esac; done
cd "$(dirname "$0")"
trap 'echo "stop $name" >> order; exit' TERM
echo "start $name" >> order
for each; do case $each in prepare) echo done > prepared; exit;; 'takes its time') sleep 0.5;; ends) exit 3;; esac; done
while :; do sleep 0.05; done
`

describe('the supervisor of a cluster', () => {
  let folder: string
  let stop: AbortController
  let ended: Promise<void>
  let said: string[]
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musicbox-supervisor-'))
    await writeFile(join(folder, 'java'), JAVA, { mode: 0o755 })
    stop = new AbortController()
    said = []
  })
  afterEach(async () => {
    stop.abort()
    await ended.catch(() => {})
    await rm(folder, { recursive: true, force: true })
  })

  function plan(name: string, after: readonly string[] = [], more: Partial<ServicePlan> = {}): ServicePlan {
    return {
      name,
      module: 'kafka',
      ports: { clients: 1 },
      after,
      files: [{ name: 'a.properties', text: `of=${name}\n` }],
      folders: [],
      java: ['Main'],
      probe: { kind: 'zookeeper', address: name },
      memory_mb: 1,
      ...more,
    }
  }

  function supervise(...plans: ServicePlan[]): void {
    ended = superviseCluster({
      site: {
        folder,
        base_port: 20_000,
        topology: { brokers: 1, datanodes: 1, regionservers: 1 },
        kafka_cluster_id: 'AAAAAAAAAAAAAAAAAAAAAA',
      },
      plans,
      // A service is ready when the test says so.
      isReady: async (probe) => existsSync(join(folder, `${(probe as { address: string }).address} is ready`)),
      java: join(folder, 'java'),
      jars: { kafka: folder, hdfs: folder, hbase: folder, hive: folder },
      signal: stop.signal,
      log: (line) => said.push(line),
    })
    ended.catch(() => {})
  }

  const makeReady = async (name: string): Promise<void> => await writeFile(join(folder, `${name} is ready`), '')
  const order = async (): Promise<string[]> =>
    (await readFile(join(folder, 'order'), 'utf8').catch(() => '')).split('\n').slice(0, -1)

  async function stateOf(name: string): Promise<ServiceState | undefined> {
    return (await readClusterState(folder))?.services.find((each) => each.name === name)
  }

  async function until(what: () => Promise<boolean>): Promise<void> {
    for (let attempt = 0; attempt < 500; attempt++) {
      if (await what()) return
      await sleep(20)
    }
    throw new Error('it did not come to pass')
  }

  it('starts a service when those that it needs are ready, and stops it before them', async () => {
    supervise(plan('upper', ['lower']), plan('lower'))
    await until(async () => (await stateOf('lower'))?.state === 'starting')
    assert.equal((await stateOf('upper'))?.state, 'waiting')
    await makeReady('lower')
    await makeReady('upper')
    await until(async () => (await order()).includes('start upper'))
    stop.abort()
    await ended
    assert.deepEqual(await order(), ['start lower', 'start upper', 'stop upper', 'stop lower'])
    assert.deepEqual(
      (await readClusterState(folder))?.services.map(({ state }) => state),
      ['stopped', 'stopped'],
    )
  })

  it('gives the addresses when all is ready, not before, and not those of an earlier time', async () => {
    await writeFile(join(folder, 'cluster.json'), '{}')
    supervise(plan('one'), plan('other'))
    await makeReady('one')
    await untilServiceReady(folder, 'one', { timeout_ms: 10_000 })
    assert.equal(existsSync(join(folder, 'cluster.json')), false)
    await makeReady('other')
    await until(async () => existsSync(join(folder, 'cluster.json')))
    assert.deepEqual((await readClusterConfig(join(folder, 'cluster.json'))).hbase.quorum, ['127.0.0.1:20030'])
  })

  it('starts again what was killed, counts it, and leaves the others alone', async () => {
    supervise(plan('one'), plan('other'))
    await Promise.all([makeReady('one'), makeReady('other')])
    const other = await untilServiceReady(folder, 'other', { timeout_ms: 10_000 })
    await untilServiceReady(folder, 'one', { timeout_ms: 10_000 })
    const killed = await signalService(folder, 'one', 'SIGKILL')
    const again = await untilServiceReady(folder, 'one', { not_pid: killed, timeout_ms: 10_000 })
    assert.equal(again.restarts, 1)
    assert.deepEqual(
      said.filter((line) => line.includes('ended')),
      ['one ended (SIGKILL); starting it again'],
    )
    assert.deepEqual(await stateOf('other'), other)
  })

  it('starts again and again what ends by itself, without haste', async () => {
    supervise(plan('one', [], { java: ['Main', 'ends'] }))
    await until(async () => (await stateOf('one'))?.restarts === 2)
    assert.deepEqual(await order(), ['start one', 'start one'])
    assert.equal(said[0], 'one ended (3); starting it again')
  })

  it('ends a service that a signal holds still', async () => {
    supervise(plan('one'))
    await makeReady('one')
    await untilServiceReady(folder, 'one', { timeout_ms: 10_000 })
    await signalService(folder, 'one', 'SIGSTOP')
    stop.abort()
    await ended
    assert.equal((await clusterProcesses(folder)).size, 0)
  })

  it('prepares a disk once', async () => {
    const prepared = join(folder, 'prepared')
    const one = plan('one', [], { first: { unless: prepared, java: ['prepare'] } })
    await makeReady('one')
    for (const starts of [['start one', 'start one'], ['start one']]) {
      await rm(join(folder, 'order'), { force: true })
      stop = new AbortController()
      supervise(one)
      await untilServiceReady(folder, 'one', { timeout_ms: 10_000 })
      await until(async () => (await order()).length === starts.length)
      stop.abort()
      await ended
      assert.deepEqual(
        (await order()).filter((line) => line.startsWith('start')),
        starts,
      )
    }
  })

  it('ends, and all with it, when a disk cannot be prepared: also what was just to be started again', async () => {
    const never = join(folder, 'never')
    supervise(
      plan('other'),
      plan('restless', [], { java: ['Main', 'ends'] }),
      plan('one', [], { first: { unless: never, java: ['takes its time', 'ends'] } }),
    )
    await assert.rejects(ended, { code: 'backend.unreachable', message: /one to prepare its disk, .* with 3$/ })
    assert.equal((await clusterProcesses(folder)).size, 0)
    const states = (await readClusterState(folder))!.services.map(({ state }) => state)
    assert.deepEqual(states, ['stopped', 'stopped', 'stopped'])
    const started = await order()
    await sleep(1500)
    assert.deepEqual(await order(), started)
  })

  it('writes the configuration of a service, and nothing of an earlier one is left', async () => {
    await makeReady('one')
    supervise(plan('one'))
    await untilServiceReady(folder, 'one', { timeout_ms: 10_000 })
    assert.equal(await readFile(join(folder, 'conf', 'one', 'a.properties'), 'utf8'), 'of=one\n')
    stop.abort()
    await ended
    stop = new AbortController()
    supervise(plan('one', [], { files: [] }))
    await until(async () => !existsSync(join(folder, 'conf', 'one', 'a.properties')))
  })
})
