/**
 * A distribution of samples, as small as it can be kept: each value that occurs, to three significant digits, and how
 * often. It is what an HDR histogram holds without its empty places, for keeping many of them (one a second and metric).
 */
import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js'
import type { TrendSink } from './trend-sink.ts'

/** The part of the library's class that its interface leaves out. */
interface Iterable {
  recordedValuesIterator: {
    reset(): void
    hasNext(): boolean
    next(): { valueIteratedTo: number; countAddedInThisIterationStep: number }
  }
}

export class Distribution {
  /** Ascending; histogram values, a thousand times the metric's. */
  readonly #values: Float64Array
  readonly #counts: Float64Array

  constructor(values: Float64Array, counts: Float64Array) {
    this.#values = values
    this.#counts = counts
  }

  /** Of the sink's samples from 0 up. */
  static of(sink: TrendSink): Distribution {
    const histogram = emptyScratch()
    sink.recordInto(histogram)
    const values: number[] = []
    const counts: number[] = []
    const iterator = (histogram as unknown as Iterable).recordedValuesIterator
    iterator.reset()
    while (iterator.hasNext()) {
      const { valueIteratedTo, countAddedInThisIterationStep } = iterator.next()
      values.push(valueIteratedTo)
      counts.push(countAddedInThisIterationStep)
    }
    return new Distribution(Float64Array.from(values), Float64Array.from(counts))
  }

  /** Both together. */
  merge(other: Distribution): Distribution {
    const sums = new Map<number, number>()
    for (const { values, counts } of [this.#parts(), other.#parts()]) {
      for (let i = 0; i < values.length; i++) sums.set(values[i]!, (sums.get(values[i]!) ?? 0) + counts[i]!)
    }
    const values = Float64Array.from(sums.keys()).sort()
    return new Distribution(
      values,
      values.map((value) => sums.get(value)!),
    )
  }

  /** @param percents each 0 to 100 @returns histogram values, a thousand times the metric's */
  percentiles(percents: readonly number[]): number[] {
    const histogram = this.#loaded()
    return percents.map((percent) => histogram.getValueAtPercentile(percent))
  }

  /** In HdrHistogram's compressed form, base64. */
  encoded(): string {
    return encodeIntoCompressedBase64(this.#loaded())
  }

  #parts(): { values: Float64Array; counts: Float64Array } {
    return { values: this.#values, counts: this.#counts }
  }

  #loaded(): Histogram {
    const histogram = emptyScratch()
    for (let i = 0; i < this.#values.length; i++) histogram.recordValueWithCount(this.#values[i]!, this.#counts[i]!)
    return histogram
  }
}

const scratch = newHistogram()

function emptyScratch(): Histogram {
  scratch.reset()
  return scratch
}

/** Three significant digits, whatever the range. */
export function newHistogram(): Histogram {
  return build({ bitBucketSize: 32, autoResize: true, numberOfSignificantValueDigits: 3 })
}
