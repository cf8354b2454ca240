/**
 * How late the event loop runs: a timer that should fire every tenth of a second is measured against the clock. The
 * delay of a turn that has not ended yet counts too, so that a server wakes from a long pause already shedding.
 */
export interface LoopDelay {
  now_ms(): number
  stop(): void
}

const INTERVAL_MS = 100

export function watchLoopDelay(clock: () => number = () => performance.now()): LoopDelay {
  let last = clock()
  let measured_ms = 0
  const timer = setInterval(() => {
    const now = clock()
    measured_ms = now - last - INTERVAL_MS
    last = now
  }, INTERVAL_MS)
  timer.unref()
  return {
    now_ms: () => Math.max(measured_ms, clock() - last - INTERVAL_MS),
    stop: () => clearInterval(timer),
  }
}
