/** How a run comes to its end. */
import { FAILURES } from '../../datasets/failure.ts'
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
