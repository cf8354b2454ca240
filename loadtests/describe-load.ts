/** A result for people, and for programs. Of a run whose generator was not fit to measure, neither has a figure of speed. */
import { formatCount } from '../datasets/host.ts'
import type { RunResult } from './run-result.ts'

/** What is said below the summary. */
export function describeLoad({ fates, generator, ledger, traffic, script, problem }: RunResult): string {
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
    ...(problem === undefined ? [] : [`problem     ${problem}`]),
    '',
  ].join('\n')
}

/** Keys of a result that are figures of speed. */
const HEADLINES = ['accepted_per_s', 'http_req_duration', 'response_time'] as const

/** The result for `--json`: of an INVALID run the figures of speed are null, and `invalid_reason` says why. */
export function loadJson(result: RunResult): object {
  const { verdict, reasons } = result.generator
  if (verdict !== 'INVALID') return result
  return {
    ...result,
    ...Object.fromEntries(HEADLINES.map((name) => [name, null])),
    requests: { ...result.requests, per_s: null },
    // Over time and as distributions, they are the same figures.
    ...('timeline' in result && { timeline: [] }),
    ...('histograms' in result && { histograms: {} }),
    invalid_reason: reasons.join('; '),
  }
}
