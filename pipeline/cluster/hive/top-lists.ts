/** The rows of `top_log`, from counts over ranges of days. */
import type { Period } from '../../../datasets/period.ts'
import { type Measures, TOP_BY, TOP_COUNT, TOP_KINDS, type TopBy, type TopKind } from '../../../datasets/tables.ts'
import { compareText } from './text-order.ts'

/** Counts of one song, artist or album over a range. */
export type CountsById = ReadonlyMap<string, Measures>

/** A period, its counts by kind, and those of the range before it; a kind without events is missing. */
export interface ComparedPeriod {
  period: Period
  now: ReadonlyMap<string, CountsById>
  before: ReadonlyMap<string, CountsById>
}

export interface TopRow {
  kind: TopKind
  by: TopBy
  period: Period
  /** From 1; ties are broken by id. */
  rank: number
  id: string
  value: number
  previous: number
}

/** Every list of a period. What is not in one of the ranges counts as zero there. */
export function topLists({ period, now, before }: ComparedPeriod): TopRow[] {
  return TOP_KINDS.flatMap((kind) => {
    const [counts, past] = [now.get(kind) ?? NONE, before.get(kind) ?? NONE]
    // Sorted once: a sort by value leaves equal ones in this order.
    const ids = [...new Set([...counts.keys(), ...past.keys()])].sort(compareText)
    return TOP_BY.flatMap((by) =>
      topList(ids, by, counts, past).map((row, at) => ({ kind, by, period, rank: at + 1, ...row })),
    )
  })
}

const NONE: CountsById = new Map()

function topList(
  ids: readonly string[],
  by: TopBy,
  now: CountsById,
  past: CountsById,
): Pick<TopRow, 'id' | 'value' | 'previous'>[] {
  const measure = by === 'rising' || by === 'falling' ? 'plays' : by
  const weightOf = { rising: 1, falling: -1 }[by as string]
  const listed = []
  for (const id of ids) {
    const value = now.get(id)?.[measure] ?? 0
    const previous = past.get(id)?.[measure] ?? 0
    const weight = weightOf === undefined ? value : weightOf * (value - previous)
    if (weight > 0) listed.push({ id, value, previous, weight })
  }
  return listed
    .sort((a, b) => b.weight - a.weight)
    .slice(0, TOP_COUNT)
    .map(({ weight: _, ...row }) => row)
}
