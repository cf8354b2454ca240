/**
 * What can be wrong with a dashboard that Grafana would show without a word: the rules of Grafana's dashboard-linter that
 * bear on us, and the house's own. Works on the classic JSON, so that it also reads a file that somebody edited by hand.
 */
import type { KnownSeries } from '../known-series.ts'
import { queryParts, substituted, type Variables } from '../promql.ts'

/** The parts of a classic dashboard that the rules look at. */
export interface DashboardJson {
  uid: string
  editable?: boolean
  schemaVersion: number
  templating: { list: { name: string; type: string; refresh?: number; current?: object }[] }
  annotations: { list?: unknown[] }
  panels: PanelJson[]
}

export interface PanelJson {
  id?: number
  type: string
  title?: string
  description?: string
  gridPos: { x: number; y: number; w: number; h: number }
  datasource?: { type?: string; uid?: string }
  targets?: { refId?: string; expr: string; legendFormat?: string; datasource?: { uid?: string } }[]
  options?: { legend?: { showLegend?: boolean } }
  fieldConfig?: { defaults: { unit?: string; min?: number; noValue?: string; thresholds?: { steps: unknown[] } } }
}

export const PANELS_MAX = 12
const GRID_COLUMNS = 24
/** The newest classic form: a higher one would be the newer form, which provisioning refuses. */
const SCHEMA_VERSION_MAX = 42

/** What the variables are when a query is run or parsed outside Grafana. */
export const SAMPLE_VARIABLES: Variables = {
  datasource: 'musicbox',
  service: '.+',
  __rate_interval: '20s',
  __interval: '5s',
  __range: '1h',
}

/** Everything that is wrong, a sentence each; empty when nothing is. */
export function dashboardProblems(dashboard: DashboardJson, known: KnownSeries): string[] {
  const panels = dashboard.panels.filter(({ type }) => type !== 'row')
  return [
    ...wholeProblems(dashboard, panels.length),
    ...layoutProblems(dashboard.panels),
    ...panels.flatMap((panel) => [...panelProblems(panel, known)]),
  ]
}

/** Every query of a dashboard, with the place where it stands. */
export function dashboardQueries(dashboard: DashboardJson): { id: string; expr: string }[] {
  return dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr }) => ({ id: `${title} / ${refId}`, expr })),
  )
}

function* wholeProblems(dashboard: DashboardJson, panelCount: number): Generator<string> {
  if (!/^[a-z0-9-]{1,40}$/.test(dashboard.uid))
    yield `expected a uid of 1 to 40 characters a-z 0-9 -, got ${dashboard.uid}`
  if (dashboard.editable !== false) yield 'expected editable false: edits in Grafana are lost at the next start'
  if (!(dashboard.schemaVersion <= SCHEMA_VERSION_MAX)) {
    yield `expected schemaVersion ${SCHEMA_VERSION_MAX} or lower, got ${dashboard.schemaVersion}`
  }
  if (panelCount > PANELS_MAX) yield `expected at most ${PANELS_MAX} panels, got ${panelCount}`
  if (!Array.isArray(dashboard.annotations.list)) yield 'expected annotations.list to be a list'
  const [first, second] = dashboard.templating.list
  if (first?.type !== 'datasource' || first.name !== 'datasource') yield 'expected the first variable to be datasource'
  if (second?.name !== 'service') yield 'expected the second variable to be service'
  for (const { name, type, refresh, current } of dashboard.templating.list) {
    if (current === undefined) yield `variable ${name}: expected a current value`
    if (type === 'query' && refresh !== 2) yield `variable ${name}: expected refresh 2, on a change of the time shown`
  }
}

function* layoutProblems(panels: readonly PanelJson[]): Generator<string> {
  const ids = new Set<number>()
  const taken = new Map<string, string>()
  for (const { id, title, gridPos } of panels) {
    if (id === undefined || id < 1 || ids.has(id)) yield `${title}: expected an id of its own, got ${id}`
    else ids.add(id)
    if (gridPos.w < 1 || gridPos.h < 1 || gridPos.x < 0 || gridPos.x + gridPos.w > GRID_COLUMNS) {
      yield `${title}: expected a place within ${GRID_COLUMNS} columns`
    }
    const cells = Array.from({ length: gridPos.w * gridPos.h }, (_, cell) => {
      return `${gridPos.x + (cell % gridPos.w)},${gridPos.y + Math.floor(cell / gridPos.w)}`
    })
    const under = cells.map((cell) => taken.get(cell)).find((other) => other !== undefined)
    if (under !== undefined) yield `${title}: lies on ${under}`
    for (const cell of cells) taken.set(cell, title ?? '')
  }
}

function* panelProblems(panel: PanelJson, known: KnownSeries): Generator<string> {
  const { title, description, targets = [], datasource, options, fieldConfig } = panel
  const { unit, min, noValue, thresholds } = fieldConfig?.defaults ?? {}
  const required = { title, description, unit, noValue }
  for (const [name, value] of Object.entries(required)) {
    if (!value) yield `${title}: expected a ${name}`
  }
  if (min === undefined) yield `${title}: expected a min`
  if (!thresholds?.steps.length) yield `${title}: expected thresholds`
  if (panel.type === 'timeseries' && options?.legend?.showLegend !== true) yield `${title}: expected a visible legend`
  if (datasource?.uid !== '$datasource') yield `${title}: expected the data source to be the variable`
  if (targets.length === 0) yield `${title}: expected a query`
  const refIds = new Set<string>()
  for (const { refId, expr, legendFormat, datasource: of } of targets) {
    const place = `${title} / ${refId}`
    if (!refId || refIds.has(refId)) yield `${place}: expected a refId of its own`
    else refIds.add(refId)
    if (!legendFormat) yield `${place}: expected a legend`
    if (of?.uid !== '$datasource') yield `${place}: expected the data source to be the variable`
    for (const problem of queryProblems(expr, known)) yield `${place}: ${problem}`
    // What belongs to one process follows the choice of services; what belongs to the pipeline is always shown.
    if (/\b(nodejs|process)_|musicbox_http_/.test(expr) && !expr.includes('service=~"$service"')) {
      yield `${place}: expected service=~"$service"`
    }
  }
}

/** Ranges that follow the dashboard: one for courses, one for "in the time shown". */
const DASHBOARD_RANGES = ['$__rate_interval', '$__range']

/** @param options.anyRange for rules, whose ranges are fixed */
export function* queryProblems(
  expr: string,
  known: KnownSeries,
  options: { anyRange?: boolean } = {},
): Generator<string> {
  const { errors, metrics, ranges, instants } = queryParts(substituted(expr, SAMPLE_VARIABLES))
  for (const error of errors) yield `no PromQL near "${error.trim()}"`
  for (const name of metrics) {
    if (!known.counters.has(name) && !known.others.has(name)) yield `no series ${name || 'without a name'} is known`
  }
  for (const { metric, within } of ranges) {
    if (known.counters.has(metric) && !COUNTER_FUNCTIONS.has(within)) yield `counter ${metric} within ${within}()`
    if (!known.counters.has(metric) && COUNTER_FUNCTIONS.has(within))
      yield `${metric} is no counter, within ${within}()`
  }
  for (const name of instants) {
    if (known.counters.has(name)) yield `counter ${name} outside rate() and increase()`
  }
  if (options.anyRange) return
  for (const [range] of expr.matchAll(/(?<=\[)[^\]]*(?=\])/g)) {
    if (!DASHBOARD_RANGES.includes(range)) yield `expected a range of ${DASHBOARD_RANGES.join(' or ')}, got ${range}`
  }
}

const COUNTER_FUNCTIONS = new Set(['rate', 'increase'])
