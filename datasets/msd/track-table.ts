/**
 * The Million Song Dataset as one table: 54 columns parted by tabs, a track a line, no header. The order is that of the
 * MSD's public copies for Pig and Hadoop; arrays are lists parted by commas.
 */
import { degreesIn, idIn, numberIn, yearIn } from './cell.ts'
import { invalid, parsedLines, type ReadOptions } from './reject.ts'

export const TRACK_COLUMNS = [
  'track_id',
  'analysis_sample_rate',
  'artist_7digitalid',
  'artist_familiarity',
  'artist_hotttnesss',
  'artist_id',
  'artist_latitude',
  'artist_location',
  'artist_longitude',
  'artist_mbid',
  'artist_mbtags',
  'artist_mbtags_count',
  'artist_name',
  'artist_playmeid',
  'artist_terms',
  'artist_terms_freq',
  'artist_terms_weight',
  'audio_md5',
  'bars_confidence',
  'bars_start',
  'beats_confidence',
  'beats_start',
  'danceability',
  'duration',
  'end_of_fade_in',
  'energy',
  'key',
  'key_confidence',
  'loudness',
  'mode',
  'mode_confidence',
  'release',
  'release_7digitalid',
  'sections_confidence',
  'sections_start',
  'segments_confidence',
  'segments_loudness_max',
  'segments_loudness_max_time',
  'segments_loudness_max_start',
  'segments_pitches',
  'segments_start',
  'segments_timbre',
  'similar_artists',
  'song_hotttnesss',
  'song_id',
  'start_of_fade_out',
  'tatums_confidence',
  'tatums_start',
  'tempo',
  'time_signature',
  'time_signature_confidence',
  'title',
  'track_7digitalid',
  'year',
] as const

export type TrackColumn = (typeof TRACK_COLUMNS)[number]

/** A row, without the arrays of its audio analysis (bars, beats, sections, segments, tatums), which stay in the file. */
export interface FullTrack {
  track_id: string
  song_id: string
  title: string
  /** Album title. */
  release: string
  /** 0 = unknown. */
  year: number
  artist_id: string
  /** Empty when there is none. */
  artist_mbid: string
  artist_name: string
  artist_location: string
  /** Degrees; NaN = unknown. */
  artist_latitude: number
  artist_longitude: number
  /** 0..1; NaN = unknown. So are all further measures. */
  artist_familiarity: number
  artist_hotttnesss: number
  song_hotttnesss: number
  artist_terms: string[]
  artist_terms_freq: number[]
  artist_terms_weight: number[]
  artist_mbtags: string[]
  similar_artists: string[]
  /** Seconds. */
  duration: number
  end_of_fade_in: number
  start_of_fade_out: number
  danceability: number
  energy: number
  /** 0 = C … 11 = B. */
  key: number
  key_confidence: number
  /** Decibels. */
  loudness: number
  /** 1 = major, 0 = minor. */
  mode: number
  mode_confidence: number
  /** Beats per minute. */
  tempo: number
  time_signature: number
  time_signature_confidence: number
}

export function readTrackTable(file: string, options: ReadOptions = {}): AsyncGenerator<FullTrack> {
  return parsedLines(file, trackIn, options)
}

/** @throws MusicboxError `input.invalid` */
export function trackIn(text: string): FullTrack {
  const cells = text.split('\t')
  if (cells.length !== TRACK_COLUMNS.length) {
    throw invalid(`expected ${TRACK_COLUMNS.length} columns, got ${cells.length}`)
  }
  const cell = (column: TrackColumn): string => cells[PLACE.get(column)!]!
  const number = (column: TrackColumn): number => numberIn(cell(column), column)
  return {
    track_id: idIn(cell('track_id'), 'TR', 'track_id'),
    song_id: idIn(cell('song_id'), 'SO', 'song_id'),
    title: cell('title'),
    release: cell('release'),
    year: yearIn(cell('year')),
    artist_id: idIn(cell('artist_id'), 'AR', 'artist_id'),
    artist_mbid: cell('artist_mbid'),
    artist_name: cell('artist_name'),
    artist_location: cell('artist_location'),
    artist_latitude: degreesIn(cell('artist_latitude'), 'latitude'),
    artist_longitude: degreesIn(cell('artist_longitude'), 'longitude'),
    artist_familiarity: number('artist_familiarity'),
    artist_hotttnesss: number('artist_hotttnesss'),
    song_hotttnesss: number('song_hotttnesss'),
    artist_terms: listIn(cell('artist_terms')),
    artist_terms_freq: listIn(cell('artist_terms_freq')).map((each) => numberIn(each, 'artist_terms_freq')),
    artist_terms_weight: listIn(cell('artist_terms_weight')).map((each) => numberIn(each, 'artist_terms_weight')),
    artist_mbtags: listIn(cell('artist_mbtags')),
    similar_artists: listIn(cell('similar_artists')).map((each) => idIn(each, 'AR', 'similar_artists')),
    duration: number('duration'),
    end_of_fade_in: number('end_of_fade_in'),
    start_of_fade_out: number('start_of_fade_out'),
    danceability: number('danceability'),
    energy: number('energy'),
    key: number('key'),
    key_confidence: number('key_confidence'),
    loudness: number('loudness'),
    mode: number('mode'),
    mode_confidence: number('mode_confidence'),
    tempo: number('tempo'),
    time_signature: number('time_signature'),
    time_signature_confidence: number('time_signature_confidence'),
  }
}

const PLACE: ReadonlyMap<TrackColumn, number> = new Map(TRACK_COLUMNS.map((column, place) => [column, place]))

function listIn(text: string): string[] {
  return text === '' ? [] : text.split(',').map((each) => each.trim())
}
