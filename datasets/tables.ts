/**
 * The tables that reports are read from. Names and keys are the seed's (family `info`), and the ones the reports need.
 * A row is flat: text and numbers only, so that LMDB and HBase hold the same.
 */

/** A row's cells, by column. */
export type Cells = Readonly<Record<string, string | number>>

export interface Row {
  key: string
  cells: Cells
}

export interface TableRow extends Row {
  table: TableName
}

/** What the key of each table is made of; the builders are in `keys.ts`. */
export const TABLES = {
  artist_info: 'ARTIST_ID',
  artist_search: 'NAME::ARTIST_ID',
  song_info: 'TRACK_ID',
  song_search: 'TITLE::TRACK_ID',
  user_info: 'USER_ID',
  album_info: 'ALBUM_ID',
  artist_event_log: 'ARTIST_ID_YYYYMMDD',
  song_event_log: 'TRACK_ID_YYYYMMDD',
  album_event_log: 'ALBUM_ID_YYYYMMDD',
  zip_event_log: 'ZIP3_YYYYMMDD',
  genre_event_log: 'GENRE_YYYYMMDD',
  hour_event_log: 'HH_YYYYMMDD',
  period_log: 'KIND.ID_PERIOD',
  top_log: 'KIND.BY.PERIOD_YYYYMMDD_RANK',
  _published: 'SCOPE',
} as const

export type TableName = keyof typeof TABLES

export const TABLE_NAMES = Object.keys(TABLES) as TableName[]

/** What a day row counts for one song, artist, album, zip area, genre or hour. All whole numbers. */
export const MEASURES = [
  'plays',
  /** Distinct users with at least one play that day: days do not add up, see `period_log`. */
  'listeners',
  'skips',
  'tup',
  'tdn',
  'pauses',
  'resumes',
  'ratings',
  'stars_sum',
  'comments',
  'tags',
] as const

export type Measure = (typeof MEASURES)[number]
export type Measures = Record<Measure, number>

/**
 * An hour row counts every event of that hour, whatever its kind, and carries the audit's checksum.
 * `checksum` is decimal text: it has 64 bits.
 */
export interface HourCells extends Measures {
  events: number
  logins: number
  searches: number
  exits: number
  checksum: string
}

/** What can be ranked. */
export const TOP_KINDS = ['songs', 'artists', 'albums'] as const
export type TopKind = (typeof TOP_KINDS)[number]

/**
 * By what it is ranked. `rising` and `falling` compare the plays of a period with the period of equal length before it;
 * the others are counts within the period.
 */
export const TOP_BY = ['plays', 'listeners', 'tup', 'tdn', 'skips', 'rising', 'falling'] as const
export type TopBy = (typeof TOP_BY)[number]

/** Length of a top list. */
export const TOP_COUNT = 100
