/** Every series there is: the catalogue's, Node's own as prom-client exports them, and Prometheus' own. */
import { createMetrics } from './metrics.ts'

export interface KnownSeries {
  /** Only ever grow, but for restarts; of a histogram, all three of its series. */
  counters: ReadonlySet<string>
  others: ReadonlySet<string>
}

/** Read from a registry rather than listed, so that a new version of prom-client cannot make it wrong. */
export async function knownSeries(recorded: readonly string[] = []): Promise<KnownSeries> {
  const { registry } = createMetrics('any', { runtime: true })
  const counters = new Set<string>()
  const others = new Set<string>(['up', ...recorded])
  for (const { name, type } of await registry.getMetricsAsJSON()) {
    // Typed as an enum, filled with text.
    const kind = String(type)
    if (kind === 'histogram') for (const part of ['bucket', 'count', 'sum']) counters.add(`${name}_${part}`)
    else (kind === 'counter' ? counters : others).add(name)
  }
  return { counters, others }
}
