import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import { sfc32 } from '../../datasets/random.ts'
import { Distribution, histogramValue, newHistogram } from './distribution.ts'
import { EXACT_SAMPLES_MAX, TrendSink } from './trend-sink.ts'

/** Few samples are read from a list, many from a histogram. */
const samples = fc.oneof(
  fc.array(fc.double({ min: 0, max: 5e6, noNaN: true }), { maxLength: 50 }),
  fc.integer({ min: 1 }).map((seed) => {
    const draws = sfc32([seed, 1, 2, 3])
    return Array.from({ length: EXACT_SAMPLES_MAX + 50 }, () => draws.below(30_000))
  }),
)
const PERCENTS = [0, 50, 90, 99, 99.9, 100]

describe('a distribution', () => {
  it('is what a histogram of the same samples would be, to two digits', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const sink = sinkOf(values)
        const distribution = Distribution.of(sink)
        assert.equal(read(distribution.encoded()), read(plainly(values)))
        const sorted = values.toSorted((a, b) => a - b)
        for (const [i, percentile] of distribution.percentiles(PERCENTS).entries()) {
          const rank = Math.max(1, Math.ceil((PERCENTS[i]! / 100) * values.length))
          const plain = sorted[rank - 1] ?? 0
          assert.ok(
            Math.abs(percentile - plain) <= plain * 0.008 + 0.001,
            `p${PERCENTS[i]} ${percentile}, not ${plain}`,
          )
        }
      }),
      { numRuns: 40 },
    )
  })

  it('does not grow with the samples in it', () => {
    const draws = sfc32([1, 2, 3, 4])
    const sample = (): number[] => Array.from({ length: 2000 }, () => 1 + draws.below(1_000_000) / 100)
    let joined = Distribution.of(sinkOf(sample()))
    for (let i = 0; i < 20; i++) joined = joined.merge(Distribution.of(sinkOf(sample())))
    const before = joined.size_bytes
    for (let i = 0; i < 20; i++) joined = joined.merge(Distribution.of(sinkOf(sample())))
    assert.ok(joined.size_bytes <= before * 1.2, `${before} bytes, then ${joined.size_bytes}`)
  })

  it('of two parts, merged, is that of the whole', () => {
    fc.assert(
      fc.property(samples, samples, (a, b) => {
        const merged = Distribution.of(sinkOf(a)).merge(Distribution.of(sinkOf(b)))
        assert.equal(read(merged.encoded()), read(Distribution.of(sinkOf([...a, ...b])).encoded()))
      }),
      { numRuns: 40 },
    )
  })
})

function sinkOf(values: readonly number[]): TrendSink {
  const sink = new TrendSink()
  for (const value of values) sink.add(value)
  return sink
}

/** Two digits at once, and three digits first where samples are many, as a sink keeps them. */
function plainly(values: readonly number[]): string {
  const histogram = newHistogram(2)
  const many = newHistogram(3) as unknown as { highestEquivalentValue(value: number): number }
  for (const value of values) {
    const whole = histogramValue(value)
    histogram.recordValue(values.length > EXACT_SAMPLES_MAX ? many.highestEquivalentValue(whole) : whole)
  }
  return encodeIntoCompressedBase64(histogram)
}

/** What an encoded histogram holds, as text; how large it could have grown is left out. */
function read(encoded: string): string {
  return decodeFromCompressedBase64(encoded).outputPercentileDistribution(50)
}
