import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SeriesPoint, TimelineBucket } from '../metrics/timeline.ts'
import { type Measured, stepOf } from './step.ts'

const OPTIONS = { warmUp_s: 2, load_s: 20, cores: 4 }
const LATENCY = { count: 1000, avg: 5, p50: 4, p90: 9, p95: 10, p99: 20, max: 40 }
const FIT = { loop_delay_ms_p99: 1, start_lateness_ms_p99: 1, cpu_share: 0.2 }

const gauge = (value: number): SeriesPoint => ({ type: 'gauge', value, min: value, max: value })
const trend = (p50: number): SeriesPoint => ({
  type: 'trend',
  ...{ count: 100, sum: 100 * p50, min: 1, max: 2 * p50 },
  ...{ p50, p90: p50, p95: p50, p99: p50, p999: p50 },
})

/** A run of 22 seconds whose series are a function of the second. */
function run(series: (at_s: number) => Record<string, SeriesPoint> = () => ({})): Measured {
  const timeline: TimelineBucket[] = Array.from({ length: 22 }, (_, at_s) => ({
    at_s,
    width_s: 1,
    vus: 10,
    series: { response_time: trend(4 + (at_s % 3)), ...series(at_s) },
  }))
  return {
    timeline,
    thresholds: [{ metric: 'system_cpu{service:event-api}', threshold: 'value>=0', value: -1, ok: false }],
    generator: { verdict: 'VALID', reasons: [], ...FIT },
    fates: { accepted: 2000, duplicate: 0, refused: 0, unknown: 0 },
    accepted_per_s: 100,
    requests: { count: 2100, per_s: 105, failed: 0 },
    response_time: LATENCY,
    http_req_duration: { ...LATENCY, p95: 8 },
  }
}

describe('a step of the search for capacity', () => {
  it('holds when thresholds hold and nothing grows; what is only looked at is no threshold', () => {
    assert.deepEqual(stepOf(10, run(), OPTIONS), {
      load: 10,
      outcome: 'holds',
      reasons: [],
      throughput_per_s: 100,
      p95_ms: 10,
    })
  })

  it('breaks by a threshold, and says which part is at its limit', () => {
    const missed = { metric: 'response_time', threshold: 'p(95)<5', value: 10, ok: false }
    const busy = run(() => ({ 'system_cpu{service:event-api}': gauge(0.98) }))
    const step = stepOf(10, { ...busy, thresholds: [missed] }, OPTIONS)
    assert.equal(step.outcome, 'breaks')
    assert.deepEqual(step.reasons, ['response_time p(95)<5 was 10'])
    assert.equal(step.saturated?.stage, 'event-api')
  })

  it('breaks by each backlog that grows though all thresholds hold', () => {
    const table: [(at_s: number) => Record<string, SeriesPoint>, RegExp][] = [
      [(at_s) => ({ response_time: trend(5 + 40 * at_s) }), /response time grows: 4\.0 % of the load/],
      [(at_s) => ({ http_in_flight: gauge(3 * at_s) }), /requests in the servers grows: 3\.0 %/],
      [(at_s) => ({ 'stage_lag_events{stage:collector}': gauge(50 + 30 * at_s) }), /collector’s lag grows: 30\.0 %/],
      [
        () => ({ dropped_iterations: { type: 'counter', total: 5 }, iterations: { type: 'counter', total: 95 } }),
        /5\.0 %/,
      ],
    ]
    for (const [series, words] of table) {
      const step = stepOf(10, run(series), OPTIONS)
      assert.equal(step.outcome, 'breaks')
      assert.equal(step.reasons.length, 1)
      assert.match(step.reasons[0]!, words)
    }
  })

  it('looks at the load alone, not at its warming up or its end', () => {
    const step = stepOf(
      10,
      run((at_s) => ({ http_in_flight: gauge(at_s < 2 || at_s >= 20 ? 1000 : 5) })),
      OPTIONS,
    )
    assert.equal(step.outcome, 'holds')
  })

  it('is no word on the system where the generator was not fit, or nothing was answered', () => {
    const missed = { metric: 'response_time', threshold: 'p(95)<5', value: 10, ok: false }
    const unfit = { ...FIT, verdict: 'INVALID' as const, reasons: ['late'] }
    assert.deepEqual(stepOf(10, { ...run(), thresholds: [missed], generator: unfit }, OPTIONS).outcome, 'invalid')
    const nothing = { ...LATENCY, count: 0 }
    const silent = { ...run(), response_time: nothing, http_req_duration: nothing }
    assert.equal(stepOf(10, silent, OPTIONS).outcome, 'invalid')
  })

  it('counts requests where the script sends no events, and service time where it plans no moments', () => {
    const fates = { accepted: 0, duplicate: 0, refused: 0, unknown: 0 }
    const step = stepOf(10, { ...run(), fates, response_time: { ...LATENCY, count: 0 } }, OPTIONS)
    assert.deepEqual([step.throughput_per_s, step.p95_ms], [105, 8])
  })
})
