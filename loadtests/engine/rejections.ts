/** Promises of a script that nobody awaits and that fail: they would end the process. */
import type { Script } from './bundle.ts'
import type { Run } from './vu.ts'

/** Logs and counts them. @returns lets go of it again */
export function guardRejections(script: Script, run: Run): () => void {
  const counted = new WeakSet<Promise<unknown>>()
  const onRejection = (reason: unknown, promise: Promise<unknown>): void => {
    // What the script did not throw is a fault of ours, and must not be hidden.
    if (!script.owns(reason)) throw reason
    // Before the start it was setup, which is no iteration.
    if (run.started > 0) {
      run.counts.iterationsFailed++
      counted.add(promise)
    }
    run.log('error', `unhandled rejection: ${script.describe(reason)}`)
  }
  // Awaited after all: now the iteration fails by it, or the script catches it.
  const onHandled = (promise: Promise<unknown>): void => {
    if (counted.delete(promise)) run.counts.iterationsFailed--
  }
  process.on('unhandledRejection', onRejection)
  process.on('rejectionHandled', onHandled)
  return () => {
    process.off('unhandledRejection', onRejection)
    process.off('rejectionHandled', onHandled)
  }
}
