/** The `thresholds` option: expressions by metric. */
import type { Options } from 'k6/options'

export type ThresholdOption = NonNullable<Options['thresholds']>

/** All of them together: what several sets ask of one metric, it is asked in their order. */
export function joinedThresholds(...sets: readonly (Options['thresholds'] | undefined)[]): ThresholdOption {
  const all: ThresholdOption = {}
  for (const set of sets) {
    for (const [metric, list] of Object.entries(set ?? {})) all[metric] = [...(all[metric] ?? []), ...list]
  }
  return all
}
