/** What one step of the search has shown: whether the load holds, and if not, why and which part is at its limit. */

import type { SeriesPoint, TimelineBucket } from '../metrics/timeline.ts'
import type { RunResult } from '../run-result.ts'
import { type Growth, growthOf } from './backlog.ts'
import { type SystemReadings, saturated } from './saturation.ts'
import type { StepResult } from './search.ts'

/** What a step is judged by. */
export type Measured = Pick<
  RunResult,
  | 'timeline'
  | 'thresholds'
  | 'generator'
  | 'fates'
  | 'accepted_per_s'
  | 'requests'
  | 'response_time'
  | 'http_req_duration'
> &
  Partial<Pick<RunResult, 'problem'>>

export interface StepOptions {
  /** Seconds at the beginning that say nothing yet: connections open, code is compiled. */
  warmUp_s: number
  /** Seconds that the load lasts; what comes later is its end. */
  load_s: number
  /** Of the machine. */
  cores: number
}

/** Names of processes as their metrics have them; see ../system/system-metrics.ts. */
export const SERVICES = ['event-api', 'report-api', 'pipeline'] as const

/** Of a threshold that only looks: it makes a metric's part show in the run over time. */
const LOOK = 'value>=0'

/** What the run is to keep apart of the system's metrics, as thresholds that cannot be missed. */
export const WATCHED: Readonly<Record<string, string[]>> = Object.fromEntries(
  [
    ...SERVICES.flatMap((service) => [`system_cpu{service:${service}}`, `event_loop_delay_ms{service:${service}}`]),
    'stage_lag_events{stage:collector}',
  ].map((metric) => [metric, [LOOK]]),
)

export function stepOf(load: number, run: Measured, options: StepOptions): StepResult {
  const buckets = run.timeline.filter(({ at_s }) => at_s >= options.warmUp_s && at_s < options.load_s)
  const growing = growths(buckets, run)
  const missed = run.thresholds.filter(({ ok, threshold }) => !ok && threshold !== LOOK)
  const reasons = [
    ...missed.map(({ metric, threshold, value }) => `${metric} ${threshold} was ${Number(value.toPrecision(4))}`),
    ...growing
      .filter(({ growth }) => growth.grows)
      .map(({ what, growth }) => `${what} grows: ${(100 * growth.excess).toFixed(1)} % of the load piles up`),
    ...droppedReason(buckets),
  ]
  const base = { load, throughput_per_s: throughputOf(run), p95_ms: latencyOf(run).p95 }
  if (run.generator.verdict === 'INVALID') return { ...base, outcome: 'invalid', reasons: run.generator.reasons }
  if (latencyOf(run).count === 0)
    return { ...base, outcome: 'invalid', reasons: [run.problem ?? 'nothing was answered'] }
  if (reasons.length === 0) return { ...base, outcome: 'holds', reasons }
  const stage = saturated(readingsOf(buckets, run, growing, options.cores))
  return { ...base, outcome: 'breaks', reasons, ...(stage && { saturated: stage }) }
}

/** Events a second where the script sends events, else requests. */
function throughputOf({ fates, accepted_per_s, requests }: Measured): number {
  return Object.values(fates).some((count) => count > 0) ? accepted_per_s : requests.per_s
}

/** From the planned moment, where the script measures it. */
function latencyOf(run: Measured): RunResult['response_time'] {
  return run.response_time.count > 0 ? run.response_time : run.http_req_duration
}

interface Growing {
  what: string
  growth: Growth
}

/** Everything that can pile up, in units of what comes in. */
function growths(buckets: readonly TimelineBucket[], run: Measured): Growing[] {
  const per_s = throughputOf(run)
  const name = run.response_time.count > 0 ? 'response_time' : 'http_req_duration'
  return [
    {
      // Each second brings a second of work: by how much of one answers come later, so much of the work was left.
      what: 'response time',
      growth: growthOf({ values: series(buckets, name, (point) => medianOf(point) / 1000), inflow_per_s: 1 }),
    },
    {
      what: 'the number of requests in the servers',
      growth: growthOf({ values: gauge(buckets, 'http_in_flight'), inflow_per_s: per_s }),
    },
    {
      // Between two of its runs it says the same each second, which is no slope.
      what: 'the collector’s lag',
      growth: growthOf({ values: gauge(buckets, 'stage_lag_events{stage:collector}'), inflow_per_s: per_s }),
    },
  ]
}

const DROPPED_SHARE = 0.01

/** Arrivals that found nobody free are the part of the backlog that was thrown away. */
function droppedReason(buckets: readonly TimelineBucket[]): string[] {
  const total = (name: string): number =>
    sum(series(buckets, name, (point) => (point.type === 'counter' ? point.total : 0)).map((value) => value ?? 0))
  const [dropped, done] = [total('dropped_iterations'), total('iterations')]
  const share = dropped / (dropped + done)
  return share > DROPPED_SHARE ? [`${(100 * share).toFixed(1)} % of the arrivals were dropped`] : []
}

function readingsOf(
  buckets: readonly TimelineBucket[],
  run: Measured,
  growing: readonly Growing[],
  cores: number,
): SystemReadings {
  const byService = (metric: string): Record<string, number> =>
    Object.fromEntries(
      SERVICES.flatMap((service) => {
        const value = mean(gauge(buckets, `${metric}{service:${service}}`))
        return value === undefined ? [] : [[service, value]]
      }),
    )
  const append = mean(gauge(buckets, 'log_append_ms'))
  return {
    cpu: byService('system_cpu'),
    loop_delay_ms: byService('event_loop_delay_ms'),
    ...(append !== undefined && { log_append_ms: append }),
    collector: growing.find(({ what }) => what === 'the collector’s lag')!.growth,
    service_mean_ms: run.http_req_duration.avg,
    service_p95_ms: run.http_req_duration.p95,
    generator_cores: run.generator.cpu_share,
    cores,
  }
}

/** One value a second: the value of a bucket stands for all its seconds. */
function series(
  buckets: readonly TimelineBucket[],
  name: string,
  read: (point: SeriesPoint) => number,
): (number | undefined)[] {
  return buckets.map((bucket) => {
    const point = bucket.series[name]
    return point && read(point)
  })
}

function gauge(buckets: readonly TimelineBucket[], name: string): (number | undefined)[] {
  return series(buckets, name, (point) => (point.type === 'gauge' ? point.value : 0))
}

function medianOf(point: SeriesPoint): number {
  return point.type === 'trend' ? point.p50 : 0
}

function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : sum(known) / known.length
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
