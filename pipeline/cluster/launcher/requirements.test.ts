import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { planCluster } from './plan-cluster.ts'
import {
  availableMegabytes,
  expectFreePorts,
  expectMemory,
  expectPlainPath,
  findJava,
  findMaven,
  majorVersion,
} from './requirements.ts'

const SITE = {
  folder: '/data/cluster',
  base_port: 20_000,
  topology: { brokers: 1, datanodes: 1, regionservers: 1 },
  kafka_cluster_id: 'AAAAAAAAAAAAAAAAAAAAAA',
}

describe('what a cluster needs', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musicbox-requirements-'))
  })
  afterEach(async () => await rm(folder, { recursive: true, force: true }))

  async function program(name: string, says: string): Promise<void> {
    await mkdir(join(folder, 'bin'), { recursive: true })
    await writeFile(join(folder, 'bin', name), `#!/bin/sh\necho '${says}' >&2\n`, { mode: 0o755 })
  }

  it('Java: found on the path, or in JAVA_HOME first', async () => {
    await program('java', 'openjdk version "17.0.15" 2025-04-15')
    assert.equal(await findJava({ PATH: join(folder, 'bin') }), 'java')
    assert.equal(await findJava({ PATH: '', JAVA_HOME: folder }), join(folder, 'bin', 'java'))
  })

  it('Java: says what to install when there is none', async () => {
    await assert.rejects(findJava({ PATH: folder }), { code: 'not.found', hint: /openjdk-17-jre-headless.*JAVA_HOME/ })
    await assert.rejects(findJava({ PATH: folder, JAVA_HOME: folder }), { code: 'not.found', message: /JAVA_HOME/ })
  })

  it('Java: says how old it is when it is too old', async () => {
    await program('java', 'openjdk version "11.0.2" 2019-01-15')
    await assert.rejects(findJava({ PATH: join(folder, 'bin') }), {
      code: 'input.invalid',
      message: /17 or later.* 11$/,
    })
  })

  it('Java: understands how versions are written', () => {
    assert.equal(majorVersion('java version "1.8.0_392"'), 8)
    assert.equal(majorVersion('openjdk version "21" 2023-09-19'), 21)
    assert.equal(majorVersion('openjdk version "17.0.15" 2025-04-15'), 17)
    assert.equal(majorVersion('something else'), undefined)
  })

  it('Maven: says what to install when there is none', async () => {
    await assert.rejects(findMaven({ PATH: folder }), { code: 'not.found', hint: /apt-get install maven/ })
    await program('mvn', 'Apache Maven 3.8.7')
    assert.equal(await findMaven({ PATH: join(folder, 'bin') }), 'mvn')
  })

  it('ports: names the one that is taken, and which service wants it for what', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    // The broker's clients are 20 above the base.
    const plans = planCluster({ ...SITE, base_port: port - 20 }).filter(({ name }) => name === 'kafka-1')
    try {
      await assert.rejects(expectFreePorts(plans, port - 20), {
        code: 'input.invalid',
        message: new RegExp(`${port} \\(kafka-1, clients\\)`),
        hint: /--base-port/,
      })
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  })

  it('memory: says how much the services take and how much there is', () => {
    const plans = planCluster(SITE)
    assert.throws(() => expectMemory(plans, 500), { code: 'backend.full', message: /expected \d{4} MB .* 500 MB/ })
    expectMemory(plans, 8000)
    const more = planCluster({ ...SITE, topology: { brokers: 3, datanodes: 3, regionservers: 3 } })
    const sum = (all: typeof plans): number => all.reduce((total, { memory_mb }) => total + memory_mb, 0)
    assert.throws(() => expectMemory(more, sum(plans)), { code: 'backend.full' })
    assert.ok(availableMegabytes() > 10)
  })

  it('a folder: its path goes into class paths and lists', () => {
    expectPlainPath('/home/me/my data (2)/cluster')
    for (const odd of ['/a:b', '/a,b', '/a;b', '/$HOME', '/a*', '/a#b', '/50%']) {
      assert.throws(() => expectPlainPath(odd), { code: 'input.invalid' }, odd)
    }
  })
})
