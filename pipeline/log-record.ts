/**
 * What the collector must know of a log record before it may stand in a raw file: when its event happened, and that the
 * warehouse will be able to count it. A record that is no event goes to a reject file with the reason; one bad record,
 * from whatever wrote to the log, must not stop the night.
 */
import { EVENT_KINDS, TS_MS_MAX } from '../datasets/event.ts'

export type JudgedRecord = { state: 'event'; ts: number } | { state: 'reject'; reason: string }

const KINDS: ReadonlySet<unknown> = new Set(EVENT_KINDS)

export function judgeRecord(line: string): JudgedRecord {
  let event: unknown
  try {
    event = JSON.parse(line)
  } catch (error) {
    return reject(`expected JSON: ${(error as Error).message}`)
  }
  // All that JSON allows between its tokens; but a raw file's reader splits at line ends and separators.
  if (line.includes('\t') || line.includes('\r') || line.includes('\n')) {
    return reject('expected no tabs and line ends outside of texts')
  }
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return reject('expected a JSON object')
  const { eid, ts, uid, event: kind, songid, stars } = event as Record<string, unknown>
  if (typeof eid !== 'string' || !/^[0-9a-f]{32}$/.test(eid)) {
    return reject(`expected eid to be 32 lower-case hex digits, got ${shown(eid)}`)
  }
  if (!Number.isInteger(ts) || (ts as number) < 0 || (ts as number) > TS_MS_MAX) {
    return reject(`expected ts to be a whole number of milliseconds from 1970 to 9999, got ${shown(ts)}`)
  }
  if (typeof uid !== 'string' || uid === '') return reject(`expected uid to be a text, got ${shown(uid)}`)
  if (!KINDS.has(kind)) return reject(`expected event to be one of ${EVENT_KINDS.join(', ')}, got ${shown(kind)}`)
  if (songid !== undefined && typeof songid !== 'string') {
    return reject(`expected songid to be a text, got ${shown(songid)}`)
  }
  if (stars !== undefined && !(Number.isInteger(stars) && (stars as number) >= 1 && (stars as number) <= 10)) {
    return reject(`expected stars to be a whole number from 1 to 10, got ${shown(stars)}`)
  }
  return { state: 'event', ts: ts as number }
}

function reject(reason: string): JudgedRecord {
  return { state: 'reject', reason }
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80)
}
