/** A stopped service goes on when it is let go, and when whoever stopped it is killed. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { MusicboxError } from '../../datasets/failure.ts'
import { markOf } from '../cluster/launcher/cluster-process.ts'
import { writeClusterState } from '../cluster/launcher/cluster-state.ts'
import { pauseService } from './pause.ts'

const NEEDS_PROC = process.platform === 'linux' ? false : 'only Linux tells in a file whether a process is stopped'

describe('a pause', { skip: NEEDS_PROC }, () => {
  let folder: string
  let service: ChildProcess
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musicbox-pause-'))
    // Stands for a JVM: what counts are the marks on its command line.
    service = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '--', ...markOf(folder, 'kafka-1')])
    await once(service, 'spawn')
    const state = { state: 'ready' as const, ports: {}, restarts: 0, since_ms: 0 }
    writeClusterState(folder, {
      supervisor_pid: process.pid,
      topology: { brokers: 1, datanodes: 1, regionservers: 1 },
      base_port: 19_000,
      services: [
        { name: 'kafka-1', pid: service.pid!, ...state },
        { name: 'namenode', ...state, state: 'restarting' },
      ],
    })
  })
  after(async () => {
    service.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  it('lasts until it is ended', async () => {
    const resume = await pauseService(folder, 'kafka-1')
    await untilState('T')
    await resume()
    await resume()
    await untilState('S')
  })

  it('ends when whoever asked for it is killed', async () => {
    const asking = `const { pauseService } = await import(${JSON.stringify(import.meta.resolve('./pause.ts'))})
      await pauseService(${JSON.stringify(folder)}, 'kafka-1')
      console.log('stopped')
      setInterval(() => {}, 1000)`
    const run = spawn(process.execPath, ['--input-type=module', '-e', asking], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(run.stdout, 'data')
    await untilState('T')
    run.kill('SIGKILL')
    await untilState('S')
  })

  it('refuses a service that does not run', async () => {
    await assert.rejects(
      pauseService(folder, 'namenode'),
      (error: unknown) =>
        error instanceof MusicboxError && error.code === 'not.found' && /namenode/.test(error.message),
    )
  })

  /** `T`: stopped, `S`: waiting for something to do. */
  async function untilState(wanted: string): Promise<void> {
    let found = ''
    for (let tries = 0; tries < 500; tries++) {
      found = /^\d+ \(.*\) (\S)/.exec(await readFile(`/proc/${service.pid}/stat`, 'utf8'))![1]!
      if (found === wanted || (wanted === 'S' && found === 'R')) return
      await sleep(20)
    }
    assert.fail(`expected the service to be in state ${wanted}, it is in ${found}`)
  }
})
