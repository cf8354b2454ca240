/** What a run of the listeners can be told, as environment variables: `k6 run -e LISTENERS=200 -e DURATION=30s …`. */
import { SharedArray } from 'k6/data'
import { createWorld, type World } from '../../simulation/kernel/world.ts'

/** Where the event server is. */
export const EVENT_API = text('EVENT_API', 'http://127.0.0.1:8080')
/** How many listen at once, 1 to 1,000. */
export const LISTENERS = whole('LISTENERS', 200, 1, 1000)
export const DURATION_MS = duration('DURATION', '30s')
/** What is late when the run ends is still sent for so long. */
export const LATE_MS = duration('LATE', '15s')
/** Simulated seconds in a second: plays last minutes, and a test need not. */
export const SPEED = whole('SPEED', 600, 1, 100_000)
/** Time of the first events, ms UTC; by default so that the last ones happen about now. */
export const START_MS = whole('START_MS', Date.now() - DURATION_MS * SPEED, 0, 8_640_000_000_000_000)
/** Names the run: the same run has the same event ids, so that sending it again changes nothing. */
export const RUN = text('RUN', 'run')

/**
 * The world that the history was made from: with another one the songs would be unknown to the server. WORLD is its
 * JSON, as `musicbox load` passes it on; what it leaves out has the defaults of `createWorld`. An engine that can, gives
 * all listeners the same one, and with it what has been looked up before.
 */
export const WORLD: World = new SharedArray('world', () => [createWorld(JSON.parse(text('WORLD', '{}')))])[0]!

function text(name: string, otherwise: string): string {
  return __ENV[name] || otherwise
}

function whole(name: string, otherwise: number, min: number, max: number): number {
  const given = __ENV[name]
  const value = given ? Number(given) : otherwise
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new Error(`expected ${name} to be a whole number from ${min} to ${max}, got "${given}"`)
}

function duration(name: string, otherwise: string): number {
  const given = text(name, otherwise)
  const parts = /^(\d+)(ms|s|m|h)$/.exec(given)
  if (!parts) throw new Error(`expected ${name} to be a duration like 500ms, 30s or 5m, got "${given}"`)
  const unit = parts[2] === 'h' ? 3_600_000 : parts[2] === 'm' ? 60_000 : parts[2] === 's' ? 1000 : 1
  return Number(parts[1]) * unit
}
