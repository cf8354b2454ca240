/** A result for people, and for programs. Of a run whose generator was not fit to measure, neither has a figure of speed. */
import { FAILURES } from '../../datasets/failure.ts'
import { formatCount } from '../../datasets/host.ts'
import type { RunResult } from '../run-result.ts'

/** What is said below the summary. */
export function describeLoad(result: RunResult): string {
  const { fates, generator, ledger, traffic, script, capsule, report, recoveries } = result
  const problem = problemOf(result)
  const reasons = generator.reasons.map((reason) => `\n            ${reason}`).join('')
  const remedy =
    generator.verdict === 'INVALID'
      ? '\n            No figure of speed is given: it would be the generator’s own. Use fewer listeners, or an idle machine.'
      : ''
  const counts = Object.entries(fates).map(([fate, count]) => `${formatCount(count)} ${fate}`)
  return [
    ...(traffic.events > 0 ? [`events      ${counts.join(', ')}`] : []),
    `generator   ${generator.verdict}${reasons}${remedy}`,
    ...(traffic.events > 0 ? [`ledger      ${ledger ?? 'none'}`, `traffic     ${traffic.digest}`] : []),
    `script      ${script}`,
    ...(recoveries ?? []).map((recovery) => `fault       ${describeRecovery(recovery)}`),
    ...(capsule === undefined ? [] : [`capsule     ${capsule}`]),
    ...(report === undefined ? [] : [`report      ${report}`]),
    ...(problem === undefined ? [] : [`problem     ${problem}`]),
    '',
  ].join('\n')
}

/** Why the exit code is not 0: of an INVALID run which thresholds were missed, but not by how much. */
function problemOf({ problem, generator, thresholds, exitCode }: RunResult): string | undefined {
  if (generator.verdict !== 'INVALID' || exitCode !== FAILURES['threshold.missed'].exit) return problem
  const missed = thresholds.filter(({ ok }) => !ok).map(({ metric, threshold }) => `${metric} ${threshold}`)
  return `missed, whosever fault it was: ${missed.join('; ')}`
}

function describeRecovery({ fault, at_s, before_per_s, back_after_s }: NonNullable<RunResult['recoveries']>[number]) {
  const when = `${fault} at ${at_s.toFixed(1)} s`
  if (before_per_s === undefined) return `${when}: no events to tell by how long it took to recover`
  if (back_after_s === undefined) return `${when}: events did not come back to 90 % of their rate before`
  return `${when}: events were back to 90 % of their rate before after ${back_after_s.toFixed(1)} s`
}

/** Keys of a result that are figures of speed. */
const HEADLINES = ['accepted_per_s', 'http_req_duration', 'response_time'] as const

/**
 * The result for `--json`: of an INVALID run the figures of speed are null, and `invalid_reason` says why. The run over
 * time and its distributions are in the run capsule, and too long to be printed.
 */
export function loadJson(result: RunResult): object {
  const { timeline, histograms, ...figures } = result
  const { verdict, reasons } = figures.generator
  if (verdict !== 'INVALID') return figures
  return {
    ...figures,
    ...Object.fromEntries(HEADLINES.map((name) => [name, null])),
    requests: { ...figures.requests, per_s: null },
    thresholds: figures.thresholds.map((threshold) => ({ ...threshold, value: null })),
    ...(figures.problem !== undefined && { problem: problemOf(result) }),
    ...(figures.recoveries && { recoveries: [] }),
    invalid_reason: reasons.join('; '),
  }
}
