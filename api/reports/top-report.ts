/** A top list: the first of the songs, artists or albums by one measure, over a named period. */
import { z } from '@hono/zod-openapi'
import { afterPrefix, topPrefix } from '../../datasets/keys.ts'
import type { Period } from '../../datasets/period.ts'
import { TOP_BY, TOP_KINDS, type TopBy, type TopKind } from '../../datasets/tables.ts'
import type { TableReader } from '../../pipeline/table-store.ts'
import { csvText } from '../http/csv.ts'
import { DEFINITIONS, metaSchema, reportMeta } from './report-meta.ts'
import { rangeOf, readPublished } from './report-period.ts'

const rowSchema = z.strictObject({
  rank: z.int().min(1),
  id: z.string(),
  name: z.string(),
  artist_name: z.string().optional(),
  value: z.int().min(0),
  previous: z.int().min(0).meta({ description: 'The same measure over the period of equal length before' }),
  change: z.int().meta({ description: 'value − previous' }),
})

export const topReportSchema = z
  .strictObject({
    kind: z.enum(TOP_KINDS),
    by: z.enum(TOP_BY),
    rows: z.array(rowSchema),
    meta: metaSchema,
  })
  .meta({ id: 'TopReport' })

export type TopReport = z.infer<typeof topReportSchema>

export interface TopAsked {
  kind: TopKind
  by: TopBy
  period: Period
  limit: number
  now_ms: number
}

export async function topReport(view: TableReader, { kind, by, period, limit, now_ms }: TopAsked): Promise<TopReport> {
  const published = await readPublished(view, now_ms)
  const prefix = topPrefix({ kind, by, period }, published.asOf)
  const rows = await view.scan('top_log', { from: prefix, to: afterPrefix(prefix), limit })
  return {
    kind,
    by,
    rows: rows.map(({ key, cells }) => ({
      rank: Number(key.slice(prefix.length)),
      id: String(cells['id']),
      name: String(cells['name']),
      ...(cells['artist_name'] !== undefined && { artist_name: String(cells['artist_name']) }),
      value: Number(cells['value']),
      previous: Number(cells['previous']),
      change: Number(cells['value']) - Number(cells['previous']),
    })),
    meta: reportMeta(published, period, rangeOf({ period }, published), { [by]: definitionOf(by) }),
  }
}

export function topCsv({ rows }: TopReport): string {
  return csvText(['rank', 'id', 'name', 'artist_name', 'value', 'previous', 'change'], rows)
}

function definitionOf(by: TopBy): string {
  switch (by) {
    case 'rising':
      return 'Ranked by how many plays the period has more than the period of equal length before it. The value is plays.'
    case 'falling':
      return 'Ranked by how many plays the period has fewer than the period of equal length before it. The value is plays.'
    default:
      return DEFINITIONS[by]
  }
}
