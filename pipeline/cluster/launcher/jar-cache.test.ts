import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { Host } from '../../../datasets/host.ts'
import { cacheFolder, isCached, jarFolder, resolveJars } from './jar-cache.ts'

describe('the cache of jars', () => {
  let folder: string
  let said: string
  let host: Host
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musicbox-jars-'))
    said = ''
    host = {
      args: [],
      stdout: { write: () => {} },
      stderr: { write: (text) => (said += text) },
      env: { PATH: process.env['PATH'], MUSICBOX_CLUSTER_CACHE: join(folder, 'cache') },
      signal: new AbortController().signal,
      isTerminal: false,
      now: () => 0,
    }
  })
  afterEach(async () => await rm(folder, { recursive: true, force: true }))

  /** A stand-in for Maven: notes that it was called, then does what it is told. @returns its path */
  async function maven(then: string): Promise<string> {
    const path = join(folder, 'mvn')
    const output = 'for each; do case $each in -DoutputDirectory=*) out=$' + '{each#*=};; esac; done'
    await writeFile(path, `#!/bin/sh\necho called >> ${folder}/calls\n${output}\n${then}\n`, { mode: 0o755 })
    return path
  }
  const calls = async (): Promise<number> => (await readFile(join(folder, 'calls'), 'utf8')).split('\n').length - 1

  it('asks Maven once, and says how much it got', async () => {
    const mvn = await maven('head -c 3000000 /dev/zero > "$out/a.jar"; echo > "$out/b.jar"')
    assert.equal(await isCached('kafka', host.env), false)
    await resolveJars('kafka', mvn, host)
    await resolveJars('kafka', mvn, host)
    assert.equal(await calls(), 1)
    assert.equal(await isCached('kafka', host.env), true)
    assert.deepEqual(await readdir(await jarFolder('kafka', host.env)), ['a.jar', 'b.jar'])
    assert.match(said, /^kafka: 2 jars, 3 MB, in 0 ms\n$/)
  })

  it('survives two that resolve at once: one folder, whole, and no draft left', async () => {
    const mvn = await maven('echo > "$out/a.jar"; sleep 0.3; echo > "$out/b.jar"')
    await Promise.all([resolveJars('kafka', mvn, host), resolveJars('kafka', mvn, host)])
    assert.equal(await calls(), 2)
    assert.equal((await readdir(join(folder, 'cache'))).length, 1)
    assert.deepEqual(await readdir(await jarFolder('kafka', host.env)), ['a.jar', 'b.jar'])
  })

  it('shows Maven’s last words when it fails, and keeps nothing', async () => {
    const mvn = await maven(
      'echo > "$out/a.jar"; echo "[INFO] Downloading from central: x"; echo "[ERROR] no such host"; exit 1',
    )
    await assert.rejects(resolveJars('kafka', mvn, host), {
      code: 'backend.unreachable',
      message: /jars of kafka, it ended with 1:\n\[ERROR\] no such host$/,
    })
    assert.equal(await isCached('kafka', host.env), false)
    assert.deepEqual(await readdir(join(folder, 'cache')), [])
  })

  it('counts the files that Maven downloads', async () => {
    const mvn = await maven(
      'for each in a b c; do echo "[INFO] Downloaded from central: $each"; done; sleep 0.1; exit 1',
    )
    let now_ms = 0
    const clock = { ...host, now: () => (now_ms += 4000) }
    await assert.rejects(resolveJars('kafka', mvn, clock))
    assert.match(said, /^kafka jars: 2 files downloaded\n/)
  })

  it('lies where the user’s caches lie', () => {
    assert.equal(cacheFolder({ HOME: '/home/me' }), '/home/me/.cache/musicbox/cluster')
    assert.equal(cacheFolder({ HOME: '/home/me', XDG_CACHE_HOME: '/cache' }), '/cache/musicbox/cluster')
    assert.equal(cacheFolder({ HOME: '/home/me', MUSICBOX_CLUSTER_CACHE: '/jars' }), '/jars')
  })

  it('has another folder for each pom', async () => {
    const [kafka, hive] = await Promise.all([jarFolder('kafka', host.env), jarFolder('hive', host.env)])
    assert.match(kafka, /\/kafka-[0-9a-f]{12}$/)
    assert.match(hive, /\/hive-[0-9a-f]{12}$/)
    assert.notEqual(kafka.slice(-12), hive.slice(-12))
  })
})
