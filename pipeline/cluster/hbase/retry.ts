/** Asking HBase again, where it says that this may help. */
import { persist } from '../persist.ts'
import { HbaseError } from './hbase-error.ts'

export interface RetryLimits {
  /** For an operation with all its tries. */
  operation_ms: number
}

/**
 * Runs `attempt` until it succeeds, fails in a way that another try does not cure, or its time is over; the last failure is
 * thrown.
 */
export function retry<T>(limits: RetryLimits, idempotent: boolean, attempt: () => Promise<T>): Promise<T> {
  const mayPass = (error: unknown): boolean => error instanceof HbaseError && error.mayRetry(idempotent)
  return persist(attempt, { retry_ms: limits.operation_ms, mayPass })
}
