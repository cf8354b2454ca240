import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Threshold as ThresholdOption } from 'k6/options'
import { MusicboxError } from '../../datasets/failure.ts'
import { Metrics } from '../metrics/metric.ts'
import type { Sink } from '../metrics/sink.ts'
import { parseThreshold } from './threshold-expression.ts'
import { describeMissed, readThresholds, type ThresholdResult, ThresholdWatch } from './thresholds.ts'

describe('thresholds', () => {
  it('hold or miss by the statistic they name', () => {
    const table: [metric: string, threshold: string, value: number, ok: boolean][] = [
      ['t', 'avg<2.51', 2.5, true],
      ['t', 'avg<2.5', 2.5, false],
      ['t', 'avg<=2.5', 2.5, true],
      ['t', 'min>=1', 1, true],
      ['t', 'max!=4', 4, false],
      ['t', 'med==2.5', 2.5, true],
      ['t', 'p(50) === 2.5', 2.5, true],
      ['t', 'p(99.9)<3.99', 3.997, false],
      ['c', 'count>=30', 30, true],
      ['c', 'rate>3', 3, false],
      ['r', 'rate>0.74', 0.75, true],
      ['g', 'value<7', 7, false],
      ['t{kind:a}', 'max<2', 1, true],
      ['t{kind:a,other:x}', 'max<2', 0, true],
      ['c{kind:"b"}', 'count==20', 20, true],
    ]
    for (const [metric, threshold, value, ok] of table) {
      const [result] = sampled({ [metric]: [threshold] }).results(10)
      assert.ok(Math.abs(result!.value - value) < 1e-9, `${metric} ${threshold}: ${result!.value}`)
      assert.equal(result!.ok, ok, `${metric} ${threshold}`)
    }
  })

  it('refuse what is malformed, unknown or not a statistic of the metric, saying what would do', () => {
    const refused: [metric: string, threshold: unknown, words: RegExp][] = [
      ['nothing', 'count>1', /"nothing" names a metric that does not exist/],
      ['t', 'rate>1', /trend such as "t" has no rate/],
      ['c', 'p(95)<1', /counter such as "c" has no p/],
      ['t', 'p95<1', /like p\(95\)<300/],
      ['t', 'p(101)<1', /like p\(95\)<300/],
      ['t', 'P(95)<1', /like p\(95\)<300/],
      ['t', 'avg<', /like p\(95\)<300/],
      ['t', 'avg=<1', /like p\(95\)<300/],
      ['t', { abortOnFail: true }, /text or \{ threshold/],
      ['t{kind}', 'avg<1', /expected tag:value/],
      ['t', 'avg<1 over', /like p\(95\)<300/],
      ['t', 'avg<1 during 3s', /like p\(95\)<300/],
      ['t', 'avg<1 over soon', /duration like 90s/],
      ['t', 'avg<1 over 30', /"over" to be whole seconds/],
      ['t', 'avg<1 over 1500ms', /"over" to be whole seconds/],
      ['t', 'avg<1 over 0s', /"over" to be whole seconds/],
      ['t', 'avg<1 over 11m', /"over" to be 10m at most/],
      ['t', 'avg<1 over 3s over 4s', /"over" once/],
      ['t', 'avg<1 after 9s before 9s', /time between "after" and "before"/],
      ['t', 'avg<1 over 3s after 7s before 9s', /3s between "after" and "before", got 2s/],
      ['g', 'value!=1 over 3s', /for a gauge over part of the run, got !=/],
    ]
    for (const [metric, threshold, words] of refused) {
      const option = { [metric]: [threshold as ThresholdOption] }
      assert.throws(() => readThresholds(option, metricsOf()), isInputError(words), String(threshold))
    }
  })

  it('read blanks, exponents and the parts of a period in any order', () => {
    assert.deepEqual(parseThreshold('  p( 95 )  <=  1.5e2 '), {
      aggregation: { stat: 'p', percent: 95 },
      operator: '<=',
      limit: 150,
    })
    assert.deepEqual(parseThreshold('rate>0.9 before 5m  after 1m over 1m30s').period, {
      over_ms: 90_000,
      after_ms: 60_000,
      before_ms: 300_000,
    })
  })

  it('pass when a Rate saw nothing, miss when a Trend of nothing should be above 0', () => {
    const watch = new ThresholdWatch(readThresholds({ r: ['rate>0.99'], t: ['avg>0'] }, metricsOf()))
    assert.deepEqual(
      watch.results(1).map(({ ok, unjudged }) => [ok, unjudged]),
      [
        [true, true],
        [false, undefined],
      ],
    )
  })

  it('say when they pass because there was nothing to judge by; of a Counter, nothing is a figure', () => {
    const option = { t: ['p(95)<300', 'avg>0'], 't{kind:a}': ['max<5'], g: ['value<5', 'value>5'], c: ['count<5'] }
    const unjudged = (watch: ThresholdWatch) => watch.results(1).map((result) => [result.ok, result.unjudged])
    assert.deepEqual(unjudged(new ThresholdWatch(readThresholds(option, metricsOf()))), [
      [true, true],
      [false, undefined],
      [true, true],
      [true, true],
      [false, undefined],
      [true, undefined],
    ])
    const judged = sampled({ t: ['p(95)<300'], 't{kind:a}': ['max<5'], g: ['value<9'], r: ['rate>0.5'] })
    assert.deepEqual(unjudged(judged), Array(4).fill([true, undefined]))
  })

  it('end a run only when asked to, strictly after the delay, and never for an empty metric', () => {
    const metrics = metricsOf()
    const watch = new ThresholdWatch(
      readThresholds(
        {
          c: [{ threshold: 'count<1', abortOnFail: true, delayAbortEval: '10s' }, 'count<1'],
          t: [{ threshold: 'avg>0', abortOnFail: true }],
        },
        metrics,
      ),
    )
    emit(metrics, 'c', 5)
    assert.equal(watch.aborting(10_000).length, 0)
    assert.equal(watch.aborting(10_001).length, 1)
  })

  it('over windows end a run when the first full window is missed, not before, and the miss stays', () => {
    const option = { t: [{ threshold: 'max<10 over 3s', abortOnFail: true, delayAbortEval: '3s' }] }
    const { watch, second } = secondBySecond(option)
    const aborted = [99, 1, 1, 1, 1, 1, 1].map((value, index) => {
      second(value)
      return watch.aborting((index + 1) * 1000 + 1).map((result) => result.window)
    })
    assert.deepEqual(aborted.slice(0, 2), [[], []])
    for (const later of aborted.slice(2)) assert.deepEqual(later, [{ from_s: 0, to_s: 3 }])
  })

  it('over windows name the worst one and when it was', () => {
    const { watch, second } = secondBySecond({ t: ['max<10 over 2s', 'max<100 over 2s'] })
    for (const value of [1, 1, 50, 1, 1, 30, 1]) second(value)
    assert.deepEqual(watch.results(7), [
      { metric: 't', threshold: 'max<10 over 2s', value: 50, ok: false, window: { from_s: 1, to_s: 3 } },
      { metric: 't', threshold: 'max<100 over 2s', value: 50, ok: true, window: { from_s: 1, to_s: 3 } },
    ])
    assert.equal(describeMissed(watch.results(7)), 't max<10 over 2s, was 50 from 1s to 3s')
  })

  it('count what did not come: a Counter that stands still for a window has a rate of 0', () => {
    const { watch, second } = secondBySecond({ c: ['rate>1 over 2s'] })
    for (const value of [4, 4, undefined, undefined, 4]) second(value)
    const [result] = watch.results(5)
    assert.deepEqual(result, {
      metric: 'c',
      threshold: 'rate>1 over 2s',
      value: 0,
      ok: false,
      window: { from_s: 2, to_s: 4 },
    })
  })

  it('take the worst value of a Gauge in its window, on the side that the comparison fears', () => {
    const table: [threshold: string, value: number][] = [
      ['value<9 over 2s', 8],
      ['value>0 over 2s', 2],
      ['value==3 after 1s', 8],
    ]
    for (const [threshold, value] of table) {
      const { watch, second } = secondBySecond({ g: [threshold] })
      for (const each of [3, 8, 2, 3]) second(each)
      assert.equal(watch.results(4)[0]!.value, value, threshold)
    }
  })

  it('leave out what came before "after" and from "before" on', () => {
    const { watch, second } = secondBySecond({ t: ['max<10 after 2s before 4s', 'max<10 over 2s after 1s'] })
    for (const value of [99, 1, 2, 3, 99]) second(value)
    const [apart, windows] = watch.results(5)
    assert.deepEqual(apart, {
      metric: 't',
      threshold: 'max<10 after 2s before 4s',
      value: 3,
      ok: true,
      window: { from_s: 2, to_s: 4 },
    })
    assert.deepEqual(windows!.window, { from_s: 3, to_s: 5 })
  })

  it('judge a run that is shorter than their window by all of it', () => {
    const { watch, second } = secondBySecond({ t: ['max<10 over 30s'] })
    for (const value of [5, 50]) second(value)
    assert.deepEqual(watch.results(2)[0]!.window, { from_s: 0, to_s: 2 })
    assert.equal(watch.results(2)[0]!.ok, false)
  })

  it('say when the run never came to the part that they are on', () => {
    const { watch, second } = secondBySecond({ t: ['max<10 after 60s'], r: ['rate>0.5 over 2s'] })
    second(99)
    for (const result of watch.results(1)) assert.deepEqual([result.ok, result.unjudged], [true, true])
  })

  it('hold for one phase alone, by the tag that its samples carry', () => {
    const option = { 't{stage:1}': ['max<10', 'max<10 over 2s'] }
    const totals = metricsOf()
    const watch = new ThresholdWatch(readThresholds(option, totals))
    const sampler = metricsOf()
    for (const name of Object.keys(option)) sampler.subMetric(name)
    ;[99, 1, 2, 3, 98].forEach((value, index) => {
      emit(sampler, 't', value, { stage: index === 0 ? '0' : index < 4 ? '1' : '2' })
      const series = sampler.drain()
      totals.absorb(series)
      watch.advance((index + 1) * 1000, new Map(series.map(({ name, sink }) => [name, sink])))
    })
    assert.deepEqual(
      watch.results(5).map(({ value, ok }) => [value, ok]),
      [
        [3, true],
        [3, true],
      ],
    )
  })

  it('are not moved by a clock that ticks a little late', () => {
    const read = (lateness_ms: number): ThresholdResult[] => {
      const { watch, second } = secondBySecond(
        { t: ['max<10 over 3s after 2s before 7s', 'avg<10 after 2s before 7s'] },
        (tick) => tick * 1000 + (tick % 3) * lateness_ms,
      )
      for (const value of [99, 98, 1, 2, 3, 4, 5, 96, 95]) second(value)
      return watch.results(9)
    }
    assert.deepEqual(read(240), read(0))
    assert.equal(read(0)[0]!.value, 5)
  })

  it('know the metrics of the system before the first was read', () => {
    const metrics = metricsOf()
    const [threshold] = readThresholds({ 'stage_lag_events{stage:collector}': ['value<1000 over 30s'] }, metrics)
    assert.equal(threshold!.sink.type, 'gauge')
  })
})

function metricsOf(): Metrics {
  const metrics = new Metrics()
  metrics.custom('t', 'trend', 'time')
  metrics.custom('c', 'counter', 'default')
  metrics.custom('r', 'rate', 'default')
  metrics.custom('g', 'gauge', 'default')
  return metrics
}

function emit(metrics: Metrics, name: string, value: number, tags: Record<string, string> = {}): void {
  metrics.emit(metrics.all.get(name)!, value, metrics.tagSets.root.withAll(tags), 0)
}

/** The thresholds over: t = 1 (kind a), 2, 3, 4; c = 10, 20 (kind b); r = 3 of 4; g = 9 then 7. */
function sampled(option: Record<string, ThresholdOption[]>): ThresholdWatch {
  const metrics = metricsOf()
  const watch = new ThresholdWatch(readThresholds(option, metrics))
  for (const value of [4, 2, 3]) emit(metrics, 't', value, { kind: 'z' })
  emit(metrics, 't', 1, { kind: 'a' })
  emit(metrics, 'c', 10)
  emit(metrics, 'c', 20, { kind: 'b' })
  for (const value of [1, 0, 1, 1]) emit(metrics, 'r', value)
  for (const value of [9, 7]) emit(metrics, 'g', value)
  return watch
}

/** Thresholds told of a second at a time; one sample, or none, of each metric that they name. */
function secondBySecond(
  option: Record<string, ThresholdOption[]>,
  elapsedAt: (tick: number) => number = (tick) => tick * 1000,
): { watch: ThresholdWatch; second(value: number | undefined): void } {
  const totals = metricsOf()
  const watch = new ThresholdWatch(readThresholds(option, totals))
  const sampler = metricsOf()
  let tick = 0
  return {
    watch,
    second(value) {
      for (const name of Object.keys(option)) if (value !== undefined && name !== 'r') emit(sampler, name, value)
      const series = sampler.drain()
      totals.absorb(series)
      watch.advance(elapsedAt(++tick), new Map<string, Sink>(series.map(({ name, sink }) => [name, sink])))
    },
  }
}

function isInputError(words: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof MusicboxError && error.code === 'input.invalid' && words.test(error.message)
}
