/** Tries again, for calls that a restarting server refuses. */
import { setTimeout as sleep } from 'node:timers/promises'

export interface Persistence {
  /** How long to go on trying. */
  retry_ms: number
  /** Whether the call may succeed later; else its error is thrown at once. */
  mayPass: (error: unknown) => boolean
}

const PAUSE_MS_FIRST = 50
const PAUSE_MS_MAX = 1000

/**
 * Repeats a call until it succeeds, fails for good, or the time is up. The call must be one that may be done twice.
 * @throws the last error
 */
export async function persist<T>(call: () => Promise<T>, { retry_ms, mayPass }: Persistence): Promise<T> {
  const until_ms = performance.now() + retry_ms
  for (let pause_ms = PAUSE_MS_FIRST; ; pause_ms = Math.min(2 * pause_ms, PAUSE_MS_MAX)) {
    try {
      return await call()
    } catch (error) {
      if (!mayPass(error) || performance.now() + pause_ms > until_ms) throw error
    }
    await sleep(pause_ms)
  }
}
