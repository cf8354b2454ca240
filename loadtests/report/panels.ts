/** Which pictures a run has: lines over time, taken from its timeline. The same for the report and for the live view. */
import type { SeriesPoint, TimelineBucket } from '../metrics/timeline.ts'
import type { Unit } from './number-text.ts'

export interface Line {
  name: string
  /** A colour of the stylesheet, `--ink-<name>`. */
  ink: 'a' | 'b' | 'c' | 'd' | 'bad'
  /** One a bucket; null where nothing came. */
  values: (number | null)[]
}

export interface Panel {
  title: string
  /** What the picture shows, for whoever has not seen one like it. */
  note?: string
  unit: Unit
  lines: Line[]
}

export interface Pictures {
  /** Start of each bucket, seconds since the scenarios began. */
  at_s: number[]
  panels: Panel[]
}

/** The gap between the two latencies, said once and wherever both are shown. */
export const GAP_NOTE =
  'Service time counts from the moment a request was sent. Response time counts from the moment it was meant to be ' +
  'sent. Where they part, requests waited in line: that wait is what a listener feels and service time hides.'

const SERVICE = 'http_req_duration'
const RESPONSE = 'response_time'

export function picturesOf(timeline: readonly TimelineBucket[]): Pictures {
  const read = new Reader(timeline)
  const panels: Panel[] = [
    {
      title: 'Requests',
      unit: '/s',
      lines: [
        { name: 'sent', ink: 'a', values: read.perSecond('http_reqs') },
        { name: 'failed', ink: 'bad', values: read.trues('http_req_failed') },
      ],
    },
    {
      title: 'Service and response time, 95 of 100 within',
      note: GAP_NOTE,
      unit: 'ms',
      lines: read.has(RESPONSE)
        ? [
            { name: 'service p95', ink: 'a', values: read.percentile(SERVICE, 'p95') },
            { name: 'response p95', ink: 'b', values: read.percentile(RESPONSE, 'p95') },
          ]
        : [],
    },
    { title: 'Service time', unit: 'ms', lines: percentileLines(read, SERVICE) },
    { title: 'Response time', unit: 'ms', lines: percentileLines(read, RESPONSE) },
    { title: 'Listeners', unit: '', lines: [{ name: 'at once', ink: 'a', values: read.vus() }] },
    {
      title: 'What became of the events',
      unit: '/s',
      lines: (['accepted', 'duplicate', 'unknown', 'refused'] as const).map((fate, at) => ({
        name: fate,
        ink: (['a', 'c', 'b', 'bad'] as const)[at]!,
        values: read.perSecond(`event_fate{fate:${fate}}`),
      })),
    },
    {
      title: 'Failed checks',
      unit: '/s',
      lines: [{ name: 'failed', ink: 'bad', values: read.falses('checks') }],
    },
    {
      title: 'Iterations that found no free listener',
      unit: '/s',
      lines: [{ name: 'dropped', ink: 'bad', values: read.perSecond('dropped_iterations') }],
    },
    ...SYSTEM.map(([base, title, unit, note]) => ({ title, unit, note, lines: gaugeLines(read, base) })),
  ]
  return {
    at_s: timeline.map(({ at_s }) => at_s),
    panels: panels
      .map((panel) => ({ ...panel, lines: panel.lines.filter(({ values }) => values.some((value) => value !== null)) }))
      .filter(({ lines }) => lines.length > 0),
  }
}

const SYSTEM: readonly (readonly [base: string, title: string, unit: Unit, note: string])[] = [
  ['stage_lag_events', 'Lag by stage', '', 'Events that each stage has still to take.'],
  ['stage_age_s', 'Freshness by stage', 's', 'Age of the newest moment before which everything has passed the stage.'],
  ['system_cpu', 'Processor', 'cores', 'Cores that each part of the system used.'],
  ['system_rss_bytes', 'Memory', 'bytes', 'Resident memory of each part of the system.'],
  ['event_loop_delay_ms', 'Event-loop delay', 'ms', 'How late the loop of each part came round, p99.'],
  ['http_in_flight', 'Requests in flight', '', 'Being answered by each part.'],
  ['log_append_ms', 'Log append', 'ms', 'From append to durable, mean.'],
]

function percentileLines(read: Reader, metric: string): Line[] {
  return (['p50', 'p95', 'p99'] as const).map((percentile, at) => ({
    name: percentile,
    ink: (['a', 'b', 'c'] as const)[at]!,
    values: read.percentile(metric, percentile),
  }))
}

/** One line for each tag value of a gauge. The gauge itself jumps from one to the next, and is no line. */
function gaugeLines(read: Reader, base: string): Line[] {
  const inks = ['a', 'b', 'c', 'd'] as const
  const tagged = read.names().flatMap((name): [name: string, of: string][] => {
    const tag = name.startsWith(`${base}{`) ? name.slice(base.length + 1, -1) : ''
    return tag.includes(':') ? [[name, tag.slice(tag.indexOf(':') + 1).replace(/^"(.*)"$/, '$1')]] : []
  })
  return tagged.map(([name, of], at) => ({ name: of, ink: inks[at % inks.length]!, values: read.gauge(name) }))
}

/** Reads one series after the other out of the buckets. */
class Reader {
  readonly #timeline: readonly TimelineBucket[]
  readonly #names: ReadonlySet<string>

  constructor(timeline: readonly TimelineBucket[]) {
    this.#timeline = timeline
    this.#names = new Set(timeline.flatMap(({ series }) => Object.keys(series)))
  }

  names(): string[] {
    return [...this.#names].sort()
  }

  has(name: string): boolean {
    return this.#names.has(name)
  }

  vus(): number[] {
    return this.#timeline.map(({ vus }) => vus)
  }

  /** Of a counter that has begun, a bucket without it is a zero. */
  perSecond(name: string): (number | null)[] {
    if (!this.has(name)) return []
    return this.#read(name, (point, width_s) => (point?.type === 'counter' ? point.total / width_s : 0))
  }

  trues(name: string): (number | null)[] {
    return this.#read(name, (point, width_s) => (point?.type === 'rate' ? point.trues / width_s : null))
  }

  falses(name: string): (number | null)[] {
    const values = this.#read(name, (point, width_s) =>
      point?.type === 'rate' ? (point.total - point.trues) / width_s : null,
    )
    // A picture of nothing but zeros is no picture.
    return values.some((value) => value !== null && value > 0) ? values : []
  }

  percentile(name: string, percentile: 'p50' | 'p95' | 'p99'): (number | null)[] {
    return this.#read(name, (point) => (point?.type === 'trend' && point.count > 0 ? point[percentile] : null))
  }

  gauge(name: string): (number | null)[] {
    return this.#read(name, (point) => (point?.type === 'gauge' ? point.value : null))
  }

  #read(name: string, value: (point: SeriesPoint | undefined, width_s: number) => number | null): (number | null)[] {
    return this.#timeline.map(({ series, width_s }) => value(series[name], width_s))
  }
}
