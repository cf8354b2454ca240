import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Ran, runCommand } from '../datasets/command.suite.ts'
import { createWorld } from '../simulation/kernel/world.ts'
import { writeWorldFile } from '../simulation/world-file.ts'
import { readCapsule } from './capsule/capsule-file.ts'
import { openEventTarget } from './event-target.suite.ts'
import { metricLine, pointLine, writeStandIn } from './k6/k6-stand-in.suite.ts'
import { describeLoad, loadJson } from './load/describe-load.ts'
import { SHIPPED } from './load/shipped-scripts.ts'
import { loadCommand } from './load.command.ts'
import type { RunResult } from './run-result.ts'

const folder = await mkdtemp(join(tmpdir(), 'musicbox-load-'))
const data = join(folder, 'data')
const target = await openEventTarget()
after(async () => {
  target.close()
  await rm(folder, { recursive: true })
})
await writeWorldFile(data, {
  seed: 'musicbox',
  world: createWorld({ songCount: 100, userCount: 20, firstDay: '2026-01-01', liveDay: '2026-01-03' }),
  lastDay: '2026-01-02',
  events: 0,
})

const load = (args: readonly string[], env: Record<string, string> = { PATH: '/nowhere' }): Promise<Ran> =>
  runCommand(loadCommand, ['load', ...args, '--allow-invalid', '--data', data, '--event-api', target.url], {
    env,
    now: Date.now,
  })

const QUICK = ['--listeners', '2', '--duration', '300ms', '--speed', '5000']
const FIXTURE = fileURLToPath(new URL('./k6/parity.fixture.ts', import.meta.url))

describe('musicbox load', () => {
  it('runs a script by its name and leaves a ledger under the run’s label', async () => {
    const { exit, out, err } = await load(['smoke', ...QUICK, '--run', 'first', '--day', '2026-01-03', '--json'])
    const result = JSON.parse(out) as RunResult
    assert.equal(exit, 0, err)
    assert.ok(result.fates.accepted > 2)
    assert.equal(result.ledger, join(data, 'ledgers', 'first.ndjson'))
    const lines = (await readFile(result.ledger, 'utf8')).trim().split('\n')
    assert.equal(lines.length, result.fates.accepted)
    for (const { ts } of target.received) assert.equal(new Date(ts).toISOString().slice(0, 10), '2026-01-03')
  })

  it('sends other events under a new label each time, and the same under the same', async () => {
    const digestOf = async (args: string[]): Promise<string> => {
      const { out } = await load(['smoke', ...QUICK, '--day', '2026-01-03', '--json', ...args])
      return (JSON.parse(out) as RunResult).traffic.digest
    }
    const [a, again, b, c] = [
      await digestOf(['--run', 'a']),
      await digestOf(['--run', 'a']),
      await digestOf([]),
      await digestOf([]),
    ]
    assert.equal(again, a)
    assert.equal(new Set([a, b, c]).size, 3)
  })

  it('keeps the result of a run whose capsule cannot be written, and fails it', async () => {
    const { exit, out, err } = await load([
      'smoke',
      ...QUICK,
      '--capsule',
      join(data, 'world.json', 'x.json.gz'),
      '--json',
    ])
    assert.equal(exit, 3, err)
    assert.match(err, /warn: the run could not be kept: /)
    const result = JSON.parse(out) as RunResult
    assert.ok(result.fates.accepted > 0)
    assert.match(result.problem!, /could not be kept/)
  })

  it('leaves a capsule whose command makes the run again, and a report where one is wanted', async () => {
    const report = join(folder, 'report.html')
    const { exit, out, err } = await load(['smoke', ...QUICK, '--report', report, '--json'])
    assert.equal(exit, 0, err)
    const first = JSON.parse(out) as RunResult
    assert.equal(first.report, report)
    assert.match(await readFile(report, 'utf8'), /^<!doctype html>/i)
    const { command, ledger } = await readCapsule(first.capsule!)
    assert.equal(ledger!.bytes, (await readFile(first.ledger!)).length)
    const [musicbox, name, ...args] = command
    assert.deepEqual([musicbox, name], ['musicbox', 'load'])
    const again = JSON.parse((await load(args)).out) as RunResult
    assert.deepEqual(again.traffic, first.traffic)
  })

  it('says that it falls back on the embedded engine when there is no k6', async () => {
    const { err } = await load(['smoke', ...QUICK])
    assert.match(err, /^engine: embedded, since there is no k6 in K6_BIN or on PATH$/m)
  })

  it('takes k6 when there is one, with the same settings, and keeps its ledger', async () => {
    const { path, calls } = await writeStandIn(join(folder, 'k6'), {
      options: {},
      samples: [
        metricLine('event_fate', 'counter'),
        pointLine('event_fate', 0, 1, { fate: 'accepted' }, { eid: '1'.repeat(32), ts: '5' }),
      ],
      stdout: 'the summary of k6\n',
    })
    const args = ['listeners', ...QUICK, '--run', 'in-k6', '--tag', 'team=a', '--env', 'EXTRA=1', '--no-thresholds']
    const { exit, out, err } = await load(args, { K6_BIN: path })
    assert.equal(exit, 0, err)
    assert.match(err, /^engine: k6 1\.2\.3 at /m)
    assert.match(out, /^the summary of k6$/m)
    assert.match(out, /^events +1 accepted/m)
    const run = (await readFile(calls, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as string[])
    const called = run.at(-1)!
    for (const setting of [
      'LISTENERS=2',
      'DURATION=300ms',
      'SPEED=5000',
      'RUN=in-k6',
      'EXTRA=1',
      `EVENT_API=${target.url}`,
    ]) {
      assert.ok(called.includes(setting), setting)
    }
    assert.ok(called.includes('--no-thresholds'))
    assert.equal(called[called.indexOf('--tag') + 1], 'team=a')
    assert.match(called.at(-1)!, /scripts\/listeners\.ts$/)
    assert.ok((await readdir(join(data, 'ledgers'))).includes('in-k6.ndjson'))
    const capsule = await readCapsule(join(data, 'runs', 'in-k6.capsule.json.gz'))
    assert.deepEqual([capsule.run, capsule.seed, capsule.result.fates.accepted], ['in-k6', 'musicbox', 1])
    assert.match(out, /^capsule +.*in-k6\.capsule\.json\.gz$/m)
  })

  it('keeps to the embedded engine, and says so, for what k6 cannot do; asked for k6, it refuses', async () => {
    const { path } = await writeStandIn(join(folder, 'k6'), { options: {} })
    const { exit, err } = await load(['smoke', ...QUICK, '--engine', 'k6', '--fault', 'at=1s kill event-api'], {
      K6_BIN: path,
    })
    assert.equal(exit, 104)
    assert.match(err, /k6 has no --fault/)
    const missing = await load(['smoke', ...QUICK, '--engine', 'k6'])
    assert.equal(missing.exit, 7)
  })

  it('runs a script of the user’s own by its path, told by k6’s options', async () => {
    const { exit, out } = await load([FIXTURE, '--iterations', '4', '--vus', '2', '--json'])
    assert.equal(exit, 0)
    const { iterations, listeners } = JSON.parse(out) as RunResult
    assert.deepEqual([iterations.completed, listeners], [4, 2])
  })

  it('lists every script with a sentence and its settings', async () => {
    const { exit, out } = await load(['--list', '--json'])
    assert.equal(exit, 0)
    const { scripts } = JSON.parse(out) as { scripts: { name: string; purpose: string; settings: string[] }[] }
    assert.deepEqual(
      scripts.map(({ name }) => name),
      SHIPPED,
    )
    for (const { purpose, settings } of scripts) assert.ok(purpose.length > 20 && settings.length > 0)
    const text = await load(['--list'])
    for (const name of SHIPPED) assert.match(text.out, new RegExp(`│ ${name} `))
  })

  it('refuses what it cannot heed, with the reason', async () => {
    const refused: [string[], number, RegExp][] = [
      [['nothing.ts'], 7, /expected the path of a script, or one of smoke, listeners/],
      [['listeners', '--rate', '5'], 104, /listeners has no use for --rate; it takes --listeners/],
      [['--day', 'yesterday'], 104, /expected --day to be a day/],
      [['--tag', 'nothing'], 104, /Expected NAME=VALUE/],
      [['--threshold', 'checks'], 104, /Expected a metric and an expression/],
      [[FIXTURE, '--stage', '10'], 104, /expected .*stage.* 10s:50/],
      [['--duration', '1h', '--speed', '400'], 104, /at 400× is 216s/],
    ]
    for (const [args, code, words] of refused) {
      const { exit, err } = await load(args)
      assert.equal(exit, code, err)
      assert.match(err, words)
    }
  })
})

describe('the result of a run', () => {
  it('tells how long it took to recover from each fault, or that it did not', () => {
    const recoveries: RunResult['recoveries'] = [
      {
        fault: 'kill event-api',
        at_s: 3,
        before_per_s: 90,
        lowest_per_s: 0,
        back_after_s: 2.98,
        unknown: 9,
        refused: 0,
      },
      { fault: 'cut event-api', at_s: 9, before_per_s: 90, lowest_per_s: 0, unknown: 9, refused: 0 },
      { fault: 'pause report-api', at_s: 1 },
    ]
    const lines = describeLoad({ ...run, recoveries })
      .split('\n')
      .filter((line) => line.startsWith('fault'))
    assert.deepEqual(lines, [
      'fault       kill event-api at 3.0 s: events were back to 90 % of their rate before after 3.0 s',
      'fault       cut event-api at 9.0 s: events did not come back to 90 % of their rate before',
      'fault       pause report-api at 1.0 s: no events to tell by how long it took to recover',
    ])
  })

  const latency = { count: 9, avg: 1, p50: 1, p90: 2, p95: 3, p99: 4, max: 5 }
  const run = {
    exitCode: 0,
    script: 'x.ts',
    fates: { accepted: 9, duplicate: 0, refused: 0, unknown: 0 },
    accepted_per_s: 123.25,
    traffic: { events: 9, digest: 'd', malformed: 0 },
    requests: { count: 9, per_s: 321.5, failed: 0 },
    http_req_duration: latency,
    response_time: latency,
    thresholds: [],
    generator: { verdict: 'VALID', reasons: [] },
  } as unknown as RunResult
  const invalid = {
    ...run,
    generator: { ...run.generator, verdict: 'INVALID', reasons: ['starved', 'late'] },
  } as RunResult

  it('has every figure when the generator was fit to measure, or is only suspected not to have been', () => {
    assert.deepEqual(loadJson({ ...run, timeline: [], histograms: { response_time: 'x' } }), run)
    const suspect = { ...run, generator: { ...run.generator, verdict: 'SUSPECT' } } as RunResult
    assert.deepEqual(loadJson(suspect), suspect)
  })

  it('has no figure of speed when it was not, but why, and still what became of the events', () => {
    const json = loadJson(invalid) as Record<string, unknown>
    assert.equal(json['invalid_reason'], 'starved; late')
    for (const key of ['accepted_per_s', 'http_req_duration', 'response_time']) assert.equal(json[key], null)
    assert.deepEqual(json['requests'], { count: 9, per_s: null, failed: 0 })
    assert.deepEqual(json['fates'], run.fates)
    const missed = { metric: 'response_time', threshold: 'p(95)<500', value: 987.5, ok: false }
    const failed = { ...invalid, exitCode: 99, thresholds: [missed], problem: 'response_time p(95)<500, was 987.5' }
    for (const said of [describeLoad(failed), JSON.stringify(loadJson(failed))]) {
      assert.ok(said.includes('response_time p(95)<500'), said)
      assert.ok(!said.includes('987.5'), said)
    }
    const text = describeLoad(invalid)
    assert.match(text, /^generator {3}INVALID\n +starved\n +late\n +No figure of speed is given/m)
    for (const figure of ['123', '321']) assert.ok(!text.includes(figure), text)
  })
})
