/**
 * What a Trend keeps: every sample while they are few, a histogram from then on.
 *
 * k6 keeps all samples for ever, so its memory grows with the run. Here the first samples are kept and percentiles
 * interpolate between them exactly as k6 defines it (linear, at p × (n − 1)); past {@link EXACT_SAMPLES_MAX} they move
 * into an HDR histogram of three significant digits, whose percentiles are within 0.1 % at a size that does not grow.
 * Two sinks merge without loss: what is recorded in parts reads as if it had been recorded in one.
 */
import { decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js'
import { HISTOGRAM_SCALE, histogramValue, newHistogram } from './distribution.ts'

export const EXACT_SAMPLES_MAX = 4096

/** A sink as plain data, to be sent to another process. */
export interface TrendState {
  count: number
  sum: number
  min: number
  max: number
  exact?: Float64Array
  /** Histograms in the compressed form of HdrHistogram, base64. */
  positive?: string
  negative?: string
}

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
    if (this.#exact.length > EXACT_SAMPLES_MAX) this.#leaveExact()
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
    return Math.min(this.max, Math.max(this.min, value / HISTOGRAM_SCALE))
  }

  merge(other: TrendSink): void {
    if (other.count === 0) return
    this.count += other.count
    this.sum += other.sum
    this.min = Math.min(this.min, other.min)
    this.max = Math.max(this.max, other.max)
    if (this.#exact && other.#exact && this.#exact.length + other.#exact.length <= EXACT_SAMPLES_MAX) {
      for (const value of other.#exact) this.#exact.push(value)
      this.#sorted = false
      return
    }
    if (this.#exact) this.#leaveExact()
    if (other.#exact) {
      for (const value of other.#exact) this.#record(value)
      return
    }
    if (other.#positive) this.#positive = merged(this.#positive, other.#positive)
    if (other.#negative) this.#negative = merged(this.#negative, other.#negative)
  }

  /** What was recorded, as a sink of its own; this one starts anew. */
  take(): TrendSink {
    const taken = new TrendSink()
    taken.count = this.count
    taken.sum = this.sum
    taken.min = this.min
    taken.max = this.max
    taken.#exact = this.#exact
    taken.#sorted = this.#sorted
    taken.#positive = this.#positive
    taken.#negative = this.#negative
    this.count = 0
    this.sum = 0
    this.min = Number.POSITIVE_INFINITY
    this.max = Number.NEGATIVE_INFINITY
    this.#exact = []
    this.#sorted = true
    this.#positive = undefined
    this.#negative = undefined
    return taken
  }

  state(): TrendState {
    const { count, sum, min, max } = this
    if (this.#exact) return { count, sum, min, max, exact: Float64Array.from(this.#exact) }
    return {
      count,
      sum,
      min,
      max,
      ...(this.#positive && { positive: encodeIntoCompressedBase64(this.#positive) }),
      ...(this.#negative && { negative: encodeIntoCompressedBase64(this.#negative) }),
    }
  }

  static from(state: TrendState): TrendSink {
    const sink = new TrendSink()
    sink.count = state.count
    sink.sum = state.sum
    sink.min = state.min
    sink.max = state.max
    sink.#exact = state.exact && Array.from(state.exact)
    sink.#sorted = false
    // A decoded histogram cannot grow; a new one that takes it in can.
    if (state.positive) sink.#positive = merged(undefined, decodeFromCompressedBase64(state.positive))
    if (state.negative) sink.#negative = merged(undefined, decodeFromCompressedBase64(state.negative))
    return sink
  }

  /** All samples, unless they have become too many to be kept. */
  exact(): readonly number[] | undefined {
    return this.#exact
  }

  /** Adds the samples from 0 up to a histogram; its values are {@link HISTOGRAM_SCALE} times the metric's. */
  recordInto(histogram: Histogram): void {
    if (this.#exact) {
      for (const value of this.#exact) histogram.recordValue(histogramValue(value))
    } else if (this.#positive) histogram.add(this.#positive)
  }

  /** The samples from 0 up in HdrHistogram's compressed form, base64. */
  encoded(): string {
    const histogram = newHistogram()
    this.recordInto(histogram)
    return encodeIntoCompressedBase64(histogram)
  }

  #leaveExact(): void {
    const kept = this.#exact!
    this.#exact = undefined
    for (const value of kept) this.#record(value)
  }

  #record(value: number): void {
    if (value < 0) this.#negative ??= newHistogram()
    else this.#positive ??= newHistogram()
    const histogram = value < 0 ? this.#negative : this.#positive
    histogram!.recordValue(histogramValue(Math.abs(value)))
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

/** A copy is made of a histogram that has none to join: the other sink goes on with its own. */
function merged(own: Histogram | undefined, other: Histogram): Histogram {
  const sum = own ?? newHistogram()
  sum.add(other)
  return sum
}
