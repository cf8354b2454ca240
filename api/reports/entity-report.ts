/** The report of one song, artist or album: its totals over a period, and its curve day by day. */
import { z } from '@hono/zod-openapi'
import { addDays, daysBetween } from '../../datasets/day.ts'
import { dayKey, parseDayKey, periodKey } from '../../datasets/keys.ts'
import { MEASURES, type Measures, TOP_KINDS, type TopKind } from '../../datasets/tables.ts'
import { readAlbum, readArtist, readSong } from '../../pipeline/lookup.ts'
import type { TableReader } from '../../pipeline/table-store.ts'
import { csvText } from '../http/csv.ts'
import { Problem } from '../http/problem.ts'
import { DEFINITIONS, measuresOf, measuresShape, metaSchema, reportMeta } from './report-meta.ts'
import { daySchema, type PeriodAsked, rangeOf, readPublished } from './report-period.ts'

const LISTENERS_NOTE =
  'listeners is null: distinct users are counted exactly for named periods and single days only, and days do not add up.'

export const entityReportSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(TOP_KINDS),
    name: z.string(),
    artist_name: z.string().optional(),
    known: z
      .boolean()
      .meta({ description: 'Whether the catalogue knows the id; events of unknown songs are counted too' }),
    totals: z.strictObject({ ...measuresShape, listeners: z.int().min(0).nullable() }),
    note: z.string().optional(),
    series: z.array(z.strictObject({ day: daySchema, published: z.boolean(), ...measuresShape })),
    meta: metaSchema,
  })
  .meta({ id: 'EntityReport' })

export type EntityReport = z.infer<typeof entityReportSchema>

export interface EntityAsked {
  kind: TopKind
  id: string
  asked: PeriodAsked
  now_ms: number
}

/** @throws Problem `not-found` when neither the catalogue nor any event knows the id */
export async function entityReport(view: TableReader, { kind, id, asked, now_ms }: EntityAsked): Promise<EntityReport> {
  const table = TABLES_OF[kind]
  const name = await NAMES[kind](view, id)
  if (name === undefined && !(await hasEvents(view, table, id))) {
    throw new Problem(
      'not-found',
      `Expected the id of one of the ${kind} in the catalogue or with events, got another.`,
    )
  }
  const published = await readPublished(view, now_ms)
  const range = rangeOf(asked, published)
  const rows = new Map<string, Measures>()
  if (range.first <= range.last) {
    // Days are digits, so the key of the day after the last one ends the scan.
    const scan = { from: dayKey(id, range.first), to: dayKey(id, addDays(range.last, 1)) }
    for (const { key, cells } of await view.scan(table, scan)) rows.set(parseDayKey(key).day, measuresOf(cells))
  }
  const days = daysBetween(range.first, range.last)
  const series = days.map((day) => ({
    day,
    published: published.days.has(day),
    ...(rows.get(day) ?? measuresOf(undefined)),
  }))
  const totals: EntityReport['totals'] =
    asked.period === 'custom'
      ? { ...sumOf(series), listeners: series.length === 1 ? series[0]!.listeners : null }
      : measuresOf(await view.get('period_log', periodKey(kind, id, asked.period)))
  return {
    id,
    kind,
    ...(name ?? { name: id }),
    known: name !== undefined,
    totals,
    ...(totals.listeners === null && { note: LISTENERS_NOTE }),
    series,
    meta: reportMeta(published, asked.period, range, DEFINITIONS),
  }
}

export function entityCsv({ series }: EntityReport): string {
  return csvText(['day', 'published', ...MEASURES], series)
}

const TABLES_OF = {
  songs: 'song_event_log',
  artists: 'artist_event_log',
  albums: 'album_event_log',
} as const satisfies Record<TopKind, string>

interface Named {
  name: string
  artist_name?: string
}

const NAMES: Record<TopKind, (view: TableReader, id: string) => Promise<Named | undefined>> = {
  songs: async (view, id) => {
    const song = await readSong(view, id)
    return song && { name: song.title, artist_name: song.artist_name }
  },
  artists: async (view, id) => {
    const artist = await readArtist(view, id)
    return artist && { name: artist.artist_name }
  },
  albums: async (view, id) => {
    const album = await readAlbum(view, id)
    return album && { name: album.release, artist_name: album.artist_name }
  },
}

async function hasEvents(view: TableReader, table: (typeof TABLES_OF)[TopKind], id: string): Promise<boolean> {
  const rows = await view.scan(table, { from: dayKey(id, '0000-00-00'), to: dayKey(id, '9999-99-99'), limit: 1 })
  return rows.length > 0
}

function sumOf(series: readonly Measures[]): Measures {
  const sum = measuresOf(undefined)
  for (const day of series) for (const name of MEASURES) sum[name] += day[name]
  return sum
}
