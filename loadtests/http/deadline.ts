/**
 * A time limit that is set anew for every request. One timer serves them all: it is set only when none rings early
 * enough, and looks when it rings whether the limit of now has passed.
 */
export class Deadline {
  readonly #onPassed: () => void
  #timer: NodeJS.Timeout | undefined
  #rings = 0
  /** On the monotonic clock, ms; infinite: nothing is limited. */
  #ends = Number.POSITIVE_INFINITY

  constructor(onPassed: () => void) {
    this.#onPassed = onPassed
  }

  set(delay_ms: number): void {
    this.#ends = performance.now() + delay_ms
    if (this.#timer && this.#rings <= this.#ends) return
    clearTimeout(this.#timer)
    this.#arm(delay_ms)
  }

  /** Nothing is limited until {@link set}. */
  lift(): void {
    this.#ends = Number.POSITIVE_INFINITY
  }

  /** As {@link lift}, and holds no timer. */
  clear(): void {
    this.lift()
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #arm(delay_ms: number): void {
    this.#rings = performance.now() + delay_ms
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#ends === Number.POSITIVE_INFINITY) return
      const left_ms = this.#ends - performance.now()
      if (left_ms > 0) this.#arm(left_ms)
      else this.#onPassed()
    }, delay_ms)
  }
}
