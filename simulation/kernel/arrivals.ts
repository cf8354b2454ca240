/** When the sessions of a listener start on a local day. */

import { AddressedDraws, philoxInto, type Words } from '../../datasets/random.ts'
import { HOUR_MS } from '../../datasets/time-unit.ts'
import { dayNumber, weekdayOf } from './day-number.ts'
import { log } from './elementary.ts'
import { hourAt } from './hour-of-week.ts'
import type { Listener } from './listener.ts'
import { utcOf } from './local-time.ts'
import { poissonAt } from './samplers.ts'
import { STREAM } from './stream.ts'
import type { World } from './world.ts'

/** Nobody starts more sessions on one day; a session's ordinal takes six bits of its address. */
export const SESSIONS_MAX = 64

export interface Arrival {
  /** First event, ms UTC. */
  start_ms: number
  /** Local minus UTC time, minutes. */
  offset_min: number
  /**
   * The session's number on its day, in the order drawn and not of time: a counterfactual world in which the listener
   * starts more sessions, or misses some, has the others under the same numbers.
   */
  ordinal: number
}

/**
 * Starts of the sessions of a local day, ascending: a non-homogeneous Poisson process, split exactly into a count with
 * the day's mean and independent hours by the listener's {@link Listener.rhythm}. Nobody starts before they joined, after
 * they left, or in an outage. Two sessions of one listener may overlap: people own several devices.
 * @param day local day, since 1970-01-01
 */
export function arrivalsOf(world: World, listener: Listener, day: number): readonly Arrival[] {
  const mean = expectedSessions(world, listener, day)
  if (mean === 0) return NOBODY
  at(world, STREAM.arrival, listener.index, day)
  const u = ((words[0] >>> 5) * 0x4000000 + (words[1] >>> 6)) / 0x20000000000000
  // e^−mean is at least 1 − mean, so most days without a session need no exponential.
  if (u < 1 - mean) return NOBODY
  const count = poissonAt(u, Math.min(mean, 600), SESSIONS_MAX)
  if (count === 0) return NOBODY
  const weekday = weekdayOf(day)
  const { outages } = planOf(world)
  const arrivals: Arrival[] = []
  draws.moveTo(world.key, STREAM.start, listener.index, day)
  for (let ordinal = 0; ordinal < count; ordinal++) {
    const hour = hourAt(listener.rhythm, weekday, draws.u32())
    const { ts, offset_min } = utcOf(listener.home.zone, day, hour * HOUR_MS + draws.below(HOUR_MS))
    if (outages.some(({ from_ms, to_ms }) => ts >= from_ms && ts < to_ms)) continue
    arrivals.push({ start_ms: ts, offset_min, ordinal })
  }
  return arrivals.sort((a, b) => a.start_ms - b.start_ms || a.ordinal - b.ordinal)
}

/**
 * Mean of the day's Poisson count, outages aside: the listener's rate, times the weekday's level, the week's burst and the
 * holidays; 0 outside their lifetime.
 */
export function expectedSessions(world: World, listener: Listener, day: number): number {
  if (listener.sessions_per_day === 0 || day < listener.joinDay || day >= listener.leaveDay) return 0
  if (world.profile === 'seed-2014') return listener.sessions_per_day
  let mean = listener.sessions_per_day * listener.rhythm.level[weekdayOf(day)]! * burstOf(world, listener.index, day)
  for (const { from, to, size } of planOf(world).holidays) if (day >= from && day < to) mean *= size
  return mean
}

/**
 * How much a listener listens in a week, relative to their average: exponential, of mean 1. People are keener in some
 * weeks than in others, and without that the gaps between a listener's sessions would be as regular as radioactive decay.
 * Part of the rhythm, and scaled by its knob.
 */
export function burstOf(world: World, index: number, day: number): number {
  at(world, STREAM.burst, index, Math.floor((day + 3) / 7))
  return Math.max(0, 1 + world.knobs.rhythm * (BURSTS[words[0] >>> 24]! - 1))
}

/** Means of the exponential distribution over 256 equal shares of it. */
const BURSTS = Float64Array.from({ length: 256 }, (_, i) => {
  const sumTo = (u: number): number => (u === 0 ? 0 : u - u * log(u))
  return 256 * (sumTo((i + 1) / 256) - sumTo(i / 256))
})

const NOBODY: readonly Arrival[] = []
const words: Words = [0, 0, 0, 0]
const draws = new AddressedDraws()

function at({ key }: World, stream: number, index: number, step: number): void {
  philoxInto(words, index, step, stream ^ key[2], key[3], key[0], key[1])
}

/** The shocks that move arrivals. */
interface Plan {
  readonly holidays: readonly { from: number; to: number; size: number }[]
  readonly outages: readonly { from_ms: number; to_ms: number }[]
}

let plannedShocks: World['shocks'] | undefined
let plan: Plan = { holidays: [], outages: [] }

/** Of the world asked for last, which is nearly always the same. */
function planOf({ shocks }: World): Plan {
  if (shocks === plannedShocks) return plan
  const holidays: { from: number; to: number; size: number }[] = []
  const outages: { from_ms: number; to_ms: number }[] = []
  for (const shock of shocks) {
    if (shock.kind === 'outage') outages.push(shock)
    if (shock.kind === 'holiday') {
      const from = dayNumber(shock.day)
      holidays.push({ from, to: from + shock.days, size: shock.size })
    }
  }
  plannedShocks = shocks
  plan = { holidays, outages }
  return plan
}
