/**
 * The text files that come with the Million Song Dataset, and the Taste Profile's triplets, row by row. Columns are
 * parted by `<SEP>` (by a tab in the triplets), the encoding is UTF-8, and there is no header.
 *
 * Each reader tells rows that are not of the form and goes on; none keeps more than a piece of the file.
 */
import { degreesIn, idIn, shown, wholeNumberIn, yearIn } from './cell.ts'
import { invalid, parsedLines, type ReadOptions } from './reject.ts'

/** What stands between two columns. */
export const SEP = '<SEP>'

/** A row of `unique_tracks.txt`: `track id<SEP>song id<SEP>artist name<SEP>title`. */
export interface UniqueTrack {
  track_id: string
  song_id: string
  artist_name: string
  title: string
}

export function readUniqueTracks(file: string, options: ReadOptions = {}): AsyncGenerator<UniqueTrack> {
  return parsedLines(
    file,
    (text) => {
      const [track_id, song_id, artist_name, title] = columns(text, SEP, 4) as [string, string, string, string]
      return { track_id: trackId(track_id), song_id: idIn(song_id, 'SO', 'the song id'), artist_name, title }
    },
    options,
  )
}

/** A row of `unique_artists.txt`: `artist id<SEP>mbid<SEP>one of the artist's track ids<SEP>artist name`. */
export interface UniqueArtist {
  artist_id: string
  /** MusicBrainz id; empty when there is none. */
  artist_mbid: string
  track_id: string
  artist_name: string
}

export function readUniqueArtists(file: string, options: ReadOptions = {}): AsyncGenerator<UniqueArtist> {
  return parsedLines(
    file,
    (text) => {
      const [artist_id, artist_mbid, track_id, artist_name] = columns(text, SEP, 4) as [string, string, string, string]
      return { artist_id: artistId(artist_id), artist_mbid, track_id: trackId(track_id), artist_name }
    },
    options,
  )
}

/** A row of `artist_location.txt`: `artist id<SEP>latitude<SEP>longitude<SEP>track id<SEP>artist name`. */
export interface ArtistLocation {
  artist_id: string
  /** Degrees north. */
  latitude: number
  /** Degrees east. */
  longitude: number
  track_id: string
  artist_name: string
}

export function readArtistLocations(file: string, options: ReadOptions = {}): AsyncGenerator<ArtistLocation> {
  return parsedLines(
    file,
    (text) => {
      const [artist_id, latitude, longitude, track_id, artist_name] = columns(text, SEP, 5) as [
        string,
        string,
        string,
        string,
        string,
      ]
      return {
        artist_id: artistId(artist_id),
        latitude: degreesIn(latitude, 'latitude'),
        longitude: degreesIn(longitude, 'longitude'),
        track_id: trackId(track_id),
        artist_name,
      }
    },
    options,
  )
}

/** A row of `tracks_per_year.txt`: `year<SEP>track id<SEP>artist name<SEP>title`. */
export interface TrackYear {
  /** 0 = unknown; the data set's own file leaves such tracks out. */
  year: number
  track_id: string
  artist_name: string
  title: string
}

export function readTracksPerYear(file: string, options: ReadOptions = {}): AsyncGenerator<TrackYear> {
  return parsedLines(
    file,
    (text) => {
      const [year, track_id, artist_name, title] = columns(text, SEP, 4) as [string, string, string, string]
      return { year: yearIn(year), track_id: trackId(track_id), artist_name, title }
    },
    options,
  )
}

/** A row of the Taste Profile's `train_triplets.txt`: user, song and how often the user played it. */
export interface TasteTriplet {
  /** 40 lower-case hex digits. */
  user: string
  song_id: string
  /** At least 1. */
  count: number
}

export function readTasteTriplets(file: string, options: ReadOptions = {}): AsyncGenerator<TasteTriplet> {
  return parsedLines(
    file,
    (text) => {
      const [user, song_id, count] = columns(text, '\t', 3) as [string, string, string]
      if (!/^[0-9a-f]{40}$/.test(user)) throw invalid(`expected a user of 40 hex digits, got ${shown(user)}`)
      return {
        user,
        song_id: idIn(song_id, 'SO', 'the song id'),
        count: wholeNumberIn(count, 'the count', 1, Number.MAX_SAFE_INTEGER),
      }
    },
    options,
  )
}

function trackId(text: string): string {
  return idIn(text, 'TR', 'the track id')
}

function artistId(text: string): string {
  return idIn(text, 'AR', 'the artist id')
}

function columns(text: string, separator: string, count: number): string[] {
  const cells = text.split(separator)
  if (cells.length !== count) throw invalid(`expected ${count} columns, got ${cells.length}`)
  return cells
}
