/**
 * A threshold on parts of a run: the seconds of its metric that the present window spans, and the worst window so far.
 *
 * The run hands over what came about once a second. An interval belongs to a window or a period by its middle, so that a
 * clock that ticks a little early or late moves nothing. Memory is one sink for each second of the window.
 */
import type { MetricType, Sink } from '../metrics/sink.ts'
import { type Interval, SlidingIntervals, together } from './sliding-intervals.ts'
import { aggregate, badness, type Expression, isEmpty, type Period } from './threshold-expression.ts'

/** A stretch of the run and what was measured in it; times are since the scenarios began. */
export interface Judged {
  value: number
  from_ms: number
  to_ms: number
}

/** An interval is a second, give or take; a window that lacks less than half of one is whole. */
const HALF_SECOND_MS = 500

export class ThresholdWindow {
  readonly #expression: Expression
  readonly #period: Period
  readonly #type: MetricType
  /** Of the window that ends now; of a period without windows one, which is all of it. */
  readonly #intervals: SlidingIntervals
  #worst: Judged | undefined

  constructor(expression: Expression & { period: Period }, type: MetricType) {
    this.#expression = expression
    this.#period = expression.period
    this.#type = type
    this.#intervals = new SlidingIntervals(type, (expression.period.over_ms ?? 1000) / 1000)
  }

  /** @param sink what came from `from_ms` to `to_ms`; it stays as it is */
  advance(from_ms: number, to_ms: number, sink: Sink): void {
    const { over_ms, after_ms, before_ms } = this.#period
    const middle_ms = (from_ms + to_ms) / 2
    if (middle_ms < after_ms || middle_ms >= before_ms) return
    const intervals = this.#intervals
    if (over_ms === undefined) {
      const kept = intervals.first
      intervals.shift()
      intervals.push(
        kept
          ? { from_ms: kept.from_ms, to_ms, sink: together(this.#type, [kept.sink, sink]) }
          : { from_ms, to_ms, sink },
      )
      return
    }
    intervals.push({ from_ms, to_ms, sink })
    // The last interval stays even when it alone is longer than the window, as when the process was held up.
    while (intervals.size > 1 && middleOf(intervals.first!) < to_ms - over_ms) intervals.shift()
    if (to_ms - intervals.first!.from_ms < over_ms - HALF_SECOND_MS) return
    const judged = this.#judge()
    if (judged && (!this.#worst || this.#isWorse(judged, this.#worst))) this.#worst = judged
  }

  /** The worst window; nothing before there was one with samples. Of a period without windows, all of it so far. */
  get worst(): Judged | undefined {
    return this.#worst ?? (this.#period.over_ms === undefined ? this.#judge() : undefined)
  }

  /** {@link worst}, or, when the run was shorter than a window, what there was of it. */
  get final(): Judged | undefined {
    return this.worst ?? this.#judge()
  }

  /** Nothing when there was nothing to judge. A Counter has always something: that nothing came is a rate of 0. */
  #judge(): Judged | undefined {
    const { first, last } = this.#intervals
    if (!first || !last) return undefined
    const { to_ms } = last
    const sink = this.#intervals.sum()
    if (isEmpty(sink) && sink.type !== 'counter') return undefined
    return { value: this.#valueOf(sink, (to_ms - first.from_ms) / 1000), from_ms: first.from_ms, to_ms }
  }

  /** Of a Gauge the worst value that it had, where k6 on a whole run takes the last. */
  #valueOf(sink: Sink, seconds: number): number {
    const { aggregation, operator, limit } = this.#expression
    if (sink.type !== 'gauge') return aggregate(sink, aggregation, seconds)
    return badness(sink.min, operator, limit) > badness(sink.max, operator, limit) ? sink.min : sink.max
  }

  #isWorse(a: Judged, b: Judged): boolean {
    const { operator, limit } = this.#expression
    return badness(a.value, operator, limit) > badness(b.value, operator, limit)
  }
}

function middleOf({ from_ms, to_ms }: Interval): number {
  return (from_ms + to_ms) / 2
}
