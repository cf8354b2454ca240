/** Time as an executor sees it. */
export interface ExecutorClock {
  /** Milliseconds since some moment; never goes back. */
  now(): number
  /** Calls back once, at `at` or later, never before (same scale as {@link now}); the result cancels it. */
  at(at: number, callback: () => void): () => void
}

/** Longer timers overflow in Node and would fire at once. */
const TIMER_MS_MAX = 2_147_483_647

/** The real clock: monotonic milliseconds. */
export const monotonicClock: ExecutorClock = {
  now: () => performance.now(),
  at(at, callback) {
    let timer: NodeJS.Timeout
    const arm = (): void => {
      // Node's timers count whole milliseconds, and can fire a fraction before the moment.
      const wait_ms = Math.max(0, Math.ceil(at - performance.now()))
      timer = setTimeout(ring, Math.min(TIMER_MS_MAX, wait_ms))
    }
    const ring = (): void => {
      if (performance.now() < at) arm()
      else callback()
    }
    arm()
    return () => clearTimeout(timer)
  },
}
