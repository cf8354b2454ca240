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
import { judge, mergeHealth } from '../generator/generator-health.ts'
import { createLedger } from '../ledger/event-ledger.ts'
import { Metrics } from '../metrics/metric.ts'
import { type OptionLayers, readOptions } from '../options/options.ts'
import { createOutFiles, openOutputs } from '../outputs/out-option.ts'
import { histogramsOf, latencyOf, type RunResult, requestsOf } from '../run-result.ts'
import { summaryData, summaryExport } from '../summary/summary.ts'
import { summaryText, verdictText } from '../summary/summary-text.ts'
import { SystemProbe } from '../system/system-probe.ts'
import { joinedThresholds, type ThresholdOption } from '../thresholds/threshold-option.ts'
import { describeMissed, readThresholds } from '../thresholds/thresholds.ts'
import { versions } from '../versions.ts'
import { bundleScript, type Script } from './bundle.ts'
import { Conductor } from './conductor.ts'
import { Ending, endOnSignal } from './ending.ts'
import { type Env, standalone } from './instances.ts'
import { copyOf, handleSummary, setUp, tearDown } from './lifecycle.ts'
import { guardRejections } from './rejections.ts'
import { runScenarios } from './run-scenarios.ts'
import type { RunSpec } from './run-spec.ts'
import { hashOf } from './script-hash.ts'
import { quietly } from './script-log.ts'
import { newRun, Segment, type SegmentEvents, type SegmentHandle, type SegmentSpec } from './segment.ts'
import type { Run } from './vu.ts'
import { WorkerSegment } from './worker-segment.ts'

export type { RunResult } from '../run-result.ts'
export type { RunControls } from './live-control.ts'
export type { RunFaults, RunProgress, RunSpec } from './run-spec.ts'

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
  const open = new Set<{ close(): Promise<void> }>([...segments, ...own.metrics.outputs])
  const release = endOnSignal(spec.signal, segments, ending)
  // Setup and teardown run here; with one segment it is here, too, and has its own guard.
  const letGo = segments.length > 1 ? guardRejections(script, own) : () => {}
  try {
    const init_ms = Math.max(...(await Promise.all(segments.map(({ ready }) => ready))).map((ready) => ready.init_ms))
    const data = await setupOf(script, own, env, ending)
    const conductor = new Conductor(totals, own, segments, thresholds)
    conductor.absorbOwn()
    const { ends, started_ms, duration_ms } = await runScenarios({
      spec,
      own,
      conductor,
      segments,
      data,
      ending,
      probe,
    })
    // From here on the load is over: what fails now fails the run, but does not undo it.
    if (!own.options.noTeardown) await ending.survive(tearDown(script, own, env, data))
    conductor.absorbOwn()

    const results = conductor.results(duration_ms / 1000)
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
      generator,
    })
    if (spec.out?.summary !== undefined) {
      await ending.survive(writeFile(spec.out.summary, `${JSON.stringify(summaryExport(summary), null, 2)}\n`))
    }
    const said = await ending.survive(handleSummary(script, own, env, summary))
    spec.stdout?.write(
      said ? verdictText(generator) + said.stdout : summaryText(summary, results, { verdict: generator }),
    )
    if (said?.stderr) spec.log?.('info', said.stderr)
    for (const part of open) {
      open.delete(part)
      await ending.survive(part.close())
    }
    if (results.some(({ ok }) => !ok)) ending.note(FAILURES['threshold.missed'].exit, describeMissed(results))
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
    letGo()
    // Where something has thrown, they are still open.
    await Promise.allSettled([...open].map((part) => part.close()))
    log.close()
  }
}

/** What setup gives, as JSON. A script that ends the run there still gets its result, of a run without iterations. */
async function setupOf(script: Script, own: Run, env: Env, ending: Ending): Promise<string | undefined> {
  if (own.options.noSetup) return undefined
  try {
    return await setUp(script, own, env)
  } catch (error) {
    if (!ending.signal.aborted) throw error
    return undefined
  }
}

/** The options, the registry of totals and the thresholds on it: all that can be wrong before anything runs. */
function prepared(script: Script, own: Run, spec: RunSpec, layers: OptionLayers) {
  const { options, musicbox } = standalone(script, own, spec.env ?? {}).exports as {
    options?: Options
    musicbox?: { thresholds?: ThresholdOption }
  }
  own.options = readOptions({ ...layers, ...(options && { script: options }) })
  for (const warning of own.options.warnings) own.log('warn', warning)
  spec.onPlan?.(own.options.scenarios.map((scenario) => `${scenario.name}: ${describeScenario(scenario)}`))
  const totals = new Metrics()
  const probe = spec.system && new SystemProbe({ ...spec.system, metrics: own.metrics })
  for (const { name, type, contains } of own.metrics.all.values()) {
    if (!totals.all.has(name)) totals.custom(name, type, contains)
  }
  const wanted = joinedThresholds(own.options.thresholds, musicbox?.thresholds, spec.thresholds)
  const thresholds = readThresholds(spec.noThresholds ? {} : wanted, totals)
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
