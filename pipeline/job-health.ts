/**
 * Whether a job gets on. A collector that waits for an answer that never comes looks healthy to itself, and an hourly one
 * that does nothing between two hours is; so what counts is work that waits and does not move.
 */
import { formatDuration } from '../datasets/host.ts'
import { ProgressWatch } from './progress-watch.ts'

export class JobHealth {
  readonly #clock: () => number
  readonly #watch: ProgressWatch
  readonly #patience_ms: number
  /** Grows with all that is done. */
  #position = 0
  /** Work waits: a run is under way, or the last one failed. */
  #waits = false
  #underWay = false
  #failure: string | undefined

  /** @param patience_ms how long work may wait without any of it being done, before the job counts as not ready */
  constructor(clock: () => number, patience_ms: number) {
    this.#clock = clock
    this.#watch = new ProgressWatch(patience_ms)
    this.#patience_ms = patience_ms
    this.#watch.restarted(clock())
  }

  /** A run begins: until it has ended well, work waits. */
  begun(): void {
    // An hour in which nothing waited is no time in which something stood still.
    if (!this.#waits) this.#watch.restarted(this.#clock())
    this.#waits = true
    this.#underWay = true
  }

  /** A part of a run is done. */
  moved(): void {
    this.#position++
    this.#observe()
  }

  ended(): void {
    this.#position++
    this.#waits = false
    this.#underWay = false
    this.#failure = undefined
    this.#observe()
  }

  /** What the run was to do waits on. */
  failed(reason: string): void {
    this.#failure = reason
    this.#underWay = false
    this.#observe()
  }

  /** Why the job cannot do its work, if it cannot. */
  unready(): string | undefined {
    const still_ms = this.#stillFor()
    if (still_ms > 0) return `work waits, and none was done for ${formatDuration(still_ms)}${this.#because()}`
    return this.#failure && `the last run failed: ${this.#failure}`
  }

  /**
   * Why a new process should try, if it should: a run hangs, and has for twice the patience. One that failed does not: it
   * is tried again here as well as elsewhere.
   */
  hopeless(): string | undefined {
    return this.#underWay && this.#stillFor() > 2 * this.#patience_ms ? this.unready() : undefined
  }

  #stillFor(): number {
    const progress = this.#observe()
    return progress.state === 'stuck' ? this.#clock() - progress.since_ms : 0
  }

  #observe() {
    return this.#watch.observe({ now_ms: this.#clock(), lag: this.#waits ? 1 : 0, position: this.#position })
  }

  #because(): string {
    return this.#failure === undefined ? '' : `; the last run failed: ${this.#failure}`
  }
}
