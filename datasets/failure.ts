/**
 * Expected failures. Each has a code that a program may act on, an exit number for the shell and, where a server
 * meets it, an HTTP status. Anything thrown that is not a {@link MusicboxError} is a bug and keeps its stack.
 *
 * Exit numbers follow k6 where the meaning is the same.
 */
export const FAILURES = {
  /** A proof failed: an event was lost, doubled or altered, or the books do not balance. */
  'proof.failed': { exit: 1 },
  /** A store, server or file that the work needs did not answer. */
  'backend.unreachable': { exit: 3, http: 503 },
  /** A log or disk has no room; nothing was acknowledged. */
  'backend.full': { exit: 4, http: 503 },
  /** Stored bytes do not match their checksum or form. */
  'data.corrupt': { exit: 5 },
  /** Somebody else holds the place: another collector committed first, or a newer revision is published. */
  'writer.fenced': { exit: 6 },
  /** What was asked for is not there. */
  'not.found': { exit: 7, http: 404 },
  /** A load threshold was missed (k6: 99). */
  'threshold.missed': { exit: 99 },
  /** `setup()` of a load script took too long (k6: 100). */
  'setup.timeout': { exit: 100 },
  /** `teardown()` of a load script took too long (k6: 101). */
  'teardown.timeout': { exit: 101 },
  /** A flag, file or request is not of the expected form (k6: 104). */
  'input.invalid': { exit: 104, http: 400 },
  /** A signal stopped the work before its end (k6: 105). */
  interrupted: { exit: 105 },
  /** A load script threw while it was loaded or set up (k6: 107). */
  'script.failed': { exit: 107 },
  /** A load script ended the run: `exec.test.abort()` (k6: 108). */
  'script.aborted': { exit: 108 },
  /** A load script marked the run as failed: `exec.test.fail()` (k6: 110). */
  'script.marked': { exit: 110 },
} as const satisfies Record<string, { exit: number; http?: number }>

export type FailureCode = keyof typeof FAILURES

/**
 * A failure that the user can do something about.
 * `message` says what was expected and what came; `hint` says what to do; `cause` keeps the original error.
 */
export class MusicboxError extends Error {
  readonly code: FailureCode
  readonly hint: string

  constructor(code: FailureCode, message: string, hint = '', options?: ErrorOptions) {
    super(message, options)
    this.name = 'MusicboxError'
    this.code = code
    this.hint = hint
  }
}
