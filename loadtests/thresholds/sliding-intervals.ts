/**
 * The latest intervals of a run, and all of them together. Adding up every one of a window each second would hold the
 * process up (600 histograms take 20 ms, as much as the delays that are measured), so full blocks of them are added up
 * once: a sum is then of about three times the square root of their number.
 */
import { type MetricType, newSink, type Sink } from '../metrics/sink.ts'

export interface Interval {
  /** Since the scenarios began. */
  from_ms: number
  to_ms: number
  sink: Sink
}

interface Block {
  intervals: Interval[]
  /** Of a block that is full and has lost nothing yet. */
  sum: Sink | undefined
}

export class SlidingIntervals {
  readonly #type: MetricType
  readonly #blockSize: number
  readonly #blocks: Block[] = []
  /** Intervals that the newest block was given. */
  #filled = 0
  size = 0

  /** @param size about how many there will be */
  constructor(type: MetricType, size: number) {
    this.#type = type
    this.#blockSize = Math.max(1, Math.round(Math.sqrt(size)))
  }

  get first(): Interval | undefined {
    return this.#blocks[0]?.intervals[0]
  }

  get last(): Interval | undefined {
    return this.#blocks.at(-1)?.intervals.at(-1)
  }

  /** The sink must stay as it is from now on. */
  push(interval: Interval): void {
    if (this.#blocks.length === 0 || this.#filled === this.#blockSize) {
      this.#blocks.push({ intervals: [], sum: undefined })
      this.#filled = 0
    }
    const block = this.#blocks.at(-1)!
    block.intervals.push(interval)
    this.#filled++
    this.size++
    if (block.intervals.length === this.#blockSize) block.sum = together(this.#type, sinksOf(block))
  }

  /** Drops the oldest. */
  shift(): void {
    const block = this.#blocks[0]
    if (!block) return
    block.intervals.shift()
    block.sum = undefined
    this.size--
    if (block.intervals.length === 0) this.#blocks.shift()
  }

  /** All together, as a sink of its own. */
  sum(): Sink {
    return together(
      this.#type,
      this.#blocks.flatMap((block) => block.sum ?? sinksOf(block)),
    )
  }
}

/** The sinks added up; they stay as they are. */
export function together(type: MetricType, sinks: readonly Sink[]): Sink {
  const sum = newSink(type)
  for (const sink of sinks) sum.merge(sink as never)
  return sum
}

function sinksOf({ intervals }: Block): Sink[] {
  return intervals.map(({ sink }) => sink)
}
