/** A world's songs as the kernel sees them: the catalogue, who is popular, and what has been looked up before. */
import {
  artistCount,
  artistIndexOf,
  artistSongs,
  type CatalogueSpec,
  genreOf,
  songAt,
} from '../../datasets/catalogue.ts'
import { type Key, wordsAt } from '../../datasets/random.ts'
import { dayNumber } from './day-number.ts'
import { permutation } from './permutation.ts'
import { rankLaw } from './rank-law.ts'
import { STREAM } from './stream.ts'
import type { World } from './world.ts'

export interface Songbook {
  readonly key: Key
  readonly songCount: number
  /** {@link dayNumber} of the world's first day. */
  readonly firstDay: number
  /** The artist at a quantile of popularity. */
  artistAt(u: number): number
  /** The song of an artist at a quantile of popularity among the artist's own. */
  songOf(artist: number, u: number): number
  /** A song's standing share of all interest: artist's share × share among the artist's songs. Shares sum to 1. */
  base(song: number): number
  genreOf(artist: number): string
  /** What an event or a line needs of a song. */
  song(index: number): SongFacts
  /** The levels of songs' waves on a day, as far as they are known; see `song-interest.ts`. */
  levelsOn(day: number): Map<number, number>
}

export interface SongFacts {
  readonly track_id: string
  readonly artist_id: string
  readonly duration_ms: number
}

/**
 * Exponents 1.25 over artists and 1.5 within one: plays per artist then have a tail exponent of 1.8, and with them plays
 * per song about 1.9, near Last.fm's 1.88 and 1.92. The shifts keep the first of 450 artists at 6 % of all plays.
 */
const OVER_ARTISTS = rankLaw(2, 6)
const WITHIN_ARTIST = rankLaw(1, 2)

interface Discography {
  first: number
  count: number
  /** Which of the artist's songs is the most popular: not always the first in the catalogue. */
  turn: number
}

/** The songbook of a world, made once for each world object: pass the same object, not a copy, where speed matters. */
export function songbookOf(world: World): Songbook {
  const known = songbooks.get(world)
  if (known) return known
  const book = createSongbook(world)
  songbooks.set(world, book)
  return book
}

const songbooks = new WeakMap<World, Songbook>()

function createSongbook(world: World): Songbook {
  const { key, songCount } = world
  const spec: CatalogueSpec = { seed: key, songCount }
  const artists = artistCount(spec)
  const ranks = permutation(wordsAt(key, STREAM.artistRank, artists), artists)
  const genres: (string | undefined)[] = []
  const songs: (SongFacts | undefined)[] = []
  const artistAtRank: (number | undefined)[] = []
  let levels = { day: Number.NaN, ofSong: new Map<number, number>() }
  const discographies: (Discography | undefined)[] = []
  const discographyOf = (artist: number): Discography => {
    const known = discographies[artist]
    if (known !== undefined) return known
    const { first, count } = artistSongs(spec, artist)
    const discography = { first, count, turn: wordsAt(key, STREAM.withinArtist, artist)[0] % count }
    discographies[artist] = discography
    return discography
  }
  return {
    key,
    songCount,
    firstDay: dayNumber(world.firstDay),
    artistAt: (u) => {
      const rank = OVER_ARTISTS.rankAt(u, artists)
      const known = artistAtRank[rank]
      if (known !== undefined) return known
      const artist = ranks.forward(rank)
      artistAtRank[rank] = artist
      return artist
    },
    songOf: (artist, u) => {
      const { first, count, turn } = discographyOf(artist)
      return first + ((WITHIN_ARTIST.rankAt(u, count) + turn) % count)
    },
    base: (song) => {
      const artist = artistIndexOf(spec, song)
      const { first, count, turn } = discographyOf(artist)
      const rank = (song - first - turn + count) % count
      return OVER_ARTISTS.share(ranks.backward(artist), artists) * WITHIN_ARTIST.share(rank, count)
    },
    genreOf: (artist) => {
      const known = genres[artist]
      if (known !== undefined) return known
      const genre = genreOf(spec, artist)
      genres[artist] = genre
      return genre
    },
    song: (index) => {
      const known = songs[index]
      if (known !== undefined) return known
      const { track_id, artist_id, duration_ms } = songAt(spec, index)
      const facts = { track_id, artist_id, duration_ms }
      songs[index] = facts
      return facts
    },
    levelsOn: (day) => {
      // One day at a time: histories are made day by day, and the live outlet has one day only.
      if (levels.day !== day) levels = { day, ofSong: new Map() }
      return levels.ofSong
    },
  }
}
