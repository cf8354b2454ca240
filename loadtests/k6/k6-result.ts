/** A run in k6 as a result of the same form as the embedded engine's, as far as k6 gives figures. */
import { availableParallelism } from 'node:os'
import type { Verdict } from '../generator/generator-health.ts'
import type { Metrics } from '../metrics/metric.ts'
import { histogramsOf, latencyOf, type RunResult, requestsOf } from '../run-result.ts'
import { versions } from '../versions.ts'
import type { K6Outcome } from './engine-k6.ts'

export function k6Result(outcome: K6Outcome, script: string, ledgerPath?: string): RunResult {
  const { samples, ledger, thresholds, exitCode, problem } = outcome
  const { totals, seconds } = samples
  const lateness_ms = latencyOf(totals, 'start_lateness')
  const share = outcome.cores / availableParallelism()
  const checks = [...samples.checks.values()]
  return {
    exitCode,
    ...(problem !== undefined && { problem }),
    script,
    script_hash: outcome.script_hash,
    started_ms: samples.started_ms ?? 0,
    options: outcome.options,
    versions: { ...versions(), k6: outcome.version },
    listeners: gaugeMax(totals, 'vus_max'),
    seconds,
    iterations: {
      completed: counterOf(totals, 'iterations'),
      interrupted: 0,
      failed: 0,
      dropped: counterOf(totals, 'dropped_iterations'),
    },
    held: 0,
    fates: { ...ledger.counts },
    accepted_per_s: seconds > 0 ? ledger.counts.accepted / seconds : 0,
    traffic: { events: ledger.traffic.events, digest: ledger.traffic.text(), malformed: ledger.malformed },
    requests: requestsOf(totals, seconds),
    http_req_duration: latencyOf(totals, 'http_req_duration'),
    response_time: latencyOf(totals, 'response_time'),
    checks: {
      passes: checks.reduce((sum, check) => sum + check.passes, 0),
      fails: checks.reduce((sum, check) => sum + check.fails, 0),
    },
    checks_by_name: checks,
    thresholds,
    generator: {
      ...judgeK6(lateness_ms.count > 0 ? lateness_ms.p99 : undefined, outcome.cores > 0 ? share : undefined),
      loop_delay_ms_p99: 0,
      start_lateness_ms_p99: lateness_ms.p99,
      cpu_share: share,
    },
    init_ms: 0,
    timeline: samples.timeline.buckets(),
    marks: [],
    histograms: histogramsOf(totals),
    ...(ledgerPath !== undefined && { ledger: ledgerPath }),
  }
}

/** The limits are those of the embedded engine; k6 uses all cores, so its share is of the machine. */
const LIMITS = { lateness_ms: { suspect: 25, invalid: 100 }, share: { suspect: 0.8, invalid: 0.95 } }

/**
 * Whether k6 was fit to measure, by what can be seen of it from outside.
 * @param lateness_ms 99th percentile of how late listeners woke; undefined when the script does not measure it
 * @param share       of the machine's processor time, 0 to 1; undefined when it is not known
 */
export function judgeK6(lateness_ms: number | undefined, share: number | undefined): Verdict {
  const reasons: string[] = []
  let worst = 0
  const look = (value: number | undefined, limit: { suspect: number; invalid: number }, what: string): void => {
    if (value === undefined || value <= limit.suspect) return
    const broken = value > limit.invalid
    worst = Math.max(worst, broken ? 2 : 1)
    reasons.push(`${what} was ${Number(value.toPrecision(3))}, over ${broken ? limit.invalid : limit.suspect}`)
  }
  look(lateness_ms, LIMITS.lateness_ms, 'start lateness p99 (ms)')
  look(share, LIMITS.share, 'share of the machine’s processors')
  if (lateness_ms === undefined && share === undefined) {
    return { verdict: 'SUSPECT', reasons: ['neither start lateness nor processor time of k6 is known'] }
  }
  return { verdict: (['VALID', 'SUSPECT', 'INVALID'] as const)[worst]!, reasons }
}

function counterOf(metrics: Metrics, name: string): number {
  const sink = metrics.all.get(name)?.sink
  return sink?.type === 'counter' ? sink.total : 0
}

function gaugeMax(metrics: Metrics, name: string): number {
  const sink = metrics.all.get(name)?.sink
  return sink?.type === 'gauge' && Number.isFinite(sink.max) ? sink.max : 0
}
