/**
 * Tells a stage that is stuck from one that is slow or has nothing to do. A stuck stage looks healthy to itself: it waits for
 * an answer. From outside, work waits and nothing moves.
 */
export interface Observation {
  now_ms: number
  /** Work that waits, such as events that are not collected yet. */
  lag: number
  /** Anything that grows with each piece of work done, such as the sum of collected offsets. */
  position: number
}

export type Progress =
  | { state: 'moving' }
  /** Nothing waits. */
  | { state: 'idle' }
  /** Work waits and none was done for longer than it may take. */
  | { state: 'stuck'; since_ms: number }

export class ProgressWatch {
  readonly #patience_ms: number
  #position: number | undefined
  /** When something last moved, or last had nothing to do. */
  #alive_ms = 0

  /** @param patience_ms how long work may wait without any of it being done */
  constructor(patience_ms: number) {
    this.#patience_ms = patience_ms
  }

  observe({ now_ms, lag, position }: Observation): Progress {
    // A position that goes back is another beginning: of a log that was wiped, say.
    const moved = position !== this.#position
    this.#position = position
    if (moved || lag <= 0) this.#alive_ms = now_ms
    if (lag <= 0) return { state: 'idle' }
    if (now_ms - this.#alive_ms <= this.#patience_ms) return { state: 'moving' }
    return { state: 'stuck', since_ms: this.#alive_ms }
  }

  /** After a restart: what comes next gets its full time. */
  restarted(now_ms: number): void {
    this.#alive_ms = now_ms
  }
}
