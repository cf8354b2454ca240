/**
 * A distribution of samples, as small as it can be kept: each value that occurs, to three significant digits, and how
 * often. It is what an HDR histogram holds without its empty places, for keeping many of them (one a second and metric).
 */
import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js'
import type { TrendSink } from './trend-sink.ts'

/** The part of the library's class that its interface leaves out. */
interface Scale {
  /** The greatest value that counts as equal to this one. */
  highestEquivalentValue(value: number): number
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

  private constructor(counts: ReadonlyMap<number, number>) {
    this.#values = Float64Array.from(counts.keys()).sort()
    this.#counts = this.#values.map((value) => counts.get(value)!)
  }

  /** Of the sink's samples from 0 up. */
  static of(sink: TrendSink): Distribution {
    const counts = new Map<number, number>()
    const few = sink.exact()
    if (few) {
      for (const value of few) add(counts, scale.highestEquivalentValue(histogramValue(value)), 1)
    } else {
      const histogram = newHistogram()
      sink.recordInto(histogram)
      const iterator = (histogram as unknown as Scale).recordedValuesIterator
      for (iterator.reset(); iterator.hasNext(); ) {
        const { valueIteratedTo, countAddedInThisIterationStep } = iterator.next()
        add(counts, valueIteratedTo, countAddedInThisIterationStep)
      }
    }
    return new Distribution(counts)
  }

  /** Both together. */
  merge(other: Distribution): Distribution {
    const counts = new Map<number, number>()
    this.#addTo(counts)
    other.#addTo(counts)
    return new Distribution(counts)
  }

  /** @param percents ascending, each 0 to 100 @returns in the metric's unit; all 0 when it is empty */
  percentiles(percents: readonly number[]): number[] {
    const total = this.#counts.reduce((sum, count) => sum + count, 0)
    let at = 0
    let upTo = this.#counts[0] ?? 0
    return percents.map((percent) => {
      const rank = Math.max(1, Math.ceil((percent / 100) * total))
      while (upTo < rank && at < this.#counts.length - 1) upTo += this.#counts[++at]!
      return (this.#values[at] ?? 0) / HISTOGRAM_SCALE
    })
  }

  /** In HdrHistogram's compressed form, base64. */
  encoded(): string {
    const histogram = newHistogram()
    for (let i = 0; i < this.#values.length; i++) histogram.recordValueWithCount(this.#values[i]!, this.#counts[i]!)
    return encodeIntoCompressedBase64(histogram)
  }

  #addTo(counts: Map<number, number>): void {
    for (let i = 0; i < this.#values.length; i++) add(counts, this.#values[i]!, this.#counts[i]!)
  }
}

/** Histograms hold whole numbers; a thousandth of the metric's unit (a microsecond for times) is one. */
export const HISTOGRAM_SCALE = 1000

/** Of a sample; one below 0 has no place and counts as 0. */
export function histogramValue(sample: number): number {
  return Math.round(Math.max(0, sample) * HISTOGRAM_SCALE)
}

/** Three significant digits, whatever the range. */
export function newHistogram(): Histogram {
  return build({ bitBucketSize: 32, autoResize: true, numberOfSignificantValueDigits: 3 })
}

const scale = newHistogram() as unknown as Scale

function add(counts: Map<number, number>, value: number, count: number): void {
  counts.set(value, (counts.get(value) ?? 0) + count)
}
