/** Iterations that begin when they are due, whatever became of those before. */
import type { Arrival } from './arrival.ts'
import type { ScenarioWork, VirtualUser } from './run-scenario.ts'
import { type LoopTimes, ScenarioLoop } from './scenario-loop.ts'
import { numberAt } from './stripe.ts'

export interface ArrivalPlan extends LoopTimes {
  /** This stripe's, in order of time. */
  arrivals: Iterator<Arrival, undefined>
  /** How many of its users there are from the start. */
  made: number
  /** How many there may be. */
  most: number
}

export class ArrivalLoop extends ScenarioLoop {
  readonly #plan: ArrivalPlan
  readonly #free = new Queue<VirtualUser>()
  #made: number
  #making = false
  #toldOfTooFew = false
  #next: Arrival | undefined
  #cancelWake = (): void => {}

  constructor(plan: ArrivalPlan, work: ScenarioWork) {
    super(plan, work)
    this.#plan = plan
    this.#made = plan.made
  }

  protected begin(): void {
    void this.turn(async () => {
      for (let ordinal = 0; ordinal < this.#plan.made; ordinal++) {
        this.#free.push(await this.work.pool.get(numberAt(this.work.stripe, ordinal)))
      }
      this.#advance()
      this.#startDue()
    })
  }

  /** A pause is seen when an arrival falls due. */
  protected onControl(): void {}

  protected onEnd(): void {
    this.#startDue()
  }

  /** Also after the last arrival the scenario lasts as long as was asked for. */
  protected readonly exhausted = false

  /** They are counted when they fall due. */
  protected readonly left = 0

  #advance(): void {
    this.#next = this.#plan.arrivals.next().value
  }

  /** Starts all that are due, and comes back for the next one. A late timer delays none of those after it. */
  #startDue(): void {
    const { clock } = this.work
    while (this.#next && this.#plan.began + this.#next.due_ms <= clock.now() && !this.over) {
      this.#arrive(this.#next)
      this.#advance()
    }
    this.#cancelWake()
    if (this.#next) this.#cancelWake = this.at(this.#plan.began + this.#next.due_ms, () => this.#startDue())
  }

  #arrive({ due_ms, stage }: Arrival): void {
    const { clock, control, stripe, onLateness } = this.work
    if (control.paused) {
      this.outcome.held++
      return
    }
    const runner = this.#free.shift()
    if (!runner) {
      this.drop(1)
      this.#makeOneMore()
      return
    }
    const due = this.#plan.began + due_ms
    onLateness?.(clock.now() - due)
    // Numbered as they start: one that is dropped leaves no gap in what a script counts by.
    const iterationInTest = numberAt(stripe, this.started)
    void this.turn(async () => {
      await this.iterate(runner, { iterationInTest, due, ...(stage !== undefined && { stage }) })
      this.#free.push(runner)
    })
  }

  /** In the background, one at a time: making a user must not delay the arrivals that fall due meanwhile. */
  #makeOneMore(): void {
    if (this.#making) return
    if (this.#made >= this.#plan.most) {
      if (!this.#toldOfTooFew) this.work.onTooFewUsers?.(this.#made)
      this.#toldOfTooFew = true
      return
    }
    this.#making = true
    const number = numberAt(this.work.stripe, this.#made++)
    this.at(this.work.clock.now(), () => {
      if (this.over) return
      void this.turn(async () => {
        this.#free.push(await this.work.pool.get(number))
        this.#making = false
      })
    })
  }
}

/** First in, first out: users take turns, so that each keeps its connection in use. */
class Queue<T> {
  #items: (T | undefined)[] = []
  #head = 0

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head++] = undefined
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
}
