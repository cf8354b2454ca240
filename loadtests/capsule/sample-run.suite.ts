/** Runs for tests, made by a small law: what a capsule of a real run looks like, at any size and of any kind. */
import type { Histogram } from 'hdr-histogram-js'
import { encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import { type Draws, drawsAt, type Key } from '../../datasets/random.ts'
import { newHistogram } from '../metrics/distribution.ts'
import type { SeriesPoint, TimelineBucket } from '../metrics/timeline.ts'
import { CAPSULE_VERSION, type Capsule } from './capsule.ts'

export interface SampleLaw {
  seed: number
  /** Default 60. */
  seconds?: number
  /** Default 100. */
  requests_per_s?: number
  /** Median service time; default 10 ms. */
  median_ms?: number
  /** How much of a second's level stays in the next one, 0 to 1: what makes samples of one run alike. Default 0. */
  persistence?: number
  /** Spread of the level over seconds, as a logarithm. Default 0.02. */
  swing?: number
  /** Share of requests that fail. Default 0. */
  errors?: number
}

/** A valid run by this law; the same seed makes the same. */
export function sampleRun(law: SampleLaw, over: Partial<Capsule> = {}): Capsule {
  const { seed, seconds = 60, requests_per_s = 100, median_ms = 10, persistence = 0, swing = 0.02, errors = 0 } = law
  const draws = drawsAt(KEY, 1, seed)
  const totals = { service: newHistogram(), response: newHistogram() }
  const timeline: TimelineBucket[] = []
  const sums = { count: 0, failed: 0 }
  let level = normal(draws)
  for (let at_s = 0; at_s < seconds; at_s++) {
    level = persistence * level + Math.sqrt(1 - persistence ** 2) * normal(draws)
    const here_ms = median_ms * Math.exp(swing * level)
    const service = newHistogram()
    const response = newHistogram()
    const count = Math.max(1, Math.round(requests_per_s + Math.sqrt(requests_per_s) * normal(draws)))
    let failed = 0
    for (let i = 0; i < count; i++) {
      const ms = here_ms * Math.exp(0.4 * normal(draws))
      const waited_ms = draws.unit() < 0.1 ? 5 * draws.unit() : 0
      service.recordValue(Math.round(ms * 1000))
      response.recordValue(Math.round((ms + waited_ms) * 1000))
      if (draws.unit() < errors) failed++
    }
    totals.service.add(service)
    totals.response.add(response)
    sums.count += count
    sums.failed += failed
    timeline.push({
      at_s,
      width_s: 1,
      vus: Math.min(50, 10 + at_s),
      series: {
        http_reqs: { type: 'counter', total: count },
        http_req_failed: { type: 'rate', total: count, trues: failed },
        checks: { type: 'rate', total: count, trues: count - failed },
        http_req_duration: trend(service),
        response_time: trend(response),
        'event_fate{fate:accepted}': { type: 'counter', total: count - failed },
        'event_fate{fate:refused}': { type: 'counter', total: failed },
      },
    })
  }
  return {
    ...EMPTY_RUN,
    timeline,
    histograms: {
      http_req_duration: encodeIntoCompressedBase64(totals.service),
      response_time: encodeIntoCompressedBase64(totals.response),
    },
    checks: [{ name: 'event is stored', group: '', passes: sums.count - sums.failed, fails: sums.failed }],
    ...over,
    result: {
      ...EMPTY_RUN.result,
      seconds,
      iterations: { completed: 50, interrupted: 0, failed: 0, dropped: 0 },
      fates: { accepted: sums.count - sums.failed, duplicate: 0, refused: sums.failed, unknown: 0 },
      accepted_per_s: (sums.count - sums.failed) / seconds,
      traffic: { events: sums.count, digest: '5f'.repeat(16), malformed: 0 },
      requests: { count: sums.count, per_s: sums.count / seconds, failed: sums.failed },
      http_req_duration: latencyOf(totals.service),
      response_time: latencyOf(totals.response),
      checks: { passes: sums.count - sums.failed, fails: sums.failed },
      ...over.result,
    },
  }
}

const KEY: Key = [0x6d757369, 0x63626f78, 0, 0]

const NOTHING = { count: 0, avg: 0, p50: 0, p90: 0, p95: 0, p99: 0, max: 0 }

const EMPTY_RUN: Capsule = {
  format: 'musicbox-run',
  version: CAPSULE_VERSION,
  run: 'sample',
  seed: 'harvest moon',
  command: ['musicbox', 'load', 'listeners', '--listeners', '50', '--run', 'sample'],
  script: 'listeners.ts',
  script_hash: 'ab'.repeat(32),
  options: { scenarios: { listeners: { executor: 'shared-iterations', vus: 50, iterations: 50 } } },
  env: { LISTENERS: '50', EVENT_API: 'http://127.0.0.1:8080' },
  versions: { musicbox: '0.1.0', node: 'v24.21.0' },
  machine: { cores: 2, memory_bytes: 8 * 2 ** 30, cpu: 'Example CPU', os: 'Linux 6.1' },
  started_ms: Date.UTC(2026, 10, 1, 12),
  result: {
    exitCode: 0,
    listeners: 50,
    seconds: 0,
    iterations: { completed: 0, interrupted: 0, failed: 0, dropped: 0 },
    fates: { accepted: 0, duplicate: 0, refused: 0, unknown: 0 },
    accepted_per_s: 0,
    traffic: { events: 0, digest: '0'.repeat(32), malformed: 0 },
    requests: { count: 0, per_s: 0, failed: 0 },
    http_req_duration: NOTHING,
    response_time: NOTHING,
    checks: { passes: 0, fails: 0 },
    thresholds: [],
    generator: { verdict: 'VALID', reasons: [], loop_delay_ms_p99: 3.2, start_lateness_ms_p99: 1.4, cpu_share: 0.31 },
  },
  checks: [],
  timeline: [],
  marks: [],
  histograms: {},
}

function trend(histogram: Histogram): SeriesPoint {
  const at = (percent: number): number => histogram.getValueAtPercentile(percent) / 1000
  const count = histogram.totalCount
  return {
    type: 'trend',
    count,
    sum: (histogram.mean * count) / 1000,
    min: histogram.minNonZeroValue / 1000,
    max: histogram.maxValue / 1000,
    p50: at(50),
    p90: at(90),
    p95: at(95),
    p99: at(99),
    p999: at(99.9),
    histogram: encodeIntoCompressedBase64(histogram),
  }
}

function latencyOf(histogram: Histogram): Capsule['result']['http_req_duration'] {
  const at = (percent: number): number => histogram.getValueAtPercentile(percent) / 1000
  return {
    count: histogram.totalCount,
    avg: histogram.mean / 1000,
    p50: at(50),
    p90: at(90),
    p95: at(95),
    p99: at(99),
    max: histogram.maxValue / 1000,
  }
}

/** Standard normal, by the polar method of Box and Muller. */
function normal(draws: Draws): number {
  return Math.sqrt(-2 * Math.log(1 - draws.unit())) * Math.cos(2 * Math.PI * draws.unit())
}
