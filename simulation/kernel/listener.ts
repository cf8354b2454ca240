/** What the kernel needs to know about a user: who they are on the wire and how they listen. */
import { GENRES } from '../../datasets/catalogue-genre.ts'
import { drawsAt, hex128, type Key, wordsAt } from '../../datasets/random.ts'
import { dayNumber } from './day-number.ts'
import { exp, normalQuantile } from './elementary.ts'
import { type Home, homeOf } from './home.ts'
import { scramble } from './permutation.ts'
import { STREAM } from './stream.ts'
import type { World } from './world.ts'

export interface Listener {
  readonly index: number
  readonly uid: string
  readonly ip4: string
  readonly home: Home
  readonly gender: 'F' | 'M' | 'X'
  /** On the world's first day. */
  readonly age_years: number
  /** Index in {@link DEVICES} of what this listener mostly plays on. */
  readonly device: number
  /** How often they listen, 1 rarely … 5 often, by the original's odds. */
  readonly weight: number
  /** One in a hundred accounts is dormant and has no history. */
  readonly active: boolean
  /** First local day ({@link dayNumber}) on which they may listen: before the world's first day for most. */
  readonly joinDay: number
  /** First local day on which they listen no more; beyond any history for most. */
  readonly leaveDay: number
  /** Expected sessions of an average day. */
  readonly sessions_per_day: number
  /** Which rhythm of the day: an index in the curves of `hour-of-week.ts`. */
  readonly chronotype: number
  /** Multiplies the skip hazard; mean 1. */
  readonly skipFactor: number
  /** Multiplies the odds of thumbs, ratings, comments and tags; mean 1. */
  readonly reactFactor: number
  /** Share of this listener's opinions that are good ones, 0..1. */
  readonly likeShare: number
  /** Multiplies the odds of a search; mean 1. */
  readonly searchFactor: number
  /** Songs known after M plays: `discovery · M^discoveryExponent` (Heaps' law). */
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

/** Further than any history. */
export const NEVER = 0x7fffffff

/** A user's listening traits: a pure function of world and index. */
export function listenerAt(world: World, index: number): Listener {
  // Draws are taken in this order for ever; a new trait is drawn after the last.
  const draws = drawsAt(world.key, STREAM.traits, index)
  const weight = pick(WEIGHT_ODDS, draws.unit()) + 1
  const active = draws.unit() >= 0.01
  const device = pick(DEVICE_ODDS, draws.unit())
  // With the spread of the weights the logarithm's deviation is 1.1, as in Last.fm's listening counts.
  const spread = lognormal(draws.unit(), world.knobs.activitySpread)
  const chronotype = draws.below(4)
  const skipFactor = lognormal(draws.unit(), 0.45)
  const reactFactor = lognormal(draws.unit(), 0.8)
  const searchFactor = lognormal(draws.unit(), 0.6)
  const likeShare = 0.65 + 0.3 * draws.unit()
  const discoveryExponent = 0.74 + 0.12 * draws.unit()
  const original = world.profile === 'seed-2014'
  const { sessionsPerDay } = world.knobs
  return {
    index,
    uid: uidAt(world, index),
    ip4: ip4At(world, index),
    home: homeOf(world, index),
    gender: 'X',
    age_years: 32,
    device,
    weight,
    active,
    joinDay: dayNumber(world.firstDay) - 1 - draws.below(1_500),
    leaveDay: NEVER,
    sessions_per_day: active ? sessionsPerDay * (weight / WEIGHT_MEAN) * (original ? 1 : spread) : 0,
    chronotype,
    skipFactor,
    reactFactor,
    likeShare,
    searchFactor,
    discovery: 1.4,
    discoveryExponent,
    taste: Float64Array.from(GENRES, ({ term }) => tasteFor(world.key, index, term)),
  }
}

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

/**
 * How much a listener likes a genre, from 0.04 to 1: a few are loved and most are met now and then. Depends on the
 * genre's name, not on its place in a list, so that a longer list changes no taste.
 */
function tasteFor(key: Key, index: number, genre: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < genre.length; i++) hash = scramble(hash ^ genre.charCodeAt(i))
  const u = wordsAt(key, STREAM.taste, index, hash)[0] / 0x100000000
  return 0.04 + 0.96 * u * u * u
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
