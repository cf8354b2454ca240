import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeFromCompressedBase64 } from 'hdr-histogram-js'
import { sfc32 } from '../../datasets/random.ts'
import { Distribution } from './distribution.ts'
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
  it('is what a histogram of the same samples would be', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const sink = sinkOf(values)
        const distribution = Distribution.of(sink)
        assert.equal(read(distribution.encoded()), read(sink.encoded()))
        const sorted = values.toSorted((a, b) => a - b)
        for (const [i, percentile] of distribution.percentiles(PERCENTS).entries()) {
          const rank = Math.max(1, Math.ceil((PERCENTS[i]! / 100) * values.length))
          const plain = sorted[rank - 1] ?? 0
          assert.ok(Math.abs(percentile - plain) <= plain / 1000 + 0.001, `p${PERCENTS[i]} ${percentile}, not ${plain}`)
        }
      }),
      { numRuns: 40 },
    )
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

/** What an encoded histogram holds, as text; how large it could have grown is left out. */
function read(encoded: string): string {
  return decodeFromCompressedBase64(encoded).outputPercentileDistribution(50)
}
