/**
 * The house's way to make a Grafana dashboard: what a panel must have is asked for by its type, and what Grafana's SDK
 * leaves out is filled in.
 *
 * SDK 0.0.21 hides legends, gives targets no `refId` and panels no `id`, and leaves a variable's `current` and the
 * annotations empty; each of these reaches Grafana as a panel that draws nothing or as a file that changes at each save.
 *
 * We write the classic form (`schemaVersion` 42): Grafana 13 refuses files in the newer one from a provisioning folder.
 */
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'

export interface PanelSpec {
  /** `stat`: the value now, asked for once. `timeseries`: its course over the time shown. */
  kind: 'stat' | 'timeseries'
  title: string
  /** What the panel answers and what to do when it is red; shown at the panel's corner. */
  description: string
  /** Grafana's unit id: `s`, `bytes`, `reqps`, `short`, `percentunit`, … */
  unit: string
  /** Columns of 24. */
  width: number
  /** What stands there when there is no series, so that "none" and "zero" cannot be taken for each other. */
  noValue: string
  /** From this value on the panel is red. */
  redFrom?: number
  targets: readonly [TargetSpec, ...TargetSpec[]]
}

export interface TargetSpec {
  /** Legend; `{{label}}` stands for a label's value. */
  legend: string
  expr: string
}

export interface RowSpec {
  /** The question that the row answers. */
  title: string
  panels: readonly { id: number; panel: PanelSpec }[]
}

export interface DashboardSpec {
  uid: string
  title: string
  description: string
  rows: readonly RowSpec[]
}

// Grafana replaces the variable; it is no template of ours.
const DATASOURCE = { type: 'prometheus', uid: '$datasource' }
const PANEL_HEIGHT = 8
/** Row ids stay clear of panel ids, which alerts link to. */
const FIRST_ROW_ID = 101

export function dashboard({ uid, title, description, rows }: DashboardSpec): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['musicbox'])
    .readonly()
    .timezone('utc')
    .weekStart('monday')
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('10s')
    .withVariable(
      new DatasourceVariableBuilder('datasource')
        .label('Data source')
        .type('prometheus')
        .current({ selected: true, text: 'MusicBox', value: 'musicbox' }),
    )
    .withVariable(
      new QueryVariableBuilder('service')
        .label('Service')
        .datasource(DATASOURCE)
        .query({ query: 'label_values(up{service!=""}, service)', refId: 'service' })
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .multi(true)
        .includeAll(true)
        .allValue('.+')
        .current({ selected: true, text: ['All'], value: ['$__all'] }),
    )
  let y = 0
  for (const [index, row] of rows.entries()) {
    builder.withRow(new RowBuilder(row.title).id(FIRST_ROW_ID + index).gridPos({ x: 0, y, w: 24, h: 1 }))
    y++
    let x = 0
    for (const { id, panel } of row.panels) {
      builder.withPanel(panelBuilder(panel).id(id).gridPos({ x, y, w: panel.width, h: PANEL_HEIGHT }))
      x += panel.width
    }
    y += PANEL_HEIGHT
  }
  return { ...builder.build(), annotations: { list: [] }, links: [], version: 1 }
}

function panelBuilder(spec: PanelSpec): StatBuilder | TimeseriesBuilder {
  const builder = spec.kind === 'stat' ? statBuilder() : timeseriesBuilder(spec)
  builder
    .title(spec.title)
    .description(spec.description)
    .datasource(DATASOURCE)
    .unit(spec.unit)
    .min(0)
    .noValue(spec.noValue)
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(thresholdSteps(spec.redFrom)))
  for (const [index, { legend, expr }] of spec.targets.entries()) {
    const query = new DataqueryBuilder()
      .refId(String.fromCharCode('A'.charCodeAt(0) + index))
      .datasource(DATASOURCE)
      .expr(expr)
      .legendFormat(legend)
    builder.withTarget(spec.kind === 'stat' ? query.instant() : query.range())
  }
  return builder
}

function statBuilder(): StatBuilder {
  return new StatBuilder()
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().values(false).calcs(['lastNotNull']).fields(''))
}

function timeseriesBuilder({ redFrom }: PanelSpec): TimeseriesBuilder {
  const builder = new TimeseriesBuilder()
    .lineWidth(1)
    .fillOpacity(8)
    .showPoints(VisibilityMode.Auto)
    .spanNulls(false)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
  if (redFrom === undefined) return builder
  return builder.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
}

/** Grafana wants the first step without a value: it reaches down without end. */
function thresholdSteps(redFrom: number | undefined): Threshold[] {
  const steps: Threshold[] = [{ value: null, color: 'green' }]
  if (redFrom !== undefined) steps.push({ value: redFrom, color: 'red' })
  return steps
}
