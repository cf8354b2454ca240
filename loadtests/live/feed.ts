/**
 * What is told to whoever watches a run, from the beginning or from where they left off. The last {@link BUCKETS_KEPT}
 * seconds are kept and all marks; a reader that is slower than the run misses seconds, and costs no memory.
 */
import type { Mark, TimelineBucket } from '../metrics/timeline.ts'

export const BUCKETS_KEPT = 900

/** How a run ended. */
export interface Ended {
  exitCode: number
  problem?: string
  verdict: 'VALID' | 'SUSPECT' | 'INVALID'
  reasons: readonly string[]
}

export type Told =
  | { event: 'bucket'; data: TimelineBucket }
  /** One of the same moment, kind and text takes the place of an earlier one: its end has become known. */
  | { event: 'mark'; data: Mark }
  | { event: 'paused'; data: boolean }
  | { event: 'done'; data: Ended }

/** One up from the one before, from 1. */
export type Numbered = Told & { id: number }

export class Feed {
  #kept: Numbered[] = []
  #buckets = 0
  #last = 0
  #more = Promise.withResolvers<void>()
  #ended = false

  tell(told: Told): void {
    this.#kept.push({ ...told, id: ++this.#last })
    if (told.event === 'bucket' && ++this.#buckets > BUCKETS_KEPT) {
      this.#kept.splice(
        this.#kept.findIndex(({ event }) => event === 'bucket'),
        1,
      )
      this.#buckets--
    }
    this.#wake()
  }

  /** Readers come to their end once they have read everything. */
  end(): void {
    this.#ended = true
    this.#wake()
  }

  /** What came after the message of that number (0 for all), and what comes, until the feed ends or `signal` aborts. */
  async *after(id: number, signal: AbortSignal): AsyncGenerator<Numbered> {
    signal.addEventListener('abort', () => this.#wake(), { once: true })
    let read = id
    while (!signal.aborted) {
      const more = this.#more.promise
      // Looked up anew for each: while a slow reader took the last one, what was to follow may have been dropped.
      const next = this.#kept.find((message) => message.id > read)
      if (next) {
        read = next.id
        yield next
      } else if (this.#ended) return
      else await more
    }
  }

  #wake(): void {
    this.#more.resolve()
    this.#more = Promise.withResolvers<void>()
  }
}
