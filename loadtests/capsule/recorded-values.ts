/** A histogram of a capsule as what it holds: each value that occurs, and how often. */
import { decodeFromCompressedBase64, type Histogram } from 'hdr-histogram-js'
import { MusicboxError } from '../../datasets/failure.ts'
import { HISTOGRAM_SCALE, recordedIn } from '../metrics/distribution.ts'

export interface RecordedValues {
  /** Ascending, in the metric's own unit, to as many digits as the histogram has: three for totals, two over time. */
  values: Float64Array
  counts: Float64Array
}

/** @param histogram HdrHistogram, compressed, base64. @throws MusicboxError `data.corrupt` for what is none */
export function recordedValues(histogram: string): RecordedValues {
  const values: number[] = []
  const counts: number[] = []
  for (const [value, count] of recordedIn(decoded(histogram))) {
    values.push(value / HISTOGRAM_SCALE)
    counts.push(count)
  }
  return { values: Float64Array.from(values), counts: Float64Array.from(counts) }
}

function decoded(histogram: string): Histogram {
  try {
    return decodeFromCompressedBase64(histogram)
  } catch (cause) {
    throw new MusicboxError(
      'data.corrupt',
      `expected a histogram in HdrHistogram's compressed form, got "${histogram.slice(0, 20)}…": ${(cause as Error).message}`,
      'The capsule was changed by hand or made by another program: make the run again.',
      { cause },
    )
  }
}

export const NOTHING_RECORDED: RecordedValues = { values: new Float64Array(), counts: new Float64Array() }
