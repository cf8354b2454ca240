/** The report routes. All reads of an answer go through one view, so no answer shows half a publication. */
import { createRoute, z } from '@hono/zod-openapi'
import { idSchema } from '../../datasets/event.ts'
import { TOP_BY, TOP_COUNT, TOP_KINDS } from '../../datasets/tables.ts'
import type { TableStore } from '../../pipeline/table-store.ts'
import type { Application } from '../http/application.ts'
import { csvResponse, wantsCsv } from '../http/csv.ts'
import { problemAnswers } from '../http/openapi.ts'
import {
  dayCsv,
  dayReport,
  dayReportSchema,
  publicationsCsv,
  publicationsReport,
  publicationsSchema,
} from './day-report.ts'
import { entityCsv, entityReport, entityReportSchema } from './entity-report.ts'
import { DEFAULT_PERIOD, daySchema, periodAsked, periodQuery, periodSchema } from './report-period.ts'
import { topCsv, topReport, topReportSchema } from './top-report.ts'

const format = z.enum(['json', 'csv']).optional().meta({ description: 'Overrides `Accept`' })

function reportAnswer<S extends z.ZodType>(schema: S, csv: string) {
  return {
    description: 'The report',
    content: {
      'application/json': { schema },
      'text/csv': { schema: z.string().meta({ description: csv }) },
    },
  }
}

const topRoute = createRoute({
  method: 'get',
  path: '/v1/reports/top/{kind}',
  tags: ['reports'],
  summary: 'The first of the songs, artists or albums by a measure',
  request: {
    params: z.strictObject({ kind: z.enum(TOP_KINDS) }),
    query: z.strictObject({
      period: periodSchema.default(DEFAULT_PERIOD).meta({ description: 'A named period' }),
      by: z.enum(TOP_BY).default('plays').meta({ description: 'What is ranked' }),
      limit: z.coerce.number().int().min(1).max(TOP_COUNT).default(10).meta({ description: 'Rows' }),
      format,
    }),
  },
  responses: {
    200: reportAnswer(topReportSchema, 'One row a rank'),
    ...problemAnswers('invalid-request', 'unavailable'),
  },
})

const daysRoute = createRoute({
  method: 'get',
  path: '/v1/reports/days',
  tags: ['reports'],
  summary: 'Which days are published, and how complete they are',
  request: { query: z.strictObject({ format }) },
  responses: {
    200: reportAnswer(publicationsSchema, 'One row a publication'),
    ...problemAnswers('invalid-request', 'unavailable'),
  },
})

const dayRoute = createRoute({
  method: 'get',
  path: '/v1/reports/days/{day}',
  tags: ['reports'],
  summary: 'One published day, hour by hour, with the audit’s checksums',
  request: { params: z.strictObject({ day: daySchema }), query: z.strictObject({ format }) },
  responses: {
    200: reportAnswer(dayReportSchema, 'One row an hour'),
    ...problemAnswers('invalid-request', 'not-found', 'unavailable'),
  },
})

const entityRoute = createRoute({
  method: 'get',
  path: '/v1/reports/{kind}/{id}',
  tags: ['reports'],
  summary: 'Totals and daily curve of one song, artist or album',
  description:
    'Give a named `period`, or `from` and `to`. Every day of the range has an entry, with zeros where nothing is.',
  request: {
    params: z.strictObject({ kind: z.enum(TOP_KINDS), id: idSchema }),
    query: z.strictObject({ ...periodQuery, format }),
  },
  responses: {
    200: reportAnswer(entityReportSchema, 'One row a day'),
    ...problemAnswers('invalid-request', 'not-found', 'unavailable'),
  },
})

export function reportRoutes(app: Application, { tables, clock }: { tables: TableStore; clock: () => number }): void {
  app.openapi(topRoute, async (c) => {
    const { kind } = c.req.valid('param')
    const { by, period, limit, format } = c.req.valid('query')
    const report = await tables.snapshot((view) => topReport(view, { kind, by, period, limit, now_ms: clock() }))
    const { from, to } = report.meta
    if (wantsCsv(c, format)) return csvResponse(`musicbox-top-${kind}-by-${by}_${from}_${to}`, topCsv(report)) as never
    return c.json(report, 200, FRESH)
  })
  app.openapi(daysRoute, async (c) => {
    const report = await tables.snapshot((view) => publicationsReport(view, clock()))
    if (wantsCsv(c, c.req.valid('query').format)) {
      return csvResponse(
        `musicbox-days_${report.first ?? 'none'}_${report.last ?? 'none'}`,
        publicationsCsv(report),
      ) as never
    }
    return c.json(report, 200, FRESH)
  })
  app.openapi(dayRoute, async (c) => {
    const { day } = c.req.valid('param')
    const report = await tables.snapshot((view) => dayReport(view, day))
    if (wantsCsv(c, c.req.valid('query').format)) return csvResponse(`musicbox-day_${day}`, dayCsv(report)) as never
    return c.json(report, 200, FRESH)
  })
  app.openapi(entityRoute, async (c) => {
    const { kind, id } = c.req.valid('param')
    const { format, ...query } = c.req.valid('query')
    const asked = periodAsked(query)
    const report = await tables.snapshot((view) => entityReport(view, { kind, id, asked, now_ms: clock() }))
    const { from, to } = report.meta
    if (wantsCsv(c, format)) return csvResponse(`musicbox-${kind}-${id}_${from}_${to}`, entityCsv(report)) as never
    return c.json(report, 200, FRESH)
  })
}

/** An answer changes with each publication, and its form with `Accept`. */
const FRESH = { 'Cache-Control': 'no-cache', Vary: 'Accept' }
