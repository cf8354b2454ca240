import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { toYaml, type Yaml } from '../yaml.ts'
import { ALERTS, type Alert } from './alerts.ts'
import { alertAnnotations, rulesFile } from './config.ts'
import { skipWithoutPrometheus } from './installed.ts'

/** One course of series, a sample a minute in promtool's notation, and the minutes at which the alert is looked at. */
interface Course {
  series: Record<string, string>
  fires?: readonly number[]
  quiet?: readonly number[]
  /** The alert's labels beside its severity, and its summary, at the first minute of `fires`. */
  labels?: Record<string, string>
  summary?: string
}

const EVENT_API = 'service="event-api",job="musicbox",instance="127.0.0.1:9181"'
const UP = (service: string): string => `up{service="${service}"}`
const BUCKET = (le: string): string => `musicbox_http_request_duration_seconds_bucket{service="event-api",le="${le}"}`
const ANSWERED = (status: string): string =>
  `musicbox_http_request_duration_seconds_count{service="event-api",status_class="${status}"}`

/** Of each alert: it fires, keeps quiet just below its bound, and resolves. */
const COURSES: Record<string, readonly Course[]> = {
  MusicboxTargetDown: [
    {
      series: { [`up{${EVENT_API}}`]: '1 0 0 0 1 1' },
      quiet: [0, 1, 4],
      fires: [2, 3],
      labels: { service: 'event-api', job: 'musicbox', instance: '127.0.0.1:9181' },
      summary: 'event-api does not answer scrapes',
    },
    // One missed scrape between good ones.
    { series: { [`up{${EVENT_API}}`]: '1 0 1 0 1' }, quiet: [1, 2, 3, 4] },
    // Not ours.
    { series: { 'up{job="node"}': '0x9' }, quiet: [5] },
  ],
  MusicboxTargetAbsent: [
    {
      series: { [UP('event-api')]: '1x20', [UP('pipeline')]: '1x20', [UP('report-api')]: '_x7 1x12' },
      quiet: [4, 8],
      fires: [5, 6],
      labels: { service: 'report-api' },
      summary: 'report-api is not among the scrape targets',
    },
    // Down is not absent.
    { series: { [UP('event-api')]: '1x9', [UP('pipeline')]: '0x9', [UP('report-api')]: '1x9' }, quiet: [5, 9] },
  ],
  MusicboxEventsLostOrDoubled: [
    {
      series: { 'musicbox_audit_gap_events{from="log",to="raw"}': '0 0 1 1 0' },
      quiet: [1, 4],
      fires: [2, 3],
      labels: { from: 'log', to: 'raw' },
      summary: '1 events differ between log and raw',
    },
    // Doubled: the gap is negative. A gain elsewhere must not hide it.
    {
      series: {
        'musicbox_audit_gap_events{from="raw",to="warehouse"}': '-3 -3 0',
        'musicbox_audit_gap_events{from="warehouse",to="report"}': '0 0 0',
      },
      quiet: [2],
      fires: [0, 1],
      labels: { from: 'raw', to: 'warehouse' },
      summary: '3 events differ between raw and warehouse',
    },
    { series: { 'musicbox_audit_gap_events{from="log",to="raw"}': '0x9' }, quiet: [0, 9] },
  ],
  MusicboxHoursDiffer: [
    {
      series: { 'musicbox_audit_mismatched_hours{from="raw",to="warehouse"}': '0 2 0' },
      quiet: [0, 2],
      fires: [1],
      labels: { from: 'raw', to: 'warehouse' },
      summary: '2 hours differ between raw and warehouse',
    },
  ],
  MusicboxRawFilesOld: [
    // promtool's clock starts at 0: a watermark of -6900 is 6,900 s old then, and five minutes later at its bound.
    {
      series: { 'musicbox_stage_watermark_timestamp_seconds{stage="raw"}': '-6900x15 900x5' },
      quiet: [5, 10, 16],
      fires: [11, 15],
      labels: { stage: 'raw' },
      summary: 'Raw files end 2h 6m 0s ago',
    },
    { series: { 'musicbox_stage_watermark_timestamp_seconds{stage="raw"}': '-7200+60x20' }, quiet: [10, 20] },
  ],
  MusicboxReportOld: [
    {
      series: { 'musicbox_stage_watermark_timestamp_seconds{stage="report"}': '-93300x20 1200x5' },
      quiet: [5, 15, 21],
      fires: [16, 20],
      labels: { stage: 'report' },
      summary: 'Reports end 1d 2h 11m 0s ago',
    },
    { series: { 'musicbox_stage_watermark_timestamp_seconds{stage="report"}': '-93600+60x30' }, quiet: [15, 30] },
    // Each stage has its own bound.
    { series: { 'musicbox_stage_watermark_timestamp_seconds{stage="raw"}': '-95000x30' }, quiet: [30] },
  ],
  MusicboxJobFailed: [
    // The first failure of all: the series is new, so it has no increase.
    {
      series: { 'musicbox_job_duration_seconds_count{job="collector",outcome="failed"}': '_ _ 1x70' },
      quiet: [1, 63],
      fires: [2, 61],
      labels: { job: 'collector' },
      summary: 'A collector run failed within the last hour',
    },
    {
      series: { 'musicbox_job_duration_seconds_count{job="night",outcome="failed"}': '1x62 2x70' },
      quiet: [61, 124],
      fires: [63, 120],
      labels: { job: 'night' },
      summary: 'A night run failed within the last hour',
    },
    { series: { 'musicbox_job_duration_seconds_count{job="night",outcome="failed"}': '1x70' }, quiet: [60, 62] },
    { series: { 'musicbox_job_duration_seconds_count{job="collector",outcome="ok"}': '0+1x70' }, quiet: [2, 62] },
  ],
  MusicboxCollectorRejects: [
    {
      series: { musicbox_collector_rejects_total: '0x5 1x70' },
      quiet: [5, 67],
      fires: [6, 60],
      labels: {},
      summary: 'The collector met log records that are no event',
    },
    { series: { musicbox_collector_rejects_total: '7x70' }, quiet: [10, 30] },
  ],
  MusicboxCollectorLeavesEvents: [
    {
      series: { 'musicbox_collector_lag_events{partition="0"}': '5x100 0x5' },
      quiet: [89, 101],
      fires: [90, 100],
      labels: {},
      summary: 'The collector has left 5 events behind for more than an hour',
    },
    // What one run leaves the next may take.
    { series: { 'musicbox_collector_lag_events{partition="0"}': '5x80 0x2 5x60' }, quiet: [60, 83, 120] },
  ],
  MusicboxRefusalsHigh: [
    {
      series: {
        'musicbox_events_received_total{service="event-api"}': '0+1000x40',
        'musicbox_events_refused_total{service="event-api",reason="schema"}': '0+51x15 765x25',
      },
      quiet: [5, 25],
      fires: [7, 15],
      labels: { service: 'event-api' },
      summary: '5.1% of events are refused',
    },
    {
      series: {
        'musicbox_events_received_total{service="event-api"}': '0+1000x40',
        'musicbox_events_refused_total{service="event-api",reason="schema"}': '0+50x40',
      },
      quiet: [7, 20, 40],
    },
    // Nobody sends anything: a share of nothing is no share.
    {
      series: {
        'musicbox_events_received_total{service="event-api"}': '5x40',
        'musicbox_events_refused_total{service="event-api",reason="schema"}': '5x40',
      },
      quiet: [20],
    },
  ],
  MusicboxErrorsHigh: [
    {
      series: { [ANSWERED('2xx')]: '0+980x40', [ANSWERED('5xx')]: '0+20x15 300x25' },
      quiet: [5, 25],
      fires: [7, 15],
      labels: { service: 'event-api' },
      summary: 'event-api answers 2% of requests with 5xx',
    },
    { series: { [ANSWERED('2xx')]: '0+990x40', [ANSWERED('5xx')]: '0+10x40' }, quiet: [7, 20, 40] },
    { series: { [ANSWERED('2xx')]: '0+990x40', [ANSWERED('4xx')]: '0+990x40' }, quiet: [7, 40] },
  ],
  MusicboxSlow: [
    {
      series: {
        [BUCKET('0.25')]: '0+980x15 15700+1000x15',
        [BUCKET('0.5')]: '0+1000x31',
        [BUCKET('+Inf')]: '0+1000x31',
      },
      quiet: [5, 25],
      fires: [7, 15],
      labels: { service: 'event-api' },
      summary: 'event-api takes 375ms for one request in a hundred',
    },
    {
      series: { [BUCKET('0.25')]: '0+990x30', [BUCKET('0.5')]: '0+1000x30', [BUCKET('+Inf')]: '0+1000x30' },
      quiet: [7, 30],
    },
    { series: { [BUCKET('0.25')]: '9x30', [BUCKET('+Inf')]: '9x30' }, quiet: [30] },
  ],
  MusicboxLoopLag: [
    {
      series: { 'nodejs_eventloop_lag_p99_seconds{service="event-api"}': '0.2x5 0.01x5' },
      quiet: [1, 6],
      fires: [2, 5],
      labels: { service: 'event-api' },
      summary: 'The event loop of event-api runs 200ms late',
    },
    { series: { 'nodejs_eventloop_lag_p99_seconds{service="event-api"}': '0.1x9' }, quiet: [2, 9] },
  ],
  MusicboxShedding: [
    {
      series: { 'musicbox_http_shed_total{service="event-api",reason="in-flight"}': '0+10x10 100x10' },
      quiet: [5, 16],
      fires: [6, 10],
      labels: { service: 'event-api', reason: 'in-flight' },
      summary: 'event-api refuses requests to protect itself: in-flight',
    },
    // One short burst.
    { series: { 'musicbox_http_shed_total{service="event-api",reason="in-flight"}': '0 0 9x20' }, quiet: [2, 6, 20] },
  ],
  Watchdog: [{ series: {}, fires: [0, 60], labels: {}, summary: 'Alerting works' }],
}

const folder = mkdtempSync(join(tmpdir(), 'musicbox-alerts-'))
after(() => rmSync(folder, { recursive: true, force: true }))

describe('alerts', { skip: skipWithoutPrometheus(process.env) }, () => {
  it('the committed configuration and rules pass promtool', () => {
    assert.deepEqual(promtool(['check', 'config', join(import.meta.dirname, 'prometheus.yml')]).status, 0)
    assert.deepEqual(promtool(['check', 'rules', join(import.meta.dirname, 'rules/musicbox.yml')]).status, 0)
  })

  it('each fires, keeps quiet just below its bound, and resolves', () => {
    const { status, output } = runCourses(ALERTS)
    assert.equal(status, 0, output)
  })

  it('a planted fault is found: an alert that never fires', () => {
    assert.deepEqual(
      failing(ALERTS.map((alert) => ({ ...alert, expr: `(${alert.expr}) > 1e300` }))),
      ALERTS.map(({ alert }) => alert).sort(),
    )
  })

  it('a planted fault is found: an alert that fires at its bound, or at once', () => {
    assert.deepEqual(
      failing(ALERTS.map(({ for: _, ...alert }) => ({ ...alert, expr: alert.expr.replaceAll(' > ', ' >= ') }))),
      ALERTS.map(({ alert }) => alert)
        .filter((name) => name !== 'Watchdog')
        .sort(),
    )
  })
})

describe('the list of alerts', () => {
  it('has a course that fires and one that keeps quiet for each', () => {
    assert.deepEqual(Object.keys(COURSES).sort(), ALERTS.map(({ alert }) => alert).sort())
    for (const [alert, courses] of Object.entries(COURSES)) {
      assert.ok(
        courses.some(({ fires }) => fires),
        `${alert} never fires in its courses`,
      )
      if (alert !== 'Watchdog')
        assert.ok(
          courses.some(({ quiet }) => quiet),
          `${alert} is never quiet in its courses`,
        )
    }
  })

  it('tells for each what it means and what to do, and shows a panel', () => {
    for (const { alert, runbook, panel } of ALERTS) {
      assert.ok(runbook.length > 60, `${alert}: the runbook is too short to help`)
      assert.ok(panel !== undefined || alert === 'Watchdog', `${alert} names no panel`)
    }
  })
})

/** Runs every course through promtool with these alerts for rules. */
function runCourses(alerts: readonly Alert[]): { status: number | null; output: string } {
  const rules = join(folder, 'rules.yml')
  writeFileSync(rules, rulesFile([], alerts))
  const tests = Object.entries(COURSES).flatMap(([name, courses]) =>
    courses.map((course): Yaml => {
      const alert = ALERTS.find((each) => each.alert === name)!
      return {
        name,
        interval: '1m',
        input_series: Object.entries(course.series).map(([series, values]) => ({ series, values })),
        alert_rule_test: [...(course.fires ?? []), ...(course.quiet ?? [])].map((minute) => ({
          eval_time: `${minute}m`,
          alertname: name,
          exp_alerts: course.fires?.includes(minute) ? [expected(alert, course, minute)] : [],
        })),
      }
    }),
  )
  const file = join(folder, 'tests.yml')
  writeFileSync(file, toYaml({ rule_files: [rules], evaluation_interval: '1m', tests }))
  return promtool(['test', 'rules', file])
}

function expected(alert: Alert, course: Course, minute: number): Yaml {
  return {
    exp_labels: { severity: alert.severity, ...course.labels },
    exp_annotations: alertAnnotations(alert, summaryAt(course, minute)),
  }
}

/** Ages grow while an alert fires; their summaries are known for the first minute and computed for the others. */
function summaryAt({ summary = '', fires }: Course, minute: number): string {
  return summary.replace(/\d+m 0s/, (age) => `${Number.parseInt(age, 10) + minute - fires![0]!}m 0s`)
}

/** Names of the alerts that promtool finds at fault. */
function failing(alerts: readonly Alert[]): string[] {
  const { output } = runCourses(alerts)
  return [...new Set([...output.matchAll(/alertname: ?(\w+)/g)].map(([, name]) => name!))].sort()
}

function promtool(args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { encoding: 'utf8', timeout: 60_000 })
  if (error) throw error
  return { status, output: stdout + stderr }
}
