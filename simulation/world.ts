/** A world: everything that a slice of its history depends on. Equal worlds have equal bytes. */
import type { Day } from '../datasets/day.ts'
import { MusicboxError } from '../datasets/failure.ts'
import type { Key } from '../datasets/random.ts'
import { dayNumber, dayOfNumber } from './day-number.ts'
import { DEFAULT_SEED_KEY } from './key-text.ts'

/**
 * `realistic`: rates, hours, skips and repeats near published figures. `seed-2014`: the transition odds and waits of the
 * original MusicBox, for comparison with it.
 */
export const PROFILES = ['realistic', 'seed-2014'] as const
export type Profile = (typeof PROFILES)[number]

export interface World {
  readonly key: Key
  readonly profile: Profile
  /** Songs in the catalogue, which is made from the same key. */
  readonly songCount: number
  /** Users 0 … userCount − 1. A user's events do not depend on how many others there are. */
  readonly userCount: number
  /** First day of the history; the waves of interest are spread around it. */
  readonly firstDay: Day
  /** The day whose interest the live listeners follow; when absent, {@link HISTORY_DAYS} after `firstDay`. */
  readonly liveDay?: Day
}

/** Length of the default history. */
export const HISTORY_DAYS = 90

/** Fills what is not given and checks the rest. @throws MusicboxError `input.invalid` */
export function createWorld(given: Partial<World> = {}): World {
  const world: World = {
    key: DEFAULT_SEED_KEY,
    profile: 'realistic',
    songCount: 10_000,
    userCount: 2_000,
    firstDay: '2026-01-01',
    ...given,
  }
  if (!PROFILES.includes(world.profile)) {
    throw new MusicboxError(
      'input.invalid',
      `expected the profile to be one of ${PROFILES.join(', ')}, got "${world.profile}"`,
    )
  }
  checkCount(world.songCount, 'songs', 10_000_000)
  checkCount(world.userCount, 'users', 100_000_000)
  for (const day of [world.firstDay, liveDayOf(world)]) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || dayOfNumber(dayNumber(day)) !== day || day < '1970-01-01') {
      throw new MusicboxError('input.invalid', `expected a day from 1970-01-01 on, like 2026-01-31, got "${day}"`)
    }
  }
  return world
}

export function liveDayOf(world: World): Day {
  return world.liveDay === undefined ? dayOfNumber(dayNumber(world.firstDay) + HISTORY_DAYS) : world.liveDay
}

function checkCount(count: number, what: string, max: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= max) return
  throw new MusicboxError('input.invalid', `expected a whole number of ${what} from 1 to ${max}, got ${count}`)
}
