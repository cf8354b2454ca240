import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { type Ran, runCommand } from '../../datasets/command.suite.ts'
import type { Host } from '../../datasets/host.ts'
import { freePort } from '../../observability/free-port.ts'
import { isAlive } from '../process-alive.ts'
import { clusterCommand } from './cluster.command.ts'
import { markOf } from './launcher/cluster-process.ts'
import { writeClusterBirth, writeClusterState } from './launcher/cluster-state.ts'

describe('musicbox cluster', () => {
  let data: string
  let folder: string
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'musicbox-cluster-'))
    folder = join(data, 'cluster')
    await mkdir(join(data, 'bin'))
  })
  afterEach(async () => await rm(data, { recursive: true, force: true }))

  const run = (args: readonly string[], given: Partial<Host> = {}): Promise<Ran> =>
    runCommand((host) => clusterCommand(host, '/nowhere/musicbox.ts'), ['cluster', ...args, '--data', data], given)

  async function program(name: string, text: string): Promise<void> {
    await writeFile(join(data, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  }

  it('says what to install when there is no Java, and starts nothing', async () => {
    const { exit, err } = await run(['up'], { env: { PATH: join(data, 'bin') } })
    assert.equal(exit, 7)
    assert.match(err, /expected Java 17 or later on the path, found none\n {2}on Debian: apt-get install openjdk-17/)
    assert.deepEqual(await readdir(folder), [])
  })

  it('says what to install when there is no Maven and jars are missing', async () => {
    await program('java', 'echo \'version "17.0.1"\'')
    const { exit, err } = await run(['up', '--base-port', '28700'], {
      env: { PATH: join(data, 'bin'), MUSICBOX_CLUSTER_CACHE: join(data, 'jars') },
    })
    assert.equal(exit, 7)
    assert.match(err, /expected Maven/)
  })

  it('names a port that is taken', async () => {
    await program('java', 'echo \'version "17.0.1"\'')
    const port = await freePort()
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
    try {
      const { exit, out } = await run(['up', '--base-port', String(port), '--json'], {
        env: { PATH: join(data, 'bin') },
      })
      assert.equal(exit, 104)
      assert.match(JSON.parse(out).error.message, new RegExp(`${port} \\(namenode, rpc\\)`))
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  })

  it('does not start data that was made for another topology', async () => {
    writeClusterBirth(folder, {
      topology: { brokers: 3, datanodes: 1, regionservers: 1 },
      base_port: 19_500,
      kafka_cluster_id: 'AAAAAAAAAAAAAAAAAAAAAA',
    })
    for (const other of [
      ['--brokers', '1'],
      ['--datanodes', '2'],
      ['--base-port', '19600'],
    ]) {
      const { exit, err } = await run(['up', ...other], { env: { PATH: '' } })
      assert.equal(exit, 104)
      assert.match(err, /as it was first started, --brokers 3 --datanodes 1 --regionservers 1 --base-port 19500/)
    }
    // The same again, in words or without: it gets as far as looking for Java.
    assert.equal((await run(['up', '--brokers', '3'], { env: { PATH: '' } })).exit, 7)
    assert.equal((await run(['up'], { env: { PATH: '' } })).exit, 7)
  })

  it('shows that nothing runs, and stopping nothing is no failure', async () => {
    assert.deepEqual(JSON.parse((await run(['status', '--json'])).out), { folder, running: false, services: [] })
    assert.match((await run(['status'])).out, /^No cluster in /)
    assert.deepEqual(await run(['down']), { exit: 0, out: 'No cluster runs here.\n', err: '' })
    assert.equal((await run(['logs'])).exit, 7)
  })

  it('shows a service as stopped whose process is somebody else by now', async () => {
    writeState({ pid: process.pid })
    const { services } = JSON.parse((await run(['status', '--json'])).out)
    assert.equal(services[0].state, 'stopped')
    assert.equal(services[0].pid, undefined)
  })

  it('stops the services that a killed supervisor has left behind', async () => {
    const orphan = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '--', ...markOf(folder, 'kafka-1')])
    await once(orphan, 'spawn')
    const exited = once(orphan, 'exit')
    writeState({ pid: orphan.pid! })
    try {
      assert.match((await run(['status'])).out, /kafka-1 .* ready .* MB .*\n.*\nNobody looks after it/)
      const wiped = await run(['wipe'])
      assert.equal(wiped.exit, 104)
      assert.match(wiped.err, /expected a stopped cluster/)
      const { exit, out, err } = await run(['down'])
      assert.deepEqual([exit, out], [0, 'The cluster is stopped.\n'])
      assert.match(err, /stopping kafka-1, whose supervisor is gone/)
      await exited
      assert.equal(isAlive(orphan.pid!), false)
    } finally {
      orphan.kill('SIGKILL')
    }
  })

  it('wipes what a cluster makes, and nothing else', async () => {
    writeState({})
    await mkdir(join(folder, 'data', 'namenode'), { recursive: true })
    await writeFile(join(folder, 'notes.txt'), 'mine')
    assert.equal((await run(['wipe'])).exit, 0)
    assert.deepEqual(await readdir(folder), ['notes.txt'])
  })

  it('prints the last lines of one log or of all', async () => {
    await mkdir(join(folder, 'logs'), { recursive: true })
    await writeFile(join(folder, 'logs', 'kafka-1.log'), '1\n2\n3\n')
    await writeFile(join(folder, 'logs', 'namenode.log'), '4\n')
    assert.equal((await run(['logs', 'kafka-1', '-n', '2'])).out, '2\n3\n')
    assert.equal((await run(['logs', '-n', '1'])).out, '==> kafka-1 <==\n3\n==> namenode <==\n4\n')
    const { exit, err } = await run(['logs', 'kafka'])
    assert.equal(exit, 7)
    assert.match(err, /there are logs of kafka-1, namenode/)
  })

  it('follows a log, also past the moment when it is begun anew', async () => {
    await mkdir(join(folder, 'logs'), { recursive: true })
    const path = join(folder, 'logs', 'kafka-1.log')
    await writeFile(path, 'old\n')
    const stop = new AbortController()
    let out = ''
    const seen = (text: string): Promise<void> =>
      new Promise((resolve) => {
        const timer = setInterval(() => {
          if (!out.includes(text)) return
          clearInterval(timer)
          resolve()
        }, 10)
      })
    const following = run(['logs', 'kafka-1', '-f'], {
      signal: stop.signal,
      stdout: { write: (text) => (out += text) },
    })
    await seen('old')
    await writeFile(path, 'new line\n', { flag: 'a' })
    await seen('new line')
    await writeFile(path, 'x\n')
    await seen('x\n')
    stop.abort()
    assert.equal((await following).exit, 0)
    assert.equal(out, 'old\nnew line\nx\n')
  })

  it('has help for each part, on our streams', async () => {
    const { exit, out } = await run(['up', '--help'])
    assert.equal(exit, 0)
    assert.match(out, /--base-port/)
    const { exit: wrong, err } = await run(['up', '--brokers', '4'])
    assert.equal(wrong, 104)
    assert.match(err, /Expected a whole number from 1 to 3/)
  })

  function writeState(service: { pid?: number }): void {
    writeClusterState(folder, {
      supervisor_pid: process.pid,
      topology: { brokers: 1, datanodes: 1, regionservers: 1 },
      base_port: 19_000,
      services: [{ name: 'kafka-1', state: 'ready', ports: { clients: 19_020 }, restarts: 0, since_ms: 0, ...service }],
    })
  }
})
