/** From a run's result to its capsule. */
import { basename } from 'node:path'
import { dayOf } from '../../datasets/day.ts'
import type { CheckTally } from '../engine/vu.ts'
import type { RunResult } from '../run-result.ts'
import { CAPSULE_VERSION, type Capsule, capsuleSchema } from './capsule.ts'
import { thisMachine } from './machine.ts'
import { commandWithoutSecrets, withoutSecrets } from './secrets.ts'

/** What only the command that made the run knows. */
export interface Circumstances {
  /** The run's label; equal labels send equal events. */
  run: string
  /** The command line as typed; what it left to chance or to the date is added: `['musicbox', 'load', 'listeners', '--listeners', '200']`. */
  command: readonly string[]
  /** What the script found in `__ENV`. */
  env: Readonly<Record<string, string>>
  seed?: string
  checks?: Iterable<CheckTally>
  ledger?: NonNullable<Capsule['ledger']>
  proof?: NonNullable<Capsule['proof']>
}

export function seal(result: RunResult, { run, command, env, checks, ...known }: Circumstances): Capsule {
  const { script, script_hash, options, versions, started_ms, timeline, marks, histograms, ...figures } = result
  // Checks have a place of their own, and paths are of this machine.
  const { checks_by_name: _, ledger: __, capsule: ___, report: ____, ...rest } = figures
  return {
    format: 'musicbox-run',
    version: CAPSULE_VERSION,
    run,
    command: commandWithoutSecrets(repeatable(command, run, env['START_MS'])),
    script: basename(script),
    script_hash,
    options: { ...options },
    env: withoutSecrets(env),
    versions,
    machine: thisMachine(),
    started_ms,
    result: capsuleSchema.shape.result.parse(rest),
    checks: [...(checks ?? [])].map(({ name, group, passes, fails }) => ({ name, group, passes, fails })),
    timeline,
    marks,
    histograms,
    ...known,
  }
}

/** A label that was made up and a day that was yesterday are part of what is repeated. */
function repeatable(typed: readonly string[], run: string, start_ms: string | undefined): string[] {
  const says = (flag: string): boolean => typed.some((word) => word === flag || word.startsWith(`${flag}=`))
  return [
    ...typed,
    ...(says('--run') ? [] : ['--run', run]),
    ...(says('--day') || start_ms === undefined ? [] : ['--day', dayOf(Number(start_ms))]),
  ]
}
