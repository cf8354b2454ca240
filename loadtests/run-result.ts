/** What a run has shown, as plain data. */
import type { Options } from 'k6/options'
import type { CheckTally } from './engine/vu.ts'
import type { Recovery } from './faults/recovery.ts'
import type { GeneratorHealth, Verdict } from './generator/generator-health.ts'
import type { FateCounts } from './ledger/event-ledger.ts'
import type { Metrics } from './metrics/metric.ts'
import type { Mark, TimelineBucket } from './metrics/timeline.ts'
import type { ThresholdResult } from './thresholds/thresholds.ts'
import type { Versions } from './versions.ts'

/** Milliseconds. */
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
  /** SHA-256 of the script and all files it imports. */
  script_hash: string
  /** Start of the scenarios, Unix ms. */
  started_ms: number
  /** As exported and overridden. */
  options: Options
  versions: Versions
  /** Virtual users. */
  listeners: number
  /** From the first iteration's start to the last one's end. */
  seconds: number
  iterations: { completed: number; interrupted: number; failed: number; dropped: number }
  /** Iterations that fell due while the run was paused. */
  held: number
  /** Each event once, by the best of its fates. */
  fates: FateCounts
  /** Events accepted in a second. */
  accepted_per_s: number
  traffic: {
    /** Distinct events that were sent, whatever became of them. */
    events: number
    /** Order-free: the same seed and run give the same, 32 hex digits. */
    digest: string
    /** Samples of `event_fate` that name no event: a fault of the script. */
    malformed: number
    /** More events stayed open than are remembered: one that was sent again much later counts twice. */
    approximate?: true
  }
  requests: { count: number; per_s: number; failed: number }
  /** Service time: from sending to the whole answer. */
  http_req_duration: Latency
  /** From the moment an action was meant for to its answer; all 0 unless the script records `response_time`. */
  response_time: Latency
  checks: { passes: number; fails: number }
  /** Each check of the script, in the order in which they first came. */
  checks_by_name: CheckTally[]
  thresholds: ThresholdResult[]
  generator: Verdict & GeneratorHealth
  /** How long it took to make the virtual users, ms. */
  init_ms: number
  /** The run over time. */
  timeline: TimelineBucket[]
  /** What happened to the run. */
  marks: Mark[]
  /** Of every trend, all samples from 0 up: HdrHistogram's compressed form, base64; values are 1,000 times the metric's. */
  histograms: Record<string, string>
  /** What faults have cost, in the order of the faults. */
  recoveries?: (Partial<Recovery> & { fault: string; at_s: number })[]
  /** Path of the ledger. */
  ledger?: string
  /** Path of the run capsule. */
  capsule?: string
  /** Path of the HTML report. */
  report?: string
}

export function requestsOf(metrics: Metrics, seconds: number): RunResult['requests'] {
  const failed = metrics.builtIn('http_req_failed').sink
  const requests = metrics.builtIn('http_reqs').sink
  const count = requests.type === 'counter' ? requests.total : 0
  return { count, per_s: seconds > 0 ? count / seconds : 0, failed: failed.type === 'rate' ? failed.trues : 0 }
}

/** All 0 for a metric that is not there, has no samples or is no Trend. */
export function latencyOf(metrics: Metrics, name: string): Latency {
  const sink = metrics.all.get(name)?.sink
  if (sink?.type !== 'trend' || sink.count === 0) return { count: 0, avg: 0, p50: 0, p90: 0, p95: 0, p99: 0, max: 0 }
  return {
    count: sink.count,
    avg: sink.avg,
    p50: sink.percentile(50),
    p90: sink.percentile(90),
    p95: sink.percentile(95),
    p99: sink.percentile(99),
    max: sink.max,
  }
}

/** Of every trend that has samples: see {@link RunResult.histograms}. */
export function histogramsOf(metrics: Metrics): Record<string, string> {
  return Object.fromEntries(
    metrics.series().flatMap(({ name, sink }) => (sink.type === 'trend' ? [[name, sink.encoded()] as const] : [])),
  )
}
