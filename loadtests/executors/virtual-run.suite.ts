/** How tests run a scenario: on a clock that moves only when all is waiting, with iterations of a given length. */
import assert from 'node:assert/strict'
import type { ExecutorClock } from './clock.ts'
import { readScenario } from './read-scenario.ts'
import {
  type ExecutorControl,
  type IterationStart,
  runScenario,
  type ScenarioEnd,
  type VirtualUser,
} from './run-scenario.ts'
import { plannedUsers } from './scenario.ts'
import { type Stripe, WHOLE } from './stripe.ts'

export interface VirtualRun extends ScenarioEnd {
  starts: (IterationStart & { user: number; at: number })[]
  ends: { user: number; at: number }[]
  interrupted: { user: number; at: number }[]
  /** Users in the order in which they were made, those of the plan first. */
  made: number[]
  /** As reported while it happened. */
  droppedAt: number[]
  lateness_ms: number[]
  /** As told, when all users that may be were at work. */
  tooFew: number[]
  /** When the scenario was over. */
  over: number
}

export interface VirtualSpec {
  /** How long an iteration lasts; infinitely: until it is cut. */
  took_ms: number | ((start: IterationStart) => number)
  stripe?: Stripe
  abortAt?: number
  /** Given where a test looks at the time of a run that fails, or has timers fire late. */
  clock?: VirtualClock
  /** How long it takes to make a user that is not made before the start; throws where it cannot be. */
  making_ms?: (user: number) => number
  /** What a person changes, and when. */
  changes?: { at: number; paused?: boolean; users?: number | undefined }[]
}

export async function virtualRun(config: Record<string, unknown>, spec: VirtualSpec): Promise<VirtualRun> {
  const scenario = readScenario('main', config)
  const stripe = spec.stripe ?? WHOLE
  const clock = spec.clock ?? new VirtualClock()
  const abort = new AbortController()
  if (spec.abortAt !== undefined) clock.at(spec.abortAt, () => abort.abort())
  const control = new VirtualControl()
  for (const { at, ...change } of spec.changes ?? []) clock.at(at, () => control.change(change))
  const run: Omit<VirtualRun, keyof ScenarioEnd | 'over'> = {
    starts: [],
    ends: [],
    interrupted: [],
    made: [],
    droppedAt: [],
    lateness_ms: [],
    tooFew: [],
  }
  const planned = plannedUsers(scenario, stripe)
  const runners = new Map<number, VirtualUser>()
  const pool = {
    get ready() {
      return runners.size
    },
    get(user: number): VirtualUser | Promise<VirtualUser> {
      const known = runners.get(user)
      if (known) return known
      const runner = newRunner(user, clock, run, spec)
      runners.set(user, runner)
      run.made.push(user)
      if (planned.includes(user) || spec.making_ms === undefined) return runner
      const ready = clock.now() + spec.making_ms(user)
      return new Promise((resolve) => clock.at(ready, () => resolve(runner)))
    },
  }
  for (const user of planned) pool.get(user)
  const end = await clock.runUntil(
    runScenario(scenario, {
      stripe,
      pool,
      clock,
      control,
      signal: abort.signal,
      onDropped: (count) => run.droppedAt.push(...new Array<number>(count).fill(clock.now())),
      onTooFewUsers: (users) => run.tooFew.push(users),
      onLateness: (ms) => run.lateness_ms.push(ms),
    }),
  )
  return { ...run, ...end, over: clock.now() }
}

function newRunner(
  user: number,
  clock: VirtualClock,
  run: Pick<VirtualRun, 'starts' | 'ends' | 'interrupted'>,
  { took_ms }: VirtualSpec,
): VirtualUser {
  let cut: (() => void) | undefined
  return {
    iterate: (start) =>
      new Promise((resolve) => {
        assert.equal(cut, undefined, `user ${user} was started while it was at work`)
        run.starts.push({ ...start, user, at: clock.now() })
        const ends = clock.now() + (typeof took_ms === 'number' ? took_ms : took_ms(start))
        const cancel = clock.at(ends, () => {
          cut = undefined
          run.ends.push({ user, at: clock.now() })
          resolve()
        })
        cut = () => {
          cut = undefined
          cancel()
          run.interrupted.push({ user, at: clock.now() })
          resolve()
        }
      }),
    interrupt: () => cut?.(),
  }
}

class VirtualControl implements ExecutorControl {
  paused = false
  readonly #listeners = new Set<() => void>()
  #users: number | undefined

  scale(): number | undefined {
    return this.#users
  }

  change(change: { paused?: boolean; users?: number | undefined }): void {
    this.paused = change.paused ?? this.paused
    if ('users' in change) this.#users = change.users
    for (const listener of this.#listeners) listener()
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** Moves to the next moment that something waits for, once nothing has anything left to do now. */
export class VirtualClock implements ExecutorClock {
  /** How late each timer fires. */
  readonly #late_ms: number
  #now = 0
  #due: { at: number; callback: () => void }[] = []

  constructor(late_ms = 0) {
    this.#late_ms = late_ms
  }

  now(): number {
    return this.#now
  }

  at(at: number, callback: () => void): () => void {
    const entry = { at: Math.max(at, this.#now) + this.#late_ms, callback }
    const after = this.#due.findIndex((other) => other.at > entry.at)
    this.#due.splice(after === -1 ? this.#due.length : after, 0, entry)
    return () => {
      const index = this.#due.indexOf(entry)
      if (index !== -1) this.#due.splice(index, 1)
    }
  }

  async runUntil<T>(work: Promise<T>): Promise<T> {
    let done = false
    const mark = (): void => {
      done = true
    }
    work.then(mark, mark)
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      if (done) return work
      const next = this.#due.shift()
      assert.ok(next && next.at < Number.POSITIVE_INFINITY, 'everything waits and nothing is due')
      this.#now = next.at
      next.callback()
    }
  }
}
