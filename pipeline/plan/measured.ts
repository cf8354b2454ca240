/**
 * What the plan is computed from: figures measured on one machine, in `measured.json`, each with its source.
 *
 * `bench` is what `musicbox bench pipeline --json` prints, as it is; `tables` and `warehouse` come from `musicbox dump
 * --digest` and the size of a history's folders.
 */
import { z } from 'zod'
import json from './measured.json' with { type: 'json' }

const figure = z.number().nonnegative()
const pair = z.object({ embedded: figure, cluster: figure })

const schema = z.object({
  measured_on: z.iso.date(),
  machine: z.string(),
  sources: z.record(z.string(), z.string()),
  bench: z.object({
    events: figure,
    /** Wall time of each stage over those events, on the machine above. */
    seconds: z.object({ append: pair, collect: pair, night: pair }),
    /** Processor seconds of our processes and the servers, for a million events. */
    core_s_per_million: z.object({ append: pair, collect: pair, night: pair, publish: pair }),
    /** Rows published. */
    rows: figure,
    bytes: z.object({ raw_gzip_per_event: figure, line_per_event: figure }),
  }),
  /** Its own files of a day's distinct events. */
  warehouse: z.object({ bytes_per_event: pair }),
  tables: z.object({
    bytes_per_row: pair,
    /** Songs with at least one event on a day, over the events of that day. */
    songs_per_event: figure,
    /** Rows a day for each such song: its own, its share of artists and albums, and those of periods. */
    rows_per_song: figure,
    /** Rows a day that do not depend on songs: hours, genres, zip areas, top lists. */
    rows_fixed: figure,
    /** Rows of look-up tables for each song of the catalogue. */
    lookup_rows_per_song: figure,
    /** Of a day's rows, by table; the rest is in small ones. */
    shares: z.record(z.string(), figure),
  }),
})

export type Measured = z.output<typeof schema>

export const MEASURED: Measured = schema.parse(json)
