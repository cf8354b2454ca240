/**
 * The warehouse's questions as HiveQL, so that each can be read, and tried in beeline, without the code that asks it.
 * A question is one MapReduce job wherever that can be, since each costs a second before it does anything.
 */
import { DAY_MS, type Day, dayStartMs } from '../../../datasets/day.ts'
import { EVENT_KINDS, type EventKind } from '../../../datasets/event.ts'
import { SONG_KINDS } from '../../../datasets/event-kind.ts'
import { UNKNOWN_ID } from '../../../datasets/music.ts'
import type { DayRange } from '../../../datasets/period.ts'
import { MEASURES, type Measure } from '../../../datasets/tables.ts'
import type { StatementSettings } from './hive-session.ts'
import { quoted, quotedList } from './hive-text.ts'

const countOf = (kind: EventKind): string => `sum(IF(kind = '${kind}', 1, 0))`

/** What each measure counts among the events of one group. */
const MEASURE_SQL: Record<Measure, string> = {
  plays: countOf('play'),
  listeners: "count(DISTINCT IF(kind = 'play', uid, NULL))",
  skips: countOf('skip'),
  tup: countOf('tup'),
  tdn: countOf('tdn'),
  pauses: countOf('pause'),
  resumes: countOf('resume'),
  ratings: countOf('rate'),
  stars_sum: 'coalesce(sum(stars), 0)',
  comments: countOf('comment'),
  tags: countOf('tag'),
}

const MEASURE_COLUMNS = MEASURES.map((measure) => `${MEASURE_SQL[measure]} AS ${measure}`).join(', ')

/** Two halves of a sum of 64-bit numbers: each holds 2^31 of them before it overflows. */
const CHECKSUM_SUMS = 'sum(checksum_high) AS checksum_high, sum(checksum_low) AS checksum_low'

/** One partition of the table of events. */
export interface EventPartition {
  day: Day
  version: string
}

/**
 * For a statement that reads a list of raw files.
 * @param lookup_bytes of the look-up tables' compressed files; none where there are none
 */
export function loadSettings(lookup_bytes: number | undefined): StatementSettings {
  const small = lookup_bytes !== undefined && lookup_bytes <= LOOKUP_BYTES_IN_MEMORY
  return {
    // Hive puts the files in the list's place when it plans, so that it reads many in one task and knows their names.
    // Without it each file is a task, and all have the name of the list.
    'hive.rework.mapredwork': 'true',
    // It does not look into plans that are chosen while they run. So the choice is made here: whether the look-up tables
    // are held in memory, or sorted and merged, which takes two jobs more.
    'hive.auto.convert.join': String(small),
    'hive.auto.convert.join.noconditionaltask.size': '1000000000',
    // The lines of one event are few, so that nothing is gained by gathering them before they are sorted.
    'hive.map.aggr': 'false',
  }
}

/** About a hundred thousand songs, which take some 100 MB once they are read. */
const LOOKUP_BYTES_IN_MEMORY = 4_000_000

/**
 * Fills a day's partition from the files of a load. Of lines of one event the first wins, in the log's order: by
 * partition and first offset, which the file's name holds, then by place in the file. A line that is no event of the day
 * becomes a row that says where it stands.
 */
export function insertDay({ day, version }: EventPartition, load: string, dimensions: string): string {
  const start = dayStartMs(day)
  const nameParts = quoted('-p([0-9]+)-([0-9]+)-[0-9]+\\.jsonl\\.gz\\z')
  const ofSong = `event IN (${quotedList(SONG_KINDS)})`
  const known = (column: string): string => `coalesce(${column}, ${quoted(UNKNOWN_ID)})`
  return `INSERT OVERWRITE TABLE events PARTITION (dt = ${quoted(day)}, version = ${quoted(version)})
  SELECT IF(first.fault, NULL, eid), first.hour, first.uid, first.event, first.song, first.artist, first.album,
    first.genre, first.zip, first.stars, first.checksum_high, first.checksum_low, copies,
    IF(first.fault, first.file, NULL), IF(first.fault, first.place, NULL)
  FROM (
    -- The least of these structures is that of the first place: they are compared field by field.
    SELECT eid, count(*) AS copies, min(named_struct(
      'partition', CAST(regexp_extract(file, ${nameParts}, 1) AS BIGINT),
      'offset', CAST(regexp_extract(file, ${nameParts}, 2) AS BIGINT),
      'file', file, 'place', place, 'fault', fault,
      'hour', CAST(ts DIV 3600000 % 24 AS TINYINT), 'uid', e.uid, 'event', event,
      'song', IF(of_song, ${known('songid')}, NULL),
      'artist', IF(of_song, ${known('s.artist_id')}, NULL),
      'album', IF(of_song, ${known('s.album_id')}, NULL),
      'genre', IF(of_song, ${known('s.genre')}, NULL),
      'zip', IF(of_song, ${known('u.zip3')}, NULL),
      'stars', stars,
      'checksum_high', CAST(conv(substr(digest, 17, 8), 16, 10) AS BIGINT),
      'checksum_low', CAST(conv(substr(digest, 25, 8), 16, 10) AS BIGINT))) AS first
    FROM (
      SELECT file, place, digest, NOT valid AS fault, CAST(ts AS BIGINT) AS ts, uid, event, songid,
        IF(stars RLIKE ${quoted('^[0-9]{1,3}\\z')} AND CAST(stars AS INT) <= 255, CAST(stars AS INT), NULL) AS stars,
        ${ofSong} AS of_song,
        -- A line that is no event is alone in its group.
        IF(valid, eid, concat(file, '@', place)) AS eid,
        -- Null where nothing is to be found.
        IF(${ofSong}, songid, NULL) AS song_key, IF(${ofSong}, uid, NULL) AS user_key
      FROM (
        SELECT file, place, digest, eid, ts, uid, event, songid, stars,
          -- Where the name is not the file's own, there is no order of lines: better no event than the wrong one.
          whole AND file RLIKE ${nameParts} AND coalesce(eid RLIKE ${quoted('^[0-9a-f]{32}\\z')} AND uid <> ''
            AND event IN (${quotedList(EVENT_KINDS)}) AND ts RLIKE ${quoted('^[0-9]{1,15}\\z')}
            AND CAST(ts AS BIGINT) >= ${start} AND CAST(ts AS BIGINT) < ${start + DAY_MS}, FALSE) AS valid
        FROM (
          SELECT line, md5(line) AS digest, INPUT__FILE__NAME AS file, BLOCK__OFFSET__INSIDE__FILE AS place,
            line RLIKE ${ONE_OBJECT} AS whole
          FROM raw_lines WHERE load = ${quoted(load)}
        ) AS l LATERAL VIEW json_tuple(line, 'eid', 'ts', 'uid', 'event', 'songid', 'stars') f
          AS eid, ts, uid, event, songid, stars
      ) AS fields
    ) AS e
    LEFT JOIN (SELECT * FROM songs WHERE version = ${quoted(dimensions)}) AS s ON s.track_id = e.song_key
    LEFT JOIN (SELECT * FROM users WHERE version = ${quoted(dimensions)}) AS u ON u.uid = e.user_key
    GROUP BY eid
  ) AS firsts`
}

/**
 * A line that is one flat object and nothing after it: `json_tuple` reads the first object of a line and is content, so
 * that of two events that a torn write had put on one line the second would be lost. Possessive, so that a line of a
 * million bytes takes neither stack nor a second look.
 */
const ONE_OBJECT = quoted('^\\{(?:[^"{}]|"(?:[^"\\\\]|\\\\.)*+")*+\\}\\z')

/** Lines, events, events of a song, and faults of a partition. */
export function summary(partition: EventPartition): string {
  return `SELECT coalesce(sum(copies), 0), count(eid), count(IF(eid IS NULL, NULL, song)), count(fault_file)
    FROM events WHERE ${inPartitions([partition])}`
}

/** Where the lines stand that are no events. */
export function faults(partition: EventPartition): string {
  return `SELECT fault_file, fault_offset FROM events WHERE ${inPartitions([partition])} AND fault_file IS NOT NULL`
}

/** A day's rows of every group and hour: kind, id, measures, then what hour rows have besides. */
export function dayCounts(partition: EventPartition): string {
  return `SELECT ${kindAndId(DAY_GROUPS)}, ${MEASURE_COLUMNS}, count(*) AS events, ${countOf('login')} AS logins,
      ${countOf('search')} AS searches, ${countOf('exit')} AS exits, ${CHECKSUM_SUMS}
    FROM events WHERE ${inPartitions([partition])}
    GROUP BY ${DAY_GROUPS.join(', ')} GROUPING SETS (${DAY_GROUPS.map((group) => `(${group})`).join(', ')})`
}

const PERIOD_GROUPS = ['song', 'artist', 'album', 'genre', 'zip']
const DAY_GROUPS = [...PERIOD_GROUPS, 'hour']

/**
 * Counts over each range of days, in one pass: an event goes to every range that its day is in. Range, kind, id,
 * measures; distinct users over the whole range.
 */
export function rangeCounts(ranges: readonly DayRange[], partitions: readonly EventPartition[]): string {
  const within = ranges.map(
    ({ first, last }, number) => `IF(dt BETWEEN ${quoted(first)} AND ${quoted(last)}, ${number}, -1)`,
  )
  const sets = PERIOD_GROUPS.map((group) => `(days, ${group})`).join(', ')
  return `SELECT days, ${kindAndId(PERIOD_GROUPS)}, ${MEASURE_COLUMNS}
    FROM (
      SELECT days, ${PERIOD_GROUPS.join(', ')}, kind, uid, stars
      FROM events LATERAL VIEW explode(array(${within.join(', ')})) r AS days
      WHERE ${inPartitions(partitions)} AND song IS NOT NULL AND days >= 0
    ) AS e
    GROUP BY days, ${PERIOD_GROUPS.join(', ')} GROUPING SETS (${sets})`
}

/** How songs, artists and albums are called. */
export function names(dimensions: string, kind: string, ids: readonly string[]): string {
  return `SELECT id, name, artist_name FROM names
    WHERE version = ${quoted(dimensions)} AND kind = ${quoted(kind)} AND id IN (${quotedList(ids)})`
}

export function hourTallies(partition: EventPartition): string {
  return `SELECT hour, count(*), ${CHECKSUM_SUMS} FROM events WHERE ${inPartitions([partition])} GROUP BY hour`
}

export function hourMarks(partition: EventPartition, hour: number): string {
  return `SELECT eid, checksum_high, checksum_low FROM events
    WHERE ${inPartitions([partition])} AND hour = ${hour}`
}

/** Each place where one of these events is. */
export function present(eids: readonly string[], partitions: readonly EventPartition[]): string {
  return `SELECT eid FROM events WHERE ${inPartitions(partitions)} AND eid IN (${quotedList(eids)})`
}

/** Of each group: which it is, and of what. */
function kindAndId(groups: readonly string[]): string {
  const kinds = groups.map((group) => `WHEN grouping(${group}) = 0 THEN '${group}'`).join(' ')
  return `CASE ${kinds} END AS grouped, coalesce(${groups.map((group) => `CAST(${group} AS STRING)`).join(', ')}) AS id`
}

/** The metastore picks the partitions before anything is read. */
function inPartitions(partitions: readonly EventPartition[]): string {
  if (partitions.length === 1) {
    return `dt = ${quoted(partitions[0]!.day)} AND version = ${quoted(partitions[0]!.version)}`
  }
  return `concat(dt, '/', version) IN (${quotedList(partitions.map(({ day, version }) => `${day}/${version}`))})`
}
