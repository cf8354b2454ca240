import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Verdict } from '../generator/generator-health.ts'
import { Metrics } from '../metrics/metric.ts'
import { readThresholds, type ThresholdResult, ThresholdWatch } from '../thresholds/thresholds.ts'
import { type SummaryData, type SummaryInput, summaryData, summaryExport } from './summary.ts'
import { summaryText } from './summary-text.ts'

const INVALID: Verdict = { verdict: 'INVALID', reasons: ['event-loop delay p99 was 150 ms, over 100 ms'] }
const SUSPECT: Verdict = { verdict: 'SUSPECT', reasons: ['event-loop delay p99 was 30 ms, over 25 ms'] }

describe('the summary as text', () => {
  it('has the blocks and lines that k6 users know, in their order', () => {
    const { data, results } = summaryOf()
    assert.equal(
      summaryText(data, results),
      `
  █ THRESHOLDS

    http_req_duration{name:search}
    ✓ 'p(95)<300' p(95)=200ms

    http_req_failed
    ✗ 'rate<0.1' rate=25.00%

    http_reqs
    ✓ 'count>1' count=4


  █ TOTAL RESULTS

    checks_total.......: 4 0.4/s
    checks_succeeded...: 75.00% 3 out of 4
    checks_failed......: 25.00% 1 out of 4

    ✓ is quick
    ✗ is right
      ↳  50% — ✓ 1 / ✗ 1

    CUSTOM
    answers...: 1234.5 123.45/s

    HTTP
    http_req_duration..............: avg=2m30s min=500µs med=1.25s max=1h2m3s p(90)=2m0s p(95)=0s
      { expected_response:true }...: avg=0s min=0s med=0s max=0s p(90)=0s p(95)=0s
      { name:search }..............: avg=200ms min=200ms med=200ms max=200ms p(90)=200ms p(95)=200ms
    http_req_failed................: 25.00% 1 out of 4
    http_reqs......................: 4 0.4/s

    EXECUTION
    iteration_duration...: avg=1.5s min=1.5s med=1.5s max=1.5s p(90)=1.5s p(95)=1.5s
    iterations...........: 1 0.1/s
    vus..................: 1 min=1 max=5

    NETWORK
    data_received...: 123 kB 12 kB/s
    data_sent.......: 9.9 MB 990 kB/s

    SYSTEM
    system_cpu.........: 0.5 min=0.25 max=0.75
    system_rss_bytes...: 84 MB min=84 MB max=84 MB
`,
    )
  })

  it('keeps to one unit of time when asked to', () => {
    const table: [unit: 's' | 'ms' | 'us', text: string][] = [
      ['s', 'avg=1.50s '],
      ['ms', 'avg=1500.00ms '],
      ['us', 'avg=1500000.00µs '],
    ]
    for (const [timeUnit, text] of table) {
      const { data, results } = summaryOf({ timeUnit })
      assert.ok(summaryText(data, results).includes(`iteration_duration...: ${text}`), timeUnit)
      assert.equal(data.options.summaryTimeUnit, timeUnit)
    }
  })

  it('says where a threshold over windows was worst, and which had nothing to judge by', () => {
    const { data } = summaryOf()
    const results: ThresholdResult[] = [
      {
        metric: 'http_req_duration',
        threshold: 'p(95)<300 over 30s',
        value: 412.5,
        ok: false,
        window: { from_s: 41, to_s: 71 },
      },
      {
        metric: 'http_req_duration',
        threshold: 'max<300 after 60s',
        value: 9,
        ok: true,
        window: { from_s: 60, to_s: 90 },
      },
      { metric: 'http_req_failed', threshold: 'rate<0.1 after 10m', value: 0, ok: true, unjudged: true },
    ]
    const text = summaryText(data, results)
    assert.ok(text.includes("    ✗ 'p(95)<300 over 30s' p(95)=412.5ms (worst, 41s to 71s)\n"))
    assert.ok(text.includes("    ✓ 'max<300 after 60s' max=9ms (60s to 90s)\n"))
    assert.ok(text.includes("    ✓ 'rate<0.1 after 10m' had nothing to judge by\n"))
  })

  it('names service time and response time, and what lies between, when the script measures both', () => {
    const gap = 'response time counts from the intended moment; the gap to service time is what waiting hid'
    assert.ok(!summaryText(...textOf()).includes(gap))
    const { data, results } = summaryOf({}, (metrics, emit) => {
      metrics.custom('response_time', 'trend', 'time')
      emit('response_time', 205)
    })
    assert.match(
      summaryText(data, results),
      new RegExp(
        ` {4}LATENCY\n {4}service time \\(http_req_duration\\)\\.+: avg=2m30s .*\n {4}response time \\(response_time\\)\\.+: avg=205ms .*\n {4}${gap}\n`,
      ),
    )
  })

  it('of an INVALID run has its reasons and counts, and no latency and no throughput', () => {
    const { data, results } = summaryOf({}, (metrics, emit) => {
      metrics.custom('response_time', 'trend', 'time')
      emit('response_time', 205)
    })
    const text = summaryText(data, results, { verdict: INVALID })
    assert.ok(text.includes('█ GENERATOR INVALID'))
    assert.ok(text.includes(INVALID.reasons[0]!))
    assert.ok(text.includes("✗ 'rate<0.1'\n"))
    assert.match(text, /http_reqs\.+: 4\n/)
    assert.match(text, /checks_total\.+: 4\n/)
    const figures = text.replace(INVALID.reasons[0]!, '')
    assert.doesNotMatch(figures, FIGURES)
    // The same look finds them where they are.
    assert.match(summaryText(data, results), FIGURES)
    assert.match(summaryText(data, results, { verdict: SUSPECT }), FIGURES)
  })

  it('of a SUSPECT run warns before its figures; of a VALID one says nothing of the generator', () => {
    const suspect = summaryText(...textOf(), { verdict: SUSPECT })
    assert.ok(suspect.includes('█ GENERATOR SUSPECT'))
    assert.ok(suspect.indexOf(SUSPECT.reasons[0]!) < suspect.indexOf('THRESHOLDS'))
    assert.equal(summaryText(...textOf(), { verdict: { verdict: 'VALID', reasons: [] } }), summaryText(...textOf()))
  })
})

describe('the summary export', () => {
  it('is flat, has a Rate as value, and true for a threshold that was missed', () => {
    const { metrics, root_group } = summaryExport(summaryOf().data) as {
      metrics: Record<string, Record<string, unknown>>
      root_group: { checks: Record<string, { passes: number; fails: number }> }
    }
    assert.deepEqual(metrics['http_req_failed'], { value: 0.25, passes: 1, fails: 3, thresholds: { 'rate<0.1': true } })
    assert.deepEqual(metrics['http_reqs'], { count: 4, rate: 0.4, thresholds: { 'count>1': false } })
    assert.deepEqual(metrics['vus'], { value: 1, min: 1, max: 5 })
    assert.equal(metrics['iteration_duration']!['p(95)'], 1500)
    assert.equal(root_group.checks['is right']!.fails, 1)
  })
})

/** A duration, or something in a second. */
const FIGURES = /\d(?:s|ms|µs)\b|\/s\b|avg=/

function textOf(): [SummaryData, ThresholdResult[]] {
  const { data, results } = summaryOf()
  return [data, results]
}

/** Ten seconds of a run. */
function summaryOf(
  options: Partial<Pick<SummaryInput, 'timeUnit'>> = {},
  more: (metrics: Metrics, emit: (name: string, value: number) => void) => void = () => {},
): { data: SummaryData; results: ThresholdResult[] } {
  const metrics = new Metrics()
  metrics.custom('answers', 'counter', 'default')
  metrics.custom('system_cpu', 'gauge', 'default')
  metrics.custom('system_rss_bytes', 'gauge', 'data')
  const watch = new ThresholdWatch(
    readThresholds(
      {
        'http_req_duration{name:search}': ['p(95)<300'],
        http_req_failed: ['rate<0.1'],
        http_reqs: ['count>1'],
      },
      metrics,
    ),
  )
  const emit = (name: string, value: number, tags: Record<string, string> = {}): void =>
    metrics.emit(metrics.all.get(name)!, value, metrics.tagSets.root.withAll(tags), 0)
  emit('http_req_duration', 200, { name: 'search' })
  for (const value of [0, 1, 0, 0]) {
    emit('http_req_failed', value)
    emit('http_reqs', 1)
  }
  for (const value of [5, 1]) emit('vus', value)
  for (const value of [0.25, 0.75, 0.5]) emit('system_cpu', value)
  emit('system_rss_bytes', 83_881_984)
  emit('answers', 1234.5)
  emit('iterations', 1)
  emit('iteration_duration', 1500)
  emit('data_received', 123_456)
  emit('data_sent', 9_900_000)
  for (const value of [1, 0, 1, 1]) emit('checks', value)
  more(metrics, emit)
  const results = watch.results(10)
  const data = summaryData({
    metrics,
    checks: [
      { name: 'is quick', group: '', passes: 2, fails: 0 },
      { name: 'is right', group: '', passes: 1, fails: 1 },
    ],
    thresholds: results,
    trendStats: ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)'],
    duration_ms: 10_000,
    isTerminal: false,
    setupData: undefined,
    ...options,
  })
  // Values of every size, for the text.
  const sizes = { avg: 150_000, min: 0.5, med: 1250, max: 3_723_000, 'p(90)': 119_700, 'p(95)': 0 }
  Object.assign(data.metrics['http_req_duration']!.values, sizes)
  return { data, results }
}
