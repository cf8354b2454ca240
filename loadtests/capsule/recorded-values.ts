/** A histogram of a capsule as what it holds: each value that occurs, and how often. */
import { decodeFromCompressedBase64 } from 'hdr-histogram-js'
import { HISTOGRAM_SCALE } from '../distribution.ts'

export interface RecordedValues {
  /** Ascending, in the metric's own unit, to three significant digits. */
  values: Float64Array
  counts: Float64Array
}

/** The part of the library's class that its interface leaves out. */
interface Iterable {
  recordedValuesIterator: {
    reset(): void
    hasNext(): boolean
    next(): { valueIteratedTo: number; countAddedInThisIterationStep: number }
  }
}

/** @param histogram HdrHistogram, compressed, base64. @throws Error for what is none */
export function recordedValues(histogram: string): RecordedValues {
  const iterator = (decodeFromCompressedBase64(histogram) as unknown as Iterable).recordedValuesIterator
  const values: number[] = []
  const counts: number[] = []
  iterator.reset()
  while (iterator.hasNext()) {
    const { valueIteratedTo, countAddedInThisIterationStep } = iterator.next()
    values.push(valueIteratedTo / HISTOGRAM_SCALE)
    counts.push(countAddedInThisIterationStep)
  }
  return { values: Float64Array.from(values), counts: Float64Array.from(counts) }
}

export const NOTHING_RECORDED: RecordedValues = { values: new Float64Array(), counts: new Float64Array() }
