/** Thresholds that a script exports beside k6's options, as `musicbox.thresholds`: what k6 would refuse. */
import type { Options } from 'k6/options'
import { MusicboxError } from '../../datasets/failure.ts'
import { bundleScript } from '../engine/bundle.ts'
import { standalone } from '../engine/instances.ts'
import { newRun } from '../engine/segment.ts'

/**
 * Loads the script once, in the embedded engine, to see what it exports.
 * @returns `refused` says why a script that only k6 can run has not been looked at
 */
export async function ownThresholds(
  path: string,
  env: Readonly<Record<string, string>>,
): Promise<{ thresholds: NonNullable<Options['thresholds']>; refused?: string }> {
  try {
    const script = await bundleScript(path)
    const run = newRun(script, { log: () => {}, onAbort: () => {}, onFail: () => {} }, () => {})
    const { musicbox } = standalone(script, run, env).exports as { musicbox?: { thresholds?: Options['thresholds'] } }
    return { thresholds: musicbox?.thresholds ?? {} }
  } catch (error) {
    if (!(error instanceof MusicboxError)) throw error
    return { thresholds: {}, refused: error.message }
  }
}
