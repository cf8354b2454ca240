/** What is left of a run beside its ledger: the capsule with all that is known of it, and the report. */
import { join } from 'node:path'
import { dayOf } from '../../datasets/day.ts'
import { FAILURES } from '../../datasets/failure.ts'
import type { Host } from '../../datasets/host.ts'
import { ledgerDigest, writeCapsule } from '../capsule/capsule-file.ts'
import { seal } from '../capsule/seal.ts'
import { writeReport } from '../report/report.ts'
import type { RunResult } from '../run-result.ts'
import type { PreparedRun } from './choose-engine.ts'
import type { LoadOptions } from './load-options.ts'
import { repeatCommand } from './repeat-command.ts'

/**
 * Writes the capsule, to the data folder when nothing else is said, and the report if there is to be one; the result
 * names both. A run that has ended well is not lost for what cannot be kept of it: the result says so and counts as failed.
 */
export async function keepRun(
  host: Host,
  options: LoadOptions,
  prepared: PreparedRun,
  result: RunResult,
): Promise<void> {
  try {
    await keep(host, options, prepared, result)
  } catch (error) {
    const problem = `the run could not be kept: ${error instanceof Error ? error.message : String(error)}`
    host.stderr.write(`warn: ${problem}\n`)
    if (result.exitCode !== 0) return
    result.exitCode = FAILURES['backend.unreachable'].exit
    result.problem = problem
  }
}

async function keep(
  host: Host,
  options: LoadOptions,
  { run, env, ledger, seed }: PreparedRun,
  result: RunResult,
): Promise<void> {
  const path = options.capsule ?? (ledger && join(options.data, 'runs', `${run}.capsule.json.gz`))
  if (path === undefined && options.report === undefined) return
  const start_ms = env['START_MS']
  const capsule = seal(result, {
    run,
    command: repeatCommand(host.args, { run, day: start_ms === undefined ? undefined : dayOf(Number(start_ms)) }),
    env,
    checks: result.checks_by_name,
    ...(seed !== undefined && { seed }),
    ...(ledger !== undefined && { ledger: await ledgerDigest(ledger) }),
  })
  if (path !== undefined) {
    await writeCapsule(path, capsule)
    result.capsule = path
  }
  if (options.report !== undefined) {
    await writeReport(options.report, capsule)
    result.report = options.report
  }
}
