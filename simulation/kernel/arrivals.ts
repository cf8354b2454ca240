/** When the sessions of a user start on a UTC day. */

import { drawsAt } from '../../datasets/random.ts'
import { DAY_MS, HOUR_MS } from '../../datasets/time-unit.ts'
import { exp } from './elementary.ts'
import { dayShape } from './hour-of-week.ts'
import { type Listener, pick } from './listener.ts'
import { STREAM } from './stream.ts'
import type { World } from './world.ts'

/** Nobody starts more sessions on one day; a session's ordinal takes six bits of its address. */
export const SESSIONS_MAX = 64

export interface Arrival {
  /** First event, ms UTC. */
  start_ms: number
  /** Local minus UTC time, minutes. */
  offset_min: number
}

/**
 * Starts of the sessions of a local day, ascending. Their number is Poisson with the listener's rate times the day's
 * level; their hours follow the hour-of-week curve on the listener's own clock. Profile `seed-2014` knows no hours.
 * Two sessions of one listener may overlap: people own several devices.
 */
export function arrivalsOf(world: World, listener: Listener, day: number): readonly Arrival[] {
  if (listener.sessions_per_day === 0 || day < listener.joinDay || day >= listener.leaveDay) return NOBODY
  const isTimed = world.profile === 'realistic'
  const shape = dayShape(day, 0)
  const mean = listener.sessions_per_day * (isTimed ? shape.level : 1)
  const count = poisson(Math.min(mean, 20), drawsAt(world.key, STREAM.arrival, listener.index, day))
  if (count === 0) return NOBODY
  const draws = drawsAt(world.key, STREAM.start, listener.index, day)
  const offset_min = listener.home.zone_h * 60
  const arrivals: Arrival[] = []
  for (let i = 0; i < count; i++) {
    const [hour, inHour] = [draws.unit(), draws.below(HOUR_MS)]
    const local_ms = (isTimed ? pick(shape.cumulative, hour) : Math.floor(hour * 24)) * HOUR_MS + inHour
    arrivals.push({ start_ms: day * DAY_MS + local_ms - offset_min * 60_000, offset_min })
  }
  return arrivals.sort((a, b) => a.start_ms - b.start_ms)
}

const NOBODY: readonly Arrival[] = []

/** Knuth's product of uniforms: exact, and quick for the small means of a day. */
function poisson(mean: number, draws: { unit(): number }): number {
  const limit = exp(-mean)
  let product = draws.unit()
  let count = 0
  while (product > limit && count < SESSIONS_MAX) {
    product *= draws.unit()
    count++
  }
  return count
}
