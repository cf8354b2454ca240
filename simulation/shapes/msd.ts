/**
 * The catalogue as the Million Song Dataset's own files: five texts, three databases, and the table of 54 columns
 * (`songs.tsv`). Days do not matter to it.
 *
 * Documented: file names, columns, `<SEP>`, tables and their indices; years of 0 and terms of a strongest-first order.
 * Our choice: rows stand in the order of the catalogue, those of `tracks_per_year.txt` by year; MusicBrainz ids are
 * invented; there are no MusicBrainz tags. In the table, what we do not have is neutral, see {@link NEUTRAL}.
 */
import { artistAt, artistSongs, artists, songIdAt, songs } from '../../datasets/catalogue.ts'
import { daysBetween } from '../../datasets/day.ts'
import { SEP } from '../../datasets/msd/text-files.ts'
import { TRACK_COLUMNS, type TrackColumn } from '../../datasets/msd/track-table.ts'
import type { Artist, Song } from '../../datasets/music.ts'
import { catalogueOf, type World } from '../kernel/world.ts'
import { sepCell, tabCell } from './cell.ts'
import { artistMbid } from './foreign-id.ts'
import { createSimilarityDatabase, createTermDatabase, createTrackDatabase } from './msd-database.ts'
import { writeFolder } from './output-folder.ts'
import type { ExportOptions, ExportReport } from './shape.ts'
import { turn } from './slice.ts'

/** Rows between two looks at the signal. */
const STRIDE = 4096

export function exportMsd(world: World, options: ExportOptions): Promise<ExportReport> {
  return writeFolder(options.out, async (folder) => {
    let trackRows = 0
    let termRows = 0
    let similarRows = 0
    using tracks = createTrackDatabase(folder.file('track_metadata.db', () => trackRows))
    using terms = createTermDatabase(folder.file('artist_term.db', () => termRows))
    using similarity = createSimilarityDatabase(folder.file('artist_similarity.db', () => similarRows))
    const uniqueTracks = folder.text('unique_tracks.txt')
    const uniqueArtists = folder.text('unique_artists.txt')
    const locations = folder.text('artist_location.txt')
    const years = folder.text('tracks_per_year.txt')
    const uniqueTerms = folder.text('unique_terms.txt')
    const table = folder.text('songs.tsv')
    const catalogue = catalogueOf(world)

    let index = 0
    for (const artist of artists(catalogue)) {
      if (index % STRIDE === 0) await turn(options)
      const mbid = artistMbid(world, index)
      const track = songIdAt(catalogue, artistSongs(catalogue, index).first)
      const name = sepCell(artist.artist_name)
      uniqueArtists.row(`${[artist.artist_id, mbid, track, name].join(SEP)}\n`)
      locations.row(`${[artist.artist_id, artist.latitude, artist.longitude, track, name].join(SEP)}\n`)
      terms.add(artist)
      similarity.add(artist)
      termRows += artist.terms.length
      similarRows += artist.similar.length
      index++
    }
    for (const term of terms.finish()) uniqueTerms.row(`${term}\n`)
    similarity.finish()

    let artist: Artist | undefined
    let artistIndex = -1
    for (const song of songs(catalogue)) {
      if (trackRows++ % STRIDE === 0) await turn(options)
      // Songs come artist by artist.
      if (artist?.artist_id !== song.artist_id) artist = artistAt(catalogue, ++artistIndex)
      const mbid = artistMbid(world, artistIndex)
      const { track_id, song_id, artist_name, title } = song
      uniqueTracks.row(`${[track_id, song_id, sepCell(artist_name), sepCell(title)].join(SEP)}\n`)
      tracks.add(song, artist, mbid)
      table.row(`${trackRow(song, artist, mbid)}\n`)
    }
    let count = 0
    for (const { year, track_id, artist_name, title } of tracks.finish()) {
      if (count++ % STRIDE === 0) await turn(options)
      years.row(`${[year, track_id, sepCell(artist_name), sepCell(title)].join(SEP)}\n`)
    }
    for (const _ of daysBetween(options.firstDay, options.lastDay)) options.onDay?.()
  })
}

/** What stands in columns for which a simulated song has nothing; columns not named here are filled or are empty lists. */
const NEUTRAL: Partial<Record<TrackColumn, string>> = {
  // The rate of every track of the data set.
  analysis_sample_rate: '22050',
  // −1 is the data set's word for no such id.
  artist_7digitalid: '-1',
  artist_playmeid: '-1',
  release_7digitalid: '-1',
  track_7digitalid: '-1',
  // As in the data set, where it was never computed.
  danceability: '0.0',
  end_of_fade_in: '0.0',
  key_confidence: '0.0',
  loudness: 'nan',
  mode: '0',
  mode_confidence: '0.0',
  time_signature: '4',
  time_signature_confidence: '0.0',
}

/** A line of the 54-column table. Terms have their weights for frequencies too; a song fades out at its end. */
export function trackRow(song: Song, artist: Artist, mbid: string): string {
  const duration = String(song.duration_ms / 1000)
  const weights = artist.terms.map(({ weight }) => weight).join(',')
  const filled: Partial<Record<TrackColumn, string>> = {
    track_id: song.track_id,
    song_id: song.song_id,
    title: tabCell(song.title),
    release: tabCell(song.release),
    year: String(song.year),
    duration,
    start_of_fade_out: duration,
    tempo: String(song.tempo),
    key: String(song.key),
    energy: String(song.energy),
    song_hotttnesss: String(song.song_hotttnesss),
    artist_id: artist.artist_id,
    artist_mbid: mbid,
    artist_name: tabCell(artist.artist_name),
    artist_location: tabCell(artist.location),
    artist_latitude: String(artist.latitude),
    artist_longitude: String(artist.longitude),
    artist_familiarity: String(artist.familiarity),
    artist_hotttnesss: String(artist.hotttnesss),
    artist_terms: artist.terms.map(({ term }) => tabCell(term)).join(','),
    artist_terms_freq: weights,
    artist_terms_weight: weights,
    similar_artists: artist.similar.join(','),
  }
  return TRACK_COLUMNS.map((column) => filled[column] ?? NEUTRAL[column] ?? '').join('\t')
}
