/** The SQLite databases of the Million Song Dataset, with its tables, columns and indices; Node's own SQLite writes them. */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Artist, Song } from '../../datasets/music.ts'

/** A track with a known year. */
export interface DatedTrack {
  year: number
  track_id: string
  artist_name: string
  title: string
}

/** `track_metadata.db`. No track has a 7digital id or is a known cover: −1, as the data set has it. */
export function createTrackDatabase(path: string): Disposable & {
  add(song: Song, artist: Artist, mbid: string): void
  /** @returns the tracks whose year is known, by year, then as they were added */
  finish(): Iterable<DatedTrack>
} {
  const database = create(path, [
    `CREATE TABLE songs (track_id text PRIMARY KEY, title text, song_id text, release text, artist_id text,
      artist_mbid text, artist_name text, duration real, artist_familiarity real, artist_hotttnesss real, year int,
      track_7digitalid int, shs_perf int, shs_work int)`,
  ])
  const insert = database.prepare(`INSERT INTO songs VALUES (${new Array(14).fill('?').join(',')})`)
  return {
    add: ({ track_id, title, song_id, release, artist_id, artist_name, duration_ms, year }, artist, mbid) => {
      const { familiarity, hotttnesss } = artist
      const duration = duration_ms / 1000
      // biome-ignore format: the order of the columns.
      insert.run(
        track_id, title, song_id, release, artist_id, mbid, artist_name, duration, familiarity, hotttnesss, year, -1, -1, -1,
      )
    },
    finish: () => {
      end(database, [
        'CREATE INDEX idx_artist_id ON songs (artist_id, release)',
        'CREATE INDEX idx_artist_mbid ON songs (artist_mbid, release)',
        'CREATE INDEX idx_familiarity ON songs (artist_familiarity, artist_hotttnesss)',
        'CREATE INDEX idx_hotttnesss ON songs (artist_hotttnesss, artist_familiarity)',
        'CREATE INDEX idx_duration ON songs (duration, artist_id)',
        'CREATE INDEX idx_year ON songs (year, artist_id, title)',
        'CREATE INDEX idx_year2 ON songs (year, artist_name, title)',
        'CREATE INDEX idx_shs_work ON songs (shs_work, shs_perf)',
      ])
      return database
        .prepare('SELECT year, track_id, artist_name, title FROM songs WHERE year > 0 ORDER BY year, rowid')
        .iterate() as unknown as Iterable<DatedTrack>
    },
    [Symbol.dispose]: () => database.close(),
  }
}

/** `artist_term.db`; tables `mbtags` and `artist_mbtag` are there and empty. */
export function createTermDatabase(path: string): Disposable & {
  add(artist: Artist): void
  /** @returns every term that an artist has, sorted */
  finish(): string[]
} {
  const database = create(path, [
    'CREATE TABLE artists (artist_id text PRIMARY KEY)',
    'CREATE TABLE terms (term text PRIMARY KEY)',
    `CREATE TABLE artist_term (artist_id text, term text, FOREIGN KEY(artist_id) REFERENCES artists(artist_id),
      FOREIGN KEY(term) REFERENCES terms(term))`,
    'CREATE TABLE mbtags (mbtag text PRIMARY KEY)',
    `CREATE TABLE artist_mbtag (artist_id text, mbtag text, FOREIGN KEY(artist_id) REFERENCES artists(artist_id),
      FOREIGN KEY(mbtag) REFERENCES mbtags(mbtag))`,
  ])
  const insertArtist = database.prepare('INSERT INTO artists VALUES (?)')
  const insertTerm = database.prepare('INSERT INTO artist_term VALUES (?, ?)')
  const met = new Set<string>()
  return {
    add: ({ artist_id, terms }) => {
      insertArtist.run(artist_id)
      for (const { term } of terms) {
        met.add(term)
        insertTerm.run(artist_id, term)
      }
    },
    finish: () => {
      const terms = [...met].sort()
      insertAll(database.prepare('INSERT INTO terms VALUES (?)'), terms)
      end(database, [
        'CREATE INDEX idx_artist_id_term ON artist_term (artist_id, term)',
        'CREATE INDEX idx_term_artist_id ON artist_term (term, artist_id)',
        'CREATE INDEX idx_artist_id_mbtag ON artist_mbtag (artist_id, mbtag)',
        'CREATE INDEX idx_mbtag_artist_id ON artist_mbtag (mbtag, artist_id)',
      ])
      return terms
    },
    [Symbol.dispose]: () => database.close(),
  }
}

/** `artist_similarity.db`. */
export function createSimilarityDatabase(path: string): Disposable & { add(artist: Artist): void; finish(): void } {
  const database = create(path, [
    'CREATE TABLE artists (artist_id text PRIMARY KEY)',
    `CREATE TABLE similarity (target text, similar text, FOREIGN KEY(target) REFERENCES artists(artist_id),
      FOREIGN KEY(similar) REFERENCES artists(artist_id))`,
  ])
  const insertArtist = database.prepare('INSERT INTO artists VALUES (?)')
  const insertSimilar = database.prepare('INSERT INTO similarity VALUES (?, ?)')
  return {
    add: ({ artist_id, similar }) => {
      insertArtist.run(artist_id)
      for (const other of similar) insertSimilar.run(artist_id, other)
    },
    finish: () =>
      end(database, [
        'CREATE INDEX idx_target_sim ON similarity (target, similar)',
        'CREATE INDEX idx_sim_target ON similarity (similar, target)',
      ]),
    [Symbol.dispose]: () => database.close(),
  }
}

/** An empty database within one transaction: nobody else sees the file, and a crash leaves only a part to remove. */
function create(path: string, tables: readonly string[]): DatabaseSync {
  // Rows are added before those that they refer to.
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false })
  database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 4096; BEGIN')
  for (const table of tables) database.exec(table)
  return database
}

function end(database: DatabaseSync, indices: readonly string[]): void {
  database.exec('COMMIT')
  for (const index of indices) database.exec(index)
}

function insertAll(statement: StatementSync, values: readonly string[]): void {
  for (const value of values) statement.run(value)
}
