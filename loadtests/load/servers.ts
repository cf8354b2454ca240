/** Where the system under load is. */
import { readServing } from '../../datasets/serving.ts'
import { DEFAULT_METRICS_URLS } from '../system/system-probe.ts'

export interface Servers {
  eventApi: string
  reportApi: string
}

/** What is given; else where `musicbox serve` serves the data folder; else its usual addresses. */
export async function serversOf({ data, ...given }: Partial<Servers> & { data: string }): Promise<Servers> {
  const parts = (await readServing(data))?.parts ?? []
  const served = (part: string): string | undefined => parts.find((each) => each.part === part)?.url
  return {
    eventApi: given.eventApi ?? served('events') ?? 'http://127.0.0.1:8080',
    reportApi: given.reportApi ?? served('reports') ?? 'http://127.0.0.1:8090',
  }
}

/** Metrics of the system: those that were named, else those of whoever serves the data folder, if there is somebody. */
export async function metricsOf({
  data,
  metrics,
}: {
  data: string
  metrics?: readonly string[] | undefined
}): Promise<{ urls: readonly string[]; optional: boolean }> {
  if (metrics) return { urls: metrics, optional: false }
  const serving = await readServing(data)
  return { urls: serving?.parts.map(({ metrics_url }) => metrics_url) ?? DEFAULT_METRICS_URLS, optional: true }
}
