import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { runCommand } from '../../datasets/command.suite.ts'
import { addDays } from '../../datasets/day.ts'
import { createWorld } from '../../simulation/kernel/world.ts'
import { writeWorldFile } from '../../simulation/world-file.ts'
import { parityCommand } from '../parity.command.ts'
import type { RunResult } from '../run-result.ts'
import { metricLine, pointLine, writeStandIn } from './k6-stand-in.suite.ts'
import { compareEngines } from './parity.ts'

const latency = (scale: number): RunResult['http_req_duration'] => ({
  count: 100,
  avg: 12 * scale,
  p50: 10 * scale,
  p90: 20 * scale,
  p95: 30 * scale,
  p99: 60 * scale,
  max: 90 * scale,
})

const RUN = {
  exitCode: 0,
  script: 'x.ts',
  listeners: 10,
  seconds: 10,
  iterations: { completed: 10, interrupted: 0, failed: 0, dropped: 0 },
  fates: { accepted: 90, duplicate: 0, refused: 0, unknown: 0 },
  accepted_per_s: 9,
  traffic: { events: 90, digest: 'a'.repeat(32), malformed: 0 },
  requests: { count: 100, per_s: 10, failed: 0 },
  http_req_duration: latency(1),
  response_time: latency(1),
  checks: { passes: 100, fails: 0 },
  thresholds: [{ metric: 'checks', threshold: 'rate>0.9', value: 1, ok: true }],
  generator: { verdict: 'VALID', reasons: [], loop_delay_ms_p99: 1, start_lateness_ms_p99: 1, cpu_share: 0.1 },
  init_ms: 1,
} as unknown as RunResult

const differing = (embedded: RunResult, k6: RunResult): string[] =>
  compareEngines(embedded, k6)
    .filter(({ agree }) => !agree)
    .map(({ figure }) => figure)

describe('two engines beside each other', () => {
  it('agree with themselves, and when percentiles are within the factor or a few milliseconds', () => {
    assert.deepEqual(differing(RUN, RUN), [])
    assert.deepEqual(differing(RUN, { ...RUN, http_req_duration: latency(1.9) }), [])
    const [quick, slower] = [
      { ...RUN, response_time: latency(0.01) },
      { ...RUN, response_time: latency(0.08) },
    ]
    assert.deepEqual(differing(quick, slower), [])
    assert.deepEqual(differing(RUN, { ...RUN, fates: { ...RUN.fates, accepted: 0, duplicate: 90 } }), [])
  })

  it('differ by a single count, by another digest, by a percentile too far off and by the threshold that was missed', () => {
    const changed: [Partial<RunResult>, string[]][] = [
      [{ requests: { ...RUN.requests, count: 101 } }, ['requests']],
      [{ fates: { ...RUN.fates, accepted: 89, refused: 1 } }, ['events stored']],
      [{ traffic: { ...RUN.traffic, digest: 'b'.repeat(32) } }, ['traffic digest']],
      [{ checks: { passes: 99, fails: 1 } }, ['checks passed', 'checks failed']],
      [{ http_req_duration: { ...latency(1), p99: 121 } }, ['http_req_duration p99 (ms)']],
      [{ thresholds: [{ metric: 'checks', threshold: 'rate>0.9', value: 0, ok: false }] }, ['thresholds missed']],
    ]
    for (const [change, figures] of changed) {
      assert.deepEqual(differing(RUN, { ...RUN, ...change }), figures)
      assert.deepEqual(differing({ ...RUN, ...change }, RUN), figures)
    }
  })
})

describe('musicbox parity', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'musicbox-parity-'))
  const data = join(folder, 'data')
  await writeWorldFile(data, {
    seed: 'musicbox',
    world: createWorld({ songCount: 100, userCount: 20, firstDay: '2026-01-01', liveDay: '2026-01-03' }),
    lastDay: addDays('2026-01-01', 1),
    events: 0,
  })
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  after(async () => {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true })
  })
  const script = new URL('./parity.fixture.ts', import.meta.url).pathname

  const parity = (env: Record<string, string>) =>
    runCommand(
      parityCommand,
      ['parity', script, '--data', data, '--event-api', target, '--apart', '60000', '--json', '--quiet'],
      {
        env,
        now: Date.now,
      },
    )

  it('ends with 7 and says what to do when there is no k6', async () => {
    const { exit, err } = await parity({ PATH: '/nowhere' })
    assert.equal(exit, 7)
    assert.match(err, /expected k6 on PATH or in K6_BIN, found neither/)
    assert.match(err, /set K6_BIN/)
  })

  it('runs both and ends with 0 when they agree, 1 when they do not', async () => {
    const samples = (requests: number): object[] => [
      metricLine('vus_max', 'gauge'),
      pointLine('vus_max', 0, 2),
      metricLine('http_reqs', 'counter'),
      metricLine('http_req_duration', 'trend', 'time'),
      metricLine('http_req_failed', 'rate'),
      metricLine('checks', 'rate'),
      ...Array.from({ length: requests }, () => [
        pointLine('http_reqs', 1, 1),
        pointLine('http_req_duration', 1, 1),
        pointLine('http_req_failed', 1, 0),
        pointLine('checks', 1, 1, { check: 'is answered' }),
      ]).flat(),
      metricLine('iterations', 'counter'),
      ...Array.from({ length: requests }, () => pointLine('iterations', 1, 1)),
    ]
    // The fixture makes six requests.
    for (const [requests, exit] of [
      [6, 0],
      [5, 1],
    ] as const) {
      const { path } = await writeStandIn(join(folder, `k6-${requests}`), { options: {}, samples: samples(requests) })
      const ran = await parity({ K6_BIN: path })
      const { agree, rows } = JSON.parse(ran.out) as { agree: boolean; rows: { figure: string; agree: boolean }[] }
      assert.equal(ran.exit, exit, ran.out + ran.err)
      assert.equal(agree, exit === 0)
      const differ = rows.filter((row) => !row.agree).map(({ figure }) => figure)
      assert.deepEqual(differ, exit === 0 ? [] : ['iterations', 'requests', 'checks passed'])
    }
  })
})
