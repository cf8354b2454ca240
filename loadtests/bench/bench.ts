/**
 * What the embedded generator can do and what it costs, beside other generators: all in one run, on one target, on this
 * machine, with the same request on as many connections. Ours has checks, tags, a metric of its own and thresholds on.
 *
 * Generator and target are processes of their own. Rates are per core: requests that the target has counted, over the
 * seconds of processor time that the generator and its children have used meanwhile.
 */
import type { RunResult } from '../run-result.ts'
import { startGenerator } from './generator-process.ts'
import { omission, showsOmission } from './omission.ts'
import { PEERS, peerRate } from './peers/peers.ts'
import { BODY, CONNECTIONS } from './request.ts'
import { runSeconds, type SendRate, sendRate } from './send-rate.ts'
import { startTarget, type Target } from './target-process.ts'
import { STARVATIONS, trial } from './verdict-trials.ts'

export interface LoadBenchOptions {
  /** Length of each measured stretch. */
  seconds: number
  /** Of the verdict, of each kind. Default 20, of a bench under 5 seconds 3. */
  trials?: number
  /** Which of {@link PEERS} are run where they are installed. Default: all. */
  peers?: readonly (keyof typeof PEERS)[]
}

export interface LoadBench {
  requests_per_s: number
  requests_per_s_per_core: number
  /** ÷ wrk's; null without it. */
  ratio_to_wrk: number | null
  /** Resident memory at 1,000 connected listeners over that without any, for each. */
  kb_per_listener: number
  /** From making 1,000 listeners to the last one's beginning. */
  start_ms_1000: number
  /** How late 1,000 listeners woke who wait a second between two actions. */
  lateness_ms_p99: number
  /** Null where a generator is not installed. */
  peers: Record<keyof typeof PEERS, SendRate | null>
  /** A second of answers 200 ms late: in the service time, and counted from the planned moment. */
  service_p99_ms: number
  response_p99_ms: number
  omission_shown: boolean
  verdicts: { trials: number; healthy_valid: number; starved_invalid: number }
}

const LISTENERS = 1000
const TRIAL_MS_MAX = 2000

export async function benchLoad({ seconds, trials, peers }: LoadBenchOptions): Promise<LoadBench> {
  await using target = await startTarget()
  const ours = await ourRate(target, seconds)
  const measured = { wrk: null, locust: null, tsung: null, k6: null } as LoadBench['peers']
  for (const name of peers ?? (Object.keys(PEERS) as (keyof typeof PEERS)[])) {
    measured[name] = await peerRate(name, target, seconds)
  }
  const crowd = await thousandListeners(target, seconds)
  const hidden = await omission({ target })
  const trial_ms = Math.min(TRIAL_MS_MAX, seconds * 1000)
  const verdicts = await verdictTrials(target, trials ?? (seconds < 5 ? 3 : 20), trial_ms)
  return {
    ...ours,
    ratio_to_wrk: measured.wrk && ours.requests_per_s_per_core / measured.wrk.requests_per_s_per_core,
    ...crowd,
    peers: measured,
    service_p99_ms: hidden.service.p99,
    response_p99_ms: hidden.response.p99,
    omission_shown: showsOmission(hidden),
    verdicts,
  }
}

/** As many requests as one process can send. */
function ourRate(target: Target, seconds: number): Promise<SendRate> {
  const duration_ms = runSeconds(seconds) * 1000
  const env = { URL: target.url, BODY, VUS: String(CONNECTIONS), DURATION_MS: String(duration_ms) }
  const start = () => {
    const { child, report } = startGenerator({ script: 'post', env })
    // It is ended before it can report.
    report.catch(() => {})
    return child
  }
  return sendRate(start, target, seconds)
}

async function thousandListeners(
  target: Target,
  seconds: number,
): Promise<Pick<LoadBench, 'kb_per_listener' | 'start_ms_1000' | 'lateness_ms_p99'>> {
  const duration_ms = Math.max(2, seconds) * 1000
  const env = { VUS: String(LISTENERS), PERIOD_MS: '1000', LEAD_MS: '500', DURATION_MS: String(duration_ms) }
  const running = startGenerator({ script: 'paced', env: { URL: target.url, BODY, ...env }, warmUp: true })
  const { result, began_ms_max, rss_before_bytes, rss_bytes } = await running.report
  expectWorked(result)
  return {
    kb_per_listener: (Math.max(...rss_bytes) - rss_before_bytes) / 1024 / LISTENERS,
    start_ms_1000: result.init_ms + began_ms_max,
    lateness_ms_p99: result.generator.start_lateness_ms_p99,
  }
}

/** A figure of a run that did not do its work would flatter. */
function expectWorked({ requests, listeners, iterations }: RunResult): void {
  const { failed, interrupted } = iterations
  if (listeners === LISTENERS && requests.failed === 0 && failed === 0 && interrupted === 0) return
  throw new Error(
    `expected ${LISTENERS} listeners without failures, got ${listeners} with ${requests.failed} failed requests, ` +
      `${failed} failed and ${interrupted} interrupted iterations`,
  )
}

async function verdictTrials(target: Target, trials: number, duration_ms: number): Promise<LoadBench['verdicts']> {
  const counts = { trials, healthy_valid: 0, starved_invalid: 0 }
  for (let i = 0; i < trials; i++) {
    const healthy = await trial({ target, duration_ms })
    if (healthy.verdict === 'VALID') counts.healthy_valid++
    else console.error(`bench: a healthy generator is ${healthy.verdict}: ${healthy.reasons.join('; ')}`)
    const starvation = STARVATIONS[i % STARVATIONS.length]!
    const starved = await trial({ target, duration_ms, starvation })
    if (starved.verdict === 'INVALID') counts.starved_invalid++
    else console.error(`bench: a generator starved by ${starvation} is ${starved.verdict}: ${JSON.stringify(starved)}`)
  }
  return counts
}
