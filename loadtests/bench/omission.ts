/**
 * What waiting hides, shown on purpose: listeners act at a constant rate, and for one second each answer takes 200 ms
 * longer. In that second few requests are sent, since each listener waits for its answer, so the service time's p99 does
 * not show it. All that was planned for then left late, and the response time, counted from the planned moment, does.
 * (Tene, "How NOT to Measure Latency": coordinated omission.)
 */
import type { Latency } from '../run-result.ts'
import { startGenerator } from './generator-process.ts'
import { BODY } from './request.ts'
import { firstRequest, type Target } from './target-process.ts'

const DELAY_MS = 200
const SLOW_MS = 1000
const SLOW_FROM_MS = 1000

export interface Omission {
  /** `http_req_duration`: from sending to the answer. */
  service: Latency
  /** From the planned moment to the answer. */
  response: Latency
}

export interface OmissionOptions {
  target: Target
  /** Of the run; the slow second is in it. */
  duration_ms?: number
  /** `send` is the mistake that most generators make. Default `plan`. */
  countFrom?: 'plan' | 'send'
}

export async function omission({ target, duration_ms = 4000, countFrom = 'plan' }: OmissionOptions): Promise<Omission> {
  const env = { URL: target.url, BODY, VUS: '10', PERIOD_MS: '5', DURATION_MS: String(duration_ms) }
  const running = startGenerator({ script: 'paced', env: { ...env, COUNT_FROM: countFrom } })
  const begun = async (): Promise<void> => {
    await firstRequest(target, running.report)
    await new Promise((resolve) => setTimeout(resolve, SLOW_FROM_MS))
    target.slow(DELAY_MS, SLOW_MS)
  }
  const [{ result }] = await Promise.all([running.report, begun()])
  return { service: result.http_req_duration, response: result.response_time }
}

/** The slow second is in the response time's p99 in full, and not in that of the service time. */
export function showsOmission({ service, response }: Omission): boolean {
  return service.p99 < DELAY_MS / 2 && response.p99 > DELAY_MS
}
