import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { isAlive } from '../../process-alive.ts'
import {
  clusterProcesses,
  isOurs,
  markOf,
  residentMegabytes,
  signalService,
  untilGone,
  untilServiceReady,
} from './cluster-process.ts'
import { type ServiceState, writeClusterState } from './cluster-state.ts'

describe('the processes of a cluster', () => {
  let folder: string
  let children: ChildProcess[]
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musicbox-cluster-'))
    children = []
  })
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  /** A process that carries a mark and does nothing. */
  async function start(cluster: string, name: string): Promise<number> {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '--', ...markOf(cluster, name), 'Main'])
    children.push(child)
    await once(child, 'spawn')
    return child.pid!
  }

  function write(name: string, pid: number | undefined, state: ServiceState['state'] = 'ready'): void {
    writeClusterState(folder, {
      supervisor_pid: 1,
      topology: { brokers: 1, datanodes: 1, regionservers: 1 },
      base_port: 19_000,
      services: [{ name, state, ports: {}, restarts: 0, since_ms: 0, ...(pid === undefined ? {} : { pid }) }],
    })
  }

  it('are found by their marks, and a neighbour’s with a longer name are not', async () => {
    const pid = await start(folder, 'namenode')
    await start(`${folder}2`, 'namenode')
    await start(`${folder} 2`, 'namenode')
    assert.deepEqual([...(await clusterProcesses(folder))], [[pid, 'namenode']])
    assert.equal(await isOurs(pid, markOf(folder, 'namenode')), true)
    assert.equal(await isOurs(pid, markOf(folder, 'name')), false)
  })

  it('get a signal by name', async () => {
    const pid = await start(folder, 'namenode')
    write('namenode', pid)
    assert.equal(await signalService(folder, 'namenode', 'SIGKILL'), pid)
    assert.equal(await untilGone([pid], 5000), true)
    await assert.rejects(signalService(folder, 'namenode', 'SIGKILL'), { code: 'not.found' })
    await assert.rejects(signalService(folder, 'datanode-1', 'SIGKILL'), { code: 'not.found' })
  })

  it('are left alone when the pid belongs to somebody else by now', async () => {
    const stranger = await start('/elsewhere', 'namenode')
    write('namenode', stranger)
    await assert.rejects(signalService(folder, 'namenode', 'SIGKILL'), { code: 'not.found' })
    assert.equal(isAlive(stranger), true)
  })

  it('are waited for until their successor is ready', async () => {
    write('namenode', 7)
    const late = untilServiceReady(folder, 'namenode', { not_pid: 7, timeout_ms: 5000 })
    write('namenode', undefined, 'restarting')
    write('namenode', 8, 'starting')
    write('namenode', 8)
    assert.equal((await late).pid, 8)
    await assert.rejects(untilServiceReady(folder, 'namenode', { not_pid: 8, timeout_ms: 0 }), {
      code: 'backend.unreachable',
    })
  })

  it('tell how much memory they hold', async () => {
    assert.ok((await residentMegabytes(process.pid))! > 10)
    const pid = await start(folder, 'namenode')
    process.kill(pid, 'SIGKILL')
    await untilGone([pid], 5000)
    assert.equal(await residentMegabytes(pid), undefined)
  })
})
