/** The rows of the report tables, from the counts that Hive gives. */
import type { Day } from '../../../datasets/day.ts'
import { dayKey, periodKey, topKey } from '../../../datasets/keys.ts'
import { UNKNOWN_ID } from '../../../datasets/music.ts'
import { type HourCells, MEASURES, type Measures, type TableRow } from '../../../datasets/tables.ts'
import type { PlannedPeriod } from '../../range-plan.ts'
import type { Cell } from './hive-rows.ts'
import { compareText } from './text-order.ts'
import { type TopRow, topLists } from './top-lists.ts'

/** Counts over a range of days, by kind (`songs`, `artists` …) and id. */
export type RangeCounts = ReadonlyMap<string, ReadonlyMap<string, Measures>>

/** How something is called: an artist has no artist's name besides. */
export interface Called {
  name: string
  artist_name: string
}

/**
 * @param counted kind, id, measures, and what an hour has besides, as `dayCounts` gives them
 * @returns the rows of the day, in the same order for the same counts
 */
export function dayTableRows(day: Day, counted: readonly Cell[][]): TableRow[] {
  const rows: TableRow[] = []
  const hours = new Map<string, HourCells>()
  for (const [kind, id, ...counts] of counted) {
    // Events of no song are a group without an id.
    if (id === null) continue
    if (kind === 'hour') hours.set(twoDigits(id!), hourCells(counts))
    else rows.push({ table: `${kind as 'song'}_event_log`, key: dayKey(id as string, day), cells: measures(counts) })
  }
  rows.sort((a, b) => compareText(a.table, b.table) || compareText(a.key, b.key))
  for (let at = 0; at < 24; at++) {
    const hour = twoDigits(at)
    const cells = hours.get(hour) ?? hourCells([])
    rows.push({ table: 'hour_event_log', key: dayKey(hour, day), cells: { ...cells } })
  }
  return rows
}

/** @param counted range, kind, id and measures, as `rangeCounts` gives them */
export function countsByRange(ranges: number, counted: readonly Cell[][]): RangeCounts[] {
  const byRange = Array.from({ length: ranges }, () => new Map<string, Map<string, Measures>>())
  for (const [range, kind, id, ...counts] of counted) {
    const kinds = byRange[Number(range)]!
    const name = `${kind}s`
    if (!kinds.has(name)) kinds.set(name, new Map())
    kinds.get(name)!.set(id as string, measures(counts))
  }
  return byRange
}

/** Events that concern a song, of which each is counted in one measure beside the listeners. */
export function songEventsOf(counts: RangeCounts): number {
  let sum = 0
  for (const cells of counts.get('songs')?.values() ?? []) {
    for (const measure of MEASURES) {
      if (measure !== 'listeners' && measure !== 'stars_sum') sum += cells[measure]
    }
  }
  return sum
}

export function periodTableRows(periods: readonly PlannedPeriod[], counts: readonly RangeCounts[]): TableRow[] {
  return periods.flatMap(({ period, range }) => {
    const rows: TableRow[] = []
    for (const [kind, byId] of counts[range]!) {
      for (const [id, cells] of byId) {
        rows.push({ table: 'period_log', key: periodKey(kind, id, period), cells: { ...cells } })
      }
    }
    return rows.sort((a, b) => compareText(a.key, b.key))
  })
}

/** What the top lists of a night list. */
export function topRows(periods: readonly PlannedPeriod[], counts: readonly RangeCounts[]): TopRow[] {
  return periods.flatMap(({ period, range, before }) =>
    topLists({ period, now: counts[range]!, before: before === undefined ? new Map() : counts[before]! }),
  )
}

export function topTableRow(asOf: Day, row: TopRow, called: Called | undefined): TableRow {
  const { kind, by, period, rank, id, value, previous } = row
  const { name, artist_name } = called ?? { name: id, artist_name: UNKNOWN_ID }
  return {
    table: 'top_log',
    key: topKey({ kind, by, period }, asOf, rank),
    cells: { id, name, ...(kind !== 'artists' && { artist_name }), value, previous, change: value - previous },
  }
}

/** The sum of checksums modulo 2^64, from the sums of their halves. */
export function checksumOf(high: Cell, low: Cell): bigint {
  return BigInt.asUintN(64, (BigInt(high as bigint) << 32n) + BigInt(low as bigint))
}

export function twoDigits(hour: Cell): string {
  return String(hour).padStart(2, '0')
}

function measures(counts: readonly Cell[]): Measures {
  return Object.fromEntries(MEASURES.map((measure, at) => [measure, Number(counts[at] ?? 0)])) as Measures
}

function hourCells(counts: readonly Cell[]): HourCells {
  const [events = 0n, logins = 0n, searches = 0n, exits = 0n, high = 0n, low = 0n] = counts.slice(MEASURES.length)
  return {
    ...measures(counts),
    events: Number(events),
    logins: Number(logins),
    searches: Number(searches),
    exits: Number(exits),
    checksum: String(checksumOf(high, low)),
  }
}
