/**
 * Named shocks: events of the world that move interest or listening, with onset and size as part of the truth.
 *
 * Days are UTC-free local days like a block's (`YYYY-MM-DD`); instants are ms UTC.
 */
import type { Day } from '../../datasets/day.ts'

export type Shock =
  /** A song is everywhere for some days: its interest is multiplied by up to 1 + size, fading by 1/e in `fadeDays`. */
  | { kind: 'viral'; name: string; song: number; day: Day; size: number; fadeDays: number }
  /** An artist dies: interest in all of the artist's released songs is multiplied likewise. */
  | { kind: 'death'; name: string; artist: number; day: Day; size: number; fadeDays: number }
  /** A promoted release: interest in one song from its promotion on is multiplied likewise. */
  | { kind: 'release'; name: string; song: number; day: Day; size: number; fadeDays: number }
  /** Sessions a day are multiplied by `size` on `days` days (a holiday: below or above 1). */
  | { kind: 'holiday'; name: string; day: Day; days: number; size: number }
  /** The service is down: no session starts, and what would happen in running ones is lost. */
  | { kind: 'outage'; name: string; from_ms: number; to_ms: number }
  /** From this day on the churn hazard is multiplied by `size` (a change of price). */
  | { kind: 'price'; name: string; day: Day; size: number }

export const SHOCK_KINDS = [
  'viral',
  'death',
  'release',
  'holiday',
  'outage',
  'price',
] as const satisfies readonly Shock['kind'][]
