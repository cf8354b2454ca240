/**
 * The tables in Hive, all external: Hive reads and writes their files, and we say where these are and when they go.
 *
 * Each has a partition for each attempt to fill it, in a folder of its own under a name that nobody else has. So what a
 * killed attempt left is never read and never in the way, also in versions of Hive whose `INSERT OVERWRITE` leaves rows
 * in a folder that the metastore does not know (HIVE-27930; 4.0.1 clears it).
 */
import { identifier, quoted, TEXT_ROWS } from './hive-text.ts'

/** The columns of the look-up tables, by table. */
export const DIMENSIONS = {
  songs: ['track_id', 'artist_id', 'album_id', 'genre'],
  users: ['uid', 'zip3'],
  /** How a song, artist or album is called in a list. */
  names: ['kind', 'id', 'name', 'artist_name'],
} as const

export type DimensionName = keyof typeof DIMENSIONS

export const DIMENSION_NAMES = Object.keys(DIMENSIONS) as DimensionName[]

/**
 * What makes the database; can be repeated.
 * @param folder of the warehouse, as Hive names it: `hdfs://host:port/musicbox/warehouse`
 */
export function createTables(database: string, folder: string): string[] {
  const external = (table: string): string => `CREATE EXTERNAL TABLE IF NOT EXISTS ${identifier(database)}.${table}`
  return [
    `CREATE DATABASE IF NOT EXISTS ${identifier(database)} LOCATION ${quoted(`${folder}/database`)}`,
    // A list of raw files for each load, a line of text for each event; the one column takes the line as it is.
    `${external('raw_lines')} (line STRING) PARTITIONED BY (load STRING)
      ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe'
      WITH SERDEPROPERTIES ('serialization.last.column.takes.rest' = 'true')
      STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat'
      OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
      LOCATION ${quoted(`${folder}/loads`)}`,
    // The distinct events of a day. `fault_file` and `fault_offset` say where a line stands that is no event.
    `${external('events')} (eid STRING, hour TINYINT, uid STRING, kind STRING, song STRING, artist STRING, album STRING,
      genre STRING, zip STRING, stars INT, checksum_high BIGINT, checksum_low BIGINT, copies BIGINT,
      fault_file STRING, fault_offset BIGINT)
      PARTITIONED BY (dt STRING, version STRING) STORED AS ORC LOCATION ${quoted(`${folder}/events`)}`,
    ...DIMENSION_NAMES.map(
      (name) => `${external(name)} (${DIMENSIONS[name].map((column) => `${column} STRING`).join(', ')})
        PARTITIONED BY (version STRING) ${TEXT_ROWS} LOCATION ${quoted(`${folder}/dimensions`)}`,
    ),
  ]
}

export function addPartition(table: string, spec: Readonly<Record<string, string>>, location: string): string {
  return `ALTER TABLE ${table} ADD IF NOT EXISTS PARTITION (${conditions(spec)}) LOCATION ${quoted(location)}`
}

export function dropPartition(table: string, spec: Readonly<Record<string, string>>): string {
  return `ALTER TABLE ${table} DROP IF EXISTS PARTITION (${conditions(spec)})`
}

function conditions(spec: Readonly<Record<string, string>>): string {
  return Object.entries(spec)
    .map(([column, value]) => `${column} = ${quoted(value)}`)
    .join(', ')
}
