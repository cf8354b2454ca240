/**
 * Which song a listener plays next.
 *
 * Part of the plays repeat a favourite, the others explore by interest and taste.
 */
import { GENRES } from '../../datasets/catalogue-genre.ts'
import type { Draws } from '../../datasets/random.ts'
import { drawsAt } from '../../datasets/random.ts'
import { CAUSES } from './event-block.ts'
import { songsOf } from './explore.ts'
import type { Listener } from './listener.ts'
import type { SessionPlace } from './session.ts'
import { levelOn } from './song-interest.ts'
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
    sum += levelOn(book, song, day) / (k + 3)
    ends.push(sum)
  })
  return (draws) => {
    const repeats = draws.unit() < 0.6
    if (!repeats || sum === 0) return Math.max(0, songsOf(book, day).pick(draws, memory.taste))
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
  const songs = songsOf(book, day)
  const all = new Float64Array(GENRES.length).fill(1)
  return (draws) => Math.max(0, songs.pick(draws, all))
}

interface Memory {
  readonly taste: Float64Array
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

/** The favourites of a listener are of the world's first day. */
function recall(book: Songbook, { index, taste }: Listener): Memory {
  const songs = songsOf(book, book.firstDay)
  const favourites: number[] = []
  for (let k = 0; k < 40; k++)
    favourites.push(Math.max(0, songs.pick(drawsAt(book.key, STREAM.favourite, index, k), taste)))
  return { taste, favourites }
}
