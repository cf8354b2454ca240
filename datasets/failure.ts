/**
 * Expected failures. Each has a code that a program may act on, an exit number for the shell and, where a server
 * meets it, an HTTP status. Anything thrown that is not a {@link MusicboxError} is a bug and keeps its stack.
 *
 * Exit numbers follow k6 where the meaning is the same.
 */
interface Failure {
  /** Number for the shell. */
  exit: number
  /** Status where a server meets it. */
  http?: number
  meaning: string
}

export const FAILURES = {
  'proof.failed': {
    exit: 1,
    meaning: 'a proof failed: an event was lost, doubled or altered, or the books do not balance',
  },
  'backend.unreachable': { exit: 3, http: 503, meaning: 'a store, server or file that the work needs did not answer' },
  'backend.full': { exit: 4, http: 503, meaning: 'a log or disk has no room; nothing was acknowledged' },
  'data.corrupt': { exit: 5, meaning: 'stored bytes do not match their checksum or form' },
  'writer.fenced': { exit: 6, meaning: 'somebody else holds the place: another collector, or a newer revision' },
  'not.found': { exit: 7, http: 404, meaning: 'what was asked for is not there' },
  'run.invalid': { exit: 8, meaning: 'the load generator was not fit to measure: the run is INVALID' },
  'threshold.missed': { exit: 99, meaning: 'a threshold was missed, or a run is worse than its baseline (k6: 99)' },
  'setup.timeout': { exit: 100, meaning: 'setup() of a load script took too long (k6: 100)' },
  'teardown.timeout': { exit: 101, meaning: 'teardown() of a load script took too long (k6: 101)' },
  'summary.timeout': { exit: 102, meaning: 'handleSummary() of a load script took too long (k6: 102)' },
  'input.invalid': {
    exit: 104,
    http: 400,
    meaning: 'a flag, option, file or request is not of the expected form, or not supported (k6: 104)',
  },
  interrupted: { exit: 105, meaning: 'a signal stopped the work before its end (k6: 105)' },
  'script.failed': { exit: 107, meaning: 'a load script threw where nothing goes on without it (k6: 107)' },
  'script.aborted': { exit: 108, meaning: 'a load script ended the run: exec.test.abort() (k6: 108)' },
  'script.marked': { exit: 110, meaning: 'a load script marked the run as failed: exec.test.fail() (k6: 110)' },
} as const satisfies Record<string, Failure>

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
