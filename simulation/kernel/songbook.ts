/**
 * A world's songs as the kernel sees them, in columns made once: who made them, when they came out, how popular they are
 * and which waves of interest they have. Nothing here depends on a day; `song-interest.ts` does.
 *
 * Popularity is a product: an artist's place among all artists, a bonus for artists who made much, and a song's own luck;
 * a sieve that old songs have been through; each genre is then scaled to its share of all listening. The spreads are fitted to Last.fm's plays (P1 and P2 of the
 * scorecard): 16 % of the songs have 84 % of the plays, 9 % of the artists 91 %.
 */
import { type CatalogueSpec, columnsOf, songAt } from '../../datasets/catalogue.ts'
import { AddressedDraws, type Key, wordsAt } from '../../datasets/random.ts'
import { firstShape, NO_WAVE, secondGap_days, secondShape } from './archetype.ts'
import { dayNumber } from './day-number.ts'
import { power } from './elementary.ts'
import { ERA_SHARES, eraOf } from './era.ts'
import { GENRE_APPEAL } from './genre-appeal.ts'
import { type InterestCurves, interestCurves } from './interest-curves.ts'
import { perObject } from './per-object.ts'
import { permutation } from './permutation.ts'
import { lognormalClasses, rankWeight } from './rank-law.ts'
import { type SongShock, songShocksOf } from './shock-level.ts'
import { STREAM } from './stream.ts'
import { catalogueOf, type World } from './world.ts'

export interface Songbook {
  readonly key: Key
  readonly songCount: number
  readonly artistCount: number
  /** {@link dayNumber} of the world's first day. */
  readonly firstDay: number
  /** Index in GENRES, by song. */
  readonly genre: Uint8Array
  /** Index of the artist, by song. */
  readonly artist: Uint32Array
  /** {@link dayNumber} of the release, by song. */
  readonly release: Int32Array
  readonly duration_ms: Int32Array
  /** Of 255, by song. */
  readonly energy: Uint8Array
  /** A song's standing: its share of all interest if every song were at level 1; shares sum to 1. */
  readonly base: Float64Array
  /** Index in SHAPES of the wave that starts with the release, by song. */
  readonly firstWave: Uint8Array
  /** Index in SHAPES of the second wave, or NO_WAVE, by song. */
  readonly secondWave: Uint8Array
  /** Days from the release to the second wave, by song. */
  readonly secondGap_days: Uint16Array
  readonly curves: InterestCurves
  readonly shocks: readonly SongShock[]
  /** What an event or a line needs of a song. */
  song(index: number): SongFacts
  /** An artist's songs, which follow one another. */
  artistSongs(artist: number): { readonly first: number; readonly count: number }
}

export interface SongFacts {
  readonly track_id: string
  readonly title: string
  readonly artist_id: string
  readonly artist_name: string
  readonly duration_ms: number
}

/** Deviation of the logarithm of popularity between the songs of an artist. */
const SONG_SPREAD = 1
/** An artist's popularity grows with this power of the number of songs: who is loved makes more. */
const OUTPUT_EXPONENT = 1.8

/** The songbook of a world, made once for each world object: pass the same object, not a copy, where speed matters. */
export const songbookOf: (world: World) => Songbook = perObject(createSongbook)

function createSongbook(world: World): Songbook {
  const { key, songCount } = world
  const spec = catalogueOf(world)
  const { artistGenre, artistFirst, year, dayOfYear, duration_ms, energy } = columnsOf(spec)
  const artistCount = artistFirst.length
  const artistSongs = (artist: number): { first: number; count: number } => {
    const first = artistFirst[artist]!
    return { first, count: (artist + 1 < artistCount ? artistFirst[artist + 1]! : songCount) - first }
  }
  const genre = new Uint8Array(songCount)
  const artist = new Uint32Array(songCount)
  for (let by = 0; by < artistCount; by++) {
    const { first, count } = artistSongs(by)
    genre.fill(artistGenre[by]!, first, first + count)
    artist.fill(by, first, first + count)
  }
  const facts: (SongFacts | undefined)[] = []
  return {
    key,
    songCount,
    artistCount,
    firstDay: dayNumber(world.firstDay),
    genre,
    artist,
    release: releaseDays(year, dayOfYear),
    duration_ms,
    energy,
    base: shares(world, year, genre, artistSongs, artistCount),
    ...waves(world, year, artistCount, artistSongs),
    curves: interestCurves(world.knobs),
    shocks: songShocksOf(world, artistCount, artistSongs),
    artistSongs,
    song: (index) => {
      const known = facts[index]
      if (known !== undefined) return known
      const made = factsOf(spec, index)
      facts[index] = made
      return made
    },
  }
}

type ArtistSongs = (artist: number) => { first: number; count: number }

function factsOf(spec: CatalogueSpec, index: number): SongFacts {
  const { track_id, title, artist_id, artist_name, duration_ms } = songAt(spec, index)
  return { track_id, title, artist_id, artist_name, duration_ms }
}

function releaseDays(year: Uint16Array, dayOfYear: Uint16Array): Int32Array {
  const newYears: number[] = []
  const release = new Int32Array(year.length)
  for (let song = 0; song < year.length; song++) {
    const at = year[song]!
    let newYear = newYears[at]
    if (newYear === undefined) {
      newYear = dayNumber(`${at}-01-01`)
      newYears[at] = newYear
    }
    release[song] = newYear + dayOfYear[song]! - 1
  }
  return release
}

/** Classes of a song's luck: a look-up in place of an exponential a song. */
const LUCK_BITS = 10

function shares(world: World, year: Uint16Array, genre: Uint8Array, artistSongs: ArtistSongs, artistCount: number) {
  const { key, knobs, lastYear } = world
  const ranks = permutation(wordsAt(key, STREAM.artistRank, artistCount), artistCount)
  const luck = GENRE_APPEAL.map(({ spread }) =>
    lognormalClasses(1 << LUCK_BITS, SONG_SPREAD * spread * knobs.popularity),
  )
  const base = new Float64Array(world.songCount)
  const era = new Uint8Array(world.songCount)
  const draws = new AddressedDraws()
  for (let artist = 0; artist < artistCount; artist++) {
    const { first, count } = artistSongs(artist)
    draws.moveTo(key, STREAM.withinArtist, artist)
    const lucks = luck[genre[first]!]!
    const spread = GENRE_APPEAL[genre[first]!]!.spread * knobs.popularity
    const fame = rankWeight(ranks.backward(artist), spread) * power(count, (OUTPUT_EXPONENT - 1) * knobs.popularity)
    for (let song = first; song < first + count; song++) {
      base[song] = fame * lucks[draws.u32() >>> (32 - LUCK_BITS)]!
      era[song] = eraOf(lastYear - year[song]!)
    }
  }
  // Genres and, within each, how new its songs are: the last three years, the three before, and all older.
  const newness = new Uint8Array(world.songCount)
  for (let song = 0; song < newness.length; song++) newness[song] = 3 * genre[song]! + Math.min(2, era[song]!)
  // Where a knob is 0, a class has what its number of songs gives it.
  const genreShares = wantedShares(
    newness,
    3 * GENRE_APPEAL.length,
    (of, songs) => songs * power(shareOfNewness(of) / songs, knobs.genrePopularity),
  )
  const eraShares = wantedShares(
    era,
    ERA_SHARES.length,
    (of, songs) => songs * power(ERA_SHARES[of]! / songs, knobs.popularity),
  )
  // Raking (iterative proportional fitting): each turn brings both classifications nearer to what is wanted at once.
  for (let turn = 0; turn < 3; turn++) {
    scaleTo(base, era, eraShares)
    scaleTo(base, newness, genreShares)
  }
  return base
}

/** @param of three times a genre, plus 0 for the newest songs, 1 for those before, 2 for older ones */
function shareOfNewness(of: number): number {
  const { share, recent } = GENRE_APPEAL[Math.floor(of / 3)]!
  const parts = [recent, 0.67 * recent, 1 - 1.67 * recent]
  return share * parts[of % 3]!
}

/** By class: the wanted weight, given the share of all songs that are of it, made to sum to 1. */
function wantedShares(
  classOf: Uint8Array,
  classes: number,
  weight: (of: number, songs: number) => number,
): Float64Array {
  const wanted = new Float64Array(classes)
  for (let song = 0; song < classOf.length; song++) wanted[classOf[song]!]! += 1 / classOf.length
  let sum = 0
  for (let at = 0; at < classes; at++) {
    wanted[at] = wanted[at] === 0 ? 0 : weight(at, wanted[at]!)
    sum += wanted[at]!
  }
  for (let at = 0; at < classes; at++) wanted[at]! /= sum
  return wanted
}

/** Scales each class of songs to its wanted sum. */
function scaleTo(base: Float64Array, classOf: Uint8Array, wanted: Float64Array): void {
  const factor = new Float64Array(wanted.length)
  for (let song = 0; song < base.length; song++) factor[classOf[song]!]! += base[song]!
  for (let at = 0; at < factor.length; at++) factor[at] = factor[at] === 0 ? 0 : wanted[at]! / factor[at]!
  for (let song = 0; song < base.length; song++) base[song]! *= factor[classOf[song]!]!
}

function waves(
  world: World,
  year: Uint16Array,
  artistCount: number,
  artistSongs: ArtistSongs,
): Pick<Songbook, 'firstWave' | 'secondWave' | 'secondGap_days'> {
  const { key, songCount, lastYear } = world
  const firstWave = new Uint8Array(songCount)
  const secondWave = new Uint8Array(songCount)
  const gap_days = new Uint16Array(songCount)
  const draws = new AddressedDraws()
  for (let artist = 0; artist < artistCount; artist++) {
    const { first, count } = artistSongs(artist)
    draws.moveTo(key, STREAM.wave, artist)
    for (let song = first; song < first + count; song++) {
      // Five draws a song, whatever comes of them.
      const shape = firstShape(lastYear - year[song]!, draws.u32() * UNIT, draws.u32() * UNIT)
      const second = secondShape(shape, draws.u32() * UNIT, draws.u32() * UNIT)
      const gap = secondGap_days(shape, draws.u32() * UNIT)
      firstWave[song] = shape
      secondWave[song] = second
      gap_days[song] = second === NO_WAVE ? 0 : gap
    }
  }
  return { firstWave, secondWave, secondGap_days: gap_days }
}

const UNIT = 2 ** -32
