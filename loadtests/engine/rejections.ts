/** Promises of a script that nobody awaits and that fail: they would end the process. */
import type { Script } from './bundle.ts'
import type { Run } from './vu.ts'

/** Logs and counts them. @returns lets go of it again */
export function guardRejections(script: Script, run: Run): () => void {
  const onRejection = (reason: unknown): void => {
    // What the script did not throw is a fault of ours, and must not be hidden.
    if (!script.owns(reason)) throw reason
    // Before the start it was setup, which is no iteration.
    if (run.started > 0) run.counts.iterationsFailed++
    run.log('error', `unhandled rejection: ${script.describe(reason)}`)
  }
  process.on('unhandledRejection', onRejection)
  return () => process.off('unhandledRejection', onRejection)
}
