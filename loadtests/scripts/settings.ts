/**
 * What a run can be told, as environment variables: `k6 run -e LISTENERS=200 -e DURATION=30s …`, or `musicbox load
 * --listeners 200 --duration 30s`. Here are those that mean the same in every script; each script reads its own beside
 * them, with a default that suits it.
 */

/** Where the event server is. */
export const EVENT_API = text('EVENT_API', 'http://127.0.0.1:8080')
/** Where the report server is. */
export const REPORT_API = text('REPORT_API', 'http://127.0.0.1:8090')
/** Simulated seconds in a second: plays last minutes, and a test need not. */
export const SPEED = whole('SPEED', 400, 1, 100_000)
const DAY_MS = 86_400_000
/** Start of the day that the listeners live through, ms UTC; by default yesterday, which is over and can be reported. */
export const START_MS = whole('START_MS', (Math.floor(Date.now() / DAY_MS) - 1) * DAY_MS, 0, 8_640_000_000_000_000)
/** Names the run: the same run has the same event ids, so that sending it again changes nothing. */
export const RUN = text('RUN', 'run')
/** What is late when a listener's time is up is still sent for so long. */
export const LATE_MS = duration_ms('LATE', '15s')

export function text(name: string, otherwise: string): string {
  return __ENV[name] || otherwise
}

export function whole(name: string, otherwise: number, min: number, max: number): number {
  const given = __ENV[name]
  const value = given ? Number(given) : otherwise
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new Error(`expected ${name} to be a whole number from ${min} to ${max}, got "${given}"`)
}

/** Milliseconds of a duration like `500ms`, `30s`, `5m` or `1h`. */
export function duration_ms(name: string, otherwise: string): number {
  const given = text(name, otherwise)
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(given)
  if (!parts) throw new Error(`expected ${name} to be a duration like 500ms, 30s or 5m, got "${given}"`)
  const unit = parts[2] === 'h' ? 3_600_000 : parts[2] === 'm' ? 60_000 : parts[2] === 's' ? 1000 : 1
  return Math.round(Number(parts[1]) * unit)
}
