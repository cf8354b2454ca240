/**
 * The warehouse's questions as SQL text, so that each can be read, and tried in DuckDB's shell, without the code that
 * asks it. Counts are cast to DOUBLE: exact up to 2^53, and a plain number in JavaScript.
 */
import { DAY_MS, type Day, dayStartMs } from '../../datasets/day.ts'
import { EVENT_KINDS } from '../../datasets/event.ts'
import { SONG_KINDS } from '../../datasets/event-kind.ts'
import { UNKNOWN_ID } from '../../datasets/music.ts'
import { MEASURES, type Measure, TOP_BY, TOP_COUNT, TOP_KINDS, type TopBy } from '../../datasets/tables.ts'

/** What each measure counts among the events of one group. */
const MEASURE_SQL: Record<Measure, string> = {
  plays: "count(*) FILTER (kind = 'play')",
  listeners: "count(DISTINCT uid) FILTER (kind = 'play')",
  skips: "count(*) FILTER (kind = 'skip')",
  tup: "count(*) FILTER (kind = 'tup')",
  tdn: "count(*) FILTER (kind = 'tdn')",
  pauses: "count(*) FILTER (kind = 'pause')",
  resumes: "count(*) FILTER (kind = 'resume')",
  ratings: "count(*) FILTER (kind = 'rate')",
  stars_sum: 'coalesce(sum(stars), 0)',
  comments: "count(*) FILTER (kind = 'comment')",
  tags: "count(*) FILTER (kind = 'tag')",
}

const MEASURE_COLUMNS = MEASURES.map((measure) => `(${MEASURE_SQL[measure]})::DOUBLE AS ${measure}`).join(', ')

/** The sum of checksums modulo 2^64, in a type that holds 64 bits. */
const CHECKSUM_SUM = '(sum(checksum::HUGEINT) % 18446744073709551616)::UBIGINT'

/** The columns of the dimensions, by table; all are text. */
export const DIMENSIONS = {
  songs: ['track_id', 'title', 'artist_id', 'artist_name', 'album_id', 'release', 'genre'],
  artists: ['artist_id', 'artist_name'],
  users: ['uid', 'zip'],
} as const

export type DimensionName = keyof typeof DIMENSIONS

export const DIMENSION_NAMES = Object.keys(DIMENSIONS) as DimensionName[]

/** An SQL text literal. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A list of files to read. DuckDB takes names as patterns, so what would be one is bracketed. */
export function fileList(paths: readonly string[]): string {
  return `[${paths.map((path) => quoted(path.replace(/[*?[]/g, '[$&]'))).join(', ')}]`
}

/** Longer than any record that a log takes. A file is read in two buffers of twice this size, however small it is. */
const LINE_BYTES_MAX = 1_048_576

/** `lines`: every line of the raw files. Its `rowid` is its place in the order of the files given: DuckDB keeps it. */
export function readLines(paths: readonly string[]): string {
  // As a table of one column whose separator cannot occur: JSON text holds no control character. That keeps the line
  // as it is, which the checksum needs, and gives the file's name.
  return `CREATE TEMP TABLE lines AS
    SELECT filename AS file, line
    FROM read_csv(${fileList(paths)}, columns = {'line': 'VARCHAR'}, auto_detect = false, header = false,
      delim = chr(1), quote = '', escape = '', new_line = '\\n', nullstr = chr(2), max_line_size = ${LINE_BYTES_MAX},
      buffer_size = ${2 * LINE_BYTES_MAX}, filename = true, hive_partitioning = false)`
}

const FIELDS = JSON.stringify({
  eid: 'VARCHAR',
  ts: 'BIGINT',
  uid: 'VARCHAR',
  event: 'VARCHAR',
  songid: 'VARCHAR',
  stars: 'UTINYINT',
})

/** `parsed`: the fields that are counted. A line that is no JSON object has a null `event`. */
export const PARSE_LINES = `CREATE TEMP TABLE parsed AS
  SELECT rowid AS place, file, ('0x' || md5(line)[17:])::UBIGINT AS checksum,
    -- A text with half a surrogate pair is JSON for JavaScript and not for DuckDB; reports do not need the text.
    coalesce(
      TRY(json_transform(line, '${FIELDS}')),
      TRY(json_transform(regexp_replace(line, '\\\\u[dD][89a-fA-F][0-9a-fA-F]{2}', '\\\\ufffd', 'g'), '${FIELDS}'))
    ) AS event
  FROM lines`

/** The first line that is no event of the day: its file, and its line in it, from 1. */
export function firstFault(day: Day): string {
  const start = dayStartMs(day)
  return `SELECT file, place - (SELECT min(rowid) FROM lines AS l WHERE l.file = parsed.file) + 1 AS line,
      (SELECT left(line, 120) FROM lines AS l WHERE l.rowid = parsed.place) AS text
    FROM parsed
    WHERE NOT coalesce(
      regexp_full_match(event.eid, '[0-9a-f]{32}') AND event.uid <> ''
        AND event.ts >= ${start} AND event.ts < ${start + DAY_MS}
        AND event.event IN (${EVENT_KINDS.map(quoted).join(', ')}), false)
    ORDER BY place LIMIT 1`
}

/** The day's distinct events, first place first, joined with the dimensions. */
export const DAY_EVENTS = `
  SELECT event.eid AS eid, event.ts AS ts, ((event.ts // 3600000) % 24)::UTINYINT AS hour, event.uid AS uid,
    event.event AS kind,
    CASE WHEN of_song THEN coalesce(event.songid, '${UNKNOWN_ID}') END AS song,
    CASE WHEN of_song THEN coalesce(nullif(s.artist_id, ''), '${UNKNOWN_ID}') END AS artist,
    CASE WHEN of_song THEN coalesce(nullif(s.album_id, ''), '${UNKNOWN_ID}') END AS album,
    CASE WHEN of_song THEN coalesce(nullif(s.genre, ''), '${UNKNOWN_ID}') END AS genre,
    CASE WHEN of_song THEN coalesce(nullif(left(u.zip, 3), ''), '${UNKNOWN_ID}') END AS zip,
    event.stars AS stars, checksum
  FROM (
    SELECT *, event.event IN (${SONG_KINDS.map(quoted).join(', ')}) AS of_song,
      -- Null where nothing is to be found: a plain equality is a hash join, one with a condition beside it is not.
      CASE WHEN of_song THEN event.songid END AS song_key, CASE WHEN of_song THEN event.uid END AS user_key
    FROM parsed SEMI JOIN (SELECT min(place) AS place FROM parsed GROUP BY event.eid) USING (place)
  )
  LEFT JOIN songs AS s ON s.track_id = song_key
  LEFT JOIN users AS u ON u.uid = user_key
  ORDER BY place`

/** Day rows of everything that a song event counts for: the groups' kind, id and measures. */
export function dayCounts(path: string): string {
  return `${songCounts([path], ['song', 'artist', 'album', 'zip', 'genre'])} ORDER BY 1, 2`
}

/** Day rows by hour, of all events; hours without any are left out. */
export function hourCounts(path: string): string {
  return `SELECT hour::DOUBLE AS hour, ${MEASURE_COLUMNS}, count(*)::DOUBLE AS events,
      (count(*) FILTER (kind = 'login'))::DOUBLE AS logins,
      (count(*) FILTER (kind = 'search'))::DOUBLE AS searches,
      (count(*) FILTER (kind = 'exit'))::DOUBLE AS exits,
      ${CHECKSUM_SUM} AS checksum
    FROM read_parquet(${fileList([path])}) GROUP BY ALL ORDER BY hour`
}

export function hourTallies(path: string): string {
  return `SELECT hour::DOUBLE AS hour, count(*)::DOUBLE AS count, ${CHECKSUM_SUM} AS checksum
    FROM read_parquet(${fileList([path])}) GROUP BY hour ORDER BY hour`
}

export function hourMarks(path: string, hour: number): string {
  return `SELECT eid, checksum FROM read_parquet(${fileList([path])}) WHERE hour = ${hour} ORDER BY eid`
}

/** How often each id of the table `wanted` is in the files. */
export function countWanted(paths: readonly string[]): string {
  return `SELECT eid, count(*)::DOUBLE AS count FROM read_parquet(${fileList(paths)})
    SEMI JOIN wanted USING (eid) GROUP BY eid ORDER BY eid`
}

/** Counts over a range of days, numbered, to be joined by {@link topRows}; distinct users over the whole range. */
export function rangeCounts(range: number, paths: readonly string[]): string {
  return `INSERT INTO counts SELECT ${range}, * FROM (${songCounts(paths, ['song', 'artist', 'album', 'genre', 'zip'], 's')})`
}

export const CREATE_COUNTS = `CREATE TEMP TABLE counts (range INTEGER, kind VARCHAR, id VARCHAR, ${MEASURES.map(
  (measure) => `${measure} DOUBLE`,
).join(', ')})`

/** Which range a period has, and which one precedes it; -1 for one without data. */
export const CREATE_PERIODS = 'CREATE TEMP TABLE periods (period VARCHAR, range INTEGER, before INTEGER)'

export function countsOfRange(range: number): string {
  return `SELECT kind, id, ${MEASURES.join(', ')} FROM counts WHERE range = ${range} ORDER BY kind, id`
}

/** `compared`: each song, artist and album of each period beside its counts in the range before. */
export const COMPARE_PERIODS = `CREATE TEMP TABLE compared AS
  WITH now AS (SELECT period, counts.* FROM periods JOIN counts USING (range)),
    past AS (SELECT period, counts.* FROM periods JOIN counts ON counts.range = periods.before)
  SELECT period, kind, id, ${MEASURES.map(
    (measure) => `coalesce(now.${measure}, 0) AS now_${measure}, coalesce(past.${measure}, 0) AS past_${measure}`,
  ).join(', ')}
  FROM now FULL OUTER JOIN past USING (period, kind, id)
  WHERE kind IN (${TOP_KINDS.map(quoted).join(', ')})`

/** The rows of every top list, with names; ties are broken by id. */
export const TOP_ROWS = `
  SELECT measure, period, kind, rank::DOUBLE AS rank, id, coalesce(name, id) AS name,
    coalesce(artist_name, '${UNKNOWN_ID}') AS artist_name, value, previous
  FROM (${TOP_BY.map(topList).join(' UNION ALL ')}) LEFT JOIN names USING (kind, id)
  ORDER BY measure, period, kind, rank`

/** `names`: how a song, artist or album is called in a list. */
export const CREATE_NAMES = `CREATE OR REPLACE TABLE names AS
  SELECT 'songs' AS kind, track_id AS id, title AS name, artist_name FROM songs
  UNION ALL
  SELECT 'artists', coalesce(a.artist_id, s.artist_id), coalesce(a.artist_name, s.artist_name), NULL
  FROM artists AS a FULL OUTER JOIN (
    SELECT artist_id, arg_min(artist_name, track_id) AS artist_name FROM songs GROUP BY artist_id
  ) AS s ON a.artist_id = s.artist_id
  UNION ALL
  SELECT 'albums', album_id, arg_min(release, track_id), arg_min(artist_name, track_id) FROM songs GROUP BY album_id`

/** Keeps the first row of each id: the first column is the id. */
export function distinctDimension(name: DimensionName): string {
  return `SELECT * FROM given_${name} QUALIFY row_number() OVER (PARTITION BY ${DIMENSIONS[name][0]} ORDER BY rowid) = 1
    ORDER BY ${DIMENSIONS[name][0]}`
}

/** Count and order-free digest of a dimension's rows: equal rows, equal digest. */
export function dimensionDigest(name: DimensionName): string {
  const row = `md5(to_json([${DIMENSIONS[name].join(', ')}])::VARCHAR)`
  const sum = (part: string): string => `coalesce(sum(('0x' || ${row}${part})::UBIGINT), 0)::VARCHAR`
  return `SELECT count(*)::VARCHAR, ${sum('[:16]')}, ${sum('[17:]')} FROM (${distinctDimension(name)})`
}

function songCounts(paths: readonly string[], columns: readonly string[], plural = ''): string {
  const kind = columns.map((column) => `WHEN grouping(${column}) = 0 THEN '${column}${plural}'`).join(' ')
  return `SELECT CASE ${kind} END AS kind, coalesce(${columns.join(', ')}) AS id, ${MEASURE_COLUMNS}
    FROM read_parquet(${fileList(paths)}) WHERE song IS NOT NULL
    GROUP BY GROUPING SETS (${columns.map((column) => `(${column})`).join(', ')})`
}

function topList(by: TopBy): string {
  const moves = by === 'rising' || by === 'falling'
  const measure = moves ? 'plays' : by
  const [now, past] = [`now_${measure}`, `past_${measure}`]
  const wanted = { rising: `${now} > ${past}`, falling: `${now} < ${past}` }[by as string] ?? `${now} > 0`
  const order = { rising: `${now} - ${past} DESC`, falling: `${now} - ${past}` }[by as string] ?? `${now} DESC`
  return `SELECT '${by}' AS measure, period, kind, id, ${now} AS value, ${past} AS previous,
      row_number() OVER (PARTITION BY period, kind ORDER BY ${order}, id) AS rank
    FROM compared WHERE ${wanted} QUALIFY rank <= ${TOP_COUNT}`
}
