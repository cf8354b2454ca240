/** The figures of a run that people quote, each exact in its `value` and short in its text. */
import type { Capsule } from '../capsule/capsule.ts'
import { countText, numberText, type Unit } from './number-text.ts'
import { type Markup, markup } from './page.ts'

export function headline({ result }: Capsule): Markup {
  const { requests, http_req_duration: service, response_time: response, iterations, checks } = result
  const withResponse = response.count > 0
  const failed_percent = requests.count > 0 ? (100 * requests.failed) / requests.count : 0
  const checked = checks.passes + checks.fails
  const checks_percent = checked > 0 ? (100 * checks.passes) / checked : 0
  return markup`<section><h2>In figures</h2>
<dl class="figures">
${figure('requests', 'requests', requests.per_s, '/s', `${countText(requests.count)} in all`)}
${figure('failed', 'failed requests', failed_percent, '%', countText(requests.failed))}
${figure('service-p95', 'service time, p95', service.p95, 'ms', percentiles(service))}
${withResponse ? figure('response-p95', 'response time, p95', response.p95, 'ms', percentiles(response)) : ''}
${result.fates.accepted > 0 ? figure('accepted', 'events accepted', result.accepted_per_s, '/s', `${countText(result.fates.accepted)} in all`) : ''}
${checked > 0 ? figure('checks-passed', 'checks passed', checks_percent, '%', `${countText(checks.fails)} of ${countText(checked)} failed`) : ''}
${figure('listeners', 'listeners at most', result.listeners, '', `for ${numberText(result.seconds, 's')}`)}
${figure('iterations', 'iterations', iterations.completed, '', leftOver(iterations))}
</dl></section>`
}

function figure(id: string, label: string, value: number, unit: Unit, more: string): Markup {
  return markup`<div class="card figure"><dt>${label}</dt><dd><data id="${id}" value="${value}">${numberText(value, unit)}</data> <small>${more}</small></dd></div>`
}

function percentiles({ p50, p99, max }: Capsule['result']['response_time']): string {
  return `p50 ${numberText(p50, 'ms')}, p99 ${numberText(p99, 'ms')}, max ${numberText(max, 'ms')}`
}

function leftOver({ interrupted, failed, dropped }: Capsule['result']['iterations']): string {
  const parts = [
    [interrupted, 'interrupted'],
    [failed, 'failed'],
    [dropped, 'dropped'],
  ] as const
  const told = parts.filter(([count]) => count > 0).map(([count, what]) => `${countText(count)} ${what}`)
  return told.length > 0 ? told.join(', ') : 'none interrupted or dropped'
}
