import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { EXACT_SAMPLES_MAX, TrendSink } from './trend-sink.ts'

describe('a Trend', () => {
  it('interpolates between its samples while they are few', () => {
    const sink = filled([5, 1, 4, 2])
    assert.equal(sink.percentile(0), 1)
    assert.equal(sink.percentile(50), 3)
    assert.ok(Math.abs(sink.percentile(90) - 4.7) < 1e-12)
    assert.equal(sink.percentile(100), 5)
    sink.add(0)
    assert.equal(sink.percentile(50), 2, 'a sample after a question is counted')
  })

  it('says 0 for everything while it is empty', () => {
    const sink = new TrendSink()
    assert.deepEqual([sink.avg, sink.percentile(50), sink.count], [0, 0, 0])
  })

  it('stays within 0.1 % of the sorted samples once they are many', () => {
    // Skewed over five decades, as latencies are.
    const samples = Array.from({ length: 50_000 }, (_, i) => 0.05 * 10 ** (5 * ((i * 0.61803398875) % 1) ** 3))
    const sorted = samples.toSorted((a, b) => a - b)
    const sink = filled(samples)
    for (const p of [1, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 100]) {
      const expected = sorted[Math.max(0, Math.ceil((p / 100) * samples.length) - 1)]!
      // Half a microsecond is the step of the histogram.
      const allowed = expected * 0.001 + 0.001
      assert.ok(Math.abs(sink.percentile(p) - expected) <= allowed, `p${p}: ${sink.percentile(p)}, not ${expected}`)
    }
    assert.equal(sink.min, sorted[0])
    assert.equal(sink.max, sorted.at(-1))
  })

  it('that came from another process takes in any other, in either order', () => {
    const small = filled(Array.from({ length: EXACT_SAMPLES_MAX + 1 }, (_, i) => (i % 20) / 10))
    for (const other of [filled([9000]), filled([-7, 250_000])]) {
      const sent = (sink: TrendSink): TrendSink => TrendSink.from(sink.state())
      for (const [into, from] of [
        [sent(small), other],
        [sent(other), small],
        [sent(small), sent(other)],
      ] as const) {
        into.merge(from)
        assert.equal(into.count, small.count + other.count)
        assert.equal(into.percentile(100), other.max)
      }
    }
  })

  it('keeps the order of samples below and above zero', () => {
    const half = Array.from({ length: EXACT_SAMPLES_MAX }, (_, i) => i + 1)
    const sink = filled([...half.map((value) => -value), ...half])
    assert.ok(Math.abs(sink.percentile(25) + EXACT_SAMPLES_MAX / 2) < 5)
    assert.ok(Math.abs(sink.percentile(75) - EXACT_SAMPLES_MAX / 2) < 5)
    assert.equal(sink.percentile(100), EXACT_SAMPLES_MAX)
  })

  it('gives percentiles that never fall as p grows and stay within min and max', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }), (samples) => {
        const sink = filled(samples)
        let before = sink.min
        for (let p = 0; p <= 100; p += 5) {
          const value = sink.percentile(p)
          assert.ok(value >= before - 1e-9 && value <= sink.max + 1e-9)
          before = value
        }
      }),
    )
  })
})

function filled(samples: readonly number[]): TrendSink {
  const sink = new TrendSink()
  for (const sample of samples) sink.add(sample)
  return sink
}
