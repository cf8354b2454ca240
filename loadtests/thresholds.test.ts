import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MusicboxError } from '../datasets/failure.ts'
import { Metrics } from './metric.ts'
import { aborting, evaluateThresholds, parseThreshold, readThresholds } from './thresholds.ts'

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
      const metrics = sampled((fresh) => readThresholds({ [metric]: [threshold] }, fresh))
      const [result] = evaluateThresholds(metrics, 10)
      assert.ok(Math.abs(result!.value - value) < 1e-9, `${metric} ${threshold}: ${result!.value}`)
      assert.equal(result!.ok, ok, `${metric} ${threshold}`)
    }
  })

  it('refuse what is malformed, unknown or not a statistic of the metric, saying what would do', () => {
    const refused: [metric: string, threshold: string, words: RegExp][] = [
      ['nothing', 'count>1', /"nothing" names a metric that does not exist/],
      ['t', 'rate>1', /trend such as "t" has no rate/],
      ['c', 'p(95)<1', /counter such as "c" has no p/],
      ['t', 'p95<1', /like p\(95\)<300/],
      ['t', 'p(101)<1', /like p\(95\)<300/],
      ['t', 'avg<', /like p\(95\)<300/],
      ['t', 'avg=<1', /like p\(95\)<300/],
      ['t{kind}', 'avg<1', /expected tag:value/],
    ]
    for (const [metric, threshold, words] of refused) {
      assert.throws(() => readThresholds({ [metric]: [threshold] }, metricsOf()), isInputError(words))
    }
  })

  it('pass when a Rate saw nothing, miss when a Trend of nothing should be above 0', () => {
    const metrics = metricsOf()
    const thresholds = readThresholds({ r: ['rate>0.99'], t: ['avg>0'] }, metrics)
    assert.deepEqual(
      evaluateThresholds(thresholds, 1).map(({ ok }) => ok),
      [true, false],
    )
  })

  it('end a run only when asked to, after the delay, and never for an empty metric', () => {
    const metrics = metricsOf()
    const thresholds = readThresholds(
      {
        c: [{ threshold: 'count<1', abortOnFail: true, delayAbortEval: '10s' }, 'count<1'],
        t: [{ threshold: 'avg>0', abortOnFail: true }],
      },
      metrics,
    )
    metrics.emit(metrics.all.get('c')!, 5, metrics.tagSets.root, 0)
    assert.equal(aborting(thresholds, 10_000).length, 0)
    assert.equal(aborting(thresholds, 10_001).length, 1)
  })

  it('read blanks and exponents', () => {
    assert.deepEqual(parseThreshold('  p( 95 )  <=  1.5e2 '), {
      aggregation: { stat: 'p', percent: 95 },
      operator: '<=',
      limit: 150,
    })
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

/** The thresholds over: t = 1 (kind a), 2, 3, 4; c = 10, 20 (kind b); r = 3 of 4; g = 9 then 7. */
function sampled<T>(read: (metrics: Metrics) => T): T {
  const metrics = metricsOf()
  const result = read(metrics)
  const emit = (name: string, value: number, tags: Record<string, string> = {}): void =>
    metrics.emit(metrics.all.get(name)!, value, metrics.tagSets.root.withAll(tags), 0)
  for (const value of [4, 2, 3]) emit('t', value, { kind: 'z' })
  emit('t', 1, { kind: 'a' })
  emit('c', 10)
  emit('c', 20, { kind: 'b' })
  for (const value of [1, 0, 1, 1]) emit('r', value)
  for (const value of [9, 7]) emit('g', value)
  return result
}

function isInputError(words: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof MusicboxError && error.code === 'input.invalid' && words.test(error.message)
}
