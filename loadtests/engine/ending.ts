/** How a run comes to its end. */
import { FAILURES, MusicboxError } from '../../datasets/failure.ts'
import type { SegmentHandle } from './segment.ts'

/** The exit code of a run and why it ends; the first reason counts. */
export class Ending {
  readonly #stop = new AbortController()
  exitCode = 0
  problem: string | undefined

  get signal(): AbortSignal {
    return this.#stop.signal
  }

  note(exitCode: number, problem: string): void {
    if (this.exitCode !== 0) return
    this.exitCode = exitCode
    this.problem = problem
  }

  /** Waits for work after the load. What fails there is the run's problem, and not its end: nothing is given then. */
  async survive<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work
    } catch (error) {
      const expected = error instanceof MusicboxError || (error as NodeJS.ErrnoException).code !== undefined
      if (!expected) throw error
      const code = error instanceof MusicboxError ? error.code : 'backend.unreachable'
      this.note(FAILURES[code].exit, (error as Error).message)
      return undefined
    }
  }

  stop(exitCode: number, problem: string): void {
    this.note(exitCode, problem)
    this.#stop.abort()
  }
}

/** The user's wish to stop: nothing new begins, what was asked may still be answered. The result lets go of it. */
export function endOnSignal(
  signal: AbortSignal | undefined,
  segments: readonly SegmentHandle[],
  ending: Ending,
): () => void {
  const stop = (): void => {
    ending.note(FAILURES.interrupted.exit, 'the run was stopped before its end')
    void Promise.allSettled(segments.map((segment) => segment.park())).then(() =>
      ending.stop(FAILURES.interrupted.exit, ''),
    )
  }
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted) stop()
  return () => signal?.removeEventListener('abort', stop)
}
