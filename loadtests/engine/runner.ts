/**
 * The embedded engine: runs a k6 script without a k6 binary.
 *
 * One thread serves all virtual users of a segment. That is why the script has to be in the portable dialect (what waits
 * is awaited), and why the engine watches itself: {@link RunResult.generator} says whether its numbers can be believed.
 */
import { writeFile } from 'node:fs/promises'
import type { Options } from 'k6/options'
import { FAILURES } from '../../datasets/failure.ts'
import { FATES } from '../../datasets/ledger.ts'
import { describeScenario } from '../executors/describe-scenario.ts'
import { maxUsers, plannedMs } from '../executors/scenario.ts'
import { judge, mergeHealth } from '../generator/generator-health.ts'
import { createLedger, type FateCounts } from '../ledger/event-ledger.ts'
import { Metrics } from '../metrics/metric.ts'
import type { Mark, TimelineBucket } from '../metrics/timeline.ts'
import { type OptionLayers, readOptions } from '../options/options.ts'
import { createOutFiles, type OutSpec, openOutputs } from '../outputs/out-option.ts'
import { histogramsOf, latencyOf, type RunResult, requestsOf } from '../run-result.ts'
import { summaryData, summaryExport } from '../summary/summary.ts'
import { summaryText } from '../summary/summary-text.ts'
import { SystemProbe } from '../system/system-probe.ts'
import { describeMissed, readThresholds } from '../thresholds/thresholds.ts'
import { versions } from '../versions.ts'
import { bundleScript, type Script } from './bundle.ts'
import { Conductor } from './conductor.ts'
import { standalone } from './instances.ts'
import { copyOf, handleSummary, setUp, tearDown } from './lifecycle.ts'
import { LiveControl, type RunControls } from './live-control.ts'
import { hashOf } from './script-hash.ts'
import { quietly, type ScriptLog } from './script-log.ts'
import { newRun, Segment, type SegmentEvents, type SegmentHandle, type SegmentSpec } from './segment.ts'
import type { Run } from './vu.ts'
import { WorkerSegment } from './worker-segment.ts'

export type { RunResult } from '../run-result.ts'
export type { RunControls } from './live-control.ts'

type Thresholds = NonNullable<Options['thresholds']>

export interface RunSpec {
  /** Path of the script. */
  script: string
  /** What the script finds in `__ENV`; `K6_…` names also override options. */
  env?: Readonly<Record<string, string>>
  /** Options that those of the script override. */
  config?: Options
  /** Options that override those of the script, as the flags of a command line do. */
  options?: Options
  /** Beside those of the script. */
  thresholds?: Thresholds
  /** No threshold is looked at, whoever set it. */
  noThresholds?: boolean
  /** Processes that share the work; with one, the default, it is done in this process. */
  workers?: number
  /** Flags of Node for each of several processes: `--max-old-space-size=512`. */
  workerArgs?: readonly string[]
  out?: {
    /** One line for each answer to an event; see datasets/ledger.ts. */
    ledger?: string
    /** Every sample, in the forms of k6's `--out`. */
    samples?: readonly OutSpec[]
    /** The summary, in the form of k6's `--summary-export`. */
    summary?: string
  }
  /** Where the metrics of the system under load are asked for, once a second; see system-metrics.ts. */
  system?: { urls: readonly string[]; optional?: boolean }
  /** Breaks things at their planned moments; see faults/. */
  faults?: RunFaults
  /** Gets what the script logs and what the engine warns of, a line each. */
  log?: ScriptLog
  /** Gets the summary as text, or what the script's `handleSummary` says instead. */
  stdout?: { write(text: string): unknown }
  isTerminal?: boolean
  /** Stops the run: answers under way are still waited for a little, so that the ledger knows of them. */
  signal?: AbortSignal
  /** Told once what will be run, a line for each scenario. */
  onPlan?: (lines: readonly string[]) => void
  /** Told once, when the scenarios begin. */
  onStart?: (controls: RunControls) => void
  /** Told once a second. */
  onProgress?: (progress: RunProgress) => void
  onMark?: (mark: Mark) => void
}

export interface RunFaults {
  /** @param startedAt start of the scenarios on the monotonic clock, ms */
  start(startedAt: number, onMark: (mark: Mark) => void): void
  stop(): Promise<void>
}

export interface RunProgress {
  elapsed_ms: number
  /** How long iterations may be started, ms. */
  planned_ms: number
  vus: number
  iterations: number
  fates: FateCounts
  /** The last second. */
  bucket: TimelineBucket
}

const TICK_MS = 1000
/** Segments in other processes report on the second; what they say is taken in a little later. */
const REPORT_WAIT_MS = 200
/** For all processes to hear of the common start before it comes. */
const START_LEAD_MS = 100

/**
 * Runs a script to its end and prints its summary.
 * Missed thresholds, an abort by the script and an interruption are in the result: see {@link RunResult.exitCode}.
 * @throws MusicboxError `input.invalid` for options that cannot be, `script.failed` for a script that cannot be loaded
 *   or set up, `backend.unreachable` when an output cannot be written
 */
export async function runScript(spec: RunSpec): Promise<RunResult> {
  const script = await bundleScript(spec.script)
  const env = spec.env ?? {}
  const log = quietly(spec.log ?? (() => {}))
  const ending = new Ending()
  const events: SegmentEvents = {
    log: log.write,
    onAbort: (message) =>
      ending.stop(FAILURES['script.aborted'].exit, `the script aborted the run${message && `: ${message}`}`),
    onFail: (message) =>
      ending.note(FAILURES['script.marked'].exit, `the script failed the run${message && `: ${message}`}`),
  }
  const own = newRun(script, events, () => {})
  const layers: SegmentSpec['layers'] = {
    ...(spec.config && { config: spec.config }),
    ...(spec.options && { flags: spec.options }),
  }
  const { totals, thresholds, probe } = prepared(script, own, spec, { ...layers, env })
  const segments = openSegments(script, own, spec, layers, totals, events)
  const release = onSignal(spec.signal, segments, ending)
  try {
    const init_ms = Math.max(...(await Promise.all(segments.map(({ ready }) => ready))).map((ready) => ready.init_ms))
    const data = own.options.noSetup ? undefined : await setUp(script, own, env)
    const conductor = new Conductor(totals, own, segments, thresholds)
    conductor.absorbOwn()
    const { ends, started_ms, duration_ms } = await conduct({ spec, own, conductor, segments, data, ending, probe })
    if (!own.options.noTeardown) await tearDown(script, own, env, data)
    conductor.absorbOwn()

    const results = conductor.results(duration_ms / 1000)
    if (results.some(({ ok }) => !ok)) ending.note(FAILURES['threshold.missed'].exit, describeMissed(results))
    const health = mergeHealth(ends.map((end) => end.health))
    const generator = { ...judge(health), ...health }
    const summary = summaryData({
      metrics: totals,
      checks: conductor.checks(),
      thresholds: results,
      trendStats: own.options.summaryTrendStats,
      ...(own.options.summaryTimeUnit && { timeUnit: own.options.summaryTimeUnit }),
      duration_ms,
      isTerminal: spec.isTerminal ?? false,
      setupData: copyOf(data),
    })
    if (spec.out?.summary !== undefined) {
      await writeFile(spec.out.summary, `${JSON.stringify(summaryExport(summary), null, 2)}\n`)
    }
    const said = await handleSummary(script, own, env, summary)
    spec.stdout?.write(said ? said.stdout : summaryText(summary, results, { verdict: generator }))
    if (said?.stderr) log.write('info', said.stderr)
    await Promise.all(own.metrics.outputs.map((output) => output.close()))
    return {
      exitCode: ending.exitCode,
      ...(ending.problem !== undefined && { problem: ending.problem }),
      script: spec.script,
      script_hash: await hashOf(script.files),
      started_ms,
      options: own.options.given,
      versions: versions(),
      seconds: duration_ms / 1000,
      init_ms,
      ...figuresOf(conductor, duration_ms / 1000),
      held: ends.reduce((sum, end) => sum + end.held, 0),
      thresholds: results,
      generator,
      timeline: conductor.buckets(),
      marks: conductor.marks,
      histograms: histogramsOf(totals),
      ...(spec.out?.ledger !== undefined && { ledger: spec.out.ledger }),
    }
  } finally {
    release()
    await Promise.all(segments.map((segment) => segment.close()))
    log.close()
  }
}

/** The options, the registry of totals and the thresholds on it: all that can be wrong before anything runs. */
function prepared(script: Script, own: Run, spec: RunSpec, layers: OptionLayers) {
  const { options, musicbox } = standalone(script, own, spec.env ?? {}).exports as {
    options?: Options
    musicbox?: { thresholds?: Thresholds }
  }
  own.options = readOptions({ ...layers, ...(options && { script: options }) })
  for (const warning of own.options.warnings) own.log('warn', warning)
  spec.onPlan?.(own.options.scenarios.map((scenario) => `${scenario.name}: ${describeScenario(scenario)}`))
  const totals = new Metrics()
  const probe = spec.system && new SystemProbe({ ...spec.system, metrics: own.metrics })
  for (const { name, type, contains } of own.metrics.all.values()) {
    if (!totals.all.has(name)) totals.custom(name, type, contains)
  }
  const wanted: Thresholds = {}
  for (const set of spec.noThresholds ? [] : [own.options.thresholds, musicbox?.thresholds, spec.thresholds]) {
    for (const [metric, list] of Object.entries(set ?? {})) wanted[metric] = [...(wanted[metric] ?? []), ...list]
  }
  const thresholds = readThresholds(wanted, totals)
  if (totals.all.has('event_fate')) for (const fate of FATES) totals.subMetric(`event_fate{fate:${fate}}`)
  for (const expression of subMetricsOf(totals)) own.metrics.subMetric(expression)
  const samples = spec.out?.samples ?? []
  createOutFiles(samples)
  for (const output of openOutputs(samples, { warn: (line) => own.log('warn', line) })) own.metrics.addOutput(output)
  return { totals, thresholds, probe }
}

function subMetricsOf(metrics: Metrics): string[] {
  return [...metrics.all.values()].flatMap(({ subMetrics }) => subMetrics.map(({ name }) => name))
}

function openSegments(
  script: Script,
  own: Run,
  spec: RunSpec,
  layers: SegmentSpec['layers'],
  totals: Metrics,
  events: SegmentEvents,
): SegmentHandle[] {
  const count = spec.workers ?? 1
  const { ledger, samples = [] } = spec.out ?? {}
  if (ledger !== undefined) createLedger(ledger)
  const base = {
    script: spec.script,
    env: spec.env ?? {},
    layers,
    subMetrics: subMetricsOf(totals),
    out: { samples, ...(ledger !== undefined && { ledger }) },
  }
  if (count === 1) return [new Segment(script, { ...base, stripe: { index: 0, count } }, events, own)]
  return Array.from(
    { length: count },
    (_, index) => new WorkerSegment({ ...base, stripe: { index, count } }, events, spec.workerArgs),
  )
}

interface Conducted {
  spec: RunSpec
  own: Run
  conductor: Conductor
  segments: readonly SegmentHandle[]
  /** What setup gave, as JSON. */
  data: string | undefined
  ending: Ending
  probe: SystemProbe | undefined
}

/** Runs the scenarios of all segments, and looks in once a second. */
async function conduct({ spec, own, conductor, segments, data, ending, probe }: Conducted) {
  await probe?.start()
  const apart = segments.length > 1
  const started_ms = Date.now() + (apart ? START_LEAD_MS : 0)
  const startedAt = performance.now() + (started_ms - Date.now())
  own.started = startedAt
  const elapsed = (): number => performance.now() - startedAt
  const onMark = (mark: Mark): void => {
    if (!conductor.marks.includes(mark)) conductor.marks.push(mark)
    spec.onMark?.(mark)
  }
  ending.signal.addEventListener('abort', () => {
    for (const segment of segments) segment.stop()
  })
  if (ending.signal.aborted) for (const segment of segments) segment.stop()
  const planned_ms = Math.max(...own.options.scenarios.map((scenario) => scenario.start_ms + plannedMs(scenario)))
  const tell = (bucket: TimelineBucket): void =>
    spec.onProgress?.({
      elapsed_ms: elapsed(),
      planned_ms,
      vus: bucket.vus,
      iterations: conductor.counts().iterationsCompleted,
      fates: conductor.fates(),
      bucket,
    })
  const stopTicking = everySecond(startedAt + (apart ? REPORT_WAIT_MS : 0), (second) => {
    tell(conductor.advance(second, elapsed()))
    const missed = conductor.aborting(elapsed())
    if (missed.length === 0 || ending.signal.aborted) return
    const problem = describeMissed(missed)
    onMark({ at_s: elapsed() / 1000, kind: 'abort', text: problem })
    ending.stop(FAILURES['threshold.missed'].exit, problem)
  })
  try {
    const work = segments.map((segment) => segment.start(data, started_ms))
    spec.faults?.start(startedAt, onMark)
    const scenarios = own.options.scenarios.map((scenario) => ({ name: scenario.name, users: maxUsers(scenario) }))
    spec.onStart?.(
      new LiveControl(
        segments,
        scenarios,
        () => elapsed() / 1000,
        onMark,
        () => ending.stop(FAILURES.interrupted.exit, 'the run was stopped before its end'),
      ),
    )
    const ends = await Promise.all(work)
    const duration_ms = elapsed()
    stopTicking()
    tell(
      conductor.finish(
        ends.map(({ report }) => report),
        duration_ms,
      ),
    )
    return { ends, started_ms, duration_ms }
  } finally {
    stopTicking()
    await spec.faults?.stop()
    await probe?.stop()
  }
}

/** Calls back at each full second after `startedAt`, by the clock, with the number of the second that has passed. */
function everySecond(startedAt: number, callback: (second: number) => void): () => void {
  let timer: NodeJS.Timeout | undefined
  const next = (): void => {
    const seconds = Math.max(1, Math.ceil((performance.now() - startedAt + 1) / TICK_MS))
    timer = setTimeout(
      () => {
        callback(seconds - 1)
        next()
      },
      startedAt + seconds * TICK_MS - performance.now(),
    )
  }
  next()
  return () => clearTimeout(timer)
}

/** How a run comes to its end: the first reason counts. */
class Ending {
  readonly #stop = new AbortController()
  exitCode = 0
  problem: string | undefined

  get signal(): AbortSignal {
    return this.#stop.signal
  }

  note(exitCode: number, problem: string): void {
    if (this.exitCode !== 0) return
    this.exitCode = exitCode
    this.problem = problem
  }

  stop(exitCode: number, problem: string): void {
    this.note(exitCode, problem)
    this.#stop.abort()
  }
}

/** The user's wish to stop: nothing new begins, what was asked may still be answered. The result lets go of it. */
function onSignal(signal: AbortSignal | undefined, segments: readonly SegmentHandle[], ending: Ending): () => void {
  const stop = (): void => {
    ending.note(FAILURES.interrupted.exit, 'the run was stopped before its end')
    void Promise.allSettled(segments.map((segment) => segment.park())).then(() =>
      ending.stop(FAILURES.interrupted.exit, ''),
    )
  }
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted) stop()
  return () => signal?.removeEventListener('abort', stop)
}

function figuresOf(conductor: Conductor, seconds: number) {
  const { totals } = conductor
  const { iterationsCompleted, iterationsInterrupted, iterationsFailed, vusInitialized } = conductor.counts()
  const dropped = totals.builtIn('dropped_iterations').sink
  const checks = { passes: 0, fails: 0 }
  const checks_by_name = conductor.checks()
  for (const { passes, fails } of checks_by_name) {
    checks.passes += passes
    checks.fails += fails
  }
  const fates = conductor.fates()
  return {
    listeners: vusInitialized,
    iterations: {
      completed: iterationsCompleted,
      interrupted: iterationsInterrupted,
      failed: iterationsFailed,
      dropped: dropped.type === 'counter' ? dropped.total : 0,
    },
    fates,
    accepted_per_s: seconds > 0 ? fates.accepted / seconds : 0,
    traffic: conductor.traffic(),
    requests: requestsOf(totals, seconds),
    http_req_duration: latencyOf(totals, 'http_req_duration'),
    response_time: latencyOf(totals, 'response_time'),
    checks,
    checks_by_name,
  }
}
