/** When the sessions of a user start on a UTC day. */
import { HOUR_MS } from '../datasets/day.ts'
import { drawsAt } from '../datasets/random.ts'
import { exp } from './elementary.ts'
import { dayShape } from './hour-of-week.ts'
import { type Listener, pick } from './listener.ts'
import { STREAM } from './stream.ts'
import type { World } from './world.ts'

/** Nobody starts more sessions on one day; a session's ordinal takes six bits of its address. */
export const SESSIONS_MAX = 64

/**
 * Starts in ms since the day's midnight UTC, ascending. Their number is Poisson with the listener's rate times the day's
 * level; their hours follow the hour-of-week curve on the listener's own clock. Profile `seed-2014` knows no hours.
 * Two sessions of one listener may overlap: people own several devices.
 * @param zone_h hours that the listener's clock is ahead of UTC
 */
export function arrivalsOf(world: World, listener: Listener, zone_h: number, day: number): number[] {
  if (listener.sessions_per_day === 0) return []
  const isTimed = world.profile === 'realistic'
  const shape = dayShape(day, zone_h - listener.late_h)
  const mean = listener.sessions_per_day * (isTimed ? shape.level : 1)
  const count = poisson(Math.min(mean, 20), drawsAt(world.key, STREAM.arrival, listener.index, day))
  if (count === 0) return []
  const draws = drawsAt(world.key, STREAM.start, listener.index, day)
  const starts: number[] = []
  for (let i = 0; i < count; i++) {
    const [hour, inHour] = [draws.unit(), draws.below(HOUR_MS)]
    starts.push((isTimed ? pick(shape.cumulative, hour) : Math.floor(hour * 24)) * HOUR_MS + inHour)
  }
  return starts.sort((a, b) => a - b)
}

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
