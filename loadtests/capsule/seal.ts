/** From a run's result to its capsule. */
import { basename } from 'node:path'
import type { RunResult } from '../run-result.ts'
import type { Mark, TimelineBucket } from '../timeline.ts'
import type { CheckTally } from '../vu.ts'
import { CAPSULE_VERSION, type Capsule, capsuleSchema } from './capsule.ts'
import { thisMachine } from './machine.ts'
import { commandWithoutSecrets, withoutSecrets } from './secrets.ts'

/** A result with all that the runner knows of the run. */
export type WholeResult = RunResult & {
  /** Unix time, ms. */
  started_ms: number
  script_hash: string
  options: object
  versions: { musicbox: string; node: string }
  seed?: string
  timeline: TimelineBucket[]
  marks: Mark[]
  histograms: Record<string, string>
}

/** What only the command that made the run knows. */
export interface Circumstances {
  /** The run's label; equal labels send equal events. */
  run: string
  /** The command line as typed: `['musicbox', 'load', 'listeners', '--listeners', '200']`. */
  command: readonly string[]
  /** What the script found in `__ENV`. */
  env: Readonly<Record<string, string>>
  seed?: string
  checks?: Iterable<CheckTally>
  ledger?: NonNullable<Capsule['ledger']>
  proof?: NonNullable<Capsule['proof']>
}

export function seal(result: WholeResult, { run, command, env, checks, ...known }: Circumstances): Capsule {
  const { script, script_hash, options, versions, started_ms, timeline, marks, histograms, seed, ...figures } = result
  // The path of the ledger is of this machine; what the capsule says of it is of its content.
  const { ledger: _, ...rest } = figures
  return {
    format: 'musicbox-run',
    version: CAPSULE_VERSION,
    run,
    ...(seed !== undefined && { seed }),
    command: commandWithoutSecrets(command),
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
