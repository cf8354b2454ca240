/** What is published of one day, hour by hour with the audit's checksums, and which days are published. */
import { z } from '@hono/zod-openapi'
import type { Day } from '../../datasets/day.ts'
import { dayKey } from '../../datasets/keys.ts'
import { type HourCells, MEASURES, type Measure } from '../../datasets/tables.ts'
import type { Publication, TableReader } from '../../pipeline/table-store.ts'
import { csvText } from '../http/csv.ts'
import { Problem } from '../http/problem.ts'
import { DEFINITIONS, measuresShape } from './report-meta.ts'
import { daySchema, readPublished } from './report-period.ts'

const COUNTS = ['events', 'logins', 'searches', 'exits'] as const

const countsShape = Object.fromEntries(COUNTS.map((name) => [name, z.int().min(0)])) as Record<
  (typeof COUNTS)[number],
  z.ZodInt
>

const checksumSchema = z
  .string()
  .regex(/^\d+$/)
  .meta({ description: 'Sum of the events’ checksums modulo 2^64, decimal' })

const publicationSchema = z
  .strictObject({
    scope: z.string(),
    generation: z.int(),
    hash: z.string(),
    as_of: z.iso.datetime(),
    complete: z.boolean(),
    events: z.int().min(0),
  })
  .meta({ id: 'Publication' })

export const dayReportSchema = z
  .strictObject({
    day: daySchema,
    timezone: z.literal('UTC'),
    publication: publicationSchema,
    totals: z.strictObject({
      ...countsShape,
      ...measuresShape,
      listeners: z.null().meta({ description: 'Hours do not add up to a day’s distinct users' }),
      checksum: checksumSchema,
    }),
    hours: z.array(z.strictObject({ hour: z.string(), ...countsShape, ...measuresShape, checksum: checksumSchema })),
    definitions: z.record(z.string(), z.string()),
  })
  .meta({ id: 'DayReport' })

export const publicationsSchema = z
  .strictObject({
    first: daySchema.nullable(),
    last: daySchema.nullable(),
    publications: z.array(publicationSchema),
  })
  .meta({ id: 'Publications' })

export type DayReport = z.infer<typeof dayReportSchema>
export type Publications = z.infer<typeof publicationsSchema>

/** @throws Problem `not-found` when the day is not published */
export async function dayReport(view: TableReader, day: Day): Promise<DayReport> {
  const publication = await view.published(day)
  if (publication === undefined) {
    throw new Problem('not-found', `Expected a published day, got ${day}; /v1/reports/days lists those there are.`)
  }
  const hours = []
  const sums = new Map<string, number>()
  let checksum = 0n
  for (const hour of HOURS) {
    const cells = await view.get('hour_event_log', dayKey(hour, day))
    const counted = hourOf(cells)
    for (const [name, count] of Object.entries(counted)) {
      if (typeof count === 'number') sums.set(name, (sums.get(name) ?? 0) + count)
    }
    checksum = BigInt.asUintN(64, checksum + BigInt(counted.checksum))
    hours.push({ hour, ...counted })
  }
  const totals = Object.fromEntries(sums) as Record<Measure | (typeof COUNTS)[number], number>
  return {
    day,
    timezone: 'UTC',
    publication: shown(publication),
    totals: { ...totals, listeners: null, checksum: String(checksum) },
    hours,
    definitions: { ...DEFINITIONS, events: 'Events of every kind, each once.' },
  }
}

export async function publicationsReport(view: TableReader, now_ms: number): Promise<Publications> {
  const { first, last } = await readPublished(view, now_ms)
  return { first: first ?? null, last: last ?? null, publications: (await view.publications()).map(shown) }
}

export function dayCsv({ hours }: DayReport): string {
  return csvText(['hour', ...COUNTS, ...MEASURES, 'checksum'], hours)
}

export function publicationsCsv({ publications }: Publications): string {
  return csvText(['scope', 'generation', 'hash', 'as_of', 'complete', 'events'], publications)
}

const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'))

function hourOf(cells: Readonly<Record<string, string | number>> | undefined): HourCells {
  const numbers = Object.fromEntries([...COUNTS, ...MEASURES].map((name) => [name, Number(cells?.[name] ?? 0)]))
  return { ...numbers, checksum: String(cells?.['checksum'] ?? '0') } as HourCells
}

function shown({ as_of_ms, ...publication }: Publication): z.infer<typeof publicationSchema> {
  return { ...publication, as_of: new Date(as_of_ms).toISOString() }
}
