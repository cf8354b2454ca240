/**
 * Systems with a known limit, for the tests of the search: a queue that is served so many events a second, second by
 * second, with seeded noise in what comes, in how fast it is served and in what is measured. Steps are judged by the same
 * code as real ones.
 */
import { type Draws, drawsAt, type Key } from '../../datasets/random.ts'
import type { TimelineBucket } from '../metrics/timeline.ts'
import type { StepResult } from './search.ts'
import { type Measured, stepOf } from './step.ts'

export interface System {
  /** Events a second of each listener. */
  events_per_s: number
  /** Events a second that it can serve. */
  served_per_s: number
  /** Service time without a queue, ms. */
  service_ms: number
  /** Threshold on the response time's p95, ms. */
  p95_ms_max: number
  /** Listeners at which it is at its limit, by its law. */
  limit: number
}

const open: System = { events_per_s: 4, served_per_s: 1200, service_ms: 2, p95_ms_max: 5000, limit: 300 }
/** Slow long before it is full: p95 = 3 × service ÷ (1 - load) reaches 50 ms at a load of 0.76. */
const slow: System = { events_per_s: 4, served_per_s: 1600, service_ms: 4, p95_ms_max: 50, limit: 304 }

export const SYSTEMS = { open, slow }

const KEY: Key = [0x63617061, 0x63697479, 0, 0]
const SECONDS = 15

/** @param judge without `slope`, a backlog is not looked at: the mistake that the search must not make */
export function systemProbe(
  system: System,
  seed: number,
  judge: { slope: boolean } = { slope: true },
): (load: number) => Promise<StepResult> {
  let step = 0
  return async (load) => {
    const run = ran(system, load, drawsAt(KEY, seed, step++))
    const timeline = judge.slope ? run.timeline : []
    return stepOf(load, { ...run, timeline }, { warmUp_s: 3, load_s: SECONDS, cores: 2 })
  }
}

function ran(system: System, load: number, draws: Draws): Measured {
  const offered = load * system.events_per_s
  let queue = 0
  const timeline: TimelineBucket[] = []
  for (let at_s = 0; at_s < SECONDS; at_s++) {
    const came = offered * noise(draws, 0.02)
    const served = system.served_per_s * noise(draws, 0.02)
    queue = Math.max(0, queue + came - served)
    const utilisation = Math.min(0.99, offered / system.served_per_s)
    const p50 = (system.service_ms / (1 - utilisation)) * noise(draws, 0.1) + (1000 * queue) / system.served_per_s
    const trend = {
      type: 'trend',
      count: Math.max(1, Math.round(came)),
      sum: p50 * came,
      min: 0,
      max: 5 * p50,
    } as const
    timeline.push({
      at_s,
      width_s: 1,
      vus: load,
      series: { response_time: { ...trend, p50, p90: 2 * p50, p95: 3 * p50, p99: 4 * p50, p999: 5 * p50 } },
    })
  }
  const p95s = timeline.map(({ series }) => (series['response_time'] as { p95: number }).p95).sort((a, b) => a - b)
  // Of a queue that grows, the run's p95 is near that of its last seconds.
  const p95 = queue > offered ? p95s.at(-1)! / 3 : p95s[Math.floor(p95s.length / 2)]!
  const latency = {
    count: offered * SECONDS,
    avg: p95 / 3,
    p50: p95 / 3,
    p90: p95 / 2,
    p95,
    p99: p95 * 1.3,
    max: p95 * 2,
  }
  const ok = p95 < system.p95_ms_max
  return {
    timeline,
    thresholds: [{ metric: 'response_time', threshold: `p(95)<${system.p95_ms_max}`, value: p95, ok }],
    generator: { verdict: 'VALID', reasons: [], loop_delay_ms_p99: 1, start_lateness_ms_p99: 1, cpu_share: 0.2 },
    fates: { accepted: 1, duplicate: 0, refused: 0, unknown: 0 },
    accepted_per_s: Math.min(offered, system.served_per_s),
    requests: { count: 1, per_s: offered, failed: 0 },
    response_time: latency,
    http_req_duration: latency,
  }
}

/** Around 1, nearly normal with this spread: the sum of twelve uniform draws (Irwin and Hall). */
function noise(draws: Draws, spread: number): number {
  let sum = -6
  for (let i = 0; i < 12; i++) sum += draws.unit()
  return 1 + spread * sum
}
