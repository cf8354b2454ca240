/** A world: everything that a slice of its history depends on. Equal worlds have equal bytes. */
import type { CatalogueSpec } from '../../datasets/catalogue.ts'
import type { Day } from '../../datasets/day.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import type { Key } from '../../datasets/random.ts'
import { dayNumber, dayOfNumber } from './day-number.ts'
import { DEFAULT_SEED_KEY } from './key-text.ts'
import { type Knobs, PUBLISHED_KNOBS } from './knobs.ts'
import type { Shock } from './shock.ts'

/**
 * `realistic`: rates, hours, skips and repeats near published figures. `seed-2014`: the transition odds and waits of the
 * original MusicBox, for comparison with it.
 */
export const PROFILES = ['realistic', 'seed-2014'] as const
export type Profile = (typeof PROFILES)[number]

/**
 * Version of the kernel: what a world of a version makes never changes. A change of the kernel's output takes the next
 * number and keeps the golden digests of the ones before (`history.test.ts`).
 */
export const SPEC_VERSION = 1

export interface World {
  readonly spec: typeof SPEC_VERSION
  readonly key: Key
  readonly profile: Profile
  /** Songs in the catalogue, which is made from the same key. */
  readonly songCount: number
  /** Year of the newest songs of the catalogue, which are released throughout it. */
  readonly lastYear: number
  /** Users 0 … userCount − 1. A user's events do not depend on how many others there are. */
  readonly userCount: number
  /** First day of the history. */
  readonly firstDay: Day
  /** The day that the live listeners live through; when absent, {@link HISTORY_DAYS} after `firstDay`. */
  readonly liveDay?: Day
  readonly knobs: Readonly<Knobs>
  readonly shocks: readonly Shock[]
}

/** What a caller may give of a world; the rest has defaults. */
export type WorldParts = Partial<Omit<World, 'spec' | 'knobs'>> & { readonly knobs?: Partial<Knobs> }

/** Length of the default history. */
export const HISTORY_DAYS = 90

/** Fills what is not given and checks the rest. @throws MusicboxError `input.invalid` */
export function createWorld(given: WorldParts = {}): World {
  const firstDay = given.firstDay === undefined ? '2026-01-01' : given.firstDay
  const world: World = {
    key: DEFAULT_SEED_KEY,
    profile: 'realistic',
    songCount: 10_000,
    lastYear: Number.parseInt(firstDay, 10) || 0,
    userCount: 2_000,
    shocks: [],
    ...given,
    firstDay,
    spec: SPEC_VERSION,
    knobs: { ...PUBLISHED_KNOBS, ...given.knobs },
  }
  if (!PROFILES.includes(world.profile)) {
    throw new MusicboxError(
      'input.invalid',
      `expected the profile to be one of ${PROFILES.join(', ')}, got "${world.profile}"`,
    )
  }
  checkCount(world.songCount, 'songs', 1, 10_000_000)
  checkCount(world.userCount, 'users', 1, 100_000_000)
  for (const day of [world.firstDay, liveDayOf(world)]) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || dayOfNumber(dayNumber(day)) !== day || day < '1970-01-01') {
      throw new MusicboxError('input.invalid', `expected a day from 1970-01-01 on, like 2026-01-31, got "${day}"`)
    }
  }
  checkCount(world.lastYear, 'the newest songs’ year', 1970, 2100)
  for (const [name, value] of Object.entries(world.knobs)) {
    if (typeof value === 'number' && value >= 0 && value <= 100) continue
    throw new MusicboxError('input.invalid', `expected knob ${name} to be a number from 0 to 100, got ${value}`)
  }
  return world
}

export function liveDayOf(world: World): Day {
  return world.liveDay === undefined ? dayOfNumber(dayNumber(world.firstDay) + HISTORY_DAYS) : world.liveDay
}

export function catalogueOf(world: World): CatalogueSpec {
  return { seed: world.key, songCount: world.songCount, lastYear: world.lastYear }
}

function checkCount(count: number, what: string, min: number, max: number): void {
  if (Number.isInteger(count) && count >= min && count <= max) return
  throw new MusicboxError('input.invalid', `expected a whole number of ${what} from ${min} to ${max}, got ${count}`)
}
