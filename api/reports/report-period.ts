/** Which days a report is about: what the reader asked for, and what the published days make of it. */
import { z } from '@hono/zod-openapi'
import { addDays, DAY_MS, type Day, dayOf, dayStartMs, expandDay, isDay } from '../../datasets/day.ts'
import { afterPrefix } from '../../datasets/keys.ts'
import { type DayRange, PERIODS, type Period, periodDays } from '../../datasets/period.ts'
import type { Publication, TableReader } from '../../pipeline/table-store.ts'
import { Problem } from '../http/problem.ts'

export const DEFAULT_PERIOD: Period = 'last-28-days'

/** Ten years: a range is answered day by day. */
const RANGE_DAYS_MAX = 3_660

export const daySchema = z
  .string()
  .refine((text) => isDay(text) && text >= '1970-01-01' && text <= '2999-12-31', 'expected a day like 2026-01-31')
  .meta({ description: 'A day, UTC', format: 'date', examples: ['2026-01-31'] })

export const periodSchema = z.enum(PERIODS)

export const periodQuery = {
  period: periodSchema
    .optional()
    .meta({ description: `A named period, ending at the last published day. Default ${DEFAULT_PERIOD}` }),
  from: daySchema.optional().meta({ description: 'First day of a range of your own; needs `to`' }),
  to: daySchema.optional().meta({ description: 'Last day of the range, included' }),
}

export type PeriodAsked = { period: Period } | { period: 'custom'; range: DayRange }

/** @throws Problem `invalid-request` when the three do not go together */
export function periodAsked(query: {
  period?: Period | undefined
  from?: Day | undefined
  to?: Day | undefined
}): PeriodAsked {
  const { period, from, to } = query
  if (from === undefined && to === undefined) return { period: period ?? DEFAULT_PERIOD }
  const wrong = (detail: string, parameter: string): Problem =>
    new Problem('invalid-request', detail, { members: { errors: [{ detail, pointer: `#/${parameter}` }] } })
  if (period !== undefined) throw wrong('Expected either period, or from and to; got both.', 'period')
  if (from === undefined) throw wrong('Expected from beside to; it is missing.', 'from')
  if (to === undefined) throw wrong('Expected to beside from; it is missing.', 'to')
  if (to < from) throw wrong(`Expected to not to precede from, got ${from} to ${to}.`, 'to')
  const days = (dayStartMs(to) - dayStartMs(from)) / DAY_MS + 1
  if (days > RANGE_DAYS_MAX) throw wrong(`Expected at most ${RANGE_DAYS_MAX} days, got ${days}.`, 'to')
  return { period: 'custom', range: { first: from, last: to } }
}

/** What is published, as one view shows it. */
export interface Published {
  /** Publications of days, by day. */
  days: ReadonlyMap<Day, Publication>
  /** The publication of period and top lists. */
  periods: Publication | undefined
  /** First day with data; undefined when there is none. */
  first: Day | undefined
  last: Day | undefined
  /** The day that named periods end at. */
  asOf: Day
}

/** @param now_ms decides only while nothing is published: then the last complete day is yesterday */
export async function readPublished(view: TableReader, now_ms: number): Promise<Published> {
  const days = new Map<Day, Publication>()
  let periods: Publication | undefined
  for (const publication of await view.publications()) {
    if (publication.scope === 'periods') periods = publication
    else if (isDay(publication.scope)) days.set(publication.scope, publication)
  }
  const ordered = [...days.keys()].sort()
  const last = ordered.at(-1)
  // A night that was cut off may have published a day without the periods; those still end where their keys say.
  const asOf = (periods && (await rankedDay(view))) ?? last ?? addDays(dayOf(now_ms), -1)
  return { days, periods, first: ordered[0], last, asOf }
}

export function rangeOf(asked: PeriodAsked, { asOf, first }: Published): DayRange {
  return asked.period === 'custom' ? asked.range : periodDays(asked.period, asOf, first ?? asOf)
}

/** The as-of day in the keys of the top lists, which are published as one. */
async function rankedDay(view: TableReader): Promise<Day | undefined> {
  const prefix = 'songs.plays.total_'
  const [row] = await view.scan('top_log', { from: prefix, to: afterPrefix(prefix), limit: 1 })
  return row && expandDay(row.key.slice(prefix.length, prefix.length + 8))
}
