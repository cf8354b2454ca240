/**
 * The laws that a history is judged by, asked of the kernel alone and never of a history: songs, interest in them, when
 * sessions are expected to start, how long songs are heard, how often thumbs are given. All reading of the kernel's laws
 * is here, so that a law that moves is followed in one place.
 */
import { GENRES } from '../../datasets/catalogue-genre.ts'
import { expectedSessions } from '../kernel/arrivals.ts'
import { weekdayOf } from '../kernel/day-number.ts'
import type { Listener } from '../kernel/listener.ts'
import { fingerprintOf, impatience, summedHazard } from '../kernel/skip-law.ts'
import { interestOn } from '../kernel/song-interest.ts'
import { type Songbook, songbookOf } from '../kernel/songbook.ts'
import type { World } from '../kernel/world.ts'

export const GENRE_COUNT = GENRES.length

export type SongColumns = Pick<
  Songbook,
  'songCount' | 'artistCount' | 'genre' | 'artist' | 'release' | 'duration_ms' | 'energy'
>

export function songColumns(world: World): SongColumns {
  return songbookOf(world)
}

/** Summed interest in each genre's songs on each day: by day, then genre. */
export function genreMasses(world: World, firstDay: number, dayCount: number): Float64Array {
  const book = songbookOf(world)
  const masses = new Float64Array(dayCount * GENRE_COUNT)
  for (let d = 0; d < dayCount; d++) {
    for (let song = 0; song < book.songCount; song++) {
      masses[d * GENRE_COUNT + book.genre[song]!]! += interestOn(book, song, firstDay + d)
    }
  }
  return masses
}

/** Expected session starts of a listener in each local hour of a local day; 24 numbers, written into `out`. */
export function expectedStarts(world: World, listener: Listener, day: number, out: Float64Array): void {
  const mean = expectedSessions(world, listener, day) / 2 ** 32
  const first = 24 * weekdayOf(day)
  for (let hour = 0; hour < 24; hour++) {
    const from = hour === 0 ? 0 : listener.rhythm.ends[first + hour - 1]!
    out[hour] = mean * (listener.rhythm.ends[first + hour]! - from)
  }
}

/** Summed skip hazard of a song for a listener of factor 1 at 5 s, at 30 s and at its end. */
export function skipHazard(world: World, song: number, duration_ms: number): [number, number, number] {
  const fingerprint = fingerprintOf(world.key, song, world.knobs.fingerprint)
  const at = (seconds: number): number => summedHazard(fingerprint, duration_ms, seconds)
  return [at(5), at(30), at(duration_ms / 1000)]
}

/** What multiplies the skip hazard for a listener on a day. */
export function hurryOf({ knobs }: World, listener: Listener, day: number): number {
  const ofAgeAndDay = 1 + knobs.skipByAge * (impatience(listener.age_years, weekdayOf(day)) - 1)
  return knobs.skip * listener.skipFactor * ofAgeAndDay
}

/** Odds that a play of a listener is given a thumb. */
export function thumbOdds(world: World, listener: Listener): number {
  return Math.min(1, 0.075 * listener.reactFactor * world.knobs.reactions) * 0.72
}

/** Shares of ages, as the law has them: a least age of 13, then lognormal with a median of 32; nobody is over 95. */
export const AGE_LAW = { least: 13, scale: 19, sigma: 0.65, most: 95 }
/** Shares of F, M and X. */
export const GENDER_LAW = { F: 0.49, M: 0.49, X: 0.02 }
