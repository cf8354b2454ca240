/** How the tables lie in HBase: versions and regions. */
import { TABLE_NAMES, type TableName } from '../../../datasets/tables.ts'
import type { NewTable } from './master.ts'

/**
 * Revisions of a scope whose cells HBase keeps, published or not: so many times may a scope be claimed before a snapshot loses
 * the rows that it reads.
 */
export const REVISIONS_KEPT = 16

/** Regions of a new table; the others have one. */
const REGIONS: { readonly [table in TableName]?: { prefix: string; count: number } } = {
  song_info: { prefix: 'TR', count: 2 },
  song_event_log: { prefix: 'TR', count: 4 },
  artist_event_log: { prefix: 'AR', count: 2 },
  album_event_log: { prefix: 'AL', count: 2 },
}

/** The tables to make, `_published` last: whoever finds it finds all. */
export function tablePlan(): { name: TableName; table: NewTable }[] {
  return TABLE_NAMES.map((name) => {
    const regions = REGIONS[name]
    return {
      name,
      table: {
        versions: isPublished(name) ? REVISIONS_KEPT : 1,
        splits: regions ? evenSplits(regions.prefix, regions.count) : [],
      },
    }
  }).sort((a, b) => Number(a.name === '_published') - Number(b.name === '_published'))
}

/** Whether a table's rows belong to publications. */
export function isPublished(table: TableName): boolean {
  return table.endsWith('_log')
}

/**
 * First keys of all regions but the first, for ids of the Million Song Dataset's form: two letters of kind, then letters that
 * are evenly spread. Splits by the first byte, HBase's own way, would leave all rows in one region.
 */
export function evenSplits(prefix: string, regions: number): string[] {
  return Array.from({ length: regions - 1 }, (_, at) => {
    const place = Math.round(((at + 1) * 26 * 26) / regions)
    return prefix + String.fromCharCode(65 + Math.floor(place / 26), 65 + (place % 26))
  })
}

/**
 * First keys of all regions but the first, from a sample of real ids: each region gets an equal share of the sample. Fewer
 * than asked for when the sample has too few distinct ids.
 */
export function sampleSplits(ids: readonly string[], regions: number): string[] {
  const sorted = [...new Set(ids)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const count = Math.min(regions, sorted.length)
  return Array.from(
    { length: Math.max(0, count - 1) },
    (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / count)]!,
  )
}
