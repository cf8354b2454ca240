import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { MusicboxError } from '../../datasets/failure.ts'
import { Metrics } from '../metrics/metric.ts'
import { Timeline } from '../metrics/timeline.ts'
import type { RunResult } from '../run-result.ts'
import { CAPSULE_VERSION } from './capsule.ts'
import { ledgerDigest, readCapsule, writeCapsule } from './capsule-file.ts'
import { sampleRun } from './sample-run.suite.ts'
import { seal } from './seal.ts'
import { commandWithoutSecrets, withoutSecrets } from './secrets.ts'

describe('a run capsule', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'capsule-'))
  })
  after(() => rm(folder, { recursive: true }))

  it('is read as it was written, and nothing but it is in the folder', async () => {
    const path = join(folder, 'deep', 'run.capsule.json.gz')
    const capsule = sampleRun({ seed: 1, seconds: 5 })
    await writeCapsule(path, capsule)
    assert.deepEqual(await readCapsule(path), capsule)
    assert.deepEqual(await readdir(join(folder, 'deep')), ['run.capsule.json.gz'])
  })

  it('says so when a byte of it is altered or its end is missing', async () => {
    const path = join(folder, 'damaged')
    await writeCapsule(path, sampleRun({ seed: 1, seconds: 2 }))
    const bytes = await readFile(path)
    // Behind the gzip header, which holds no data.
    for (let at = 12; at < bytes.length; at += 97) {
      const altered = Buffer.from(bytes)
      altered[at]! ^= 0x10
      await writeFile(path, altered)
      await assert.rejects(readCapsule(path), { code: 'data.corrupt' }, `byte ${at}`)
    }
    await writeFile(path, bytes.subarray(0, bytes.length - 9))
    await assert.rejects(readCapsule(path), { code: 'data.corrupt' })
    await writeFile(path, 'no gzip')
    await assert.rejects(readCapsule(path), { code: 'data.corrupt' })
    for (const other of ['[]', '"text"', '{"format":"other"}', '{"format":"musicbox-run","version":1}']) {
      await writeFile(path, gzipSync(other))
      await assert.rejects(readCapsule(path), { code: 'data.corrupt' }, other)
    }
  })

  it('of a newer MusicBox is refused, and so is one that is not there', async () => {
    const path = join(folder, 'newer')
    const newer = { ...sampleRun({ seed: 1, seconds: 1 }), version: CAPSULE_VERSION + 1, more: true }
    await writeFile(path, gzipSync(JSON.stringify(newer)))
    await assert.rejects(readCapsule(path), (error: MusicboxError) => {
      assert.equal(error.code, 'input.invalid')
      assert.match(error.message, /version 1 at most, got version 2/)
      return true
    })
    await assert.rejects(readCapsule(join(folder, 'none')), { code: 'not.found' })
  })

  it('cannot be written where there is no place, and leaves no draft behind', async () => {
    await writeFile(join(folder, 'file'), '')
    const nowhere = join(folder, 'file', 'run.capsule.json.gz')
    await assert.rejects(writeCapsule(nowhere, sampleRun({ seed: 1, seconds: 1 })), { code: 'backend.unreachable' })
  })

  it('holds what repeats the run, and no secret of it', async () => {
    const { result, timeline, marks, histograms } = sampleRun({ seed: 2, seconds: 3 })
    const whole = {
      ...result,
      script: '/home/somebody/scripts/listeners.ts',
      script_hash: 'cd'.repeat(32),
      options: { vus: 3 },
      versions: { musicbox: '0.1.0', node: 'v24.0.0' },
      started_ms: 1,
      checks_by_name: [],
      timeline,
      marks,
      histograms,
      init_ms: 4,
      ledger: '/home/somebody/data/ledgers/x.ndjson',
    } as unknown as RunResult
    const capsule = seal(whole, {
      run: 'x',
      seed: 'harvest moon',
      command: ['musicbox', 'load', '--env', 'API_TOKEN=hidden-1', '--db-password', 'hidden-2', '--run', 'x'],
      env: { EVENT_API: 'http://ann:hidden-3@127.0.0.1:8080/', MY_SECRET: 'hidden-4', SPEED: '400' },
    })
    const path = join(folder, 'sealed')
    await writeCapsule(path, capsule)
    const text = gunzipSync(await readFile(path)).toString()
    assert.doesNotMatch(text, /hidden|somebody/)
    assert.deepEqual(capsule.env, { EVENT_API: 'http://127.0.0.1:8080/', SPEED: '400' })
    assert.equal(capsule.seed, 'harvest moon')
    assert.equal(capsule.script, 'listeners.ts')
    assert.ok(capsule.machine.cores > 0)
    const { command } = seal(whole, { run: '7f', command: ['musicbox', 'load'], env: { START_MS: '86400000' } })
    assert.deepEqual(command, ['musicbox', 'load', '--run', '7f', '--day', '1970-01-02'])
    assert.ok(!('timeline' in capsule.result), 'the timeline is held once')
    assert.equal(capsule.result['init_ms'], 4, 'what this version does not know is kept')
  })

  it('can hold a second in which nothing came', async () => {
    const timeline = new Timeline()
    const metrics = new Metrics()
    metrics.emit(metrics.builtIn('http_req_duration'), 12, metrics.tagSets.root, 0)
    metrics.emit(metrics.builtIn('vus_max'), 3, metrics.tagSets.root, 0)
    timeline.add(0, 1, metrics.drain())
    timeline.add(1, 1, metrics.drain())
    const path = join(folder, 'quiet')
    await writeCapsule(path, { ...sampleRun({ seed: 1, seconds: 1 }), timeline: timeline.buckets() })
    const [first, quiet] = (await readCapsule(path)).timeline
    assert.partialDeepStrictEqual(quiet!.series['http_req_duration'], { count: 0, min: 0, max: 0, p50: 0, p99: 0 })
    assert.ok('vus_max' in first!.series && !('vus_max' in quiet!.series), 'what was not read has no value')
  })

  it('knows its ledger by its content', async () => {
    const path = join(folder, 'ledger.ndjson')
    await writeFile(path, 'abc')
    assert.deepEqual(await ledgerDigest(path), {
      file: 'ledger.ndjson',
      bytes: 3,
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    })
    await assert.rejects(ledgerDigest(join(folder, 'gone')), MusicboxError)
  })
})

describe('secrets', () => {
  it('are known by their names', () => {
    const secret = ['TOKEN', 'api_token', 'DB_PASSWORD', 'passwd', 'CLIENT_SECRET', 'API_KEY', 'Authorization']
    const open = ['SPEED', 'KEYBOARD', 'RUN', 'PASSENGERS', 'WORLD']
    const env = Object.fromEntries([...secret, ...open].map((name) => [name, 'x']))
    assert.deepEqual(Object.keys(withoutSecrets(env)).sort(), [...open].sort())
  })

  it('leave a command line that can still be read', () => {
    assert.deepEqual(
      commandWithoutSecrets(['load', '-e', 'TOKEN=x', '--token=x', '--token', 'x', '--token', '--quiet']),
      ['load', '-e', 'TOKEN=left-out', '--token=left-out', '--token', 'left-out', '--token', '--quiet'],
    )
  })
})
