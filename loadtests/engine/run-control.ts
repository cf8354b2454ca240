/** What a run is told while it goes on: pause, and how many users shall be at work. */
import type { ExecutorControl } from '../executors/run-scenario.ts'

export interface ControlState {
  paused: boolean
  /** Users at once, by scenario; a scenario that is not named follows its plan. */
  users: Readonly<Record<string, number>>
}

export class RunControl implements ExecutorControl {
  #state: ControlState = { paused: false, users: {} }
  readonly #listeners = new Set<() => void>()

  get state(): ControlState {
    return this.#state
  }

  get paused(): boolean {
    return this.#state.paused
  }

  scale(scenario: string): number | undefined {
    return this.#state.users[scenario]
  }

  set(state: ControlState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }

  /** @returns takes the listener off again */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
