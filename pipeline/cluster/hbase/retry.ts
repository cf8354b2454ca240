/** Asking again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { HbaseError } from './hbase-error.ts'

export interface RetryLimits {
  /** For an operation with all its tries. */
  operation_ms: number
}

/** Longest wait between two tries. */
const WAIT_MS_MAX = 2000

/**
 * Runs `attempt` until it succeeds, fails in a way that another try does not cure, or its time is over; the last failure is
 * thrown.
 */
export async function retry<T>(limits: RetryLimits, idempotent: boolean, attempt: () => Promise<T>): Promise<T> {
  const end_ms = performance.now() + limits.operation_ms
  for (let tries = 0; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof HbaseError) || !error.mayRetry(idempotent) || performance.now() > end_ms) throw error
      await backOff(tries)
    }
  }
}

/** Waits longer from try to try, and not in step with others. */
export async function backOff(tries: number): Promise<void> {
  await sleep(Math.min(WAIT_MS_MAX, 10 * 2 ** tries) * (0.5 + Math.random()))
}
