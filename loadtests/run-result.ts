/** What a run has shown, as plain data. */
import type { FateCounts } from './event-ledger.ts'
import type { GeneratorHealth, Verdict } from './generator-health.ts'
import type { Metrics, Sink } from './metric.ts'
import type { ThresholdResult } from './thresholds.ts'

export interface Latency {
  count: number
  avg: number
  p50: number
  p90: number
  p95: number
  p99: number
  max: number
}

export interface RunResult {
  /** 0, or as k6 numbers it: 99 threshold missed, 105 interrupted, 108 aborted and 110 failed by the script. */
  exitCode: number
  /** Why the exit code is not 0. */
  problem?: string
  script: string
  /** Virtual users. */
  listeners: number
  /** From the first iteration's start to the last one's end. */
  seconds: number
  iterations: { completed: number; interrupted: number; failed: number; dropped: number }
  events: FateCounts & {
    /** Distinct events that were sent, whatever became of them. */
    sent: number
    accepted_per_s: number
    /** Order-free digest of the events sent: the same seed and run give the same. */
    traffic: string
    /** Samples of `event_fate` that name no event: a fault of the script. */
    malformed: number
  }
  http: { requests: number; requests_per_s: number; failed: number; duration_ms: Latency }
  /** From the moment an action was meant for to its answer; absent unless the script records `response_time`. */
  response_ms?: Latency
  checks: { passes: number; fails: number }
  thresholds: ThresholdResult[]
  generator: Verdict & GeneratorHealth
  /** How long it took to make the virtual users, ms. */
  init_ms: number
  /** Path of the ledger. */
  ledger?: string
}

export function httpResult(metrics: Metrics, seconds: number): RunResult['http'] {
  const failed = metrics.builtIn('http_req_failed').sink
  const requests = metrics.builtIn('http_reqs').sink
  const count = requests.type === 'counter' ? requests.total : 0
  return {
    requests: count,
    requests_per_s: seconds > 0 ? count / seconds : 0,
    failed: failed.type === 'rate' ? failed.trues : 0,
    duration_ms: latencyOf(metrics.builtIn('http_req_duration').sink)!,
  }
}

/** Nothing for what is no Trend. */
export function latencyOf(sink: Sink | undefined): Latency | undefined {
  if (sink?.type !== 'trend') return undefined
  return {
    count: sink.count,
    avg: sink.avg,
    p50: sink.percentile(50),
    p90: sink.percentile(90),
    p95: sink.percentile(95),
    p99: sink.percentile(99),
    max: sink.count > 0 ? sink.max : 0,
  }
}
