/** Names of attempts: nobody else has them, so that what a killed one left is never in the way of the next. */
import { randomBytes } from 'node:crypto'

export function newAttempt(): string {
  return randomBytes(8).toString('hex')
}

/** What an attempt left is garbage once it is older: none takes so long, since a statement is cancelled sooner. */
export const ATTEMPT_MS_MAX = 3_600_000
