/** The end of a run as data: what `handleSummary` gets, and the flat form of `--summary-export`. Shapes are k6's. */
import { createHash } from 'node:crypto'
import type { Options } from 'k6/options'
import type { CheckTally } from '../engine/vu.ts'
import type { Verdict } from '../generator/generator-health.ts'
import type { Metric, Metrics } from '../metrics/metric.ts'
import type { Sink } from '../metrics/sink.ts'
import type { TimeUnit } from '../options/options.ts'
import type { ThresholdResult } from '../thresholds/thresholds.ts'

export interface SummaryMetric {
  type: string
  contains: string
  values: Record<string, number>
  thresholds?: Record<string, { ok: boolean }>
}

export interface SummaryGroup {
  name: string
  path: string
  id: string
  groups: SummaryGroup[]
  checks: { name: string; path: string; id: string; passes: number; fails: number }[]
}

export interface SummaryData {
  root_group: SummaryGroup
  options: Partial<Options> & { summaryTrendStats: string[]; summaryTimeUnit: TimeUnit | '' }
  state: { isStdOutTTY: boolean; isStdErrTTY: boolean; testRunDurationMs: number }
  metrics: Record<string, SummaryMetric>
  setup_data: unknown
  /** Whether the generator was fit to measure: of one that was not, no figure above must be believed. k6 has no such field. */
  generator?: Verdict
}

export interface SummaryInput {
  metrics: Metrics
  checks: Iterable<CheckTally>
  thresholds: readonly ThresholdResult[]
  trendStats: string[]
  /** Of times in the text; without it, each is in the unit that suits it. */
  timeUnit?: TimeUnit
  duration_ms: number
  isTerminal: boolean
  setupData: unknown
  generator?: Verdict
}

export function summaryData(input: SummaryInput): SummaryData {
  const seconds = input.duration_ms / 1000
  const metrics: Record<string, SummaryMetric> = {}
  const add = (name: string, metric: Metric, sink: Sink): void => {
    const thresholds = input.thresholds.filter((result) => result.metric === name)
    metrics[name] = {
      type: metric.type,
      contains: metric.contains,
      values: valuesOf(sink, input.trendStats, seconds),
      ...(thresholds.length > 0 && {
        thresholds: Object.fromEntries(thresholds.map(({ threshold, ok }) => [threshold, { ok }])),
      }),
    }
  }
  for (const metric of [...input.metrics.all.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const named = input.thresholds.some((result) => result.metric === metric.name)
    if (metric.used || named) add(metric.name, metric, metric.sink)
    for (const sub of metric.subMetrics) {
      if (metric.used || input.thresholds.some((result) => result.metric === sub.name)) add(sub.name, metric, sub.sink)
    }
  }
  return {
    root_group: groupTree(input.checks),
    options: { summaryTrendStats: input.trendStats, summaryTimeUnit: input.timeUnit ?? '' },
    state: { isStdOutTTY: input.isTerminal, isStdErrTTY: input.isTerminal, testRunDurationMs: input.duration_ms },
    metrics,
    setup_data: input.setupData,
    ...(input.generator && { generator: { verdict: input.generator.verdict, reasons: input.generator.reasons } }),
  }
}

/** As `--summary-export` writes it: values flat, a Rate's rate named `value`, and `true` for a threshold that FAILED. */
export function summaryExport(data: SummaryData): Record<string, unknown> {
  const metrics = Object.entries(data.metrics).map(([name, { type, values, thresholds }]) => {
    const { rate, ...rest } = values
    const flat = type === 'rate' ? { value: rate, ...rest } : values
    const missed = Object.entries(thresholds ?? {}).map(([source, { ok }]) => [source, !ok])
    return [name, { ...flat, ...(thresholds && { thresholds: Object.fromEntries(missed) }) }]
  })
  const { root_group, generator } = data
  return { root_group: flatGroup(root_group), metrics: Object.fromEntries(metrics), ...(generator && { generator }) }
}

function valuesOf(sink: Sink, trendStats: readonly string[], seconds: number): Record<string, number> {
  switch (sink.type) {
    case 'counter':
      return { count: sink.total, rate: seconds > 0 ? sink.total / seconds : 0 }
    case 'gauge':
      return { value: sink.value, min: finite(sink.min), max: finite(sink.max) }
    case 'rate':
      return { rate: sink.rate, passes: sink.trues, fails: sink.total - sink.trues }
    case 'trend':
      return Object.fromEntries(
        trendStats.map((stat) => {
          if (stat === 'avg') return [stat, sink.avg]
          if (stat === 'count') return [stat, sink.count]
          if (stat === 'min') return [stat, finite(sink.min)]
          if (stat === 'max') return [stat, finite(sink.max)]
          return [stat, sink.percentile(stat === 'med' ? 50 : Number(stat.slice(2, -1)))]
        }),
      )
  }
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0
}

function groupTree(checks: Iterable<CheckTally>): SummaryGroup {
  const root = newGroup('', '')
  for (const { name, group, passes, fails } of checks) {
    let at = root
    for (const part of group.split('::').slice(1)) {
      let next = at.groups.find((child) => child.name === part)
      if (!next) {
        next = newGroup(part, `${at.path}::${part}`)
        at.groups.push(next)
      }
      at = next
    }
    const path = `${at.path}::${name}`
    at.checks.push({ name, path, id: md5(path), passes, fails })
  }
  return root
}

function newGroup(name: string, path: string): SummaryGroup {
  return { name, path, id: md5(path), groups: [], checks: [] }
}

function flatGroup(group: SummaryGroup): unknown {
  return {
    ...group,
    groups: Object.fromEntries(group.groups.map((child) => [child.name, flatGroup(child)])),
    checks: Object.fromEntries(group.checks.map((check) => [check.name, check])),
  }
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
