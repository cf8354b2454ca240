import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Metrics, type Output, type Sample } from './metric.ts'

describe('a registry of metrics', () => {
  it('recorded in seconds and in parts, then added up, equals one that took every sample', () => {
    const whole = metricsOf()
    const totals = metricsOf()
    for (let second = 0; second < 5; second++) {
      const parts = [metricsOf(), metricsOf()]
      for (let i = 0; i < 2000; i++) {
        const value = ((second * 2000 + i) * 7919) % 10_007
        for (const metrics of [whole, parts[i % 2]!]) record(metrics, value, i % 3 === 0 ? 'search' : 'play')
      }
      for (const part of parts) totals.absorb(part.drain())
    }
    for (const [i, series] of whole.series().entries()) {
      const other = totals.series()[i]!
      assert.equal(other.name, series.name)
      if (series.sink.type === 'trend' && other.sink.type === 'trend') {
        assert.equal(other.sink.count, series.sink.count)
        assert.equal(other.sink.encoded(), series.sink.encoded())
        for (const p of [0, 50, 95, 99, 100]) assert.equal(other.sink.percentile(p), series.sink.percentile(p))
      } else if (series.sink.type !== 'gauge') assert.deepEqual(other.sink, series.sink)
    }
  })

  it('starts anew once it is drained, and keeps quiet about what was never used', () => {
    const metrics = metricsOf()
    record(metrics, 1, 'play')
    assert.deepEqual(
      metrics.drain().map(({ name }) => name),
      ['t', 't{kind:search}', 'c', 'r', 'g'],
    )
    const second = metrics.drain()
    assert.ok(second.every(({ sink }) => (sink.type === 'trend' ? sink.count === 0 : true)))
  })

  it('counts a sample in the sub-metrics whose tags it has, also in one that is made later', () => {
    const metrics = metricsOf()
    const tags = metrics.tagSets.root.with('kind', 'search')
    record(metrics, 3, 'search')
    const later = metrics.subMetric('c{kind:search}')!
    metrics.emit(metrics.all.get('c')!, 5, tags, 0)
    metrics.emit(metrics.all.get('c')!, 5, metrics.tagSets.root.with('kind', 'play'), 0)
    assert.deepEqual(
      later.sink,
      Object.assign(Object.create(Object.getPrototypeOf(later.sink)), { type: 'counter', total: 5 }),
    )
  })

  it('hands each output the samples it wants', () => {
    const metrics = metricsOf()
    const seen: Record<string, string[]> = { all: [], one: [] }
    metrics.addOutput(output((sample) => seen['all']!.push(sample.metric.name)))
    metrics.addOutput({ ...output((sample) => seen['one']!.push(sample.tags['kind']!)), only: 'c' })
    record(metrics, 1, 'play')
    assert.deepEqual(seen, { all: ['t', 'c', 'r', 'g'], one: ['play'] })
  })
})

function output(take: (sample: Sample) => void): Output {
  return { sample: take, close: async () => {} }
}

function metricsOf(): Metrics {
  const metrics = new Metrics()
  metrics.custom('t', 'trend', 'time')
  metrics.custom('c', 'counter', 'default')
  metrics.custom('r', 'rate', 'default')
  metrics.custom('g', 'gauge', 'default')
  metrics.subMetric('t{kind:search}')
  return metrics
}

function record(metrics: Metrics, value: number, kind: string): void {
  const tags = metrics.tagSets.root.with('kind', kind)
  for (const name of ['t', 'c', 'r', 'g'])
    metrics.emit(metrics.all.get(name)!, name === 'r' ? value % 2 : value, tags, 0)
}
