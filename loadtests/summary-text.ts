/** The end of a run as text, in the order and layout that k6 users know. */
import type { SummaryData, SummaryGroup, SummaryMetric } from './summary.ts'
import type { ThresholdResult } from './thresholds.ts'

type Named = readonly [name: string, metric: SummaryMetric]

export function summaryText(data: SummaryData, thresholds: readonly ThresholdResult[]): string {
  const entries = Object.entries(data.metrics)
  const blocks = [thresholdBlock(thresholds, data), `  █ TOTAL RESULTS\n\n${checksBlock(data)}`]
  for (const [title, belongs] of SECTIONS) {
    const own = entries.filter(([name]) => belongs(baseOf(name)))
    if (own.length > 0) blocks.push(`    ${title}\n${metricLines(own)}\n`)
  }
  return `\n${blocks.filter((block) => block !== '').join('\n')}`
}

const EXECUTION = new Set(['dropped_iterations', 'iteration_duration', 'iterations', 'vus', 'vus_max'])
const NETWORK = new Set(['data_received', 'data_sent'])
const HIDDEN = new Set(['checks', 'group_duration'])
/** Parts of http_req_duration and its like: in the data, not in the compact text. */
const DETAILS = /^http_req_(blocked|connecting|receiving|sending|tls_handshaking|waiting)$/

const SECTIONS: readonly (readonly [title: string, belongs: (name: string) => boolean])[] = [
  ['CUSTOM', (name) => !name.startsWith('http_req') && ![EXECUTION, NETWORK, HIDDEN].some((set) => set.has(name))],
  ['HTTP', (name) => name.startsWith('http_req') && !DETAILS.test(name)],
  ['EXECUTION', (name) => EXECUTION.has(name)],
  ['NETWORK', (name) => NETWORK.has(name)],
]

function thresholdBlock(results: readonly ThresholdResult[], data: SummaryData): string {
  if (results.length === 0) return ''
  const byMetric = new Map<string, ThresholdResult[]>()
  for (const result of results) byMetric.set(result.metric, [...(byMetric.get(result.metric) ?? []), result])
  const parts = [...byMetric].map(([metric, list]) => {
    const { contains, type } = data.metrics[metric]!
    const lines = list.map(({ threshold, value, ok }) => {
      const stat = /^\s*([a-z]+(?:\([^)]*\))?)/.exec(threshold)![1]!
      return `    ${ok ? '✓' : '✗'} '${threshold}' ${stat}=${valueText(value, type === 'rate' ? 'percent' : contains)}`
    })
    return `    ${metric}\n${lines.join('\n')}\n`
  })
  return `  █ THRESHOLDS\n\n${parts.join('\n')}\n`
}

function checksBlock(data: SummaryData): string {
  const checks = data.metrics['checks']
  if (!checks) return ''
  const { passes = 0, fails = 0 } = checks.values
  const total = passes + fails
  const seconds = data.state.testRunDurationMs / 1000
  const share = (count: number): string => `${percent(total ? count / total : 0)} ${count} out of ${total}`
  const lines = aligned([
    ['checks_total', `${total} ${rateText(total / seconds)}`],
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

function metricLines(metrics: readonly Named[]): string {
  return aligned(
    metrics.map(([name, metric]) => {
      const tags = name.slice(baseOf(name).length)
      return [tags ? `  { ${tags.slice(1, -1)} }` : name, metricText(metric)] as const
    }),
  )
}

function metricText({ type, contains, values }: SummaryMetric): string {
  switch (type) {
    case 'counter':
      return `${valueText(values['count']!, contains)} ${rateText(values['rate']!, contains)}`
    case 'gauge':
      return `${valueText(values['value']!, contains)} min=${valueText(values['min']!, contains)} max=${valueText(values['max']!, contains)}`
    case 'rate':
      return `${percent(values['rate']!)} ${values['passes']} out of ${values['passes']! + values['fails']!}`
    default:
      return Object.entries(values)
        .map(([stat, value]) => `${stat}=${valueText(value, stat === 'count' ? 'default' : contains)}`)
        .join(' ')
  }
}

/** Names followed by dots to one width, then what stands for them. */
function aligned(rows: readonly (readonly [name: string, text: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length)) + 3
  return rows.map(([name, text]) => `    ${name.padEnd(width, '.')}: ${text}`).join('\n')
}

function valueText(value: number, contains: string): string {
  if (contains === 'time') return timeText(value)
  if (contains === 'data') return bytesText(value)
  if (contains === 'percent') return percent(value)
  return String(Number(value.toFixed(6)))
}

function rateText(perSecond: number, contains = 'default'): string {
  const value = Number.isFinite(perSecond) ? perSecond : 0
  return contains === 'data' ? `${bytesText(value)}/s` : `${Number(value.toFixed(6))}/s`
}

function timeText(ms: number): string {
  if (ms === 0) return '0s'
  if (ms < 1) return `${Number((ms * 1000).toFixed(2))}µs`
  if (ms < 1000) return `${Number(ms.toFixed(2))}ms`
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(2))}s`
  return `${Math.floor(ms / 60_000)}m${Math.round((ms % 60_000) / 1000)}s`
}

function bytesText(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`
  if (bytes < 1e6) return `${Number((bytes / 1e3).toPrecision(2))} kB`
  return bytes < 1e9 ? `${Number((bytes / 1e6).toPrecision(2))} MB` : `${Number((bytes / 1e9).toPrecision(2))} GB`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`
}

function baseOf(name: string): string {
  return /^[^{]*/.exec(name)![0]
}
