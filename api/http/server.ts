/** Runs an application: its socket, its metrics' socket, its watch over the event loop, and the end of all three. */
import type { Metrics } from '../../observability/metrics.ts'
import { serveMetrics } from '../../observability/serve-metrics.ts'
import type { Application } from './application.ts'
import { faultLog } from './fault-log.ts'
import { type GuardOptions, newServerState } from './guard.ts'
import { HTTP_LIMITS, type HttpLimits } from './limits.ts'
import { listen } from './listen.ts'
import { watchLoopDelay } from './loop-delay.ts'

export interface ServerOptions {
  /** ms UTC; the wall clock when absent. */
  clock?: () => number
  /** Loopback when absent: opening the server to others is a decision. */
  host?: string
  /** 0 takes any free port. */
  port: number
  /** Any free port when absent. Always on loopback. */
  metricsPort?: number
  metrics?: Metrics
  limits?: HttpLimits
  /** How long a closing server still answers, so that who watches `/health/ready` can go elsewhere. */
  notice_ms?: number
  /** After so long a closing server cuts off what is unanswered. */
  deadline_ms?: number
  /** How late the event loop runs, for shedding; measured when absent. */
  loopDelay_ms?: () => number
  /** Told of every failure that is not a client's; by default written to standard error. */
  onFault?: (error: unknown) => void
}

export interface RunningServer {
  url: string
  /** The address to scrape. */
  metricsUrl: string
  /** Drains and ends; see `listen.ts`. */
  close(): Promise<void>
}

/** What {@link startServer} hands to the application. */
export interface Parts extends GuardOptions {
  onFault: (error: unknown) => void
}

export async function startServer(
  application: (parts: Parts) => Application,
  options: ServerOptions & { metrics: Metrics; refresh?: () => Promise<void> },
): Promise<RunningServer> {
  const { metrics, limits = HTTP_LIMITS } = options
  const state = newServerState()
  const loop = watchLoopDelay()
  const app = application({
    state,
    limits,
    metrics,
    loopDelay_ms: options.loopDelay_ms ?? loop.now_ms,
    onFault: options.onFault ?? faultLog(),
  })
  const refresh = async (): Promise<void> => {
    metrics.http_requests_in_flight.set(state.in_flight)
    await options.refresh?.()
  }
  const scrape = await serveMetrics(metrics, { port: options.metricsPort ?? 0, refresh })
  try {
    const server = await listen(app.fetch, {
      host: options.host ?? '127.0.0.1',
      port: options.port,
      limits,
      state,
      notice_ms: options.notice_ms ?? 200,
      deadline_ms: options.deadline_ms ?? 10_000,
    })
    return {
      url: server.url,
      metricsUrl: scrape.url,
      close: async () => {
        await server.close()
        // The metrics stay until the end: the drain is worth watching.
        await scrape.close()
        loop.stop()
      },
    }
  } catch (error) {
    await scrape.close()
    loop.stop()
    throw error
  }
}
