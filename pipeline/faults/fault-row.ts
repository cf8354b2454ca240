/**
 * A row of the fault matrix: a fault, what must hold under it, and how it is done to a {@link Trial}. A row only does harm
 * and heals it; that nothing was lost or doubled is for the proof that follows to say.
 */
import type { Trial } from './trial.ts'

export interface FaultRow {
  /** As the matrix counts them; numbers that are missing are tested elsewhere. */
  row: number
  fault: string
  expected: string
  /** Why the row has no meaning on the embedded backend; absent where it has one. */
  clusterOnly?: string
  /** Whether it is in the short set. */
  quick: boolean
  /** What stands between two ends of the network, to be spoiled. */
  link?: 'listeners-to-server' | 'server-to-broker'
  /** Does the fault `trial.points` times, each at a moment drawn from the seed, and heals it. */
  run(trial: Trial): Promise<void>
}

/** How long faults last, and how much is done between them. */
export interface Pace {
  /** A SIGSTOP. */
  pause_ms: number
  /** Nothing passes on a link. */
  cut_ms: number
  /** A link is slow. */
  slow_ms: number
  /** Longest wait before a fault; the shortest is a fifth of it. */
  before_ms_max: number
  /** How many forms of a fault are tried (steps to kill a stage at, ways to cut a link), drawn from the seed. */
  forms_max: number
}

export const FULL_PACE: Pace = {
  pause_ms: 30_000,
  cut_ms: 15_000,
  slow_ms: 15_000,
  before_ms_max: 3000,
  forms_max: Number.POSITIVE_INFINITY,
}

export const QUICK_PACE: Pace = {
  pause_ms: 4000,
  cut_ms: 3000,
  slow_ms: 3000,
  before_ms_max: 1000,
  forms_max: 2,
}
