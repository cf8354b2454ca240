/**
 * When accounts join and leave: a pure function of world and index, so that neither more users nor a longer history
 * changes anybody's dates.
 *
 * Accounts that were there on the first day joined within {@link PAST_DAYS} before it. Then `growthPerYear` of their
 * number joins every year, evenly, until all accounts have joined after {@link GROWTH_YEARS}: a world with growth g has
 * 1 / (1 + 3g) of its users on its first day. Leaving has a constant hazard of `churnPerYear` a year, counted from the
 * first day for those who were there, and multiplied by each price shock from its day on.
 */
import { drawsAt } from '../../datasets/random.ts'
import { dayNumber } from './day-number.ts'
import { log } from './elementary.ts'
import { perObject } from './per-object.ts'
import { openUnit } from './samplers.ts'
import { STREAM } from './stream.ts'
import type { World } from './world.ts'

/** Further than any history. */
export const NEVER = 0x7fffffff

export const GROWTH_YEARS = 3
export const PAST_DAYS = 1_500
const YEAR_DAYS = 365.2425

export interface Lifetime {
  /** First local day of the account. */
  readonly joinDay: number
  /** First local day after it, or {@link NEVER}. */
  readonly leaveDay: number
}

export function lifetimeOf(world: World, index: number): Lifetime {
  const draws = drawsAt(world.key, STREAM.lifetime, index)
  const { growthPerYear, churnPerYear } = world.knobs
  const firstDay = dayNumber(world.firstDay)
  const u = draws.unit()
  const joinedBefore = firstDay - 1 - draws.below(PAST_DAYS)
  const patience = -log(openUnit(draws))
  // The original's accounts neither join nor leave.
  if (world.profile === 'seed-2014') return { joinDay: joinedBefore, leaveDay: NEVER }
  const presentShare = 1 / (1 + GROWTH_YEARS * growthPerYear)
  const joinDay =
    u < presentShare
      ? joinedBefore
      : firstDay + Math.floor((GROWTH_YEARS * YEAR_DAYS * (u - presentShare)) / (1 - presentShare))
  return { joinDay, leaveDay: leaveAfter(patience, Math.max(joinDay, firstDay), churnPerYear / YEAR_DAYS, world) }
}

/** The day on which the hazard summed from `since` on reaches `patience`; at least a day is stayed. */
function leaveAfter(patience: number, since: number, dailyHazard: number, world: World): number {
  let left = patience
  let from = since
  let hazard = dailyHazard
  for (const { day, size } of pricesIn(world.shocks)) {
    const spent = hazard * Math.max(0, day - from)
    if (spent >= left) break
    left -= spent
    from = Math.max(from, day)
    hazard *= size
  }
  const days = hazard > 0 ? left / hazard : NEVER
  return days >= NEVER - from - 1 ? NEVER : from + Math.floor(days) + 1
}

interface Price {
  readonly day: number
  readonly size: number
}

/** The price shocks by day. */
const pricesIn = perObject((shocks: World['shocks']): readonly Price[] => {
  const prices: Price[] = []
  for (const shock of shocks) if (shock.kind === 'price') prices.push({ day: dayNumber(shock.day), size: shock.size })
  return prices.sort((a, b) => a.day - b.day)
})
