/** A clock that stands still until a test moves it. */
import type { ExecutorClock } from '../executors/clock.ts'

export class HandClock implements ExecutorClock {
  #now_ms = 0
  readonly #waiting = new Set<{ at: number; ring: () => void }>()

  now(): number {
    return this.#now_ms
  }

  at(at: number, ring: () => void): () => void {
    const entry = { at, ring }
    this.#waiting.add(entry)
    return () => this.#waiting.delete(entry)
  }

  /** Moves on, and calls what is due on the way, each at its own time. */
  moveTo(to: number): void {
    for (;;) {
      const next = [...this.#waiting].filter(({ at }) => at <= to).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#waiting.delete(next)
      this.#now_ms = Math.max(this.#now_ms, next.at)
      next.ring()
    }
    this.#now_ms = Math.max(this.#now_ms, to)
  }
}
