/** What the events show of listeners: when they were last seen, at which hours they play, and what. */
import { HOUR_MS } from '../../datasets/day.ts'
import { groupingOf } from '../expect/dimension.ts'
import { PLAY } from '../expect/tally.ts'
import { dayNumber } from '../kernel/day-number.ts'
import { EventBlock } from '../kernel/event-block.ts'
import { fillDay } from '../kernel/history.ts'
import type { ScoredHistory } from './task.ts'

export interface ListenerTraces {
  /** By user: local day ({@link dayNumber}) of the last session; −1 for the never seen. */
  lastSeen: Int32Array
  /** By user, 24 numbers: plays by UTC hour. */
  hours: Uint32Array
  /** By user, as many numbers as there are genres: plays by genre. */
  genres: Uint32Array
  genreCount: number
  /** What a genre is called. */
  genreName(genre: number): string
}

export function listenerTraces({ world, firstDay, lastDay, signal }: ScoredHistory): ListenerTraces {
  const grouping = groupingOf(world)
  const genreCount = grouping.size.genre
  const lastSeen = new Int32Array(world.userCount).fill(-1)
  const hours = new Uint32Array(world.userCount * 24)
  const genres = new Uint32Array(world.userCount * genreCount)
  const block = new EventBlock()
  for (let day = dayNumber(firstDay); day <= dayNumber(lastDay); day++) {
    signal?.throwIfAborted()
    fillDay(block, world, day)
    for (let row = 0; row < block.count; row++) {
      const user = block.sessionUser[block.session[row]!]!
      lastSeen[user] = day
      if (block.kind[row] !== PLAY) continue
      hours[user * 24 + (Math.floor(block.ts[row]! / HOUR_MS) % 24)]!++
      genres[user * genreCount + grouping.genre[block.song[row]!]!]!++
    }
  }
  return { lastSeen, hours, genres, genreCount, genreName: (genre) => grouping.idOf('genre', genre) }
}

/** The place of the largest of `count` numbers from `from` on. */
export function largest(values: Uint32Array, from: number, count: number): number {
  let best = 0
  for (let at = 1; at < count; at++) if (values[from + at]! > values[from + best]!) best = at
  return best
}
