import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Ran, runCommand } from '../../datasets/command.suite.ts'
import { clusterCommand } from './cluster.command.ts'
import { clusterProcesses } from './launcher/cluster-process.ts'
import { readClusterState } from './launcher/cluster-state.ts'
import { jarFolder } from './launcher/jar-cache.ts'
import { MODULES } from './launcher/jvm-plan.ts'
import { supervised } from './launcher/supervision.ts'

const PROGRAM = fileURLToPath(new URL('../../musicbox.ts', import.meta.url))

/** The real supervisor in a process of its own, over a stand-in for Java that does not serve anything. */
describe('musicbox cluster up, where the servers do not get ready', () => {
  let data: string
  let folder: string
  let env: Record<string, string>
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'musicbox-cluster-'))
    folder = join(data, 'cluster')
    env = { PATH: `${join(data, 'bin')}:${process.env['PATH']}`, MUSICBOX_CLUSTER_CACHE: join(data, 'jars') }
    await mkdir(join(data, 'bin'))
    for (const module of MODULES) await mkdir(await jarFolder(module, env), { recursive: true })
  })
  afterEach(async () => {
    await run(['wipe', '--force'])
    await rm(data, { recursive: true, force: true })
  })

  const run = (args: readonly string[], signal = new AbortController().signal): Promise<Ran> =>
    runCommand((host) => clusterCommand(host, PROGRAM), ['cluster', ...args, '--data', data], {
      env,
      signal,
      now: Date.now,
    })

  async function java(then: string): Promise<void> {
    const text = `#!/bin/sh\n[ "$1" = -version ] && echo 'version "17.0.1"' && exit\n${then}\n`
    await writeFile(join(data, 'bin', 'java'), text, { mode: 0o755 })
  }

  it('gives up on a service that ends again and again, shows its last words, and leaves nothing running', async () => {
    await java('case "$*" in *-format*|*format\\ -t*) exit 0;; esac; echo "no such class"; exit 1')
    const { exit, err } = await run(['up', '--base-port', '28800'])
    assert.equal(exit, 3)
    assert.match(err, /to get ready: it ended 3 times before it was ready\n(?:.*\n)*no such class\n {2}see .*\.log/)
    await expectNothingRunning()
  })

  it('says why a disk could not be prepared', async () => {
    await java('case "$*" in *-format*) echo "disk on fire"; exit 2;; esac; while :; do sleep 0.1; done')
    const { exit, err } = await run(['up', '--base-port', '28800'])
    assert.equal(exit, 3)
    assert.match(err, /expected namenode to prepare its disk, the program ended with 2/)
    await expectNothingRunning()
  })

  it('stops everything when it is interrupted', async () => {
    await java('while :; do sleep 0.1; done')
    const interrupt = new AbortController()
    const starting = run(['up', '--base-port', '28800'], interrupt.signal)
    while ((await clusterProcesses(folder)).size < 3) await new Promise((resolve) => setTimeout(resolve, 50))
    interrupt.abort()
    const { exit, err } = await starting
    assert.equal(exit, 105, err)
    await expectNothingRunning()
  })

  async function expectNothingRunning(): Promise<void> {
    assert.equal(await supervised(folder), undefined)
    assert.equal((await clusterProcesses(folder)).size, 0)
    const states = (await readClusterState(folder))!.services.map(({ state }) => state)
    assert.deepEqual([...new Set(states)], ['stopped'])
  }
})
