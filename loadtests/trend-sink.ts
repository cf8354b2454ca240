/**
 * What a Trend keeps: every sample while they are few, a histogram from then on.
 *
 * k6 keeps all samples for ever, so its memory grows with the run. Here the first samples are kept and percentiles
 * interpolate between them exactly as k6 defines it (linear, at p × (n − 1)); past {@link EXACT_SAMPLES_MAX} they move
 * into an HDR histogram of three significant digits, whose percentiles are within 0.1 % at a size that does not grow.
 */
import { build, type Histogram } from 'hdr-histogram-js'

export const EXACT_SAMPLES_MAX = 4096

/** Histograms hold whole numbers; a thousandth of the metric's unit (a microsecond for times) is one. */
const SCALE = 1000

export class TrendSink {
  readonly type = 'trend'
  count = 0
  sum = 0
  min = Number.POSITIVE_INFINITY
  max = Number.NEGATIVE_INFINITY
  #exact: number[] | undefined = []
  #sorted = true
  /** Samples from 0 up, and the magnitudes of those below 0, which are rare. */
  #positive: Histogram | undefined
  #negative: Histogram | undefined

  add(value: number): void {
    this.count++
    this.sum += value
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
    if (!this.#exact) {
      this.#record(value)
      return
    }
    this.#exact.push(value)
    this.#sorted = false
    if (this.#exact.length > EXACT_SAMPLES_MAX) {
      for (const kept of this.#exact) this.#record(kept)
      this.#exact = undefined
    }
  }

  get avg(): number {
    return this.count === 0 ? 0 : this.sum / this.count
  }

  /** @param p 0 to 100. 0 when there are no samples, as in k6. */
  percentile(p: number): number {
    if (this.count === 0) return 0
    if (this.#exact) return this.#interpolated(this.#exact, p / 100)
    const below = this.#negative?.totalCount ?? 0
    const rank = Math.max(1, Math.ceil((p / 100) * this.count))
    // Negative samples ascend as their magnitudes descend.
    const value =
      rank <= below
        ? -this.#negative!.getValueAtPercentile(((below - rank + 1) / below) * 100)
        : this.#positive!.getValueAtPercentile(((rank - below) / this.#positive!.totalCount) * 100)
    return Math.min(this.max, Math.max(this.min, value / SCALE))
  }

  #record(value: number): void {
    if (value < 0) this.#negative ??= newHistogram()
    else this.#positive ??= newHistogram()
    const histogram = value < 0 ? this.#negative : this.#positive
    histogram!.recordValue(Math.round(Math.abs(value) * SCALE))
  }

  #interpolated(samples: number[], quantile: number): number {
    if (!this.#sorted) samples.sort((a, b) => a - b)
    this.#sorted = true
    const at = quantile * (samples.length - 1)
    const low = samples[Math.floor(at)]!
    const high = samples[Math.ceil(at)]!
    return low + (high - low) * (at - Math.floor(at))
  }
}

function newHistogram(): Histogram {
  return build({ bitBucketSize: 32, autoResize: true, numberOfSignificantValueDigits: 3 })
}
