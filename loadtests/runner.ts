/**
 * The embedded engine: runs a k6 script in this process, so that a load test needs no binary.
 *
 * One thread serves all virtual users. That is why the script has to be in the portable dialect (what waits is awaited),
 * and why the engine watches itself: {@link RunResult.generator} says whether its numbers can be believed.
 */
import { writeFile } from 'node:fs/promises'
import type { Options } from 'k6/options'
import { FAILURES } from '../datasets/failure.ts'
import { bundleScript, type Script } from './bundle.ts'
import { EventLedger, type FateCounts } from './event-ledger.ts'
import { monotonicClock, runScenario, UNATTENDED } from './executors/run-scenario.ts'
import { plannedMs } from './executors/scenario.ts'
import { WHOLE } from './executors/stripe.ts'
import { GeneratorMonitor, judge } from './generator-health.ts'
import { type ScenarioVus, scenarioVus, standalone } from './instances.ts'
import { copyOf, handleSummary, setUp, tearDown } from './lifecycle.ts'
import { Metrics } from './metric.ts'
import { readOptions } from './options.ts'
import { createOutFiles, type OutSpec, openOutputs } from './outputs/out-option.ts'
import { latencyOf, type RunResult, requestsOf } from './run-result.ts'
import { quietly, type ScriptLog } from './script-log.ts'
import { summaryData, summaryExport } from './summary.ts'
import { summaryText } from './summary-text.ts'
import {
  aborting,
  describeMissed,
  evaluateThresholds,
  readThresholds,
  type Threshold,
  type ThresholdResult,
} from './thresholds.ts'
import type { Run, Vu } from './vu.ts'

export type { RunResult } from './run-result.ts'

export interface RunSpec {
  /** Path of the script. */
  script: string
  /** What the script finds in `__ENV`; `K6_…` names also override options. */
  env?: Readonly<Record<string, string>>
  /** Options that override those of the script, as the flags of a command line do. */
  options?: Options
  out?: {
    /** One line for each answer to an event; see datasets/ledger.ts. */
    ledger?: string
    /** Every sample, in the form of k6's `--out json`. */
    json?: string
    /** The summary, in the form of k6's `--summary-export`. */
    summary?: string
  }
  /** Gets what the script logs and what the engine warns of, a line each. */
  log?: ScriptLog
  /** Gets the summary as text, or what the script's `handleSummary` says instead. */
  stdout?: { write(text: string): unknown }
  isTerminal?: boolean
  /** Stops the run: answers under way are still waited for a little, so that the ledger knows of them. */
  signal?: AbortSignal
  /** Told once a second. */
  onProgress?: (progress: RunProgress) => void
}

export interface RunProgress {
  elapsed_ms: number
  /** How long iterations may be started, ms. */
  planned_ms: number
  vus: number
  iterations: number
  fates: FateCounts
}

/** How long requests under way may still be answered when the run is stopped from outside. */
const PARK_MS = 2000
const PARK_POLL_MS = 20
const TICK_MS = 1000
const THRESHOLDS_EVERY_TICKS = 2

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
  const monitor = new GeneratorMonitor()
  const run: Run = {
    metrics: new Metrics(),
    options: readOptions({}),
    checks: new Map(),
    shared: new Map(),
    counts: { iterationsCompleted: 0, iterationsInterrupted: 0, iterationsFailed: 0, vusActive: 0, vusInitialized: 0 },
    log: log.write,
    started: 0,
    timerLateness: monitor.timerLateness,
    describe: script.describe,
    abort: (message) => ending.stop(108, `the script aborted the run${message && `: ${message}`}`),
    fail: (message) => ending.note(110, `the script failed the run${message && `: ${message}`}`),
  }
  // Loaded once for its options; the metrics it makes are known from then on.
  const exported = standalone(script, run, env).exports['options'] as Options | undefined
  run.options = readOptions({
    env,
    ...(exported && { script: exported }),
    ...(spec.options && { flags: spec.options }),
  })
  const thresholds = readThresholds(run.options.thresholds, run.metrics)
  const initStarted = performance.now()
  const groups = scenarioVus(script, run, env)
  const init_ms = performance.now() - initStarted
  const ledger = new EventLedger(spec.out?.ledger)
  run.metrics.addOutput(ledger)
  const samples: OutSpec[] = spec.out?.json === undefined ? [] : [{ type: 'json', path: spec.out.json }]
  createOutFiles(samples)
  for (const output of openOutputs(samples)) run.metrics.addOutput(output)

  const release = guard(script, run, groups, ending, spec.signal)
  try {
    const data = await setUp(script, run, env)
    monitor.start()
    run.started = performance.now()
    const stopTicking = tick(spec, run, groups, thresholds, ledger, ending)
    const dropped = await iterate(groups, data, run, ending.signal).finally(stopTicking)
    const duration_ms = performance.now() - run.started
    const health = monitor.stop()
    await tearDown(script, run, env, data)
    const results = evaluateThresholds(thresholds, duration_ms / 1000)
    if (results.some(({ ok }) => !ok)) ending.note(FAILURES['threshold.missed'].exit, describeMissed(results))
    const summary = summaryData({
      metrics: run.metrics,
      checks: run.checks.values(),
      thresholds: results,
      trendStats: run.options.summaryTrendStats,
      duration_ms,
      isTerminal: spec.isTerminal ?? false,
      setupData: copyOf(data),
    })
    if (spec.out?.summary !== undefined) {
      await writeFile(spec.out.summary, `${JSON.stringify(summaryExport(summary), null, 2)}\n`)
    }
    const own = await handleSummary(script, run, env, summary)
    spec.stdout?.write(own ? own.stdout : summaryText(summary, results))
    if (own?.stderr) log.write('info', own.stderr)
    await Promise.all(run.metrics.outputs.map((output) => output.close()))
    return {
      exitCode: ending.exitCode,
      ...(ending.problem !== undefined && { problem: ending.problem }),
      script: spec.script,
      listeners: run.counts.vusInitialized,
      seconds: duration_ms / 1000,
      ...counted(run, results, dropped, ledger, duration_ms / 1000),
      generator: { ...judge(health), ...health },
      init_ms,
      ...(spec.out?.ledger !== undefined && { ledger: spec.out.ledger }),
    }
  } finally {
    monitor.stop()
    release()
    log.close()
  }
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

/** Runs all scenarios. @returns how many iterations were planned and never started */
async function iterate(
  groups: readonly ScenarioVus[],
  data: string | undefined,
  run: Run,
  signal: AbortSignal,
): Promise<number> {
  const ends = await Promise.all(
    groups.map(({ scenario, active, vus }) => {
      for (const vu of vus) vu.data = copyOf(data)
      active.startTime = Date.now() + scenario.start_ms
      const pool = { get: (number: number) => vus[number]!, ready: vus.length }
      return runScenario(scenario, { stripe: WHOLE, pool, clock: monotonicClock, control: UNATTENDED, signal })
    }),
  )
  const dropped = ends.reduce((sum, end) => sum + end.dropped, 0)
  if (dropped > 0)
    run.metrics.emit(run.metrics.builtIn('dropped_iterations'), dropped, run.metrics.tagSets.root, Date.now())
  return dropped
}

/**
 * Catches what would end the process or go unseen: promises of the script that nobody awaits, and the user's wish to
 * stop. The result lets go of both, and of every socket and timer of the virtual users.
 */
function guard(
  script: Script,
  run: Run,
  groups: readonly ScenarioVus[],
  ending: Ending,
  signal: AbortSignal | undefined,
): () => void {
  const vus = groups.flatMap((group) => group.vus)
  const onRejection = (reason: unknown): void => {
    // What the script did not throw is a fault of ours, and must not be hidden.
    if (!script.owns(reason)) throw reason
    run.counts.iterationsFailed++
    run.log('error', `unhandled rejection: ${script.describe(reason)}`)
  }
  const onSignal = (): void => {
    ending.note(FAILURES.interrupted.exit, 'the run was stopped before its end')
    void parked(vus).then(() => ending.stop(FAILURES.interrupted.exit, ''))
  }
  process.on('unhandledRejection', onRejection)
  signal?.addEventListener('abort', onSignal, { once: true })
  if (signal?.aborted) onSignal()
  return () => {
    process.off('unhandledRejection', onRejection)
    signal?.removeEventListener('abort', onSignal)
    for (const vu of vus) vu.interrupt()
  }
}

/** Lets nothing new begin, and waits until what was asked is answered, or for so long. */
async function parked(vus: readonly Vu[]): Promise<void> {
  for (const vu of vus) vu.loop.park()
  for (let waited = 0; waited < PARK_MS && vus.some((vu) => vu.loop.inFlight); waited += PARK_POLL_MS) {
    await new Promise((resolve) => setTimeout(resolve, PARK_POLL_MS))
  }
}

/** Once a second: the gauges, the thresholds that may end the run, the progress. */
function tick(
  spec: RunSpec,
  run: Run,
  groups: readonly ScenarioVus[],
  thresholds: readonly Threshold[],
  ledger: EventLedger,
  ending: Ending,
): () => void {
  const planned_ms = Math.max(...groups.map(({ scenario }) => scenario.start_ms + plannedMs(scenario)))
  const gauges = (): void => {
    run.metrics.emit(run.metrics.builtIn('vus'), run.counts.vusActive, run.metrics.tagSets.root, Date.now())
    run.metrics.emit(run.metrics.builtIn('vus_max'), run.counts.vusInitialized, run.metrics.tagSets.root, Date.now())
  }
  let ticks = 0
  const timer = setInterval(() => {
    const elapsed_ms = performance.now() - run.started
    gauges()
    const missed = ++ticks % THRESHOLDS_EVERY_TICKS === 0 ? aborting(thresholds, elapsed_ms) : []
    if (missed.length > 0) ending.stop(FAILURES['threshold.missed'].exit, describeMissed(missed))
    const { vusActive, iterationsCompleted } = run.counts
    spec.onProgress?.({
      elapsed_ms,
      planned_ms,
      vus: vusActive,
      iterations: iterationsCompleted,
      fates: { ...ledger.counts },
    })
  }, TICK_MS)
  return () => {
    clearInterval(timer)
    gauges()
  }
}

function counted(
  run: Run,
  thresholds: ThresholdResult[],
  dropped: number,
  ledger: EventLedger,
  seconds: number,
): Omit<RunResult, 'exitCode' | 'problem' | 'script' | 'listeners' | 'seconds' | 'generator' | 'init_ms' | 'ledger'> {
  const { iterationsCompleted, iterationsInterrupted, iterationsFailed } = run.counts
  let passes = 0
  let fails = 0
  for (const check of run.checks.values()) {
    passes += check.passes
    fails += check.fails
  }
  return {
    iterations: {
      completed: iterationsCompleted,
      interrupted: iterationsInterrupted,
      failed: iterationsFailed,
      dropped,
    },
    fates: { ...ledger.counts },
    accepted_per_s: ledger.counts.accepted / seconds,
    traffic: { events: ledger.traffic.events, digest: ledger.traffic.text(), malformed: ledger.malformed },
    requests: requestsOf(run.metrics, seconds),
    http_req_duration: latencyOf(run.metrics, 'http_req_duration'),
    response_time: latencyOf(run.metrics, 'response_time'),
    checks: { passes, fails },
    thresholds,
  }
}
