/** What the kernel needs to know about a user: who they are on the wire and how they listen. */
import { drawsAt, hex128, wordsAt } from '../../datasets/random.ts'
import { dayNumber } from './day-number.ts'
import { exp, normalQuantile, power } from './elementary.ts'
import { type Home, homeOf } from './home.ts'
import { CHRONOTYPE_ODDS, FLAT, type Rhythm, rhythmOf } from './hour-of-week.ts'
import { lifetimeOf } from './lifetime.ts'
import { beta, openUnit } from './samplers.ts'
import { STREAM } from './stream.ts'
import { tasteOf } from './taste.ts'
import type { World } from './world.ts'

export { NEVER } from './lifetime.ts'

/** Who a user is. */
export interface Account {
  readonly index: number
  readonly uid: string
  readonly ip4: string
  readonly home: Home
  readonly gender: 'F' | 'M' | 'X'
  /** Days since 1970-01-01. */
  readonly birthDay: number
  /** On the world's first day. */
  readonly age_years: number
  /** How often they listen, 1 rarely … 5 often, by the original's odds. */
  readonly weight: number
  /** One in a hundred accounts is dormant and has no history. */
  readonly active: boolean
  /** First local day (days since 1970-01-01) on which they may listen: before the world's first day for most. */
  readonly joinDay: number
  /** First local day on which they listen no more; NEVER for most. */
  readonly leaveDay: number
}

/** A user, and how they listen. */
export interface Listener extends Account {
  /** Index in {@link DEVICES} of what this listener mostly plays on. */
  readonly device: number
  /** Expected sessions of an average day. */
  readonly sessions_per_day: number
  /** Which rhythm of the day: an index in CHRONOTYPES. */
  readonly chronotype: number
  /** Their hours of the week: shared by all of the same chronotype and kind of device. */
  readonly rhythm: Rhythm
  /** Multiplies the skip hazard; mean 1. */
  readonly skipFactor: number
  /** Multiplies the odds of thumbs, ratings, comments and tags; mean 1. */
  readonly reactFactor: number
  /** Share of this listener's opinions that are good ones, 0..1. */
  readonly likeShare: number
  /** Multiplies the odds of a search; mean 1. */
  readonly searchFactor: number
  /** Plays of the first M that look for something new: `discovery · M^discoveryExponent` (Heaps' law). */
  readonly discovery: number
  readonly discoveryExponent: number
  /** Taste: relative liking of each of GENRES, mean about 1; multiplies interest. */
  readonly taste: Float64Array
}

export const DEVICES = ['phone', 'desktop', 'tablet', 'speaker', 'car', 'tv'] as const
const DEVICE_ODDS = [0.55, 0.8, 0.87, 0.95, 0.98, 1]

/** Upper ends of the odds of weights 1 to 5: 10, 20, 35, 25 and 10 %. */
const WEIGHT_ODDS = [0.1, 0.3, 0.65, 0.9, 1]
const WEIGHT_MEAN = 3.05

const GENDERS = ['F', 'M', 'X'] as const
const GENDER_ODDS = [0.49, 0.98, 1]

/** The original's births: every day from 1930 to 2000 as likely. */
const BIRTHS_2014 = [dayNumber('1930-01-01'), dayNumber('2001-01-01')] as const
const YEAR_DAYS = 365.2425

/** A user's listening traits: a pure function of world and index. */
export function listenerAt(world: World, index: number): Listener {
  const account = accountAt(world, index)
  // Draws are taken in this order for ever; a new trait is drawn after the last.
  const draws = drawsAt(world.key, STREAM.traits, index)
  const device = pick(DEVICE_ODDS, draws.unit())
  const spread = openUnit(draws)
  const chronotype = pick(CHRONOTYPE_ODDS, draws.unit())
  const skipFactor = lognormal(draws.unit(), 0.45)
  const reactFactor = lognormal(draws.unit(), 0.8)
  const searchFactor = lognormal(draws.unit(), 0.6)
  const discoveryExponent = 0.74 + 0.12 * draws.unit()
  const isTimed = world.profile === 'realistic'
  const activity = isTimed
    ? activityOf(account.weight, spread, world.knobs.activitySpread)
    : account.weight / WEIGHT_MEAN
  return {
    ...account,
    device,
    sessions_per_day: account.active ? world.knobs.sessionsPerDay * activity : 0,
    chronotype,
    rhythm: isTimed ? rhythmOf(world.knobs, chronotype, device === 0) : FLAT,
    skipFactor,
    reactFactor,
    likeShare: beta(LIKE_SHARE * LIKE_WEIGHT, (1 - LIKE_SHARE) * LIKE_WEIGHT, drawsAt(world.key, STREAM.likes, index)),
    searchFactor,
    discovery: 2.6,
    discoveryExponent,
    taste: tasteOf(world, index, account.age_years),
  }
}

/** Who a user is, without how they listen: all that a list of users needs, at a tenth of the cost. */
export function accountAt(world: World, index: number): Account {
  const draws = drawsAt(world.key, STREAM.person, index)
  const weight = pick(WEIGHT_ODDS, draws.unit()) + 1
  const active = draws.unit() >= 0.01
  const gender = GENDERS[pick(GENDER_ODDS, draws.unit())]!
  const ageDraw = openUnit(draws)
  const firstDay = dayNumber(world.firstDay)
  const birthDay =
    world.profile === 'seed-2014'
      ? BIRTHS_2014[0] + Math.floor(ageDraw * (BIRTHS_2014[1] - BIRTHS_2014[0]))
      : firstDay - ageInDays(ageDraw)
  const { joinDay, leaveDay } = lifetimeOf(world, index)
  return {
    index,
    uid: uidAt(world, index),
    ip4: ip4At(world, index),
    home: homeOf(world, index),
    gender,
    birthDay,
    age_years: Math.floor((firstDay - birthDay) / YEAR_DAYS),
    weight,
    active,
    joinDay,
    leaveDay,
  }
}

/** Lognormal over a least age of 13, with a median of 32; nobody is over 95. */
function ageInDays(u: number): number {
  return Math.floor(Math.min(95, 13 + 19 * exp(0.65 * normalQuantile(u))) * YEAR_DAYS)
}

/**
 * Activity relative to the average listener: lognormal, the weights included, with deviation 1.11·spread of the logarithm,
 * as in Last.fm's listening counts (the most active 29 % of users have 71 % of plays).
 */
function activityOf(weight: number, u: number, spread: number): number {
  const own = ACTIVITY_SIGMA * spread
  let weightMean = 0
  for (let w = 1; w <= 5; w++) {
    weightMean += (WEIGHT_ODDS[w - 1]! - (w === 1 ? 0 : WEIGHT_ODDS[w - 2]!)) * power(w, spread)
  }
  return (power(weight, spread) / weightMean) * exp(own * normalQuantile(u) - (own * own) / 2)
}

/** With the weights' deviation of 0.4426 the logarithm's is 1.11. */
const ACTIVITY_SIGMA = 1.0179

/** Mean share of good opinions, and how alike listeners are in it: the law is Beta(7.8, 2.2). */
const LIKE_SHARE = 0.78
const LIKE_WEIGHT = 10

/** The shape of a UUID, of version 8: RFC 9562's number for ids that are made by a rule and not by chance. */
export function uidAt(world: World, index: number): string {
  const hex = hex128(wordsAt(world.key, STREAM.userId, index))
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) & 3]!
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}

/** An address of 198.18.0.0/15, which RFC 2544 sets aside for tests: it can be nobody's. */
export function ip4At(world: World, index: number): string {
  const word = wordsAt(world.key, STREAM.userId, index, 1)[0]
  return `198.${18 + ((word >>> 16) & 1)}.${(word >>> 8) & 255}.${word & 255}`
}

/** The first place whose upper end lies above `u`. */
export function pick(ends: readonly number[], u: number): number {
  let at = 0
  while (at < ends.length - 1 && u >= ends[at]!) at++
  return at
}

/** Lognormal of mean 1; `sigma` is the deviation of the logarithm. */
function lognormal(u: number, sigma: number): number {
  // Half a step of the 53-bit grid keeps the quantile away from 0 and 1.
  return exp(sigma * normalQuantile(u * (1 - 2 ** -52) + 2 ** -54) - (sigma * sigma) / 2)
}
