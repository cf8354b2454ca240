import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeFromCompressedBase64 } from 'hdr-histogram-js'
import { Distribution } from './distribution.ts'
import { Metrics } from './metric.ts'
import { BUCKETS_MAX, type SeriesPoint, Timeline } from './timeline.ts'

describe('a run over time', () => {
  it('keeps every second while they are few', () => {
    const { buckets } = filled(10)
    assert.deepEqual(
      buckets.map(({ at_s, width_s }) => [at_s, width_s]),
      Array.from({ length: 10 }, (_, second) => [second, 1]),
    )
    assert.deepEqual(buckets[3]!.series['http_reqs'], { type: 'counter', total: 4 })
  })

  it('widens its buckets rather than grow, and loses no sample and no extreme', () => {
    const seconds = 5 * BUCKETS_MAX
    const { buckets } = filled(seconds)
    assert.ok(buckets.length <= BUCKETS_MAX)
    assert.ok(buckets.every(({ width_s, at_s }) => width_s === 8 && at_s % 8 === 0))
    const trends = buckets.map(({ series }) => series['http_req_duration'] as Extract<SeriesPoint, { type: 'trend' }>)
    assert.equal(
      trends.reduce((sum, { count }) => sum + count, 0),
      4 * seconds,
    )
    assert.equal(Math.max(...trends.map(({ max }) => max)), seconds)
    const [first] = trends
    // Seconds 0 to 7 hold 1, 2, … 8 ms four times each.
    assert.equal(Math.floor(first!.p50), 4)
    assert.equal(first!.p99, 8)
    assert.equal(decodeFromCompressedBase64(first!.histogram!).totalCount, 32)
  })

  it('widens a pair at a time: no second has more to do than another', (test) => {
    const merge = test.mock.method(Distribution.prototype, 'merge')
    const timeline = new Timeline()
    const metrics = new Metrics()
    let most = 0
    for (let second = 0; second < 4 * BUCKETS_MAX; second++) {
      metrics.emit(metrics.builtIn('http_req_waiting'), 1, metrics.tagSets.root, 0)
      merge.mock.resetCalls()
      timeline.add(second, 1, metrics.drain())
      most = Math.max(most, merge.mock.callCount())
    }
    // Of one trend: into the bucket that is open, and one pair of old ones.
    assert.ok(most <= 2, `${most} at once`)
  })

  it('keeps seconds in their places when some are missing', () => {
    const timeline = new Timeline()
    const metrics = new Metrics()
    const seconds = Array.from({ length: 3 * BUCKETS_MAX }, (_, i) => i).filter((second) => second % 7 !== 3)
    for (const second of seconds) {
      metrics.emit(metrics.builtIn('http_reqs'), 1, metrics.tagSets.root, 0)
      timeline.add(second, 1, metrics.drain())
    }
    const buckets = timeline.buckets()
    assert.ok(buckets.length <= BUCKETS_MAX + 1)
    for (const { at_s, width_s, series } of buckets) {
      const inIt = seconds.filter((second) => second >= at_s && second < at_s + width_s).length
      assert.deepEqual(series['http_reqs'], { type: 'counter', total: inIt })
    }
  })

  it('has zeros for a second in which a trend had no sample, so that it can be written as JSON', () => {
    const metrics = new Metrics()
    const duration = metrics.builtIn('http_req_duration')
    const timeline = new Timeline()
    metrics.emit(duration, 7, metrics.tagSets.root, 0)
    timeline.add(0, 1, metrics.drain())
    timeline.add(1, 1, metrics.drain())
    const [, quiet] = timeline.buckets()
    const { type, histogram, ...figures } = quiet!.series['http_req_duration'] as Extract<
      SeriesPoint,
      { type: 'trend' }
    >
    assert.deepEqual(figures, { count: 0, sum: 0, min: 0, max: 0, p50: 0, p90: 0, p95: 0, p99: 0, p999: 0 })
  })

  it('gives the last second by itself', () => {
    const { last } = filled(2)
    assert.equal(last!.at_s, 1)
    assert.equal((last!.series['http_req_duration'] as { count: number }).count, 4)
  })
})

/** Second n holds four requests of n + 1 ms. */
function filled(seconds: number) {
  const timeline = new Timeline()
  const metrics = new Metrics()
  let last: ReturnType<Timeline['add']> | undefined
  for (let second = 0; second < seconds; second++) {
    for (let i = 0; i < 4; i++) {
      metrics.emit(metrics.builtIn('http_reqs'), 1, metrics.tagSets.root, 0)
      metrics.emit(metrics.builtIn('http_req_duration'), second + 1, metrics.tagSets.root, 0)
    }
    last = timeline.add(second, 5, metrics.drain())
  }
  return { buckets: timeline.buckets(), last }
}
