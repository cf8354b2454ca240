/**
 * How a run says to the shell what became of it: k6's numbers where the meaning is the same, MusicBox's own below 64.
 * The first reason counts, except that a missed threshold gives way to whatever else went wrong.
 */
export interface ExitCode {
  exit: number
  /** What it says to whoever reads a log of CI. */
  meaning: string
  /** Where it comes from. */
  from: string
  /** Whether k6 ends with the same number for the same reason. */
  k6: boolean
}

export const EXIT_CODES: readonly ExitCode[] = [
  k6(0, 'the run went to its end and every threshold holds', 'the run'),
  own(1, 'a proof failed: an event was lost, doubled or altered', 'musicbox verify, musicbox demo'),
  own(3, 'a server, store or file that the work needs did not answer', 'before the run, or an output at its end'),
  own(4, 'a log or disk is full', 'the ledger, outputs'),
  own(5, 'stored bytes are not what was written', 'a capsule or ledger that is read'),
  own(6, 'somebody else holds the place', 'the pipeline'),
  own(7, 'what was asked for is not there', 'scripts, data, --config, --engine k6'),
  k6(99, 'a threshold was missed, at the end or with abortOnFail before', 'thresholds'),
  k6(100, 'setup() took longer than setupTimeout', 'setup()'),
  k6(101, 'teardown() took longer than teardownTimeout', 'teardown()'),
  k6(104, 'an option, flag or file is not of the expected form, or not supported', 'options, thresholds, flags'),
  k6(105, 'a signal stopped the run before its end', 'Ctrl-C, SIGTERM'),
  k6(107, 'the script threw where nothing goes on without it', 'loading, setup(), teardown(), handleSummary()'),
  k6(108, 'the script ended the run', 'exec.test.abort()'),
  k6(110, 'the script called the run failed', 'exec.test.fail()'),
]

function k6(exit: number, meaning: string, from: string): ExitCode {
  return { exit, meaning, from, k6: true }
}

function own(exit: number, meaning: string, from: string): ExitCode {
  return { exit, meaning, from, k6: false }
}

/** The table as text, for `--help` and documentation: a line each. */
export function exitCodesText(): string {
  return EXIT_CODES.map(({ exit, meaning, from }) => `${String(exit).padStart(4)}  ${meaning} (${from})`).join('\n')
}
