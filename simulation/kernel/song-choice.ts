/**
 * Which song a listener plays next.
 *
 * Part of the plays repeat a favourite, the others explore. Exploring follows the law
 * P(song) ∝ interest(song, day) × taste(genre), drawn exactly by rejection: artist and song from their standing shares
 * in closed form, then kept with the odds of taste and of the day's wave. It needs no table of the day, so the first
 * song of any (user, day) comes at once, a million songs cost what ten thousand cost, and a thousand k6 listeners, each
 * an engine of its own, hold nothing of the size of the catalogue.
 *
 * A listener's k-th favourite is a pure function of (seed, user, k), so that no play depends on an earlier one; on each
 * day the favourites are weighed by their waves, so that they fade and return as they do for everybody.
 */
import { GENRES } from '../../datasets/catalogue-genre.ts'
import type { Draws } from '../../datasets/random.ts'
import { drawsAt } from '../../datasets/random.ts'
import { CAUSES } from './event-block.ts'
import type { Listener } from './listener.ts'
import type { SessionPlace } from './session.ts'
import { waveLevel } from './song-interest.ts'
import type { Songbook } from './songbook.ts'
import { STREAM } from './stream.ts'

/** The index of the next song. */
export type SongChoice = (draws: Draws) => number

/** The songs of a listener on a day ({@link dayNumber}), repeats and taste included. */
export function songChoice(book: Songbook, listener: Listener, day: number): SongChoice {
  const memory = memoryOf(book, listener)
  const ends: number[] = []
  let sum = 0
  memory.favourites.forEach((song, k) => {
    sum += waveLevel(book, song, day) / (k + 3)
    ends.push(sum)
  })
  return (draws) => {
    const repeats = draws.unit() < 0.6
    if (!repeats) return explore(book, day, draws, memory.taste)
    const target = draws.unit() * sum
    let k = 0
    while (k < ends.length - 1 && target >= ends[k]!) k++
    return memory.favourites[k]!
  }
}

/** Chooses the songs of one session, one after the other. */
export interface Chooser {
  next(play: number): number
  /** Of the last choice: an index in CAUSES. */
  cause: number
}

export function chooser(book: Songbook, listener: Listener, { day, conduct }: SessionPlace): Chooser {
  const draws = drawsAt(conduct, STREAM.song, 0)
  const choice = songChoice(book, listener, day)
  return { next: () => choice(draws), cause: CAUSES.indexOf('explore') }
}

/** The songs of nobody in particular: interest alone. */
export function interestChoice(book: Songbook, day: number): SongChoice {
  return (draws) => explore(book, day, draws, () => 1)
}

/** A genre's odds of being taken, by artist. */
type Taste = (artist: number) => number

/** About one try in twenty is kept; after this many the last one stands, which happens less than once in 10^6 picks. */
const TRIES_MAX = 400

/** Here 32 bits are fine enough, and cost half of 53; this is the kernel's innermost loop. */
const UNIT = 2 ** -32

function explore(book: Songbook, day: number, draws: Draws, taste: Taste): number {
  let song = 0
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const artist = book.artistAt(draws.u32() * UNIT)
    const keep = draws.u32() * UNIT
    const liked = taste(artist)
    if (keep >= liked) continue
    song = book.songOf(artist, draws.u32() * UNIT)
    // Given that it is below `liked`, keep / liked is uniform again and serves the second decision.
    if (keep < liked * waveLevel(book, song, day)) return song
  }
  return song
}

interface Memory {
  readonly taste: Taste
  readonly favourites: readonly number[]
}

/** Memories are pure functions of (seed, user), kept only because a user's days come one after another. */
const MEMORIES_MAX = 20_000
const memories = new WeakMap<Songbook, Map<number, Memory>>()

function memoryOf(book: Songbook, listener: Listener): Memory {
  let ofBook = memories.get(book)
  if (!ofBook || ofBook.size >= MEMORIES_MAX) {
    ofBook = new Map()
    memories.set(book, ofBook)
  }
  const known = ofBook.get(listener.index)
  if (known) return known
  const memory = recall(book, listener)
  ofBook.set(listener.index, memory)
  return memory
}

function recall(book: Songbook, listener: Listener): Memory {
  const taste: Taste = (artist) =>
    Math.min(1, listener.taste[GENRES.findIndex(({ term }) => term === book.genreOf(artist))]!)
  const favourites: number[] = []
  for (let k = 0; k < 40; k++) favourites.push(favourite(book, listener.index, k, taste))
  return { taste, favourites }
}

/** A favourite follows standing shares and taste; which day it is does not matter. */
function favourite(book: Songbook, user: number, k: number, taste: Taste): number {
  const draws = drawsAt(book.key, STREAM.favourite, user, k)
  let artist = 0
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    artist = book.artistAt(draws.unit())
    if (draws.unit() < taste(artist)) break
  }
  return book.songOf(artist, draws.unit())
}
