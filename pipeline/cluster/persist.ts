/** Tries again, for calls that a server refuses while it starts anew or hands over what was asked for. */
import { setTimeout as sleep } from 'node:timers/promises'

export interface Persistence {
  /** How long to go on trying. */
  retry_ms: number
  /** Whether the call may succeed later; else its error is thrown at once. */
  mayPass: (error: unknown) => boolean
}

const PAUSE_MS_FIRST = 20
const PAUSE_MS_MAX = 1000

/**
 * Repeats a call until it succeeds, fails for good, or the time is up. The call must be one that may be done twice.
 * @throws the last error
 */
export async function persist<T>(call: () => Promise<T>, { retry_ms, mayPass }: Persistence): Promise<T> {
  const until_ms = performance.now() + retry_ms
  for (let tries = 0; ; tries++) {
    try {
      return await call()
    } catch (error) {
      if (!mayPass(error) || performance.now() > until_ms) throw error
    }
    await backOff(tries)
  }
}

/** Waits longer from try to try, and not in step with others. */
export async function backOff(tries: number): Promise<void> {
  await sleep(Math.min(PAUSE_MS_MAX, PAUSE_MS_FIRST * 2 ** tries) * (0.5 + Math.random()))
}
