/** Users who begin the next iteration when the last has ended; how many there are follows a plan or a person. */
import type { IterationPlan } from './iterations.ts'
import type { UserStep } from './ramping-vus.ts'
import type { ScenarioWork, VirtualUser } from './run-scenario.ts'
import { type LoopTimes, ScenarioLoop } from './scenario-loop.ts'
import { type Stage, stageAt } from './stage.ts'
import { numberAt, shareOf } from './stripe.ts'

export interface UserPlan extends LoopTimes {
  /** How many of this stripe's users are wanted from when on. */
  steps: readonly UserStep[]
  iterations: IterationPlan
  /** How long a user that is no longer wanted may still take for its iteration. */
  leave_ms: number
  /** So many of this stripe's users have something to do at all, also when more are asked for. */
  most?: number
  stages?: readonly Stage[]
}

interface User {
  number: number
  runner: VirtualUser | undefined
  wanted: boolean
  /** Inside a turn: one iteration after another. */
  busy: boolean
  cancelCut: (() => void) | undefined
}

export class UserLoop extends ScenarioLoop {
  readonly #plan: UserPlan
  readonly #users: User[] = []
  /** As many of this stripe's users are wanted by the plan, as time goes. */
  #planned = 0
  /** As many are wanted by the plan or a person: the first ones. */
  #wanted = 0
  #nextStep = 0

  constructor(plan: UserPlan, work: ScenarioWork) {
    super(plan, work)
    this.#plan = plan
  }

  protected begin(): void {
    this.#takeSteps()
  }

  protected onControl(): void {
    this.#resize()
    if (this.work.control.paused) return
    for (const user of this.#users) if (user.wanted && !user.busy) this.#goOn(user)
  }

  protected onEnd(): void {}

  protected get exhausted(): boolean {
    return this.#plan.iterations.left() === 0
  }

  protected get left(): number {
    const left = this.#plan.iterations.left()
    return Number.isFinite(left) ? left : 0
  }

  /** Takes all steps that are due, and comes back for the next one. */
  #takeSteps(): void {
    const { steps, began } = this.#plan
    const { clock } = this.work
    let next = steps[this.#nextStep]
    for (; next && began + next.at_ms <= clock.now(); next = steps[++this.#nextStep]) this.#planned = next.users
    this.#resize()
    if (next) this.at(began + next.at_ms, () => this.over || this.#takeSteps())
  }

  #resize(): void {
    const { control, stripe } = this.work
    const asked = control.scale(this.#plan.name)
    const wanted = asked === undefined ? this.#planned : shareOf(stripe, asked)
    const before = this.#wanted
    this.#wanted = Math.min(wanted, this.#plan.most ?? wanted)
    for (let ordinal = before; ordinal < this.#wanted; ordinal++) this.#admit(ordinal)
    for (let ordinal = this.#wanted; ordinal < before; ordinal++) this.#dismiss(this.#users[ordinal]!)
  }

  #admit(ordinal: number): void {
    const user = this.#users[ordinal] ?? this.#newUser(ordinal)
    user.wanted = true
    user.cancelCut?.()
    user.cancelCut = undefined
    if (!user.busy) this.#goOn(user)
  }

  #newUser(ordinal: number): User {
    const number = numberAt(this.work.stripe, ordinal)
    const user = { number, runner: undefined, wanted: true, busy: false, cancelCut: undefined }
    this.#users[ordinal] = user
    return user
  }

  #dismiss(user: User): void {
    user.wanted = false
    if (!user.busy) return
    user.cancelCut = this.at(this.work.clock.now() + this.#plan.leave_ms, () => user.runner?.interrupt())
  }

  #goOn(user: User): void {
    if (this.#mayStart(user)) void this.turn(() => this.#iterations(user))
  }

  async #iterations(user: User): Promise<void> {
    const { pool, clock } = this.work
    const { iterations, stages, began } = this.#plan
    user.busy = true
    try {
      user.runner ??= await pool.get(user.number)
      while (this.#mayStart(user)) {
        const iterationInTest = iterations.take(user.number)
        if (iterationInTest === undefined) break
        const due = clock.now()
        const stage = stages && { stage: stageAt(stages, due - began) }
        await this.iterate(user.runner, { iterationInTest, due, ...stage })
      }
    } finally {
      user.busy = false
      user.cancelCut?.()
      user.cancelCut = undefined
    }
  }

  #mayStart(user: User): boolean {
    const { clock, control } = this.work
    return user.wanted && !control.paused && !this.over && clock.now() < this.#plan.end
  }
}
