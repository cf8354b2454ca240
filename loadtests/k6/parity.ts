/**
 * Two runs of one script beside each other: the embedded engine and k6.
 *
 * Counts that follow from the plan must be equal. Latencies are of two runs at two times, so they differ by chance as
 * well; they agree when each percentile is within a factor or within a few milliseconds of the other.
 */
import type { RunResult } from '../run-result.ts'

export interface ParityLimits {
  /** How many times as great one percentile may be as the other. */
  factor: number
  /** Or how far apart they may be, ms: tiny latencies differ by more than any factor. */
  apart_ms: number
}

export const PARITY_LIMITS: ParityLimits = { factor: 2, apart_ms: 5 }

export interface ParityRow {
  figure: string
  embedded: number | string
  k6: number | string
  /** How they are compared; `shown` rows are not. */
  rule: 'equal' | 'within' | 'shown'
  agree: boolean
}

/** The figures of both, those first that must be equal. */
export function compareEngines(embedded: RunResult, k6: RunResult, limits: ParityLimits = PARITY_LIMITS): ParityRow[] {
  const equal = (figure: string, of: (result: RunResult) => number | string): ParityRow => {
    const [ours, theirs] = [of(embedded), of(k6)]
    return { figure, embedded: ours, k6: theirs, rule: 'equal', agree: ours === theirs }
  }
  const within = (figure: string, of: (result: RunResult) => number): ParityRow => {
    const [ours, theirs] = [of(embedded), of(k6)]
    return { figure, embedded: ours, k6: theirs, rule: 'within', agree: areNear(ours, theirs, limits) }
  }
  const shown = (figure: string, of: (result: RunResult) => number | string): ParityRow => {
    return { figure, embedded: of(embedded), k6: of(k6), rule: 'shown', agree: true }
  }
  return [
    equal('exit code', ({ exitCode }) => exitCode),
    equal('virtual users', ({ listeners }) => listeners),
    equal('iterations', ({ iterations }) => iterations.completed),
    equal('dropped iterations', ({ iterations }) => iterations.dropped),
    equal('events sent', ({ traffic }) => traffic.events),
    equal('traffic digest', ({ traffic }) => traffic.digest),
    equal('events stored', ({ fates }) => fates.accepted + fates.duplicate),
    equal('requests', ({ requests }) => requests.count),
    equal('requests failed', ({ requests }) => requests.failed),
    equal('checks passed', ({ checks }) => checks.passes),
    equal('checks failed', ({ checks }) => checks.fails),
    equal('thresholds missed', ({ thresholds }) => missedOf(thresholds)),
    ...(['http_req_duration', 'response_time'] as const).flatMap((name) =>
      (['p50', 'p90', 'p95', 'p99'] as const).map((p) => within(`${name} ${p} (ms)`, (result) => result[name][p])),
    ),
    shown('requests/s', ({ requests }) => requests.per_s),
    shown('start lateness p99 (ms)', ({ generator }) => generator.start_lateness_ms_p99),
    shown('generator', ({ generator }) => generator.verdict),
  ]
}

/** By name, so that two engines that miss different ones are not called equal. */
function missedOf(thresholds: RunResult['thresholds']): string {
  const missed = thresholds.filter(({ ok }) => !ok).map(({ metric, threshold }) => `${metric} ${threshold}`)
  return missed.length === 0 ? 'none' : missed.toSorted().join('; ')
}

function areNear(a: number, b: number, { factor, apart_ms }: ParityLimits): boolean {
  const [less, more] = [Math.min(a, b), Math.max(a, b)]
  return more - less <= apart_ms || more <= less * factor
}
