/**
 * The SQLite databases that come with the Million Song Dataset, row by row. Node's own SQLite reads them; nothing is
 * written to them. The databases of the 10,000-track subset lack the last three columns of `songs`.
 */
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import { MusicboxError } from '../failure.ts'
import { idIn, shown } from './cell.ts'
import { attempt, invalid, type ReadOptions, stopIfAsked } from './reject.ts'

/** A row of table `songs` of `track_metadata.db`. */
export interface TrackMetadata {
  track_id: string
  title: string
  song_id: string
  /** Album title. */
  release: string
  artist_id: string
  /** Empty when there is none. */
  artist_mbid: string
  artist_name: string
  /** Seconds. */
  duration: number
  /** 0..1; −1 stands where the audio service had no number. */
  artist_familiarity: number
  artist_hotttnesss: number
  /** 0 = unknown. */
  year: number
  /** Absent in the subset; −1 = none. */
  track_7digitalid?: number
  /** SecondHandSongs performance and work, for covers. Absent in the subset; −1 or 0 = none. */
  shs_perf?: number
  shs_work?: number
}

export function readTrackMetadata(file: string, options: ReadOptions = {}): AsyncGenerator<TrackMetadata> {
  return rowsOf(
    file,
    'SELECT rowid AS line, * FROM songs ORDER BY rowid',
    ({ text, number, optional }) => ({
      track_id: idIn(text('track_id'), 'TR', 'track_id'),
      title: text('title'),
      song_id: idIn(text('song_id'), 'SO', 'song_id'),
      release: text('release'),
      artist_id: idIn(text('artist_id'), 'AR', 'artist_id'),
      artist_mbid: text('artist_mbid'),
      artist_name: text('artist_name'),
      duration: number('duration'),
      artist_familiarity: number('artist_familiarity'),
      artist_hotttnesss: number('artist_hotttnesss'),
      year: yearOf(number('year')),
      ...optional('track_7digitalid'),
      ...optional('shs_perf'),
      ...optional('shs_work'),
    }),
    options,
  )
}

/** A row of table `artist_term` of `artist_term.db`. An artist's terms stand in order, the strongest first. */
export interface ArtistTerm {
  artist_id: string
  term: string
}

export function readArtistTerms(file: string, options: ReadOptions = {}): AsyncGenerator<ArtistTerm> {
  return rowsOf(
    file,
    'SELECT rowid AS line, artist_id, term FROM artist_term ORDER BY rowid',
    ({ text }) => ({ artist_id: idIn(text('artist_id'), 'AR', 'artist_id'), term: text('term') }),
    options,
  )
}

/** A row of table `similarity` of `artist_similarity.db`. A target's similar artists stand in order, most similar first. */
export interface ArtistSimilarity {
  target: string
  similar: string
}

export function readArtistSimilarity(file: string, options: ReadOptions = {}): AsyncGenerator<ArtistSimilarity> {
  return rowsOf(
    file,
    'SELECT rowid AS line, target, similar FROM similarity ORDER BY rowid',
    ({ text }) => ({ target: idIn(text('target'), 'AR', 'target'), similar: idIn(text('similar'), 'AR', 'similar') }),
    options,
  )
}

interface Cells {
  text(column: string): string
  number(column: string): number
  /** The column under its name, if the table has it. */
  optional<Column extends string>(column: Column): { [Key in Column]?: number }
}

async function* rowsOf<Row>(
  file: string,
  query: string,
  parse: (cells: Cells) => Row,
  options: ReadOptions,
): AsyncGenerator<Row> {
  const database = opened(file)
  try {
    let count = 0
    for (const row of queried(database, file, query)) {
      if (count++ % 1024 === 0) stopIfAsked(file, options)
      const found = attempt(
        file,
        Number(row['line']),
        () => Object.values(row).slice(1).join('|'),
        () => parse(cellsOf(row)),
        options,
      )
      if (found !== undefined) yield found
    }
  } finally {
    database.close()
  }
}

function opened(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file, { readOnly: true })
  } catch (cause) {
    throw noDatabase(file, cause)
  }
}

function* queried(database: DatabaseSync, file: string, query: string): Generator<Record<string, SQLOutputValue>> {
  try {
    yield* database.prepare(query).iterate()
  } catch (cause) {
    // A failure of the reader is thrown into the loop, not here, so this is SQLite's.
    throw noDatabase(file, cause)
  }
}

function noDatabase(file: string, cause: unknown): MusicboxError {
  const { message } = cause as Error
  return new MusicboxError(
    'data.corrupt',
    `expected ${file} to be an SQLite database of the Million Song Dataset, but: ${message}`,
    'fetch the file again',
    { cause },
  )
}

function cellsOf(row: Record<string, SQLOutputValue>): Cells {
  const number = (column: string): number => {
    const value = row[column]
    if (typeof value === 'number') return value
    if (value === null) return Number.NaN
    throw invalid(`expected ${column} to be a number, got ${shown(String(value))}`)
  }
  return {
    number,
    text: (column) => {
      const value = row[column]
      if (value === null) return ''
      if (typeof value !== 'string') throw invalid(`expected ${column} to be text, got ${shown(String(value))}`)
      // SQLite takes any bytes for a text; those that are no UTF-8 come out as this character.
      if (value.includes('\ufffd')) throw invalid(`expected ${column} to be UTF-8`)
      return value
    },
    optional: (column) =>
      row[column] === undefined ? {} : ({ [column]: number(column) } as Record<typeof column, number>),
  }
}

function yearOf(year: number): number {
  if (Number.isInteger(year) && year >= 0 && year <= 2100) return year
  throw invalid(`expected the year to be a whole number from 0 to 2100, got ${year}`)
}
