/** `/metrics` on a port of its own, on loopback only: what operators read is not for those who use the API. */
import { once } from 'node:events'
import type { Metrics } from '../../observability/metrics.ts'
import { HTTP_LIMITS } from './limits.ts'
import { bind, limitedServer, urlOf } from './listen.ts'
import { PROBLEM_TYPE, problemDocument } from './problem.ts'

const LOOPBACK = '127.0.0.1'

export interface MetricsServer {
  /** The address to scrape. */
  url: string
  close(): Promise<void>
}

/**
 * @param refresh sets the gauges that are read rather than counted; a failure leaves them as they were
 * @throws MusicboxError `backend.unreachable` when the port cannot be had
 */
export async function serveMetrics(
  metrics: Metrics,
  port: number,
  refresh: () => void | Promise<void>,
): Promise<MetricsServer> {
  const server = limitedServer(async (request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404, { 'Content-Type': PROBLEM_TYPE })
      response.end(JSON.stringify(problemDocument('no-such-route', 'Expected /metrics.')))
      return
    }
    // A store that does not answer must not take the metrics with it: they are needed then most.
    await Promise.resolve()
      .then(refresh)
      .catch(() => undefined)
    const body = await metrics.registry.metrics()
    response.writeHead(200, { 'Content-Type': metrics.registry.contentType })
    response.end(body)
  }, HTTP_LIMITS)
  await bind(server, LOOPBACK, port)
  return {
    url: `${urlOf(server, LOOPBACK)}/metrics`,
    close: async () => {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
