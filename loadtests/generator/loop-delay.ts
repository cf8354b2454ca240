/**
 * How late an event loop comes round, weighted by time: how long something that falls due at any moment has to wait.
 *
 * Counting delays one by one would hide the long ones. A loop that stands still for a second in every ten is late once in
 * about 900 turns, which no 99th percentile of turns shows; but a tenth of all that falls due meets it. So a delay counts
 * with its own length: of a stall of L ms, something due waits more than w ms with the share max(0, L - w) of the time
 * (the inspection paradox). Memory is fixed: delays are kept in buckets of 2 %.
 */
/** Later than this, something planned did not leave on time. */
export const LATE_MS = 25

const GROWTH = Math.log(1.02)
/** Delays under this are the timer's own coarseness. */
const LEAST_MS = 1
const WINDOW_MS = 10_000

export class LoopDelay {
  readonly #buckets = new Map<number, { count: number; sum_ms: number }>()
  /** Late stretches of the last ten seconds. */
  #recent: { from_ms: number; to_ms: number }[] = []
  #worst_ms = 0
  #watched_ms = 0
  max_ms = 0
  samples = 0

  /**
   * The loop came round.
   * @param now_ms     on a monotonic clock
   * @param passed_ms  since the time before
   * @param planned_ms how much of that was meant to pass
   */
  record(now_ms: number, passed_ms: number, planned_ms: number): void {
    this.samples++
    this.#watched_ms += passed_ms
    const delay_ms = passed_ms - planned_ms
    if (delay_ms < LEAST_MS) return
    this.max_ms = Math.max(this.max_ms, delay_ms)
    const index = Math.floor(Math.log(delay_ms) / GROWTH)
    const bucket = this.#buckets.get(index) ?? { count: 0, sum_ms: 0 }
    bucket.count++
    bucket.sum_ms += delay_ms
    this.#buckets.set(index, bucket)
    if (delay_ms > LATE_MS) this.#noteLate(now_ms - delay_ms, now_ms - LATE_MS)
  }

  /** How long something due at any moment waits, ms: `percent` of all moments wait at most so long. */
  percentile(percent: number): number {
    const allowed_ms = (1 - percent / 100) * this.#watched_ms
    if (this.#waiting(0) <= allowed_ms) return 0
    let [low, high] = [0, this.max_ms]
    for (let i = 0; i < 40; i++) {
      const middle = (low + high) / 2
      if (this.#waiting(middle) > allowed_ms) low = middle
      else high = middle
    }
    return high
  }

  /** Of the worst ten seconds, the share in which something due would have been late; 0 to 1. */
  get worstWindow(): number {
    return Math.min(1, this.#worst_ms / WINDOW_MS)
  }

  /** For how long something due would have had to wait more than `wait_ms`. */
  #waiting(wait_ms: number): number {
    let time_ms = 0
    for (const { count, sum_ms } of this.#buckets.values()) {
      const mean_ms = sum_ms / count
      if (mean_ms > wait_ms) time_ms += count * (mean_ms - wait_ms)
    }
    return time_ms
  }

  #noteLate(from_ms: number, to_ms: number): void {
    this.#recent.push({ from_ms, to_ms })
    const start_ms = to_ms - WINDOW_MS
    this.#recent = this.#recent.filter((stretch) => stretch.to_ms > start_ms)
    let late_ms = 0
    for (const stretch of this.#recent) late_ms += stretch.to_ms - Math.max(stretch.from_ms, start_ms)
    this.#worst_ms = Math.max(this.#worst_ms, late_ms)
  }
}
