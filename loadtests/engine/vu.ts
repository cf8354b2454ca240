/** One virtual user: its module of the script, its connections, its event loop, its place in the run. */
import { MusicboxError } from '../../datasets/failure.ts'
import type { IterationStart, VirtualUser } from '../executors/run-scenario.ts'
import { CookieJar } from '../http/cookie-jar.ts'
import { HttpClient } from '../http/http-client.ts'
import type { HttpSample, Metric, Metrics, Tags } from '../metrics/metric.ts'
import type { TagSet } from '../metrics/tag-set.ts'
import type { RunOptions } from '../options/options.ts'
import { TagBag } from './tag-bag.ts'
import { VuLoop } from './vu-loop.ts'

/** What all users of a run share. */
export interface Run {
  metrics: Metrics
  /** Filled once the script has been loaded for its options. */
  options: RunOptions
  checks: Map<string, CheckTally>
  /** SharedArray contents by name. */
  shared: Map<string, readonly unknown[]>
  counts: RunCounts
  log: Log
  /** Start of the scenarios on the monotonic clock, ms; 0 before. */
  started: number
  timerLateness: (ms: number) => void
  /** Describes an error of the script with its places. */
  describe: (error: unknown) => string
  /** `exec.test.abort` and `exec.test.fail`. */
  abort(message: string): void
  fail(message: string): void
}

export interface CheckTally {
  name: string
  /** `::a::b`, empty at the top. */
  group: string
  passes: number
  fails: number
}

export interface RunCounts {
  iterationsCompleted: number
  iterationsInterrupted: number
  /** Iterations that threw. */
  iterationsFailed: number
  vusActive: number
  vusInitialized: number
}

/** @param from `console` when the script itself says it; else the engine does */
export type Log = (level: 'debug' | 'info' | 'warn' | 'error', message: string, from?: 'console' | undefined) => void

/** A scenario while it runs. */
export interface ActiveScenario {
  name: string
  executor: string
  tags: Tags
  /** Unix time, ms; 0 before its start. */
  startTime: number
  /** How long it may start iterations. */
  planned_ms: number
}

export class Vu implements VirtualUser {
  readonly id: number
  readonly run: Run
  readonly loop: VuLoop
  /** A new one after an interruption. */
  client: HttpClient
  readonly jar = new CookieJar()
  /** In init a module is loaded: metrics are made, files opened. Elsewhere requests, checks and samples are. */
  context: 'init' | 'vu' = 'init'
  iteration = -1
  /** Unique in the scenario, from 0. */
  iterationInTest = 0
  /** Unique in this process, from 0. */
  iterationInInstance = 0
  /** When the iteration was due, on the monotonic clock. */
  due = 0
  /** The function that one iteration runs. */
  body: ((data: unknown) => unknown) | undefined
  /** The user's own copy of what setup gave. */
  data: unknown
  /** Set by http.setResponseCallback; see the exchange. */
  responseCallback: { expects(status: number): boolean } | null | undefined
  #interrupted = false
  #group = ''
  #scenario: ActiveScenario | undefined
  #stage: number | undefined
  /** Set by the script through `exec.vu`; they last until changed. */
  readonly #tagBag = new TagBag(() => {
    this.#tagSet = undefined
  })
  readonly #metadataBag = new TagBag(() => {})
  #tagSet: TagSet | undefined
  #endRest: (() => void) | undefined
  readonly #clientOptions: ConstructorParameters<typeof HttpClient>[0]

  constructor(id: number, run: Run, options: RunOptions) {
    this.id = id
    this.run = run
    this.loop = new VuLoop(run.timerLateness)
    this.#clientOptions = { keepAlive: !options.noConnectionReuse }
    this.client = new HttpClient(this.#clientOptions)
  }

  /** @throws MusicboxError `script.failed` when `what` is not to be used where the script is now */
  require(context: 'init' | 'vu', what: string): void {
    if (this.context === context) return
    throw new MusicboxError(
      'script.failed',
      context === 'init'
        ? `${what} may only be used while the script is loaded (the init context), not inside a function of the run`
        : `${what} may not be used while the script is loaded (the init context), only inside a function of the run`,
    )
  }

  /** For `exec.vu.metrics.tags`. */
  get tags(): Record<string, unknown> {
    return this.#tagBag.tags
  }

  get metadata(): Record<string, unknown> {
    return this.#metadataBag.tags
  }

  get group(): string {
    return this.#group
  }
  set group(path: string) {
    this.#group = path
    this.#tagSet = undefined
  }

  get scenario(): ActiveScenario | undefined {
    return this.#scenario
  }
  set scenario(scenario: ActiveScenario | undefined) {
    this.#scenario = scenario
    this.#tagSet = undefined
  }

  /** Tags of a sample: the run's, the scenario's, what the script set on the user, then the sample's own. */
  tagSet(own?: Readonly<Record<string, unknown>> | undefined): TagSet {
    this.#tagSet ??= this.#tagsNow()
    return own ? this.#tagSet.withAll(own) : this.#tagSet
  }

  emit(metric: Metric, value: number, tags: TagSet, time_ms = Date.now()): void {
    this.run.metrics.emit(metric, value, tags, time_ms, this.#metadataBag.snapshot())
  }

  emitHttp(sample: HttpSample, tags: TagSet): void {
    this.run.metrics.emitHttp(sample, tags, Date.now(), this.#metadataBag.snapshot())
  }

  #tagsNow(): TagSet {
    const { metrics, options } = this.run
    const { systemTags } = options
    let set = metrics.tagSets.root.withAll(options.tags)
    if (systemTags.includes('group')) set = set.with('group', this.#group)
    if (this.#scenario && systemTags.includes('scenario')) set = set.with('scenario', this.#scenario.name)
    set = set.withAll(this.#scenario?.tags)
    if (this.#stage !== undefined) set = set.with('stage', String(this.#stage))
    return set.withAll(this.#tagBag.snapshot())
  }

  /** Runs one iteration; see VirtualUser. */
  async iterate(at: IterationStart): Promise<void> {
    const { run } = this
    this.iteration++
    this.iterationInTest = at.iterationInTest
    this.iterationInInstance = at.iterationInInstance
    this.due = at.due
    if (at.stage !== this.#stage) {
      this.#stage = at.stage
      this.#tagSet = undefined
    }
    this.#interrupted = false
    if (!run.options.noCookiesReset) this.jar.clear()
    if (run.options.noVUConnectionReuse) this.#renewClient()
    run.counts.vusActive++
    const started = performance.now()
    let failed = false
    await this.loop.run(
      () => this.body!(this.data),
      (error) => {
        failed = true
        run.log('error', run.describe(error))
      },
    )
    run.counts.vusActive--
    if (this.#interrupted) {
      run.counts.iterationsInterrupted++
      return
    }
    const tags = this.tagSet()
    const took = performance.now() - started
    this.emit(run.metrics.builtIn('iteration_duration'), took, tags)
    this.emit(run.metrics.builtIn('iterations'), 1, tags)
    run.counts.iterationsCompleted++
    if (failed) run.counts.iterationsFailed++
    const pause = run.options.minIteration_ms - took
    if (pause > 0) await this.#rest(pause)
  }

  interrupt(): void {
    this.#interrupted = true
    this.#renewClient()
    this.loop.interrupt()
    this.#endRest?.()
  }

  #renewClient(): void {
    this.client.destroy()
    this.client = new HttpClient(this.#clientOptions)
  }

  /** What is left of `minIterationDuration`, unless cut. */
  #rest(pause_ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pause_ms)
      this.#endRest = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
