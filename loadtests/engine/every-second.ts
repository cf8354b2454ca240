/** A second hand: by the clock and not by adding up waits, so that it does not drift. */
const SECOND_MS = 1000

/**
 * Calls back at each full second after `startedAt` (monotonic clock, ms) with the number of the second that has passed.
 * Seconds that a busy thread has missed are left out.
 * @returns ends it
 */
export function everySecond(startedAt: number, callback: (second: number) => void): () => void {
  let timer: NodeJS.Timeout | undefined
  const next = (): void => {
    const seconds = Math.max(1, Math.ceil((performance.now() - startedAt + 1) / SECOND_MS))
    timer = setTimeout(
      () => {
        callback(seconds - 1)
        next()
      },
      startedAt + seconds * SECOND_MS - performance.now(),
    )
  }
  next()
  return () => clearTimeout(timer)
}
