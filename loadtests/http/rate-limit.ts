/**
 * The option `rps`: at most so many requests in a second, whoever asks. Turns are equally far apart and no burst is saved
 * up: who comes late takes the next turn, and the turns that nobody took are gone.
 */
export class RateLimit {
  readonly #interval_ms: number
  #next = Number.NEGATIVE_INFINITY

  /** @param perSecond above 0 */
  constructor(perSecond: number) {
    this.#interval_ms = 1000 / perSecond
  }

  /** Takes the next free turn. @returns how long from `now` to it, ms; 0: it is now */
  take(now: number): number {
    const turn = Math.max(now, this.#next)
    this.#next = turn + this.#interval_ms
    return turn - now
  }
}
