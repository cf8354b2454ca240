/**
 * A distribution of samples, as small as it can be kept: each value that occurs, to two significant digits, and how often.
 * It is what an HDR histogram holds without its empty places, for keeping many of them (one a bucket of time and metric):
 * steps from value to value and counts, most of which fit a byte.
 *
 * Two digits (within 0.8 %) are enough for pictures and for comparing runs, and are what bounds it: with three, buckets go
 * on growing as they are joined, since ever more distinct values are in them. Totals are kept to three; see TrendSink.
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
  /** For each value, ascending: its step from the one before and its count. Histogram values, a thousand times the metric's. */
  readonly #packed: Uint8Array
  readonly #total: number

  private constructor(counts: ReadonlyMap<number, number>) {
    const bytes: number[] = []
    let before = 0
    let total = 0
    for (const value of Float64Array.from(counts.keys()).sort()) {
      const count = counts.get(value)!
      pack(value - before, bytes)
      pack(count, bytes)
      before = value
      total += count
    }
    this.#packed = Uint8Array.from(bytes)
    this.#total = total
  }

  /** Of the sink's samples from 0 up. */
  static of(sink: TrendSink): Distribution {
    const counts = new Map<number, number>()
    const few = sink.exact()
    if (few) {
      for (const value of few) add(counts, coarse.highestEquivalentValue(histogramValue(value)), 1)
    } else {
      const histogram = newHistogram()
      sink.recordInto(histogram)
      for (const [value, count] of recordedIn(histogram)) add(counts, coarse.highestEquivalentValue(value), count)
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
    const entries = this.#entries()
    let [value, upTo] = [0, 0]
    return percents.map((percent) => {
      const rank = Math.max(1, Math.ceil((percent / 100) * this.#total))
      while (upTo < rank) {
        const { value: next } = entries.next()
        if (!next) break
        value = next[0]
        upTo += next[1]
      }
      return value / HISTOGRAM_SCALE
    })
  }

  get size_bytes(): number {
    return this.#packed.length
  }

  /** In HdrHistogram's compressed form, base64. */
  encoded(): string {
    const histogram = newHistogram(DIGITS)
    for (const [value, count] of this.#entries()) histogram.recordValueWithCount(value, count)
    return encodeIntoCompressedBase64(histogram)
  }

  #addTo(counts: Map<number, number>): void {
    for (const [value, count] of this.#entries()) add(counts, value, count)
  }

  *#entries(): Generator<[value: number, count: number], void> {
    let value = 0
    for (let at = 0; at < this.#packed.length; ) {
      const step = unpack(this.#packed, at)
      const count = unpack(this.#packed, step.end)
      value += step.number
      at = count.end
      yield [value, count.number]
    }
  }
}

/** A whole number from 0 up, seven bits a byte, the least first; all bytes but the last have the eighth bit (LEB128). */
function pack(number: number, bytes: number[]): void {
  let rest = number
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  bytes.push(rest)
}

function unpack(bytes: Uint8Array, at: number): { number: number; end: number } {
  let number = 0
  let scale = 1
  for (let end = at; ; scale *= 128) {
    const byte = bytes[end++]!
    number += (byte % 128) * scale
    if (byte < 128) return { number, end }
  }
}

/** Histograms hold whole numbers; a thousandth of the metric's unit (a microsecond for times) is one. */
export const HISTOGRAM_SCALE = 1000

/** Of a sample; one below 0 has no place and counts as 0. */
export function histogramValue(sample: number): number {
  return Math.round(Math.max(0, sample) * HISTOGRAM_SCALE)
}

/** Each value that occurs in a histogram, ascending, and how often. */
export function* recordedIn(histogram: Histogram): Generator<[value: number, count: number], void> {
  const iterator = (histogram as unknown as Scale).recordedValuesIterator
  for (iterator.reset(); iterator.hasNext(); ) {
    const { valueIteratedTo, countAddedInThisIterationStep } = iterator.next()
    yield [valueIteratedTo, countAddedInThisIterationStep]
  }
}

/** @param digits significant ones, whatever the range */
export function newHistogram(digits: 2 | 3 = 3): Histogram {
  return build({ bitBucketSize: 32, autoResize: true, numberOfSignificantValueDigits: digits })
}

const DIGITS = 2
const coarse = newHistogram(DIGITS) as unknown as Scale

function add(counts: Map<number, number>, value: number, count: number): void {
  counts.set(value, (counts.get(value) ?? 0) + count)
}
