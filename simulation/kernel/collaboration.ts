/**
 * Who listens with whom: friends, and stations that many subscribe to. All are pure functions of world and index. A
 * friendship is made by the later account, with an earlier one, so that added users change nobody's friends.
 */
import { GENRES } from '../../datasets/catalogue-genre.ts'
import { drawsAt, wordsAt } from '../../datasets/random.ts'
import { ZIP_AREAS } from '../../datasets/zip.ts'
import { homeOf } from './home.ts'
import { accountAt } from './listener.ts'
import { STREAM } from './stream.ts'
import { tasteOf } from './taste.ts'
import type { World } from './world.ts'

/** Nobody befriends more accounts that were there before; how many later ones befriend them is not limited. */
export const FRIENDS_MAX = 12

/** Accounts met for each friend made. */
const MEETINGS = 4

/**
 * Accounts that `index` befriended: up to {@link FRIENDS_MAX} indices below it, each once, in the order met. One is chosen
 * of every few met, from the same state if there is one. Early accounts are met more often (density 1 / √place), which
 * makes the number of friends heavy-tailed, as by preferential attachment.
 */
export function friendsOf(world: World, index: number): readonly number[] {
  const draws = drawsAt(world.key, STREAM.friend, index)
  // Geometric with mean 4 over the first twelve.
  let wanted = 0
  while (wanted < FRIENDS_MAX && draws.unit() < 0.82) wanted++
  if (index === 0) return []
  const state = stateOf(world, index)
  const friends: number[] = []
  for (let i = 0; i < wanted; i++) {
    let chosen = -1
    let isNear = false
    const meetings = drawsAt(world.key, STREAM.friendship, index, i)
    for (let meeting = 0; meeting < MEETINGS; meeting++) {
      const u = meetings.unit()
      const met = Math.floor(index * u * u)
      if (isNear) continue
      isNear = stateOf(world, met) === state
      if (isNear || chosen === -1) chosen = met
    }
    if (friends.indexOf(chosen) === -1) friends.push(chosen)
  }
  return friends
}

/** How close two friends are, from 0 to 1, the same from both sides. */
export function strengthOf(world: World, one: number, other: number): number {
  const [later, earlier] = one > other ? [one, other] : [other, one]
  return wordsAt(world.key, STREAM.strength, later, earlier)[0] / 0x100000000
}

export interface Station {
  readonly id: number
  readonly name: string
  /** Index in GENRES. */
  readonly genre: number
}

const MOODS = [
  'Morning',
  'Midnight',
  'Sunday',
  'Open Road',
  'Basement',
  'Harbour',
  'Golden',
  'Northern',
  'Rooftop',
  'Quiet',
]

/** Ten stations a genre. */
export const STATION_COUNT = GENRES.length * MOODS.length

/** A station; each world names a genre's stations in an order of its own. @throws RangeError if there is none with the id */
export function stationAt(world: World, id: number): Station {
  if (!(Number.isInteger(id) && id >= 0 && id < STATION_COUNT)) {
    throw new RangeError(`expected a station from 0 to ${STATION_COUNT - 1}, got ${id}`)
  }
  const genre = Math.floor(id / MOODS.length)
  const turn = wordsAt(world.key, STREAM.station, genre)[0] % MOODS.length
  return { id, genre, name: `${MOODS[(id + turn) % MOODS.length]!} ${titled(GENRES[genre]!.term)} Radio` }
}

/**
 * Ids of the stations a listener subscribes to: up to four, each once: a genre with
 * the odds of its share of artists times the listener's taste, and in it a station with odds 1, 1/2, … 1/10, so that the
 * stations' audiences are as unequal as groups' are.
 * @param taste the listener's, if it is at hand
 */
export function stationsOf(world: World, index: number, taste = tasteOfUser(world, index)): readonly number[] {
  const draws = drawsAt(world.key, STREAM.subscription, index)
  const wanted = draws.below(5)
  const stations: number[] = []
  for (let i = 0; i < wanted; i++) {
    const genre = placeOf(draws.unit(), GENRES.length, (at) => GENRES[at]!.perMille * taste[at]!)
    const rank = placeOf(draws.unit(), MOODS.length, (at) => 1 / (at + 1))
    const id = genre * MOODS.length + rank
    if (stations.indexOf(id) === -1) stations.push(id)
  }
  return stations
}

function tasteOfUser(world: World, index: number): Float64Array {
  return tasteOf(world, index, accountAt(world, index).age_years)
}

function stateOf(world: World, index: number): string {
  return ZIP_AREAS[homeOf(world, index).area]!.state
}

/** The place that `u` in [0, 1) falls on among n with the given weights. */
function placeOf(u: number, n: number, weightOf: (at: number) => number): number {
  let total = 0
  for (let at = 0; at < n; at++) total += weightOf(at)
  let left = u * total
  let at = 0
  while (at < n - 1 && left >= weightOf(at)) left -= weightOf(at++)
  return at
}

function titled(term: string): string {
  return term
    .split(' ')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(' ')
}
