/** What a person may do to a run while it goes on: pause it, set how many users are at work, stop it. */

import type { Mark } from '../metrics/timeline.ts'
import type { ControlState } from './run-control.ts'
import type { SegmentHandle } from './segment.ts'

export interface RunControls {
  /** Nothing new begins, and timers of the script wait, until {@link resume}. */
  pause(): void
  resume(): void
  /**
   * Sets how many users are at work.
   * @param scenario its name; without one, all scenarios share `users` as they share their planned users
   * @throws RangeError for a number that cannot be or a scenario that is not there
   */
  scale(users: number, scenario?: string): void
  /** Ends the run; what it has shown so far is its result. */
  stop(): void
}

const USERS_MAX = 10_000

export class LiveControl implements RunControls {
  readonly #segments: readonly SegmentHandle[]
  readonly #scenarios: readonly { name: string; users: number }[]
  readonly #elapsed_s: () => number
  readonly #onMark: (mark: Mark) => void
  readonly #stop: () => void
  #state: ControlState = { paused: false, users: {} }
  #pause: Mark | undefined

  constructor(
    segments: readonly SegmentHandle[],
    scenarios: readonly { name: string; users: number }[],
    elapsed_s: () => number,
    onMark: (mark: Mark) => void,
    stop: () => void,
  ) {
    this.#segments = segments
    this.#scenarios = scenarios
    this.#elapsed_s = elapsed_s
    this.#onMark = onMark
    this.#stop = stop
  }

  pause(): void {
    if (this.#pause) return
    this.#pause = { at_s: this.#elapsed_s(), kind: 'pause', text: 'paused' }
    this.#onMark(this.#pause)
    this.#set({ ...this.#state, paused: true })
  }

  resume(): void {
    if (!this.#pause) return
    this.#pause.until_s = this.#elapsed_s()
    this.#onMark(this.#pause)
    this.#pause = undefined
    this.#set({ ...this.#state, paused: false })
  }

  scale(users: number, scenario?: string): void {
    if (!Number.isSafeInteger(users) || users < 0 || users > USERS_MAX) {
      throw new RangeError(`expected a number of users from 0 to ${USERS_MAX}, got ${users}`)
    }
    const chosen = this.#scenarios.filter(({ name }) => scenario === undefined || name === scenario)
    if (chosen.length === 0) throw new RangeError(`expected the name of a scenario, got "${scenario}"`)
    this.#onMark({ at_s: this.#elapsed_s(), kind: 'scale', text: `${users} users${scenario ? ` in ${scenario}` : ''}` })
    this.#set({ ...this.#state, users: { ...this.#state.users, ...shares(users, chosen) } })
  }

  stop(): void {
    this.#stop()
  }

  #set(state: ControlState): void {
    this.#state = state
    for (const segment of this.#segments) segment.control(state)
  }
}

/** Whole numbers in proportion to the planned users, which add up to `users`. */
function shares(users: number, scenarios: readonly { name: string; users: number }[]): Record<string, number> {
  const planned = scenarios.reduce((sum, scenario) => sum + scenario.users, 0)
  const result: Record<string, number> = {}
  let plannedSoFar = 0
  let given = 0
  for (const { name, users: own } of scenarios) {
    plannedSoFar += own
    const upTo = Math.round((users * plannedSoFar) / planned)
    result[name] = upTo - given
    given = upTo
  }
  return result
}
