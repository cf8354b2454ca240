/** What the report server answers, as far as this page reads it. */
import type { Day } from '../../../datasets/day.ts'
import type { Period } from '../../../datasets/period.ts'
import type { Measures, TopBy, TopKind } from '../../../datasets/tables.ts'
import { request } from './json-api.ts'

export interface ReportMeta {
  period: Period
  from: Day
  to: Day
  /** Everything received before this instant is counted; null before the first publication. */
  as_of: string | number | null
  complete: boolean
  days_published: number
  days_expected: number
}

/** Sums over the period; `listeners` is the exact distinct count, null where none was made for this period. */
export type Totals = Omit<Measures, 'listeners'> & { listeners: number | null }

export type CurveDay = { day: Day; published: true } & Measures
export type CurvePoint = CurveDay | ({ day: Day; published: false } & Partial<Record<keyof Measures, number | null>>)

export interface SubjectReport {
  id: string
  kind: TopKind
  name: string
  artist_name?: string | null
  /** Whether the catalogue knows the id. */
  known: boolean
  totals: Totals
  series: CurvePoint[]
  meta: ReportMeta
}

export interface TopRow {
  rank: number
  id: string
  name: string
  artist_name?: string | null
  value: number
  /** The same measure over the period of equal length before. */
  previous: number
}

export interface TopReport {
  rows: TopRow[]
  meta: ReportMeta
}

/** Which days are published; among them is one of scope `periods`, for the lists. */
export interface Publications {
  first: Day | null
  last: Day | null
  publications: { scope: string; events: number }[]
}

/** What the catalogue knows of a song, artist or album, as far as it is shown or linked. */
export interface CatalogueEntry {
  artist_id?: string
  artist_name?: string
  album_id?: string
  release?: string
  genre?: string
  year?: number
  location?: string
  terms?: { term: string }[]
}

export function subjectPath(kind: TopKind, id: string, period: Period, format?: 'csv'): string {
  return `/v1/reports/${kind}/${encodeURIComponent(id)}?${query({ period, format })}`
}

export function topPath(kind: TopKind, by: TopBy, period: Period, limit: number, format?: 'csv'): string {
  return `/v1/reports/top/${kind}?${query({ period, by, limit: String(limit), format })}`
}

export function subjectReport(kind: TopKind, id: string, period: Period, signal: AbortSignal): Promise<SubjectReport> {
  return request(subjectPath(kind, id, period), { signal })
}

export function topReport(
  kind: TopKind,
  by: TopBy,
  period: Period,
  limit: number,
  signal: AbortSignal,
): Promise<TopReport> {
  return request(topPath(kind, by, period, limit), { signal })
}

export function publications(signal: AbortSignal): Promise<Publications> {
  return request('/v1/reports/days', { signal })
}

export function catalogueEntry(kind: TopKind, id: string, signal: AbortSignal): Promise<CatalogueEntry> {
  return request(`/v1/${kind}/${encodeURIComponent(id)}`, { signal })
}

function query(parts: Record<string, string | undefined>): URLSearchParams {
  return new URLSearchParams(Object.entries(parts).filter((part): part is [string, string] => part[1] !== undefined))
}
