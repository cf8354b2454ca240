/** What a data set carries for its reader: what it is, what each column means, how to load it and how to cite it. */
import { keyText } from '../kernel/key-text.ts'
import {
  ARRAY_COLUMNS,
  ARTIST_COLUMNS,
  type Column,
  EVENT_COLUMNS,
  SONG_COLUMNS,
  SONG_DAY_COLUMNS,
  USER_FILE_COLUMNS,
} from './columns.ts'
import type { Format } from './format.ts'
import type { Plan } from './plan.ts'

/** Path and text of each document. */
export function documents(plan: Plan): [path: string, text: string][] {
  return [
    ['README.md', readme(plan)],
    ['DICTIONARY.md', dictionary()],
    ['CITATION.cff', citation(plan)],
    ['load/load_pandas.py', PANDAS],
    ['load/load.sql', duckdb(plan)],
    ['load/load.R', R],
    ['load/hive.sql', hive(plan)],
    ['load/hbase.sh', HBASE],
  ]
}

function readme({ world, firstDay, lastDay, formats, partUsers }: Plan): string {
  return `# A simulated history of music listening

Made by MusicBox: ${world.userCount} listeners and ${world.songCount} songs, sessions that start from ${firstDay} to ${lastDay}
(local days), profile \`${world.profile}\`, key \`${keyText(world.key)}\`, spec version ${world.spec}. Every name is invented; the
addresses and mail addresses can be nobody's.

| folder | what |
|---|---|
| \`events/dt=YYYY-MM-DD/part-UUUU.*\` | events by UTC date and part of the users (${partUsers} to a part), as ${formats.join(', ')}; each part by time, then user, then sequence |
| \`catalog/\` | songs, artists, and the numbers of kinds |
| \`users/\` | users as they were known before the first day |
| \`daily/dt=YYYY-MM-DD/songs.csv\` | plays, skips, thumbs and listeners by song and UTC date |
| \`truth/\` | what the simulator knows and an analysis may be scored by, when asked for |
| \`dirty/\` | the same events with faults put in on purpose, and the key to them, when asked for |
| \`load/\` | loaders for pandas, DuckDB, R, Hive and HBase |

A session belongs to the local day on which it starts and is never cut: the last partition may be of the day after
${lastDay}, with the ends of sessions that ran past midnight UTC. A day without events has no partition.

\`DICTIONARY.md\` has every column. \`manifest.json\` has the whole world, and rows, bytes and SHA-256 of every file;
\`sha256sum --check checksums.sha256\` checks them; \`_SUCCESS\` is written last. The manifest's \`digest\` is the sum modulo
2^64 of a hash of each event: equal for every format, order and number of workers. The bytes of JSON lines and CSV depend
on the world alone; those of compressed and Parquet files also on the versions under \`engine\`.

A CSV cell is empty where a value is absent, and \`""\` where it is an empty text. Rows end with CRLF (RFC 4180).
`
}

function dictionary(): string {
  const table = (columns: readonly Column[]): string =>
    [
      '| column | type | unit | absent | example | law |',
      '|---|---|---|---|---|---|',
      ...columns.map((c) => `| \`${c.name}\` | ${c.type} | ${c.unit} | ${c.absent} | \`${c.example}\` | ${c.law} |`),
    ].join('\n')
  const arrays = ARRAY_COLUMNS.map((c) => `| \`${c.name}\` | \`${c.type}\` | ${c.absent} | ${c.law} |`).join('\n')
  return `# Data dictionary

\`dt\`, in the folders' names, is the UTC date of what is inside.

## events (CSV, Parquet)

JSON lines have the same fields in the form that \`POST /v1/events\` takes, without \`local_date\` and \`zip\`; absent fields are
left out.

${table(EVENT_COLUMNS)}

## events (NumPy)

One file a column: \`part-UUUU.COLUMN.npy\`. Files of a part have the same rows in the same order.

| column | type | absent | law |
|---|---|---|---|
${arrays}

## daily/dt=…/songs.csv

Songs without any play, skip or thumb on a day have no row.

${table(SONG_DAY_COLUMNS)}

## catalog/songs.csv

${table(SONG_COLUMNS)}

## catalog/artists.csv

${table(ARTIST_COLUMNS)}

## users/users.csv

${table(USER_FILE_COLUMNS)}
`
}

function citation({ world, firstDay, lastDay }: Plan): string {
  return `cff-version: 1.2.0
message: Please cite this data set as below, with its key and spec version, from which it can be made again.
type: dataset
title: 'MusicBox simulated listening history, ${world.userCount} listeners, ${firstDay} to ${lastDay}'
version: 'spec ${world.spec}, key ${keyText(world.key)}'
authors:
  - name: The MusicBox authors
`
}

const PANDAS = `"""Events of this data set as one pandas DataFrame: python3 load/load_pandas.py [FOLDER]"""
import glob
import json
import os
import sys

import pandas as pd

INTEGERS = ["position_ms", "stars"]
ORDER = ["parquet", "csv.gz", "csv", "jsonl.gz", "jsonl", "npy"]


def load(folder):
    """All events, whatever the format; \`dt\` is the UTC date."""
    for ending in ORDER:
        one = "*.ts.npy" if ending == "npy" else "*." + ending
        paths = sorted(glob.glob(os.path.join(folder, "events", "dt=*", one)))
        if paths:
            return pd.concat([part(path, ending) for path in paths], ignore_index=True)
    raise SystemExit("expected events below " + folder)


def part(path, ending):
    if ending == "parquet":
        frame = pd.read_parquet(path)
    elif ending.startswith("csv"):
        texts = ["eid", "uid", "session", "event", "songid", "query", "text", "tags", "ip4", "device", "zip"]
        # An empty text and an absent one look alike to pandas here.
        frame = pd.read_csv(path, dtype={name: str for name in texts}, parse_dates=["local_date"])
    elif ending.startswith("jsonl"):
        # Ids of digits alone must stay texts; times stay whole numbers.
        frame = pd.read_json(path, lines=True, dtype=False, convert_dates=False)
    else:
        import numpy as np

        stem = path[: -len("ts.npy")]
        names = ["ts", "user", "session", "sequence", "event", "song", "position_ms", "detail", "cause"]
        frame = pd.DataFrame({name: np.load(stem + name + ".npy", mmap_mode="r") for name in names})
        with open(os.path.join(os.path.dirname(path), "..", "..", "catalog", "kinds.json")) as file:
            kinds = json.load(file)
        frame["event"] = pd.Categorical.from_codes(frame["event"], kinds["event"])
        frame["cause"] = pd.Categorical.from_codes(frame["cause"], kinds["cause"])
        return frame.assign(dt=date_of(path))
    for name in INTEGERS:
        if name in frame:
            frame[name] = frame[name].astype("Int32")
    return frame.assign(dt=date_of(path))


def date_of(path):
    return os.path.basename(os.path.dirname(path))[len("dt=") :]


if __name__ == "__main__":
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    events = load(sys.argv[1] if len(sys.argv) > 1 else here)
    kinds = events["event"].value_counts()
    result = {"events": len(events), "plays": int(kinds["play"]), "days": events["dt"].nunique()}
    result["ts_sum"] = int(events["ts"].sum())
    print(json.dumps(result))
`

function duckdb(plan: Plan): string {
  const read: Record<Format, string | undefined> = {
    parquet: "read_parquet('events/dt=*/*.parquet', hive_partitioning = true)",
    'csv.gz': csvReader('csv.gz'),
    csv: csvReader('csv'),
    'jsonl.gz': jsonReader('jsonl.gz'),
    jsonl: jsonReader('jsonl'),
    npy: undefined,
  }
  const events = PREFERENCE.filter((format) => plan.formats.includes(format)).map((format) => read[format])[0]
  return `-- From the data set's folder: duckdb -init load/load.sql
${events === undefined ? '-- Events are NumPy arrays: see load_pandas.py.\n' : `CREATE OR REPLACE VIEW events AS SELECT * FROM ${events};\n`}CREATE OR REPLACE VIEW songs AS SELECT * FROM read_csv('catalog/songs.csv', header = true, ${DIALECT});
CREATE OR REPLACE VIEW artists AS SELECT * FROM read_csv('catalog/artists.csv', header = true, ${DIALECT});
CREATE OR REPLACE VIEW users AS SELECT * FROM read_csv('users/users.csv', header = true, ${DIALECT}, types = {'zip': 'VARCHAR'});
CREATE OR REPLACE VIEW daily AS SELECT * FROM read_csv('daily/dt=*/songs.csv', header = true, ${DIALECT}, hive_partitioning = true);
`
}

/** Told, not guessed: a guess looks at the first rows alone. */
const DIALECT = `delim = ',', quote = '"', escape = '"'`

const PREFERENCE: readonly Format[] = ['parquet', 'csv.gz', 'csv', 'jsonl.gz', 'jsonl', 'npy']

const DUCKDB_TYPE: Record<Column['type'], string> = {
  int64: 'BIGINT',
  int32: 'INTEGER',
  date: 'DATE',
  text: 'VARCHAR',
  real: 'DOUBLE',
  flag: 'BOOLEAN',
}

function csvReader(ending: string): string {
  const types = EVENT_COLUMNS.map(({ name, type }) => `'${name}': '${DUCKDB_TYPE[type]}'`).join(', ')
  return `read_csv('events/dt=*/*.${ending}', header = true, hive_partitioning = true,\n  ${DIALECT}, auto_detect = false, allow_quoted_nulls = false,\n  columns = {${types}})`
}

function jsonReader(ending: string): string {
  const types = WIRE_COLUMNS.map(
    ({ name, type }) => `'${name}': '${name === 'tags' ? 'VARCHAR[]' : DUCKDB_TYPE[type]}'`,
  )
  return `read_json('events/dt=*/*.${ending}', format = 'newline_delimited', hive_partitioning = true,\n  columns = {${types.join(', ')}})`
}

const WIRE_COLUMNS = EVENT_COLUMNS.filter(({ name }) => name !== 'local_date' && name !== 'zip')

const R = `# From the data set's folder: Rscript -e 'source("load/load.R"); print(table(events$event))'
# Parquet needs the package arrow; JSON lines need jsonlite.
paths <- function(ending) Sys.glob(file.path("events", "dt=*", paste0("part-*.", ending)))
text_columns <- c(eid = "character", uid = "character", session = "character", songid = "character", zip = "character")
events <- if (length(paths("parquet")) > 0) {
  do.call(rbind, lapply(paths("parquet"), arrow::read_parquet))
} else if (length(paths("csv*")) > 0) {
  do.call(rbind, lapply(paths("csv*"), read.csv, colClasses = text_columns, na.strings = ""))
} else {
  jsonlite::rbind_pages(lapply(paths("jsonl*"), function(path) jsonlite::stream_in(file(path), verbose = FALSE)))
}
songs <- read.csv(file.path("catalog", "songs.csv"))
users <- read.csv(file.path("users", "users.csv"), colClasses = c(zip = "character"))
`

const HIVE_TYPE: Record<Column['type'], string> = {
  int64: 'BIGINT',
  int32: 'INT',
  date: 'DATE',
  text: 'STRING',
  real: 'DOUBLE',
  flag: 'BOOLEAN',
}

function hive({ formats }: Plan): string {
  const format = PREFERENCE.find((each) => formats.includes(each))!
  const isJson = format.startsWith('jsonl')
  const isCsv = format.startsWith('csv')
  // Hive's CSV reader knows texts alone.
  const columns = (isJson ? WIRE_COLUMNS : EVENT_COLUMNS).map(({ name, type }) => {
    const hiveType = isCsv ? 'STRING' : isJson && name === 'tags' ? 'ARRAY<STRING>' : HIVE_TYPE[type]
    return `  \`${name}\` ${hiveType}`
  })
  const storage = isJson
    ? "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.JsonSerDe'\nSTORED AS TEXTFILE"
    : isCsv
      ? "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'\nSTORED AS TEXTFILE"
      : 'STORED AS PARQUET'
  const header = isCsv ? "\nTBLPROPERTIES ('skip.header.line.count' = '1')" : ''
  if (format === 'npy')
    return '-- Events are NumPy arrays, which Hive does not read: write them as parquet or jsonl.gz too.\n'
  return `-- hdfs dfs -put events /musicbox/dataset/ ; then: hive --hivevar location=/musicbox/dataset -f load/hive.sql
-- A folder must hold one format alone: this reads ${format}.
CREATE EXTERNAL TABLE IF NOT EXISTS events (
${columns.join(',\n')}
)
PARTITIONED BY (dt STRING)
${storage}
LOCATION '\${location}/events'${header};
MSCK REPAIR TABLE events;
`
}

const HBASE = `#!/bin/sh
# The days of the songs as rows of song_event_log, key TRACKID_YYYYMMDD, family info. From the data set's folder.
set -eu
for path in daily/dt=*/songs.csv; do
  day=$(echo "$path" | sed 's/.*dt=\\(....\\)-\\(..\\)-\\(..\\).*/\\1\\2\\3/')
  tr -d '\\r' < "$path" | awk -F, -v OFS='\\t' -v day="$day" 'NR > 1 { print $2 "_" day, $3, $4, $5, $6, $7 }'
done | hdfs dfs -put -f - /tmp/song_event_log.tsv
hbase org.apache.hadoop.hbase.mapreduce.ImportTsv \\
  -Dimporttsv.columns=HBASE_ROW_KEY,info:plays,info:skips,info:tup,info:tdn,info:listeners song_event_log /tmp/song_event_log.tsv
`
