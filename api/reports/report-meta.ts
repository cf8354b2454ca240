/** What every report says of itself: which days, how fresh, how complete, and what its numbers mean. */
import { z } from '@hono/zod-openapi'
import { type Day, daysBetween } from '../../datasets/day.ts'
import type { DayRange } from '../../datasets/period.ts'
import { MEASURES, type Measure, type Measures } from '../../datasets/tables.ts'
import { daySchema, type Published, periodSchema } from './report-period.ts'

export const DEFINITIONS: Record<Measure, string> = {
  plays: 'Play events. A resume after a pause is no play.',
  listeners: 'Distinct users with at least one play in the days counted. Not additive: days do not add up to a period.',
  skips: 'Skip events.',
  tup: 'Thumbs up.',
  tdn: 'Thumbs down.',
  pauses: 'Pause events.',
  resumes: 'Resume events.',
  ratings: 'Ratings of 1 to 10 stars.',
  stars_sum: 'Sum of the stars of all ratings: divide by ratings for the mean.',
  comments: 'Comments.',
  tags: 'Tag events, however many tags each holds.',
}

export const measuresShape = Object.fromEntries(MEASURES.map((name) => [name, z.int().min(0)])) as Record<
  Measure,
  z.ZodInt
>

export const metaSchema = z
  .strictObject({
    period: z.union([periodSchema, z.literal('custom')]),
    from: daySchema,
    to: daySchema.meta({ description: 'Last day, included; before `from` when the period holds no day yet' }),
    timezone: z.literal('UTC'),
    as_of: z.iso.datetime().nullable().meta({ description: 'Every event received before this instant is counted' }),
    complete: z.boolean().meta({ description: 'Every day is over and published, with nothing received left out' }),
    days_published: z.int().min(0),
    days_expected: z.int().min(0),
    definitions: z.record(z.string(), z.string()),
  })
  .meta({ id: 'ReportMeta' })

export type ReportMeta = z.infer<typeof metaSchema>

export function reportMeta(
  published: Published,
  period: ReportMeta['period'],
  range: DayRange,
  definitions: Record<string, string>,
): ReportMeta {
  const days = daysBetween(range.first, range.last)
  const there = days.filter((day) => published.days.has(day))
  return {
    period,
    from: range.first,
    to: range.last,
    timezone: 'UTC',
    as_of: asOfInstant(published, there),
    complete: there.length === days.length && there.every((day) => published.days.get(day)!.complete),
    days_published: there.length,
    days_expected: days.length,
    definitions,
  }
}

/** The least of the instants: the answer is as old as its oldest part. */
function asOfInstant({ days, periods }: Published, there: readonly Day[]): string | null {
  // Each night checks every day against what came in since, so the periods' instant holds for the days as well.
  const instants = periods ? [periods.as_of_ms] : there.map((day) => days.get(day)!.as_of_ms)
  return instants.length === 0 ? null : new Date(Math.min(...instants)).toISOString()
}

export function measuresOf(cells: Readonly<Record<string, string | number>> | undefined): Measures {
  return Object.fromEntries(MEASURES.map((name) => [name, Number(cells?.[name] ?? 0)])) as Measures
}
