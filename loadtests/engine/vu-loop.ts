/**
 * The event loop of one virtual user: what its script has under way.
 *
 * An iteration ends when nothing is: no timer waits, no request is unanswered and no promise has more to do. That its
 * function returned, or that its promise settled, is not enough, and not needed (k6's rule).
 * After an interruption nothing of the iteration runs again: timers are cleared, and answers that come are not
 * delivered, so that the promises that wait for them never settle.
 */
interface Timer {
  handle: NodeJS.Timeout | undefined
  /** When it is to fire, on the monotonic clock; while held: how much time it has left. */
  due: number
  fire: () => void
}

export class VuLoop {
  /** How late timers fire, ms: told of every one. It says how busy the whole generator is. */
  readonly #lateness: (ms: number) => void
  readonly #timers = new Map<number, Timer>()
  #nextTimer = 1
  #pending = 0
  #requests = 0
  /** Grows with every interruption; what was begun under an older number is dead. */
  #epoch = 0
  #checking = false
  #drained: (() => void) | undefined
  #onError: (error: unknown) => void = () => {}
  #parked = false
  #held = false

  constructor(lateness: (ms: number) => void) {
    this.#lateness = lateness
  }

  /**
   * Runs `start` and resolves once all that it set going has ended, or at {@link interrupt}. Parked, nothing is
   * started: the iteration waits for its interruption, so that it is not counted as done.
   * @param onError gets what the script throws, at once or later; the iteration goes on to drain
   */
  run(start: () => unknown, onError: (error: unknown) => void): Promise<void> {
    this.#onError = onError
    const epoch = this.#epoch
    return new Promise((resolve) => {
      this.#drained = resolve
      this.#pending++
      if (this.#parked) return
      try {
        const result = start()
        if (isThenable(result)) result.then(undefined, (error) => epoch === this.#epoch && onError(error))
      } catch (error) {
        onError(error)
      }
      this.#done(epoch)
    })
  }

  setTimeout(callback: (...args: unknown[]) => void, delay_ms = 0, ...args: unknown[]): number {
    return this.#schedule(callback, delay_ms, args, false)
  }

  setInterval(callback: (...args: unknown[]) => void, delay_ms = 0, ...args: unknown[]): number {
    return this.#schedule(callback, delay_ms, args, true)
  }

  clearTimeout(id: number): void {
    const timer = this.#timers.get(id)
    if (timer === undefined) return
    clearTimeout(timer.handle)
    this.#timers.delete(id)
    this.#done(this.#epoch)
  }

  /** Joins work outside the script, such as a request, to the iteration: its result reaches the script unless cut. */
  join<T>(work: Promise<T>): Promise<T> {
    const epoch = this.#epoch
    this.#pending++
    this.#requests++
    return new Promise((resolve, reject) => {
      const settled = (deliver: () => void): void => {
        if (epoch !== this.#epoch) return
        this.#requests--
        deliver()
        this.#done(epoch)
      }
      work.then(
        (value) => settled(() => resolve(value)),
        (error) => settled(() => reject(error)),
      )
    })
  }

  /** What the script waits for in vain: never settles, and keeps the iteration from ending before it is interrupted. */
  stall(): Promise<never> {
    this.#pending++
    return new Promise(() => {})
  }

  /** Whether a request is unanswered. */
  get inFlight(): boolean {
    return this.#requests > 0
  }

  /** Whether {@link park} was called: nothing new may begin. */
  get parked(): boolean {
    return this.#parked
  }

  /** Lets requests under way be answered and their answers be dealt with, but no timer fires and nothing new begins. */
  park(): void {
    this.#parked = true
    for (const { handle } of this.#timers.values()) clearTimeout(handle)
  }

  /** Stops the clock of the timers: they fire as much later as the hold lasts. */
  hold(): void {
    if (this.#held) return
    this.#held = true
    const now = performance.now()
    for (const timer of this.#timers.values()) {
      clearTimeout(timer.handle)
      timer.due -= now
    }
  }

  release(): void {
    if (!this.#held) return
    this.#held = false
    const now = performance.now()
    for (const timer of this.#timers.values()) {
      timer.due += now
      this.#arm(timer)
    }
  }

  interrupt(): void {
    this.#epoch++
    for (const { handle } of this.#timers.values()) clearTimeout(handle)
    this.#timers.clear()
    this.#pending = 0
    this.#requests = 0
    this.#end()
  }

  #schedule(callback: (...args: unknown[]) => void, delay: unknown, args: unknown[], repeats: boolean): number {
    const delay_ms = Math.max(0, Number(delay) || 0)
    const id = this.#nextTimer++
    const epoch = this.#epoch
    this.#pending++
    const fire = (): void => {
      if (epoch !== this.#epoch) return
      const now = performance.now()
      this.#lateness(Math.max(0, now - timer.due))
      if (repeats) {
        timer.due = now + Math.max(1, delay_ms)
        this.#arm(timer)
      } else this.#timers.delete(id)
      try {
        callback(...args)
      } catch (error) {
        this.#onError(error)
      }
      if (!repeats) this.#done(epoch)
    }
    const timer: Timer = { handle: undefined, due: performance.now() + delay_ms, fire }
    this.#timers.set(id, timer)
    if (this.#held) timer.due = delay_ms
    else this.#arm(timer)
    return id
  }

  #arm(timer: Timer): void {
    if (!this.#parked) timer.handle = setTimeout(timer.fire, Math.max(0, timer.due - performance.now()))
  }

  #done(epoch: number): void {
    if (epoch !== this.#epoch) return
    this.#pending--
    if (this.#pending > 0 || this.#checking) return
    this.#checking = true
    // What a settled promise does next is a microtask; all of them have run before an immediate does.
    setImmediate(() => {
      this.#checking = false
      if (this.#pending === 0) this.#end()
    })
  }

  #end(): void {
    const drained = this.#drained
    this.#drained = undefined
    drained?.()
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
