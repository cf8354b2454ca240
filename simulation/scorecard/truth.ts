/**
 * The laws that a history is judged by, asked of the kernel alone and never of a history: songs, interest in them, when
 * sessions are expected to start, how long songs are heard, how often thumbs are given. All reading of the kernel's laws
 * is here, so that a law that moves is followed in one place.
 */
import { artistIndexOf, songs } from '../../datasets/catalogue.ts'
import { GENRES } from '../../datasets/catalogue-genre.ts'
import { dayNumber, dayOfNumber, weekdayOf } from '../kernel/day-number.ts'
import { dayShape } from '../kernel/hour-of-week.ts'
import type { Listener } from '../kernel/listener.ts'
import { interest } from '../kernel/song-interest.ts'
import { songbookOf } from '../kernel/songbook.ts'
import { catalogueOf, type World } from '../kernel/world.ts'

export const GENRE_COUNT = GENRES.length

export interface SongColumns {
  count: number
  artistCount: number
  /** Index in GENRES. */
  genre: Uint8Array
  artist: Uint32Array
  /** dayNumber of the release. */
  release: Int32Array
  duration_ms: Int32Array
  /** 0..1 */
  energy: Float64Array
}

export function songColumns(world: World): SongColumns {
  const known = columns.get(world)
  if (known) return known
  const spec = catalogueOf(world)
  const count = world.songCount
  const made: SongColumns = {
    count,
    artistCount: artistIndexOf(spec, count - 1) + 1,
    genre: new Uint8Array(count),
    artist: new Uint32Array(count),
    release: new Int32Array(count),
    duration_ms: new Int32Array(count),
    energy: new Float64Array(count),
  }
  const genreIndex = new Map(GENRES.map(({ term }, index) => [term, index]))
  const { release } = songbookOf(world) as Partial<SongColumns>
  let song = 0
  for (const { genre, duration_ms, energy, year } of songs(spec)) {
    made.genre[song] = genreIndex.get(genre)!
    made.artist[song] = artistIndexOf(spec, song)
    made.release[song] = release?.[song] ?? dayNumber(`${year === 0 ? 2000 : year}-01-01`)
    made.duration_ms[song] = duration_ms
    made.energy[song] = energy
    song++
  }
  columns.set(world, made)
  return made
}

const columns = new WeakMap<World, SongColumns>()

/** Interest in every song on every day, and in every genre. */
export interface InterestTable {
  /** By day, then song. */
  level: Float32Array
  /** By day, then genre: summed interest of the genre's songs. */
  genreMass: Float64Array
}

export function interestTable(world: World, firstDay: number, dayCount: number): InterestTable {
  const { count, genre } = songColumns(world)
  const level = new Float32Array(dayCount * count)
  const genreMass = new Float64Array(dayCount * GENRE_COUNT)
  for (let d = 0; d < dayCount; d++) {
    const day = dayOfNumber(firstDay + d)
    for (let song = 0; song < count; song++) {
      const value = interest(world, song, day)
      level[d * count + song] = value
      genreMass[d * GENRE_COUNT + genre[song]!]! += value
    }
  }
  return { level, genreMass }
}

/** Expected session starts of a listener in each local hour of a local day; 24 numbers, written into `out`. */
export function expectedStarts(_world: World, listener: Listener, day: number, out: Float64Array): void {
  const isThere = day >= listener.joinDay && day < listener.leaveDay
  const { level, cumulative } = dayShape(day, 0)
  const mean = isThere ? Math.min(20, listener.sessions_per_day * level) : 0
  for (let hour = 0; hour < 24; hour++) out[hour] = mean * (cumulative[hour]! - (hour > 0 ? cumulative[hour - 1]! : 0))
}

/** Summed skip hazard of a song for a listener of factor 1 at 5 s, at 30 s and at its end. */
export function skipHazard(_world: World, _song: number, duration_ms: number): [number, number, number] {
  const opening = 5 * 0.0553
  const verse = opening + 25 * 0.0062
  return [opening, verse, verse + 0.0012 * Math.max(0, duration_ms / 1000 - 30)]
}

/** What multiplies the skip hazard for a listener on a day. */
export function hurryOf(world: World, listener: Listener, day: number): number {
  const { skip, skipByAge } = world.knobs
  const { age_years } = listener
  const ofAge = age_years < 20 ? 1.35 : age_years < 30 ? 1.18 : age_years < 40 ? 0.65 : age_years < 47 ? 1 : 1.28
  const ofWeekday = [0.93, 0.93, 0.94, 0.99, 1.03, 1.1, 1.09][weekdayOf(day)]!
  return skip * listener.skipFactor * (1 + skipByAge * (ofAge * ofWeekday - 1))
}

/** Odds that a play of a listener is given a thumb. */
export function thumbOdds(world: World, listener: Listener): number {
  return Math.min(1, 0.075 * listener.reactFactor * world.knobs.reactions) * 0.7
}

/** Shares of ages, as the law has them: a least age of 13, then lognormal with a median of 32; nobody is over 95. */
export const AGE_LAW = { least: 13, scale: 19, sigma: 0.65, most: 95 }
/** Shares of F, M and X. */
export const GENDER_LAW = { F: 0.49, M: 0.49, X: 0.02 }
