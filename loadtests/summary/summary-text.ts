/** The end of a run as text, in the order and layout that k6 users know. */

import type { Verdict } from '../generator/generator-health.ts'
import type { TimeUnit } from '../options/options.ts'
import { SYSTEM_METRICS } from '../system/system-metrics.ts'
import type { ThresholdResult } from '../thresholds/thresholds.ts'
import { percent, rateText, valueText } from './figure-text.ts'
import type { SummaryData, SummaryGroup, SummaryMetric } from './summary.ts'

type Named = readonly [name: string, metric: SummaryMetric]

export interface SummaryTextOptions {
  /**
   * Of the generator. One that was not fit to measure has no figures worth reading: the text of an INVALID run names
   * what was counted and has no latency and no throughput in it.
   */
  verdict?: Verdict
}

export function summaryText(
  data: SummaryData,
  thresholds: readonly ThresholdResult[],
  { verdict }: SummaryTextOptions = {},
): string {
  const invalid = verdict?.verdict === 'INVALID'
  const show: Show = { unit: data.options.summaryTimeUnit, figures: !invalid }
  const entries = Object.entries(data.metrics).filter(([, { type }]) => !invalid || COUNTED.has(type))
  const blocks = [
    verdictText(verdict),
    thresholdBlock(thresholds, data, show),
    `  █ TOTAL RESULTS\n\n${checksBlock(data, show)}`,
    invalid ? '' : latencyBlock(data, show),
  ]
  for (const [title, belongs] of SECTIONS) {
    const own = entries.filter(([name]) => belongs(baseOf(name)))
    if (own.length > 0) blocks.push(`    ${title}\n${metricLines(own, show)}\n`)
  }
  return `\n${blocks.filter((block) => block !== '').join('\n')}`
}

interface Show {
  unit: TimeUnit | ''
  /** Whether latencies and throughputs are shown. */
  figures: boolean
}

/** What a generator that was late still counts rightly. */
const COUNTED: ReadonlySet<string> = new Set(['counter', 'rate'])

const EXECUTION = new Set(['dropped_iterations', 'iteration_duration', 'iterations', 'vus', 'vus_max'])
const NETWORK = new Set(['data_received', 'data_sent'])
const HIDDEN = new Set(['checks', 'group_duration'])
const SYSTEM = new Set(Object.keys(SYSTEM_METRICS))
/** Parts of http_req_duration and its like: in the data, not in the compact text. */
const DETAILS = /^http_req_(blocked|connecting|receiving|sending|tls_handshaking|waiting)$/

const SECTIONS: readonly (readonly [title: string, belongs: (name: string) => boolean])[] = [
  [
    'CUSTOM',
    (name) => !name.startsWith('http_req') && ![EXECUTION, NETWORK, HIDDEN, SYSTEM].some((set) => set.has(name)),
  ],
  ['HTTP', (name) => name.startsWith('http_req') && !DETAILS.test(name)],
  ['EXECUTION', (name) => EXECUTION.has(name)],
  ['NETWORK', (name) => NETWORK.has(name)],
  ['SYSTEM', (name) => SYSTEM.has(name)],
]

/** What must be known of the generator before any figure is read; nothing of one that was fit. */
export function verdictText(verdict: Verdict | undefined): string {
  if (verdict === undefined || verdict.verdict === 'VALID') return ''
  const meaning =
    verdict.verdict === 'INVALID'
      ? 'It was not fit to measure, so latencies and throughputs are not shown.'
      : 'Latencies may be partly its own.'
  const reasons = verdict.reasons.map((reason) => `    ${reason}\n`).join('')
  return `  █ GENERATOR ${verdict.verdict}\n\n    ${meaning}\n${reasons}`
}

function thresholdBlock(results: readonly ThresholdResult[], data: SummaryData, show: Show): string {
  if (results.length === 0) return ''
  const byMetric = new Map<string, ThresholdResult[]>()
  for (const result of results) byMetric.set(result.metric, [...(byMetric.get(result.metric) ?? []), result])
  const parts = [...byMetric].map(([metric, list]) => {
    const lines = list.map((result) => `    ${thresholdLine(result, data.metrics[metric.trim()], show)}`)
    return `    ${metric}\n${lines.join('\n')}\n`
  })
  return `  █ THRESHOLDS\n\n${parts.join('\n')}\n`
}

function thresholdLine(result: ThresholdResult, metric: SummaryMetric | undefined, show: Show): string {
  const { threshold, ok, value, window, unjudged } = result
  const title = `${ok ? '✓' : '✗'} '${threshold}'`
  if (!show.figures) return title
  const stat = /^\s*([a-z]+(?:\([^)]*\))?)/.exec(threshold)?.[1] ?? 'value'
  const contains = metric?.type === 'rate' ? 'percent' : stat === 'count' ? 'default' : metric?.contains
  const figure = `${title} ${stat}=${valueText(value, contains ?? 'default', show.unit)}`
  if (window) {
    const worst = /\sover\s/.test(threshold) ? 'worst, ' : ''
    return `${figure} (${worst}${window.from_s}s to ${window.to_s}s)`
  }
  return unjudged ? `${title} had nothing to judge by` : figure
}

/** The two latencies beside each other, of scripts that measure both. */
function latencyBlock({ metrics }: SummaryData, show: Show): string {
  const service = metrics['http_req_duration']
  const response = metrics['response_time']
  if (service?.type !== 'trend' || response?.type !== 'trend') return ''
  const lines = aligned([
    ['service time (http_req_duration)', metricText(service, show)],
    ['response time (response_time)', metricText(response, show)],
  ])
  const why = 'response time counts from the intended moment; the gap to service time is what waiting hid'
  return `    LATENCY\n${lines}\n    ${why}\n`
}

function checksBlock(data: SummaryData, { figures }: Show): string {
  const checks = data.metrics['checks']
  if (!checks) return ''
  const { passes = 0, fails = 0 } = checks.values
  const total = passes + fails
  const seconds = data.state.testRunDurationMs / 1000
  const share = (count: number): string => `${percent(total ? count / total : 0)} ${count} out of ${total}`
  const lines = aligned([
    ['checks_total', figures ? `${total} ${rateText(total / seconds)}` : String(total)],
    ['checks_succeeded', share(passes)],
    ['checks_failed', share(fails)],
  ])
  return `${lines}\n\n${groupLines(data.root_group).join('\n')}\n`
}

function groupLines(group: SummaryGroup): string[] {
  const own = group.checks.flatMap(({ name, passes, fails }) => {
    if (fails === 0) return [`    ✓ ${name}`]
    const share = Math.floor((passes / (passes + fails)) * 100)
    return [`    ✗ ${name}`, `      ↳  ${share}% — ✓ ${passes} / ✗ ${fails}`]
  })
  return [...own, ...group.groups.flatMap(groupLines)]
}

function metricLines(metrics: readonly Named[], show: Show): string {
  return aligned(
    metrics.map(([name, metric]) => {
      const tags = name.slice(baseOf(name).length)
      return [tags ? `  { ${tags.slice(1, -1)} }` : name, metricText(metric, show)] as const
    }),
  )
}

function metricText({ type, contains, values }: SummaryMetric, { unit, figures }: Show): string {
  const text = (stat: string): string =>
    valueText(values[stat]!, stat === 'count' && type === 'trend' ? 'default' : contains, unit)
  switch (type) {
    case 'counter':
      return figures ? `${text('count')} ${rateText(values['rate']!, contains)}` : text('count')
    case 'gauge':
      return `${text('value')} min=${text('min')} max=${text('max')}`
    case 'rate':
      return `${percent(values['rate']!)} ${values['passes']} out of ${values['passes']! + values['fails']!}`
    default:
      return Object.keys(values)
        .map((stat) => `${stat}=${text(stat)}`)
        .join(' ')
  }
}

/** Names followed by dots to one width, then what stands for them. */
function aligned(rows: readonly (readonly [name: string, text: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length)) + 3
  return rows.map(([name, text]) => `    ${name.padEnd(width, '.')}: ${text}`).join('\n')
}

function baseOf(name: string): string {
  return /^[^{]*/.exec(name)![0]
}
