/** Stages: how a number changes over time. Each goes in a straight line from where the one before ended to its target. */
export interface Stage {
  /** Without length, the number jumps. */
  duration_ms: number
  target: number
}

export function stagesMs(stages: readonly Stage[]): number {
  return stages.reduce((sum, { duration_ms }) => sum + duration_ms, 0)
}

/** Index of the stage that holds this moment. A stage without length holds none; the last one holds all that follows. */
export function stageAt(stages: readonly Stage[], at_ms: number): number {
  let end_ms = 0
  for (const [index, { duration_ms }] of stages.entries()) {
    end_ms += duration_ms
    if (at_ms < end_ms) return index
  }
  return stages.length - 1
}
