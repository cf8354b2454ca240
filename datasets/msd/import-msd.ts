/**
 * Songs and artists from real files of the Million Song Dataset, joined from whatever a folder has of them.
 *
 * Songs come from the richest source: the 54-column table, else `track_metadata.db`, else `unique_tracks.txt`. They are
 * streamed; what is kept in memory grows with artists (terms, similar artists, places), and with `unique_tracks.txt`
 * alone with the tracks whose year is known.
 *
 * What the data set does not say is filled in so:
 * - album: the data set has no album ids, so one is made from artist and title; UNKNOWN where there is no title
 * - genre: the artist's strongest term, by weight in the table, by order in `artist_term.db`; else UNKNOWN
 * - terms of a database have no weights: the n-th gets 1/n; an artist without any has UNKNOWN with weight 0
 * - year 0 stays 0 (unknown); tempo, key, energy, hotttnesss and familiarity that are unknown (−1, nan) become 0
 * - an unknown place is 0° north, 0° east, without a name
 * - a song of unknown length lasts four minutes; one below a second, as there are a few, lasts a second
 * - with `unique_tracks.txt` alone, an artist's id is that of the first artist of the name in `unique_artists.txt`, else
 *   one made from the name
 */
import { type Artist, type Song, UNKNOWN_ID } from '../music.ts'
import { readArtistSimilarity, readArtistTerms, readTrackMetadata } from './databases.ts'
import { type MsdFile, type MsdFolder, msdFolder } from './folder.ts'
import { hashedId } from './hashed-id.ts'
import type { MsdReject, ReadOptions } from './reject.ts'
import { type FileCount, Tally } from './tally.ts'
import { readArtistLocations, readTracksPerYear, readUniqueArtists, readUniqueTracks } from './text-files.ts'
import { type FullTrack, readTrackTable } from './track-table.ts'

export interface ImportedMsd {
  /** In the order of the source. May be read more than once: each reading opens the files anew. */
  songs: AsyncIterable<Song>
  /** Each once, in the order of their first songs, then those of `unique_artists.txt` that have no song. */
  artists: AsyncIterable<Artist>
  /** Rows taken and refused by path; complete once songs and artists have been read to their ends. */
  counts: Readonly<Record<string, FileCount>>
  /** The first thousand refused rows; `options.reject` is told of all. */
  rejects: readonly MsdReject[]
}

/**
 * @throws MusicboxError `not.found`; while reading, `interrupted`, `backend.unreachable` or `data.corrupt`
 * @example
 * const { songs, artists, counts } = await importMsd('MillionSongSubset', { reject: (row) => log(row) })
 * for await (const song of songs) …
 */
export async function importMsd(folder: string, options: ReadOptions = {}): Promise<ImportedMsd> {
  const found = await msdFolder(folder)
  const tally = new Tally(options)
  let known: Promise<ArtistBook> | undefined
  const bookOf = (): Promise<ArtistBook> => {
    known ??= artistBook(found, tally)
    return known
  }
  return {
    songs: { [Symbol.asyncIterator]: () => songsIn(found, tally, bookOf) },
    artists: { [Symbol.asyncIterator]: () => artistsIn(found, tally, bookOf) },
    counts: tally.counts,
    rejects: tally.rejects,
  }
}

/** What stands for an unknown length, ms. */
const UNKNOWN_LENGTH_MS = 240_000
const SHORTEST_MS = 1_000

/** What a source says of a track and of its artist; NaN and empty where it says nothing. */
interface Track {
  song: Omit<Song, 'album_id' | 'genre'>
  artist: Omit<Artist, 'terms' | 'similar'>
  /** Strongest first; empty when the source has none. */
  terms: Artist['terms']
  similar: string[]
}

async function* songsIn(found: MsdFolder, tally: Tally, bookOf: () => Promise<ArtistBook>): AsyncGenerator<Song> {
  const book = await bookOf()
  for await (const { song, terms } of tracksIn(found, tally, book)) {
    const genre = (terms[0] ?? book.terms.get(song.artist_id)?.[0])?.term ?? UNKNOWN_ID
    const { release, artist_id } = song
    const album_id = release === '' ? UNKNOWN_ID : hashedId('AL', `${artist_id}\n${release}`)
    yield { ...song, album_id, genre }
  }
}

async function* artistsIn(found: MsdFolder, tally: Tally, bookOf: () => Promise<ArtistBook>): AsyncGenerator<Artist> {
  const book = await bookOf()
  const seen = new Set<string>()
  const completed = (artist: Track['artist'], terms: Artist['terms'], similar: readonly string[]): Artist => {
    const place = book.places.get(artist.artist_id)
    return {
      ...artist,
      latitude: numberOr(artist.latitude, place?.latitude ?? 0),
      longitude: numberOr(artist.longitude, place?.longitude ?? 0),
      terms: terms.length > 0 ? terms : (book.terms.get(artist.artist_id) ?? NO_TERMS),
      similar: [...(similar.length > 0 ? similar : (book.similar.get(artist.artist_id) ?? []))],
    }
  }
  for await (const { artist, terms, similar } of tracksIn(found, tally, book)) {
    if (seen.has(artist.artist_id)) continue
    seen.add(artist.artist_id)
    yield completed(artist, terms, similar)
  }
  for await (const { artist_id, artist_name } of rows(found, tally, 'unique_artists.txt', readUniqueArtists)) {
    if (seen.has(artist_id)) continue
    seen.add(artist_id)
    yield completed({ ...NOTHING_KNOWN, artist_id, artist_name }, [], [])
  }
}

const NO_TERMS: Artist['terms'] = [{ term: UNKNOWN_ID, weight: 0 }]

const NOTHING_KNOWN = {
  familiarity: 0,
  hotttnesss: 0,
  latitude: Number.NaN,
  longitude: Number.NaN,
  location: '',
} as const

async function* tracksIn(found: MsdFolder, tally: Tally, book: ArtistBook): AsyncGenerator<Track> {
  if (found.trackTables.length > 0) {
    for (const table of found.trackTables) {
      for await (const row of tally.reading(table, readTrackTable)) yield ofTable(row)
    }
  } else if (found.files.has('track_metadata.db')) {
    for await (const row of rows(found, tally, 'track_metadata.db', readTrackMetadata)) {
      const { artist_id, artist_name, artist_familiarity, artist_hotttnesss } = row
      yield {
        song: { ...unheard(row), release: row.release, year: row.year, duration_ms: length_ms(row.duration) },
        artist: {
          ...NOTHING_KNOWN,
          artist_id,
          artist_name,
          familiarity: share(artist_familiarity),
          hotttnesss: share(artist_hotttnesss),
        },
        terms: [],
        similar: [],
      }
    }
  } else {
    const years = await yearsIn(found, tally)
    for await (const row of rows(found, tally, 'unique_tracks.txt', readUniqueTracks)) {
      const { artist_name } = row
      const artist_id = book.idOfName.get(artist_name) ?? hashedId('AR', artist_name)
      yield {
        song: {
          ...unheard({ ...row, artist_id }),
          release: '',
          year: years.get(row.track_id) ?? 0,
          duration_ms: UNKNOWN_LENGTH_MS,
        },
        artist: { ...NOTHING_KNOWN, artist_id, artist_name },
        terms: [],
        similar: [],
      }
    }
  }
}

type Named = Pick<Song, 'track_id' | 'song_id' | 'title' | 'artist_id' | 'artist_name'>

/** What every source says of a track, and nothing of how it sounds. */
function unheard({
  track_id,
  song_id,
  title,
  artist_id,
  artist_name,
}: Named): Named & Pick<Song, 'tempo' | 'key' | 'energy' | 'song_hotttnesss'> {
  return { track_id, song_id, title, artist_id, artist_name, tempo: 0, key: 0, energy: 0, song_hotttnesss: 0 }
}

function ofTable(row: FullTrack): Track {
  return {
    song: {
      ...unheard(row),
      release: row.release,
      year: row.year,
      duration_ms: length_ms(row.duration),
      tempo: Math.max(0, numberOr(row.tempo, 0)),
      key: Math.min(11, Math.max(0, Math.round(numberOr(row.key, 0)))),
      energy: share(row.energy),
      song_hotttnesss: share(row.song_hotttnesss),
    },
    artist: {
      artist_id: row.artist_id,
      artist_name: row.artist_name,
      familiarity: share(row.artist_familiarity),
      hotttnesss: share(row.artist_hotttnesss),
      latitude: row.artist_latitude,
      longitude: row.artist_longitude,
      location: row.artist_location,
    },
    terms: row.artist_terms
      .map((term, i) => ({ term, weight: share(row.artist_terms_weight[i] ?? Number.NaN) }))
      .sort((a, b) => b.weight - a.weight),
    similar: row.similar_artists,
  }
}

/** What is known of artists beside their tracks. */
interface ArtistBook {
  terms: ReadonlyMap<string, Artist['terms']>
  similar: ReadonlyMap<string, string[]>
  places: ReadonlyMap<string, { latitude: number; longitude: number }>
  /** Filled only where tracks name their artists without an id. */
  idOfName: ReadonlyMap<string, string>
}

async function artistBook(found: MsdFolder, tally: Tally): Promise<ArtistBook> {
  const terms = new Map<string, Artist['terms']>()
  for await (const { artist_id, term } of rows(found, tally, 'artist_term.db', readArtistTerms)) {
    const ofArtist = listOf(terms, artist_id)
    ofArtist.push({ term, weight: 1 / (ofArtist.length + 1) })
  }
  const similar = new Map<string, string[]>()
  for await (const row of rows(found, tally, 'artist_similarity.db', readArtistSimilarity)) {
    listOf(similar, row.target).push(row.similar)
  }
  const places = new Map<string, { latitude: number; longitude: number }>()
  for await (const row of rows(found, tally, 'artist_location.txt', readArtistLocations)) {
    places.set(row.artist_id, { latitude: numberOr(row.latitude, 0), longitude: numberOr(row.longitude, 0) })
  }
  const idOfName = new Map<string, string>()
  if (found.trackTables.length === 0 && !found.files.has('track_metadata.db')) {
    for await (const { artist_id, artist_name } of rows(found, tally, 'unique_artists.txt', readUniqueArtists)) {
      if (!idOfName.has(artist_name)) idOfName.set(artist_name, artist_id)
    }
  }
  return { terms, similar, places, idOfName }
}

async function yearsIn(found: MsdFolder, tally: Tally): Promise<Map<string, number>> {
  const years = new Map<string, number>()
  for await (const { track_id, year } of rows(found, tally, 'tracks_per_year.txt', readTracksPerYear)) {
    years.set(track_id, year)
  }
  return years
}

async function* rows<Row>(
  found: MsdFolder,
  tally: Tally,
  file: MsdFile,
  read: (path: string, options: ReadOptions) => AsyncGenerator<Row>,
): AsyncGenerator<Row> {
  const path = found.files.get(file)
  if (path !== undefined) yield* tally.reading(path, read)
}

function listOf<Value>(lists: Map<string, Value[]>, key: string): Value[] {
  const known = lists.get(key)
  if (known) return known
  const made: Value[] = []
  lists.set(key, made)
  return made
}

function length_ms(duration_s: number): number {
  if (!(duration_s > 0)) return UNKNOWN_LENGTH_MS
  return Math.max(SHORTEST_MS, Math.round(duration_s * 1000))
}

/** A measure in 0..1; what is unknown becomes 0, and the few above 1 become 1. */
function share(value: number): number {
  return Math.min(1, Math.max(0, numberOr(value, 0)))
}

function numberOr(value: number, otherwise: number): number {
  return Number.isNaN(value) ? otherwise : value
}
