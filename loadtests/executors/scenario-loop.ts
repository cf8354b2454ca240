/** What the loops of all executors share: the scenario's times, its cuts, its failures, and when it is over. */
import type { IterationStart, ScenarioEnd, ScenarioWork, VirtualUser } from './run-scenario.ts'

export interface LoopTimes {
  /** Name of the scenario. */
  name: string
  /** When it began, on the clock. */
  began: number
  /** From here on no iteration starts. */
  end: number
  /** How long after that the last ones may still take. */
  grace_ms: number
}

export abstract class ScenarioLoop {
  protected readonly work: ScenarioWork
  protected readonly outcome: ScenarioEnd = { dropped: 0, held: 0 }
  readonly #times: LoopTimes
  readonly #ended = Promise.withResolvers<ScenarioEnd>()
  readonly #iterating = new Set<VirtualUser>()
  readonly #cancels = new Set<() => void>()
  #started = 0
  /** Turns under way: see {@link turn}. */
  #turns = 0
  #over = false
  #settled = false
  #failure: { error: unknown } | undefined

  constructor(times: LoopTimes, work: ScenarioWork) {
    this.#times = times
    this.work = work
  }

  /** Sets the first things going. */
  protected abstract begin(): void
  /** The run was paused, goes on, or was scaled. */
  protected abstract onControl(): void
  /** The time is over: the last chance to start what was due in it. */
  protected abstract onEnd(): void
  /** Whether all is done, though time may be left. */
  protected abstract readonly exhausted: boolean
  /** Iterations that were planned and can no longer start. */
  protected abstract readonly left: number

  run(): Promise<ScenarioEnd> {
    const { signal, control } = this.work
    const stop = (): void => this.#stop()
    signal.addEventListener('abort', stop, { once: true })
    this.#cancels.add(() => signal.removeEventListener('abort', stop))
    this.#cancels.add(control.onChange(() => this.#over || this.onControl()))
    this.at(this.#times.end, () => {
      this.onEnd()
      this.#over = true
      this.#settle()
    })
    this.at(this.#times.end + this.#times.grace_ms, stop)
    if (signal.aborted) stop()
    else this.begin()
    this.#settle()
    return this.#ended.promise
  }

  /** Whether nothing more may start. */
  protected get over(): boolean {
    return this.#over
  }

  /** How many iterations have started. */
  protected get started(): number {
    return this.#started
  }

  /** Calls back once at `at`, unless the scenario has ended before; the result cancels it. */
  protected at(at: number, callback: () => void): () => void {
    const cancel = (): void => {
      cancelTimer()
      this.#cancels.delete(cancel)
    }
    const cancelTimer = this.work.clock.at(at, () => {
      this.#cancels.delete(cancel)
      callback()
    })
    this.#cancels.add(cancel)
    return cancel
  }

  /** Work that the scenario waits for before it ends. What it throws ends the scenario. */
  protected async turn(work: () => Promise<void>): Promise<void> {
    this.#turns++
    try {
      await work()
    } catch (error) {
      this.#failure ??= { error }
      this.#stop()
    }
    this.#turns--
    this.#settle()
  }

  /** One iteration, within a {@link turn}. */
  protected async iterate(runner: VirtualUser, start: Omit<IterationStart, 'iterationInInstance'>): Promise<void> {
    this.#iterating.add(runner)
    try {
      await runner.iterate({ ...start, iterationInInstance: this.#started++ })
    } finally {
      this.#iterating.delete(runner)
    }
  }

  protected drop(count: number): void {
    if (count === 0) return
    this.outcome.dropped += count
    this.work.onDropped?.(count)
  }

  #stop(): void {
    this.#over = true
    for (const runner of [...this.#iterating]) runner.interrupt()
    this.#settle()
  }

  #settle(): void {
    if (this.#settled || this.#turns > 0 || !(this.#over || this.exhausted)) return
    this.#settled = true
    this.#over = true
    for (const cancel of [...this.#cancels]) cancel()
    this.drop(this.left)
    if (this.#failure) this.#ended.reject(this.#failure.error)
    else this.#ended.resolve(this.outcome)
  }
}
