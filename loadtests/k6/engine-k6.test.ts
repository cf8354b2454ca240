/** Against a stand-in that speaks k6's documented command line and output: no real k6 is run here. */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { type K6Run, runInK6 } from './engine-k6.ts'
import { findK6, requireK6 } from './k6-binary.ts'
import { judgeK6, k6Result } from './k6-result.ts'
import { metricLine, pointLine, type StandIn, writeStandIn } from './k6-stand-in.suite.ts'
import { processorSeconds } from './processor-time.ts'

const folder = await mkdtemp(join(tmpdir(), 'musicbox-k6-engine-'))
after(() => rm(folder, { recursive: true }))
let made = 0

const EID = (digit: string): string => digit.repeat(32)

/** Ten requests of 1 to 10 ms in as many seconds, three events of which one is settled later, and two kinds of check. */
const SAMPLES: object[] = [
  metricLine('vus', 'gauge'),
  pointLine('vus', 0, 3),
  metricLine('vus_max', 'gauge'),
  pointLine('vus_max', 0, 5),
  metricLine('http_reqs', 'counter'),
  metricLine('http_req_duration', 'trend', 'time'),
  metricLine('http_req_failed', 'rate'),
  ...Array.from({ length: 10 }, (_, at) => [
    pointLine('http_reqs', at, 1, { name: 'POST /v1/events' }),
    pointLine('http_req_duration', at, at + 1, { name: 'POST /v1/events', expected_response: 'true' }),
    pointLine('http_req_failed', at, at === 9 ? 1 : 0),
  ]).flat(),
  metricLine('event_fate', 'counter'),
  pointLine('event_fate', 1, 1, { fate: 'accepted' }, { eid: EID('a'), ts: '1000' }),
  pointLine('event_fate', 2, 1, { fate: 'unknown' }, { eid: EID('b'), ts: '2000' }),
  pointLine('event_fate', 3, 1, { fate: 'duplicate' }, { eid: EID('b'), ts: '2000' }),
  pointLine('event_fate', 4, 1, { fate: 'refused' }, { eid: EID('c'), ts: '3000' }),
  metricLine('checks', 'rate'),
  pointLine('checks', 4, 1, { check: 'is stored', group: '' }),
  pointLine('checks', 4, 0, { check: 'is stored', group: '' }),
  pointLine('checks', 5, 1, { check: 'is known', group: '' }),
  metricLine('iterations', 'counter'),
  pointLine('iterations', 9, 1),
  pointLine('iterations', 10, 1),
]

async function runStandIn(plan: StandIn, given: Partial<K6Run> = {}) {
  const { path, calls } = await writeStandIn(join(folder, String(made++)), { options: {}, samples: SAMPLES, ...plan })
  const log: string[] = []
  let printed = ''
  const ledger = join(folder, `${made}.ledger.ndjson`)
  const outcome = await runInK6({
    binary: { path, version: '1.2.3' },
    script: 'loadtests/scripts/smoke.ts',
    env: { RUN: 'r', WORLD: '{"songs":1,"name":"a=b"}' },
    out: { ledger },
    log: (_, line) => log.push(line),
    stdout: { write: (text) => (printed += text) },
    ...given,
  })
  const called = (await readFile(calls, 'utf8')).trim().split('\n')
  return { outcome, log, printed, ledger, calls: called.map((line) => JSON.parse(line) as string[]) }
}

describe('a run in k6', () => {
  it('is asked for by k6’s command line: settings, outputs, flags, script', async () => {
    const { calls } = await runStandIn({}, { flags: ['--vus', '3'], noThresholds: true })
    const settings = ['-e', 'RUN=r', '-e', 'WORLD={"songs":1,"name":"a=b"}']
    assert.deepEqual(calls[0], ['inspect', ...settings, 'loadtests/scripts/smoke.ts'])
    const [run, usage, ...rest] = calls[1]!
    assert.deepEqual([run, usage], ['run', '--no-usage-report'])
    assert.deepEqual(rest.slice(0, 4), settings)
    assert.equal(rest[4], '--out')
    assert.match(rest[5]!, /^json=.*\.gz$/)
    assert.equal(rest[6], '--summary-export')
    assert.deepEqual(rest.slice(8), ['--no-thresholds', '--vus', '3', 'loadtests/scripts/smoke.ts'])
  })

  it('gives the figures of its samples', async () => {
    const { outcome, ledger } = await runStandIn({})
    const result = k6Result(outcome, 'loadtests/scripts/smoke.ts', ledger)
    assert.equal(result.exitCode, 0)
    assert.equal(result.seconds, 10)
    assert.equal(result.listeners, 5)
    assert.deepEqual(result.requests, { count: 10, per_s: 1, failed: 1 })
    assert.deepEqual(result.iterations, { completed: 2, interrupted: 0, failed: 0, dropped: 0 })
    assert.deepEqual(result.checks, { passes: 2, fails: 1 })
    const { count, avg, p50, max } = result.http_req_duration
    assert.deepEqual([count, avg, p50, max], [10, 5.5, 5.5, 10])
    assert.deepEqual(result.fates, { accepted: 1, duplicate: 1, refused: 1, unknown: 0 })
    assert.equal(result.traffic.events, 3)
    assert.deepEqual(
      outcome.samples.timeline.buckets().map(({ at_s, vus }) => [at_s, vus]),
      Array.from({ length: 11 }, (_, at_s) => [at_s, 3]),
    )
  })

  it('leaves the ledger of its events, an answer a line', async () => {
    const { ledger } = await runStandIn({})
    const lines = (await readFile(ledger, 'utf8')).trim().split('\n')
    assert.deepEqual(
      lines
        .map((line) => JSON.parse(line) as { eid: string; ts: number; fate: string })
        .map((e) => [e.eid[0], e.ts, e.fate]),
      [
        ['a', 1000, 'accepted'],
        ['b', 2000, 'unknown'],
        ['b', 2000, 'duplicate'],
        ['c', 3000, 'refused'],
      ],
    )
  })

  it('passes on what k6 prints and logs, and keeps its samples and summary where asked', async () => {
    const out = { samples: join(folder, 'kept.json.gz'), summary: join(folder, 'kept.json') }
    const { printed, log } = await runStandIn(
      { stdout: 'summary\n', stderr: 'one\ntwo\n', summary: { metrics: { a: {} } } },
      { out },
    )
    assert.equal(printed, 'summary\n')
    assert.deepEqual(log, ['one', 'two'])
    const kept = gunzipSync(await readFile(out.samples))
      .toString()
      .trim()
      .split('\n')
    assert.deepEqual(
      kept.map((line) => JSON.parse(line)),
      SAMPLES,
    )
    assert.deepEqual(JSON.parse(await readFile(out.summary, 'utf8')), { metrics: { a: {} } })
  })

  it('ends with k6’s exit code, and names the thresholds that k6 says were missed', async () => {
    const thresholds = { http_req_duration: ['p(95)<5', 'max<100'], checks: ['rate>0.1'], never_used: ['count<1'] }
    const { outcome } = await runStandIn({
      options: { thresholds },
      exitCode: 99,
      // In k6's export, true is a threshold that was missed.
      summary: {
        metrics: {
          http_req_duration: { thresholds: { 'p(95)<5': true, 'max<100': false } },
          checks: { thresholds: { 'rate>0.1': false } },
        },
      },
    })
    assert.equal(outcome.exitCode, 99)
    assert.match(outcome.problem!, /^http_req_duration p\(95\)<5, was 9\.55$/)
    assert.deepEqual(
      outcome.thresholds.map(({ metric, threshold, ok }) => [metric, threshold, ok]),
      [
        ['http_req_duration', 'p(95)<5', false],
        ['http_req_duration', 'max<100', true],
        ['checks', 'rate>0.1', true],
        ['never_used', 'count<1', true],
      ],
    )
  })

  it('is judged by thresholds that k6 does not know, over windows too', async () => {
    const late = { http_req_duration: ['p(95)<5 over 3s'] }
    const { outcome } = await runStandIn({}, { thresholds: late })
    assert.equal(outcome.exitCode, 99)
    const [missed] = outcome.thresholds
    assert.equal(missed!.ok, false)
    assert.ok(missed!.window!.to_s - missed!.window!.from_s === 3)
    const early = await runStandIn({}, { thresholds: { http_req_duration: ['p(95)<5 over 3s before 4s'] } })
    assert.equal(early.outcome.exitCode, 0)
  })

  it('is judged by what the script exports for us beside its options, unless no threshold is to be', async () => {
    const samples = [
      metricLine('response_time', 'trend', 'time'),
      // Slow for the first minute and quick for a second one.
      ...Array.from({ length: 120 }, (_, at) => pointLine('response_time', at, at < 60 ? 9000 : 1)),
    ]
    const soak = { script: 'loadtests/scripts/soak.ts' }
    const { outcome } = await runStandIn({ samples }, soak)
    assert.equal(outcome.exitCode, 99)
    assert.match(outcome.problem!, /response_time p\(99\)<1500 over 60s after 10s, was 9000 from \d+s to \d+s/)
    const free = await runStandIn({ samples }, { ...soak, noThresholds: true })
    assert.deepEqual([free.outcome.exitCode, free.outcome.thresholds], [0, []])
  })

  it('says that it has not looked at such thresholds in a script that only k6 can run', async () => {
    const script = join(folder, 'blocking.ts')
    await writeFile(script, `import http from 'k6/http'\nexport default function () { http.get('http://x') }\n`)
    const { log } = await runStandIn({}, { script })
    assert.match(log.join('\n'), /musicbox\.thresholds of the script are not judged: .*blocking\.ts:2/)
  })

  it('has its own exit codes passed on with a sentence', async () => {
    const { outcome } = await runStandIn({ exitCode: 108 })
    assert.equal(outcome.exitCode, 108)
    assert.equal(outcome.problem, 'k6 ended with exit code 108')
  })

  it('is stopped by an interrupt, and its ledger holds what was known by then', async () => {
    const stop = new AbortController()
    const { outcome, ledger } = await runStandIn(
      { waits: true },
      { signal: stop.signal, stdout: { write: () => stop.abort() }, out: { ledger: join(folder, 'stopped.ndjson') } },
    ).then((ran) => ({ ...ran, ledger: join(folder, 'stopped.ndjson') }))
    assert.equal(outcome.exitCode, 105)
    assert.equal((await readFile(ledger, 'utf8')).trim().split('\n').length, 4)
  })

  it('fails with k6’s words when k6 cannot read the script', async () => {
    const { path } = await writeStandIn(join(folder, String(made++)), {})
    const run = runInK6({ binary: { path, version: '1.2.3' }, script: 'x.ts', env: {}, out: {} })
    await assert.rejects(run, /k6 cannot read x\.ts: GoError: script cannot be read/)
  })
})

describe('k6 on this machine', () => {
  it('is what K6_BIN names, else the first on PATH', async () => {
    const named = await writeStandIn(join(folder, 'named'), { version: '2.0.0' })
    const onPath = await writeStandIn(join(folder, 'path'), { version: '1.0.0' })
    const PATH = `/nowhere:${join(folder, 'path')}:${join(folder, 'named')}`
    assert.deepEqual(await findK6({ K6_BIN: named.path, PATH }), { path: named.path, version: '2.0.0' })
    assert.deepEqual(await findK6({ PATH }), { path: onPath.path, version: '1.0.0' })
    assert.equal(await findK6({ PATH: '/nowhere' }), undefined)
  })

  it('is refused when it is none, or too old for TypeScript, or missing where it is needed', async () => {
    const old = await writeStandIn(join(folder, 'old'), { version: '0.56.0' })
    await assert.rejects(findK6({ K6_BIN: old.path }), /expected k6 to be version 0\.57 or later.*got 0\.56\.0/)
    const { path: first } = await writeStandIn(join(folder, 'first'), { version: '0.57.0' })
    assert.equal((await findK6({ K6_BIN: first }))!.version, '0.57.0')
    await assert.rejects(findK6({ K6_BIN: '/nowhere/k6' }), /expected \/nowhere\/k6 to be k6 and to say its version/)
    await assert.rejects(findK6({ K6_BIN: '/bin/true' }), /to say its version, got ""/)
    await assert.rejects(requireK6({ PATH: '' }), { code: 'not.found' })
  })
})

describe('the verdict on k6', () => {
  it('follows lateness and processor time, and is not VALID when neither is known', () => {
    const verdicts = (
      [
        [1, 0.5],
        [30, 0.5],
        [1, 0.9],
        [200, 0.1],
        [undefined, 0.99],
        [undefined, 0.2],
        [undefined, undefined],
      ] as const
    ).map(([lateness, share]) => judgeK6(lateness, share).verdict)
    assert.deepEqual(verdicts, ['VALID', 'SUSPECT', 'SUSPECT', 'INVALID', 'INVALID', 'VALID', 'SUSPECT'])
  })

  it('reads processor time of a process whatever its name', () => {
    const rest = `S 1 1 1 0 -1 4194304 100 0 0 0 250 50 7 8 20 0 12`
    assert.equal(processorSeconds(`42 (k6) ${rest}`), 3)
    assert.equal(processorSeconds(`42 (a) b (c 9) ${rest}`), 3)
  })
})
