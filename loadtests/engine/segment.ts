/**
 * A segment: one process's share of a run. It has virtual users, connections, metrics and a ledger of its own; the
 * Conductor adds up what segments report.
 *
 * Which users and iterations are a segment's own is its stripe: those whose number is its index, modulo the number of
 * segments. So any number of segments does exactly what one would do.
 */
import type { Options } from 'k6/options'
import { monotonicClock, runScenario, type UserPool } from '../executors/run-scenario.ts'
import type { Stripe } from '../executors/stripe.ts'
import { type GeneratorHealth, GeneratorMonitor } from '../generator/generator-health.ts'
import { EventLedger, type FateCounts } from '../ledger/event-ledger.ts'
import type { TrafficState } from '../ledger/traffic-digest.ts'
import { Metrics, type Output, type Series } from '../metrics/metric.ts'
import { TAG_SETS_FULL, TagSets } from '../metrics/tag-set.ts'
import { type OptionLayers, readOptions } from '../options/options.ts'
import { type OutSpec, openOutputs } from '../outputs/out-option.ts'
import { bundleScript, type Script } from './bundle.ts'
import { type Env, ScenarioUsers, standalone } from './instances.ts'
import { copyOf } from './lifecycle.ts'
import { guardRejections } from './rejections.ts'
import { type ControlState, RunControl } from './run-control.ts'
import type { CheckTally, Log, Run, RunCounts } from './vu.ts'

export interface SegmentSpec {
  /** Path of the script. */
  script: string
  env: Env
  layers: Omit<OptionLayers, 'script' | 'env'>
  stripe: Stripe
  /** Sub-metrics that thresholds name: `http_req_duration{name:search}`. */
  subMetrics: readonly string[]
  out: {
    ledger?: string
    samples: readonly OutSpec[]
  }
}

/** Told while a segment runs. */
export interface SegmentEvents {
  log: Log
  /** `exec.test.abort()`: the whole run is to end. */
  onAbort(message: string): void
  /** `exec.test.fail()`: the run goes on and counts as failed. */
  onFail(message: string): void
}

/** What came since the last report; counts are of the whole run so far. */
export interface SegmentReport {
  series: Series[]
  checks: CheckTally[]
  counts: RunCounts
  fates: FateCounts
  traffic: TrafficState
  malformed: number
  /** See EventLedger. */
  approximate: boolean
}

export interface SegmentEnd {
  /** Iterations that fell due while the run was paused. */
  held: number
  health: GeneratorHealth
}

/** A segment as the conductor sees it, in this process or another. */
export interface SegmentHandle {
  /** Made its users. */
  ready: Promise<{ init_ms: number }>
  /**
   * Runs all scenarios to their end; what has not been reported by then is there for {@link takeReport}.
   * @param data what setup gave, as JSON
   * @param start_ms the common start of all segments, Unix ms
   */
  start(data: string | undefined, start_ms: number): Promise<SegmentEnd>
  /** What came since the last call; nothing when nothing has been heard yet. */
  takeReport(): SegmentReport | undefined
  control(state: ControlState): void
  /** Lets nothing new begin and waits a little for what was asked to be answered. */
  park(): Promise<void>
  /** Cuts everything: {@link start} resolves soon. */
  stop(): void
  /** Frees sockets, files and processes. */
  close(): Promise<void>
}

/** How long requests under way may still be answered when the run is stopped from outside. */
const PARK_MS = 2000
const PARK_POLL_MS = 20

/** A segment in this process. */
export class Segment implements SegmentHandle {
  readonly ready: Promise<{ init_ms: number }>
  readonly #run: Run
  readonly #users: ScenarioUsers[]
  readonly #stripe: Stripe
  readonly #monitor: GeneratorMonitor
  readonly #ledger: EventLedger
  readonly #outputs: readonly Output[]
  readonly #control = new RunControl()
  readonly #stop = new AbortController()
  readonly #letGo: () => void

  /** @throws MusicboxError `input.invalid`, `script.failed`, `backend.unreachable` */
  static async load(spec: SegmentSpec, events: SegmentEvents): Promise<Segment> {
    return new Segment(await bundleScript(spec.script), spec, events)
  }

  /** @param conductor the run of the conductor in the same process: its outputs and SharedArrays are used, too */
  constructor(script: Script, spec: SegmentSpec, events: SegmentEvents, conductor?: Run) {
    const started = performance.now()
    this.#stripe = spec.stripe
    this.#monitor = new GeneratorMonitor(() => this.#vus().some((vu) => vu.loop.inFlight))
    this.#run = newRun(script, events, this.#monitor.timerLateness, conductor?.shared)
    const run = this.#run
    const { options } = standalone(script, run, spec.env).exports as { options?: Options }
    run.options = readOptions({ ...spec.layers, ...(options && { script: options }), env: spec.env })
    // A limit of the run, which its segments keep together.
    run.options.rps /= spec.stripe.count
    for (const expression of spec.subMetrics) run.metrics.subMetric(expression)
    this.#ledger = new EventLedger(spec.out.ledger)
    run.metrics.addOutput(this.#ledger)
    const context = { segment: spec.stripe.index, warn: (line: string) => events.log('warn', line) }
    this.#outputs = conductor ? [] : openOutputs(spec.out.samples, context)
    for (const output of conductor?.metrics.outputs ?? this.#outputs) run.metrics.addOutput(output)
    this.#users = ScenarioUsers.all(script, run, spec.env, spec.stripe)
    for (const users of this.#users) users.initialise()
    this.#letGo = guardRejections(script, run)
    this.#control.onChange(() => {
      for (const vu of this.#vus()) this.#control.paused ? vu.loop.hold() : vu.loop.release()
    })
    this.ready = Promise.resolve({ init_ms: performance.now() - started })
  }

  async start(data: string | undefined, start_ms: number): Promise<SegmentEnd> {
    const wait = start_ms - Date.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    const run = this.#run
    this.#monitor.start()
    run.started = performance.now()
    const ends = await Promise.all(
      this.#users.map((users) => {
        users.give(() => copyOf(data))
        users.active.startTime = start_ms + users.scenario.start_ms
        return runScenario(users.scenario, {
          stripe: this.#stripe,
          pool: users satisfies UserPool,
          clock: monotonicClock,
          control: this.#control,
          signal: this.#stop.signal,
          onDropped: (count) => {
            const tags = run.metrics.tagSets.root.withAll(run.options.tags).with('scenario', users.scenario.name)
            run.metrics.emit(run.metrics.builtIn('dropped_iterations'), count, tags, Date.now())
          },
          onLateness: this.#monitor.timerLateness,
          onTooFewUsers: (users_max) => {
            const { name } = users.scenario
            run.log(
              'warn',
              `scenario "${name}": none of its ${users_max} users is free, arrivals are dropped; raise maxVUs`,
            )
          },
        })
      }),
    )
    return {
      held: ends.reduce((sum, end) => sum + end.held, 0),
      health: this.#monitor.stop(),
    }
  }

  takeReport(): SegmentReport {
    const { metrics, checks, counts } = this.#run
    return {
      series: metrics.drain(),
      checks: [...checks.values()],
      counts: { ...counts },
      fates: { ...this.#ledger.counts },
      traffic: this.#ledger.traffic.state(),
      malformed: this.#ledger.malformed,
      approximate: this.#ledger.approximate,
    }
  }

  control(state: ControlState): void {
    this.#control.set(state)
  }

  async park(): Promise<void> {
    const vus = this.#vus()
    for (const vu of vus) vu.loop.park()
    for (let waited = 0; waited < PARK_MS && vus.some((vu) => vu.loop.inFlight); waited += PARK_POLL_MS) {
      await new Promise((resolve) => setTimeout(resolve, PARK_POLL_MS))
    }
  }

  stop(): void {
    this.#stop.abort()
  }

  async close(): Promise<void> {
    this.#letGo()
    this.#monitor.stop()
    for (const vu of this.#vus()) vu.interrupt()
    await Promise.all([this.#ledger, ...this.#outputs].map((output) => output.close()))
  }

  #vus() {
    return this.#users.flatMap((users) => users.made)
  }
}

/** The state that the users of one process share. */
export function newRun(
  script: Script,
  events: SegmentEvents,
  timerLateness: (ms: number) => void,
  shared: Run['shared'] = new Map(),
): Run {
  const metrics = new Metrics(new TagSets(() => events.log('warn', TAG_SETS_FULL)))
  return {
    metrics,
    options: readOptions({}),
    checks: new Map(),
    shared,
    counts: { iterationsCompleted: 0, iterationsInterrupted: 0, iterationsFailed: 0, vusActive: 0, vusInitialized: 0 },
    log: events.log,
    started: 0,
    timerLateness,
    describe: script.describe,
    abort: events.onAbort,
    fail: events.onFail,
  }
}
