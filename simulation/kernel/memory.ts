/**
 * What a listener knows, and what of it comes back: discovery and repetition without replaying the past.
 *
 * Songs known after M plays follow Heaps' law, N(M) = discovery · M^b, and M grows evenly from the day of joining; so the
 * number known on a day is closed form, and so is the day on which the k-th was discovered. The k-th discovery is a pure
 * function of (seed, user, k): at certain k it is a song of an artist new to the listener, drawn from the interest and
 * taste of its day, else another song of an artist met before (artists known grow as k^0.8).
 *
 * A repeat counts back from the newest discovery by a power law (Anderson et al., WWW'14: repeats favour recency),
 * thinned by the listener's fondness of each song and by an appetite that is least for the newest discoveries. (Sguerra
 * et al. 2022 find an appetite that first rises with each exposure; by place among discoveries it does not: the
 * scorecard's row R3.) No event depends on another event's draw.
 */
import { AddressedDraws, type Key } from '../../datasets/random.ts'
import { artistSong } from './artist-song.ts'
import { power } from './elementary.ts'
import { NONE } from './event-block.ts'
import { songsOf } from './explore.ts'
import type { Listener } from './listener.ts'
import { scramble } from './permutation.ts'
import type { Songbook } from './songbook.ts'
import { STREAM } from './stream.ts'

/** Plays of an average session; a listener's plays grow with their sessions. */
export const PLAYS_PER_SESSION = 11

/** Plays that a newcomer has behind them elsewhere: nobody starts with an empty head. */
const PLAYS_BEFORE = 40

/** Of the songs that are new to a listener, this share is remembered; the others are met once on the way. */
export const REMEMBERED = 0.35

/** Nobody's memory holds more. */
const KNOWN_MAX = 16_384

/** Plays that a listener is expected to have behind them on the morning of a day, those from before joining included. */
export function playsBefore(listener: Listener, day: number): number {
  const days = Math.max(0, Math.min(day, listener.leaveDay) - listener.joinDay)
  return PLAYS_BEFORE + days * listener.sessions_per_day * PLAYS_PER_SESSION
}

/** How many songs a listener knows on the morning of a day. */
export function knownCount(listener: Listener, day: number): number {
  const { discovery, discoveryExponent } = listener
  const count = REMEMBERED * discovery * power(playsBefore(listener, day), discoveryExponent)
  return Math.min(KNOWN_MAX, Math.max(1, Math.floor(count)))
}

/** Share of a listener's plays on a day that are of songs new to them: the slope of Heaps' law. */
export function noveltyOf(listener: Listener, day: number): number {
  const { discovery, discoveryExponent } = listener
  return Math.min(1, discovery * discoveryExponent * power(playsBefore(listener, day), discoveryExponent - 1))
}

/** The day on which a listener discovered their k-th song: the inverse of {@link knownCount}. */
export function discoveryDay(listener: Listener, k: number): number {
  const { discovery, discoveryExponent, sessions_per_day, joinDay } = listener
  const plays = power((k + 1) / (REMEMBERED * discovery), 1 / discoveryExponent)
  if (plays <= PLAYS_BEFORE || sessions_per_day === 0) return joinDay
  return joinDay + Math.floor((plays - PLAYS_BEFORE) / (sessions_per_day * PLAYS_PER_SESSION))
}

/** The song that a listener discovered as their k-th, from 0; {@link NONE} if nothing had been released then. */
export function knownSong(book: Songbook, listener: Listener, k: number): number {
  const known = memoryOf(book, listener.index, k)
  const before = known[k]!
  if (before !== NONE) return before
  const song = discover(book, listener, k)
  known[k] = song
  return song
}

function discover(book: Songbook, listener: Listener, k: number): number {
  const day = discoveryDay(listener, k)
  const artists = artistsKnown(k)
  const isNewArtist = anchorOf(artists - 1) === k
  draws.moveTo(book.key, STREAM.discovery, listener.index, k)
  if (isNewArtist) return songsOf(book, day).pick(draws, listener.taste)
  // Artists met early are favourites, and lead to more of their songs.
  const u = draws.u32() * UNIT
  const which = draws.u32() * UNIT
  const anchor = knownSong(book, listener, anchorOf(Math.floor(artists * u * (0.4 + 0.6 * u))))
  if (anchor === NONE) return NONE
  const song = artistSong(book, book.artist[anchor]!, day, which)
  return song === NONE ? anchor : song
}

const draws = new AddressedDraws()
const UNIT = 2 ** -32

/** The discovery by which a listener met their i-th artist, from 0: at first every song is of a new one. */
export function anchorOf(i: number): number {
  return Math.max(i, Math.floor(0.56 * i * Math.sqrt(Math.sqrt(i))))
}

/** How many artists a listener knows once they know songs 0 … k: the inverse of {@link anchorOf}. */
export function artistsKnown(k: number): number {
  while (ANCHORS[ANCHORS.length - 1]! <= k) ANCHORS.push(anchorOf(ANCHORS.length))
  let low = 0
  let high = ANCHORS.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (ANCHORS[middle]! <= k) low = middle
    else high = middle - 1
  }
  return low + 1
}

/** Anchors as far as they have been asked for. */
const ANCHORS = [0]

/**
 * A distance back from the newest of `count` discoveries, by the law (x + 4)^−1.25: its integral is inverted with square
 * roots and products alone.
 */
function recencyAt(u: number, count: number): number {
  const root = NEWEST - u * (NEWEST - 1 / Math.sqrt(Math.sqrt(count + RECENCY_SHIFT)))
  const square = root * root
  return Math.min(count - 1, Math.max(0, Math.floor(1 / (square * square) - RECENCY_SHIFT)))
}

const RECENCY_SHIFT = 4
const NEWEST = 1 / Math.sqrt(Math.sqrt(RECENCY_SHIFT))

/** Discoveries, counted back from the newest, over which appetite grows to its full. */
const HUNGRY_FOR = 24

/** How often a candidate may be turned down before one is taken as it comes. */
const TRIES = 6

/** What bends the choice of a repeat; see the knobs of the same names. */
export interface RepeatBias {
  recency: number
  appetite: number
}

/**
 * Which discovery comes back, given that `count` are known.
 * @param word 32 random bits, all that this decision takes
 */
export function repeatOf(
  book: Songbook,
  listener: Listener,
  count: number,
  { recency, appetite }: RepeatBias,
  word: number,
): number {
  let k = 0
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const where = scramble(word ^ Math.imul(2 * attempt + 1, 0x9e3779b9)) * UNIT
    const keep = scramble(word ^ Math.imul(2 * attempt + 2, 0x9e3779b9)) * UNIT
    const isRecent = keep < recency
    const back = isRecent ? recencyAt(where, count) : Math.floor(where * count)
    k = count - 1 - back
    if (attempt === TRIES - 1) break
    const taken = scramble(word ^ Math.imul(2 * attempt + 1, 0x85ebca6b)) * UNIT
    // Appetite grows as further discoveries come, until the song is one of the old ones.
    const hunger = 1 - appetite * 0.92 * Math.max(0, 1 - back / HUNGRY_FOR)
    if (taken < hunger * fondness(book.key, listener.index, k)) break
  }
  return knownSong(book, listener, k)
}

/** How fond a listener is of their k-th discovery, 0.1..1: of few very, of most a little. */
function fondness(key: Key, user: number, k: number): number {
  const u = scramble(scramble(user ^ key[0]) ^ Math.imul(k + 1, 0x9e3779b1) ^ key[1]) * UNIT
  return 0.1 + 0.9 * u * u
}

/** Discoveries are pure functions of (seed, user, k), kept only because a user's days come one after another. */
const KEPT_MAX = 4_000_000
interface Kept {
  songs: number
  byUser: Map<number, Int32Array<ArrayBuffer>>
}
const kept = new WeakMap<Songbook, Kept>()

/** The discoveries asked for last: a session asks for one listener's again and again. */
let lastBook: Songbook | undefined
let lastUser = NONE
let lastKnown = new Int32Array(0)

/** The discoveries of a user that are known so far, with room for number k; {@link NONE} where not looked up yet. */
function memoryOf(book: Songbook, user: number, k: number): Int32Array {
  if (book === lastBook && user === lastUser && k < lastKnown.length) return lastKnown
  lastKnown = memoryWithRoom(book, user, k)
  lastBook = book
  lastUser = user
  return lastKnown
}

function memoryWithRoom(book: Songbook, user: number, k: number): Int32Array<ArrayBuffer> {
  let ofBook = kept.get(book)
  if (ofBook === undefined || ofBook.songs > KEPT_MAX) {
    ofBook = { songs: 0, byUser: new Map() }
    kept.set(book, ofBook)
  }
  const known = ofBook.byUser.get(user)
  if (known !== undefined && k < known.length) return known
  const larger = new Int32Array(Math.max(32, k + (k >>> 1) + 1)).fill(NONE)
  if (known !== undefined) larger.set(known)
  ofBook.songs += larger.length - (known === undefined ? 0 : known.length)
  ofBook.byUser.set(user, larger)
  return larger
}
