/** The event server: what listeners' players talk to. */
import { randomBytes } from 'node:crypto'
import { createMetrics, type Metrics } from '../../observability/metrics.ts'
import { cachedArtistOf } from '../../pipeline/artist-lookup.ts'
import type { EventLog } from '../../pipeline/event-log.ts'
import type { TableStore } from '../../pipeline/table-store.ts'
import { catalogueRoutes } from '../catalogue/catalogue-routes.ts'
import { type Application, createApplication } from '../http/application.ts'
import type { ServerState } from '../http/guard.ts'
import { HTTP_LIMITS, type HttpLimits } from '../http/limits.ts'
import { type RunningServer, type ServerOptions, startServer } from '../http/server.ts'
import { eventPages } from '../web/pages.ts'
import { eventRoutes } from './event-routes.ts'
import { loginRoute } from './login-route.ts'

export interface EventServerOptions extends ServerOptions {
  log: EventLog
  tables: TableStore
  /** Signs tokens; random when absent, so that a restart ends all logins. */
  secret?: Uint8Array | string
  /** Refuse events without a token. Off by default: on loopback the harness sends as many users. */
  requireToken?: boolean
}

/**
 * Starts the event server. It owns neither log nor tables: close them after it.
 * @throws MusicboxError `backend.unreachable` when a port cannot be had
 */
export function startEventServer(options: EventServerOptions): Promise<RunningServer> {
  const metrics = options.metrics ?? createMetrics('event-api', { runtime: true })
  return startServer((parts) => eventApplication({ ...options, ...parts }), {
    ...options,
    metrics,
    refresh: async () => {
      const ends = await options.log.ends()
      for (const [partition, end] of ends.entries()) metrics.log_end_offset.set({ partition: String(partition) }, end)
    },
  })
}

export interface EventApplicationOptions extends Omit<EventServerOptions, 'limits'> {
  metrics: Metrics
  state: ServerState
  limits?: HttpLimits
  loopDelay_ms: () => number
  onFault: (error: unknown) => void
}

/** For how long a failed append makes the server not ready: after it, the next event tries again. */
const FAILURE_MS = 5_000

/** The application without a socket. */
export function eventApplication(options: EventApplicationOptions): Application {
  const { log, tables, metrics, state, limits = HTTP_LIMITS, clock = Date.now } = options
  const secret = Buffer.from(options.secret ?? randomBytes(32))
  let failed_ms = Number.NEGATIVE_INFINITY
  const app = createApplication({
    ...options,
    limits,
    info: {
      title: 'MusicBox event API',
      description: 'Takes listeners’ events and finds songs and artists. All times are UTC.',
    },
    checks: {
      log: async () => {
        // Reading works on a full disk; what shows that writing does not is the last append.
        if (clock() - failed_ms < FAILURE_MS) throw new Error('the last append failed')
        await log.ends()
      },
      tables: () => tables.snapshot((view) => view.publications()),
    },
  })
  eventRoutes(app, {
    log,
    artistOf: cachedArtistOf(tables),
    clock,
    secret,
    requireToken: options.requireToken ?? false,
    metrics,
    state,
    limits,
    onAppend: (ok) => {
      failed_ms = ok ? Number.NEGATIVE_INFINITY : clock()
    },
  })
  loginRoute(app, { tables, clock, secret, state, limits })
  catalogueRoutes(app, tables)
  app.route('/', eventPages())
  return app
}
