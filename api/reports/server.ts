/** The report server: what promoters, accountants and advertisers read, on a port of its own beside the events. */
import { createMetrics, type Metrics } from '../../observability/metrics.ts'
import type { TableStore } from '../../pipeline/table-store.ts'
import { catalogueRoutes } from '../catalogue/catalogue-routes.ts'
import { type Application, createApplication } from '../http/application.ts'
import { type Parts, type RunningServer, type ServerOptions, startServer } from '../http/server.ts'
import { reportPages } from '../web/pages.ts'
import { reportRoutes } from './report-routes.ts'

export interface ReportServerOptions extends ServerOptions {
  tables: TableStore
}

/**
 * Starts the report server. It does not own the tables: close them after it.
 * @throws MusicboxError `backend.unreachable` when a port cannot be had
 */
export function startReportServer(options: ReportServerOptions): Promise<RunningServer> {
  const metrics = options.metrics ?? createMetrics('report-api', { runtime: true })
  return startServer((parts) => reportApplication({ ...parts, tables: options.tables, clock: options.clock }), {
    ...options,
    metrics,
  })
}

export interface ReportApplicationOptions extends Parts {
  tables: TableStore
  metrics: Metrics
  clock?: (() => number) | undefined
}

/** The application without a socket. */
export function reportApplication(options: ReportApplicationOptions): Application {
  const { tables, clock = Date.now } = options
  const app = createApplication({
    ...options,
    info: {
      title: 'MusicBox report API',
      description:
        'Answers how often songs, artists and albums are played, and says how fresh and complete each number is.',
    },
    checks: { tables: () => tables.snapshot((view) => view.publications()) },
  })
  reportRoutes(app, { tables, clock })
  catalogueRoutes(app, tables)
  app.route('/', reportPages())
  return app
}
