/**
 * The dashboard against reality: real servers, real jobs, real events over HTTP, a real Prometheus; then every query of
 * every panel must return data. One fault is planted, shed requests, because their panel is empty while all is well.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { startEventServer } from '../api/events/server.ts'
import { HTTP_LIMITS } from '../api/http/limits.ts'
import type { RunningServer } from '../api/http/server.ts'
import { startReportServer } from '../api/reports/server.ts'
import { DAY_MS, dayOf, dayStartMs } from '../datasets/day.ts'
import type { WireEvent } from '../datasets/event.ts'
import type { Artist, Song } from '../datasets/music.ts'
import { drawsAt, hex128 } from '../datasets/random.ts'
import { type Backend, openBackend } from '../pipeline/backend.ts'
import { jobsHealth, runJobs } from '../pipeline/jobs.ts'
import { loadHistory } from '../pipeline/load-history.ts'
import { type DashboardJson, dashboardQueries, SAMPLE_VARIABLES } from './dashboards/lint.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { skipWithoutPrometheus } from './prometheus/installed.ts'
import { type PrometheusServer, type Series, startPrometheus } from './prometheus/server.ts'
import { substituted } from './promql.ts'
import { type MetricsEndpoint, serveMetrics } from './serve-metrics.ts'

/** Queries that return nothing in this run, by `panel / refId`, with the reason. */
const EMPTY_WHEN_HEALTHY: Readonly<Record<string, string>> = {}

const ROUNDS = 12
const EVENTS_PER_ROUND = 40
/** Two, because a rate needs a series to be there before it grows. */
const SHED_ROUNDS = [6, 8]
/** Series that one process may export: a label that grows with users or songs would pass it at once. */
const SERIES_MAX = 2000
/** These count calendar hours and days, which promtool takes for durations in the wrong unit. */
const NO_UNITS = ['musicbox_audit_mismatched_hours', 'musicbox_night_days_total']

const dashboard = JSON.parse(
  readFileSync(join(import.meta.dirname, 'grafana/dashboards/overview.json'), 'utf8'),
) as DashboardJson

describe('the overview after a real run', { skip: skipWithoutPrometheus(process.env) }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'musicbox-overview-'))
  const stopping = new AbortController()
  const sent = { accepted: 0, duplicates: 0, refused: 0 }
  const jobLines: string[] = []
  let loopDelay_ms = 0
  let backend: Backend
  let events: RunningServer
  let reports: RunningServer
  let pipeline: MetricsEndpoint
  let jobs: Promise<void> | undefined
  let prometheus: PrometheusServer
  let range: { start_s: number; end_s: number; step_s: number }

  before(async () => {
    backend = openBackend({ data: join(folder, 'data') })
    await loadHistory(backend, { ...CATALOGUE, days: noDays() })
    const tables = await backend.tables()
    events = await startEventServer({
      log: await backend.log(),
      tables,
      port: 0,
      metricsPort: 0,
      loopDelay_ms: () => loopDelay_ms,
    })
    reports = await startReportServer({ tables, port: 0, metricsPort: 0 })
    const metrics = createMetrics('pipeline', { runtime: true })
    pipeline = await serveMetrics(metrics, { port: 0 })
    const store = join(folder, 'prometheus')
    mkdirSync(store)
    prometheus = await startPrometheus({
      folder: store,
      targets: [
        { service: 'event-api', address: new URL(events.metricsUrl).host },
        { service: 'report-api', address: new URL(reports.metricsUrl).host },
        { service: 'pipeline', address: new URL(pipeline.url).host },
      ],
    })
    const start_s = Math.floor(Date.now() / 1000)
    await until(async () => (await prometheus.query('up == 1')).length === 3)

    // Rounds more than a second apart, so that each rate sees its counter move between scrapes.
    for (let round = 0; round < ROUNDS; round++) {
      if (round === 3) jobs = startJobs(backend, metrics, stopping.signal, jobLines)
      await post(events.url, roundEvents(round), sent)
      await fetch(`${reports.url}/v1/reports/top/songs`).then((response) => response.arrayBuffer())
      if (SHED_ROUNDS.includes(round)) {
        loopDelay_ms = HTTP_LIMITS.loop_delay_ms_max + 1
        assert.equal((await fetch(`${events.url}/v1/search/songs?q=x`)).status, 503)
        loopDelay_ms = 0
      }
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
    const audited = until(async () => {
      assert.deepEqual(
        jobLines.filter((line) => line.includes('failed')),
        [],
      )
      return (await prometheus.query('musicbox_audit_gap_events')).length > 0
    })
    await Promise.race([audited, jobs!.then(() => assert.fail('the jobs ended before they were told to'))])
    range = { start_s, end_s: Math.ceil(Date.now() / 1000), step_s: 1 }
  })

  after(async () => {
    stopping.abort()
    // Its failure has been reported by then; what was started must still be stopped.
    await jobs?.catch(() => undefined)
    await prometheus?.stop()
    await Promise.all([events?.close(), reports?.close(), pipeline?.close()])
    await backend?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const run = (expr: string): Promise<Series[]> =>
    prometheus.queryRange(substituted(expr, { ...SAMPLE_VARIABLES, __rate_interval: '4s', __range: '1m' }), range)

  for (const { id, expr } of dashboardQueries(dashboard)) {
    it(`${id} returns data`, async () => {
      const series = await run(expr)
      if (id in EMPTY_WHEN_HEALTHY) assert.equal(hasData(series), false, 'has data: take it off the list')
      else assert.ok(hasData(series), `expected data from ${expr}, got ${JSON.stringify(series).slice(0, 200)}`)
    })
  }

  it('a query that returns nothing, or only NaN, would be noticed', async () => {
    assert.equal(hasData(await run('musicbox_no_such_series')), false)
    assert.equal(hasData(await run('0 * sum(musicbox_log_end_offset) / 0')), false)
  })

  it('the counters agree with what the server answered', async () => {
    const now = async (expr: string): Promise<number> => Number((await prometheus.query(expr))[0]?.values[0]?.[1])
    await until(async () => (await now('sum(musicbox_events_accepted_total)')) === sent.accepted)
    assert.equal(await now('sum(musicbox_events_duplicate_total)'), sent.duplicates)
    assert.equal(await now('sum(musicbox_events_refused_total)'), sent.refused)
    assert.equal(await now('sum(musicbox_events_received_total)'), sent.accepted + sent.duplicates + sent.refused)
    assert.equal(await now('sum(max by (partition) (musicbox_log_end_offset))'), sent.accepted)
    assert.ok(sent.accepted > 300 && sent.duplicates > 0 && sent.refused > 0)
  })

  it('nothing is lost or doubled, and no alert but the watchdog fires', async () => {
    const [gap] = await prometheus.query('sum(abs(musicbox_audit_gap_events))')
    assert.equal(gap?.values[0]?.[1], '0')
    const firing = await prometheus.query('ALERTS{alertstate="firing"}')
    assert.deepEqual(
      firing.map(({ metric }) => metric['alertname']),
      ['Watchdog'],
    )
  })

  it('every rule is evaluated without an error', async () => {
    const { groups } = (await prometheus.get('rules')) as {
      groups: { rules: { name: string; health: string; lastError?: string }[] }[]
    }
    const rules = groups.flatMap((group) => group.rules)
    assert.ok(rules.length > 10)
    assert.deepEqual(
      rules.filter(({ health }) => health !== 'ok'),
      [],
    )
  })

  it('each process exports a bounded number of series, named as Prometheus asks', async () => {
    for (const url of [events.metricsUrl, reports.metricsUrl, pipeline.url]) {
      const exposition = await (await fetch(url)).text()
      const series = exposition.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
      assert.ok(series.length < SERIES_MAX, `${url}: ${series.length} series`)
      // Some of Node's own names break the rules; ours may not.
      const ours = exposition.split('\n').filter((line) => /^(?:# \w+ )?musicbox_/.test(line))
      const check = spawnSync('promtool', ['check', 'metrics'], { input: `${ours.join('\n')}\n`, encoding: 'utf8' })
      assert.ok(check.error === undefined)
      const problems = (check.stdout + check.stderr).split('\n').filter((line) => line !== '')
      assert.deepEqual(
        problems.filter((problem) => !NO_UNITS.some((name) => problem.startsWith(`${name} use base unit`))),
        [],
      )
    }
  })
})

/** Whether anything would be drawn: one value that is a number. */
function hasData(series: readonly Series[]): boolean {
  return series.some(({ values }) => values.some(([, value]) => Number.isFinite(Number(value))))
}

/** The collector every two seconds, and one night within this run. */
function startJobs(backend: Backend, metrics: Metrics, signal: AbortSignal, lines: string[]): Promise<void> {
  const NIGHT_IN_MS = 3000
  return runJobs({
    backend,
    clock: Date.now,
    metrics,
    collect_every_ms: 2000,
    night_at_ms: (Date.now() + NIGHT_IN_MS) % DAY_MS,
    signal,
    health: jobsHealth(Date.now),
    onHopeless: (reason) => assert.fail(reason),
    log: (line) => void lines.push(line),
  })
}

async function* noDays(): AsyncGenerator<never> {}

const ARTIST: Artist = {
  artist_id: 'ARMETRC1187B9A4F01',
  artist_name: 'The Tested Gauges',
  familiarity: 0.5,
  hotttnesss: 0.5,
  latitude: 40,
  longitude: -74,
  location: 'Gaugeville',
  terms: [{ term: 'indie', weight: 1 }],
  similar: [],
}

const SONGS: Song[] = ['A', 'B', 'C', 'D', 'E'].map((letter, index) => ({
  track_id: `TRMETR${letter}1187B9A4F0${index}`,
  song_id: `SOMETR${letter}1187B9A4F0${index}`,
  title: `Scrape ${letter}`,
  artist_id: ARTIST.artist_id,
  artist_name: ARTIST.artist_name,
  album_id: 'ALMETRC1187B9A4F01',
  release: 'Exposition',
  genre: 'indie',
  year: 2014,
  duration_ms: 200_000,
  tempo: 120,
  key: 0,
  energy: 0.5,
  song_hotttnesss: 0.5,
}))

const CATALOGUE = { songs: () => SONGS, artists: () => [ARTIST], users: () => [] }

/** Yesterday's events, since the night job publishes whole days; the last of each round is sent twice, one is wrong. */
function roundEvents(round: number): object[] {
  const start_ms = dayStartMs(dayOf(Date.now() - DAY_MS))
  const good = Array.from({ length: EVENTS_PER_ROUND }, (_, index): WireEvent => {
    const draws = drawsAt([0x6d75, 0x7369, 0x6362, 0x6f78], 1, round, index)
    return {
      eid: hex128([draws.u32(), draws.u32(), draws.u32(), draws.u32()]),
      ts: start_ms + draws.below(DAY_MS),
      uid: `user-${draws.below(20)}`,
      session: `s-${round}`,
      event: draws.below(5) === 0 ? 'skip' : 'play',
      songid: SONGS[draws.below(SONGS.length)]!.track_id,
    }
  })
  return [...good, good[EVENTS_PER_ROUND - 1]!, { ...good[0], eid: 'not hex' }]
}

async function post(url: string, events: object[], sent: Record<'accepted' | 'duplicates' | 'refused', number>) {
  const response = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(events),
  })
  assert.equal(response.status, 202)
  const answer = (await response.json()) as typeof sent
  for (const fate of ['accepted', 'duplicates', 'refused'] as const) sent[fate] += answer[fate]
}

/** Waits for what must come; the test runner's own limit ends it. */
async function until(happened: () => Promise<boolean>): Promise<void> {
  while (!(await happened())) await new Promise((resolve) => setTimeout(resolve, 200))
}
