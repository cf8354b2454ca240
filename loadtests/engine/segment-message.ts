/** What the conductor and a segment in another process say to each other. */

import type { Series } from '../metrics/metric.ts'
import { CounterSink, GaugeSink, RateSink, type Sink } from '../metrics/sink.ts'
import { TrendSink, type TrendState } from '../metrics/trend-sink.ts'
import type { ControlState } from './run-control.ts'
import type { SegmentEnd, SegmentReport, SegmentSpec } from './segment.ts'

export type ToSegment =
  | { type: 'load'; spec: SegmentSpec }
  | { type: 'start'; data: string | undefined; start_ms: number }
  | { type: 'control'; state: ControlState }
  | { type: 'park' }
  | { type: 'stop' }
  | { type: 'close' }

export type FromSegment =
  | { type: 'ready'; init_ms: number }
  | { type: 'report'; report: PlainReport }
  | { type: 'parked' }
  | { type: 'end'; end: SegmentEnd; report: PlainReport }
  | { type: 'log'; level: 'debug' | 'info' | 'warn' | 'error'; message: string; from?: 'console' | undefined }
  | { type: 'abort'; message: string }
  | { type: 'fail'; message: string }
  | { type: 'error'; code: string | undefined; message: string; hint: string }
  | { type: 'closed' }

type PlainSeries = Omit<Series, 'sink'> & { state: SinkState }

type SinkState =
  | { type: 'counter'; total: number }
  | { type: 'gauge'; value: number; min: number; max: number }
  | { type: 'rate'; total: number; trues: number }
  | ({ type: 'trend' } & TrendState)

/** A report that structured clone can carry. */
export type PlainReport = Omit<SegmentReport, 'series'> & { series: PlainSeries[] }

export function plainReport(report: SegmentReport): PlainReport {
  return { ...report, series: report.series.map(({ sink, ...rest }) => ({ ...rest, state: stateOf(sink) })) }
}

export function reportOf(plain: PlainReport): SegmentReport {
  return { ...plain, series: plain.series.map(({ state, ...rest }) => ({ ...rest, sink: sinkOf(state) })) }
}

/** Series of several segments as one list; those that several have are added up. */
export function joinedSeries(lists: readonly (readonly Series[])[]): Series[] {
  if (lists.length === 1) return [...lists[0]!]
  const byName = new Map<string, Series>()
  for (const series of lists.flat()) {
    const known = byName.get(series.name)
    if (known) known.sink.merge(series.sink as never)
    else byName.set(series.name, series)
  }
  return [...byName.values()]
}

function stateOf(sink: Sink): SinkState {
  if (sink.type === 'trend') return { type: 'trend', ...sink.state() }
  return { ...sink }
}

function sinkOf(state: SinkState): Sink {
  switch (state.type) {
    case 'counter':
      return Object.assign(new CounterSink(), { total: state.total })
    case 'gauge':
      return Object.assign(new GaugeSink(), { value: state.value, min: state.min, max: state.max })
    case 'rate':
      return Object.assign(new RateSink(), { total: state.total, trues: state.trues })
    case 'trend':
      return TrendSink.from(state)
  }
}
