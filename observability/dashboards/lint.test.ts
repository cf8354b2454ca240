import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { knownSeries } from '../known-series.ts'
import { exportedName, METRICS, type MetricName } from '../metrics.ts'
import { ALERTS } from '../prometheus/alerts.ts'
import { RECORDINGS } from '../prometheus/recordings.ts'
import { queryParts, substituted } from '../promql.ts'
import {
  type DashboardJson,
  dashboardProblems,
  dashboardQueries,
  type PanelJson,
  queryProblems,
  SAMPLE_VARIABLES,
} from './lint.ts'

const file = readFileSync(join(import.meta.dirname, '../grafana/dashboards/overview.json'), 'utf8')
const read = (): DashboardJson => JSON.parse(file) as DashboardJson
const known = await knownSeries()
const rules = [
  ...RECORDINGS.map(({ record, expr }) => ({ name: record, expr })),
  ...ALERTS.map(({ alert, expr }) => ({ name: alert, expr })),
]

/** A counter as it stands says nothing, except in this rule: a series that is new has no increase yet. */
const READS_A_COUNTER = ['MusicboxJobFailed']

/** Catalogue metrics that no panel and no rule uses, with the reason. */
const UNUSED: Partial<Record<MetricName, string>> = {}

describe('the overview dashboard', () => {
  it('has nothing to complain of', () => {
    assert.deepEqual(dashboardProblems(read(), known), [])
  })

  const faults: [string, (dashboard: DashboardJson) => void, RegExp][] = [
    ['a bad uid', (d) => (d.uid = 'x'.repeat(41)), /expected a uid/],
    ['an editable dashboard', (d) => delete d.editable, /editable false/],
    ['the newer form', (d) => (d.schemaVersion = 43), /schemaVersion 42/],
    [
      'a thirteenth panel',
      (d) => d.panels.push({ ...chart(d), id: 77, gridPos: { x: 0, y: 99, w: 1, h: 1 } }),
      /12 panels/,
    ],
    ['empty annotations', (d) => (d.annotations = {}), /annotations\.list/],
    ['variables in another order', (d) => d.templating.list.reverse(), /first variable/],
    ['no service variable', (d) => d.templating.list.pop(), /second variable/],
    ['a variable without a value', (d) => delete d.templating.list[1]!.current, /variable service: expected a current/],
    ['a variable that is not refreshed', (d) => (d.templating.list[1]!.refresh = 1), /refresh 2/],
    ['a panel without an id', (d) => delete chart(d).id, /expected an id of its own/],
    ['two panels of one id', (d) => (chart(d).id = d.panels[1]!.id!), /expected an id of its own/],
    ['a panel over the edge', (d) => (chart(d).gridPos.x = 23), /within 24 columns/],
    ['a panel on another', (d) => (chart(d).gridPos.x -= 1), /lies on/],
    ['no description', (d) => delete chart(d).description, /expected a description/],
    ['no unit', (d) => delete chart(d).fieldConfig!.defaults.unit, /expected a unit/],
    ['no text for no data', (d) => delete chart(d).fieldConfig!.defaults.noValue, /expected a noValue/],
    ['no least value', (d) => delete chart(d).fieldConfig!.defaults.min, /expected a min/],
    ['no thresholds', (d) => delete chart(d).fieldConfig!.defaults.thresholds, /expected thresholds/],
    ['a hidden legend', (d) => (chart(d).options!.legend!.showLegend = false), /visible legend/],
    ['a data source by name', (d) => (chart(d).datasource = { uid: 'prod' }), /the data source to be the variable/],
    ['a panel without a query', (d) => (chart(d).targets = []), /expected a query/],
    ['two queries of one refId', (d) => (chart(d).targets![1]!.refId = 'A'), /refId of its own/],
    ['a query without a legend', (d) => delete chart(d).targets![0]!.legendFormat, /expected a legend/],
    ['a query that does not parse', query((expr) => expr.replace(')', '')), /no PromQL near/],
    ['an unknown function', query((expr) => expr.replace('rate(', 'ratio(')), /no PromQL near/],
    [
      'an unknown series',
      query((expr) => expr.replace('received_total', 'receivd_total')),
      /no series musicbox_events_receivd/,
    ],
    ['a fixed range', query((expr) => expr.replace('$__rate_interval', '5m')), /got 5m/],
    ['a counter as it stands', query(() => 'sum(musicbox_events_received_total)'), /outside rate\(\)/],
    ['a counter in a gauge’s function', query((expr) => expr.replace('rate(', 'deriv(')), /within deriv\(\)/],
    ['a gauge in rate()', query(() => 'rate(musicbox_audit_events[$__rate_interval])'), /is no counter/],
    ['no choice of services', query(() => 'max(process_resident_memory_bytes)'), /service=~/],
  ]
  for (const [name, plant, expected] of faults) {
    it(`finds ${name}`, () => {
      const dashboard = read()
      plant(dashboard)
      const problems = dashboardProblems(dashboard, known)
      assert.ok(
        problems.some((problem) => expected.test(problem)),
        `expected ${expected}, got ${problems.join('; ') || 'nothing'}`,
      )
    })
  }
})

describe('rules', () => {
  it('name series that exist, and read counters as counters', async () => {
    const withRecorded = await knownSeries(RECORDINGS.map(({ record }) => record))
    const problems = rules.flatMap(({ name, expr }) =>
      [...queryProblems(expr, withRecorded, { anyRange: true })].map((problem) => ({ name, problem })),
    )
    assert.deepEqual(
      problems.filter(({ name, problem }) => !(READS_A_COUNTER.includes(name) && /outside rate/.test(problem))),
      [],
    )
    assert.deepEqual([...new Set(problems.map(({ name }) => name))], READS_A_COUNTER)
  })
})

describe('the catalogue', () => {
  it('has no metric that no panel and no rule uses', () => {
    const queries = [...dashboardQueries(read()), ...rules].map(({ expr }) => substituted(expr, SAMPLE_VARIABLES))
    const used = new Set(queries.flatMap((expr) => queryParts(expr).metrics))
    const unused = (Object.keys(METRICS) as MetricName[]).filter((name) => {
      const exported = exportedName(name)
      return ![exported, `${exported}_bucket`, `${exported}_count`, `${exported}_sum`].some((series) =>
        used.has(series),
      )
    })
    assert.deepEqual(unused.sort(), Object.keys(UNUSED).sort())
  })
})

/** The panel in which faults are planted. */
function chart(dashboard: DashboardJson): PanelJson {
  return dashboard.panels.find(({ title }) => title === 'What became of events')!
}

function query(change: (expr: string) => string): (dashboard: DashboardJson) => void {
  return (dashboard) => {
    const target = chart(dashboard).targets![0]!
    const before = target.expr
    target.expr = change(before)
    assert.notEqual(target.expr, before)
  }
}
