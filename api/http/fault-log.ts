/**
 * Where a server's own failures are written for its operator. A store that is gone fails every request in the same way,
 * thousands a second: each message is written once in ten seconds, with how often it came in between.
 */
const QUIET_MS = 10_000
/** Messages remembered at once; more are written as they come. */
const MESSAGES_MAX = 100

export function faultLog(
  write: (text: string) => void = (text) => void process.stderr.write(text),
  clock: () => number = () => performance.now(),
): (error: unknown) => void {
  const seen = new Map<string, { written_ms: number; more: number }>()
  return (error) => {
    const key = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    const now_ms = clock()
    const before = seen.get(key)
    if (before && now_ms - before.written_ms < QUIET_MS) {
      before.more++
      return
    }
    if (!before && seen.size >= MESSAGES_MAX) seen.clear()
    seen.set(key, { written_ms: now_ms, more: 0 })
    const again = before && before.more > 0 ? `(and ${before.more} times since the last line like it) ` : ''
    write(`${again}${describe(error)}\n`)
  }
}

/** The stack of the error and of what caused it. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const text = error.stack ?? `${error.name}: ${error.message}`
  return error.cause === undefined ? text : `${text}\ncaused by ${describe(error.cause)}`
}
