/**
 * The event line of the project's first version:
 * `{"timestamp": "Thu Dec 19 13:11:06 2013", "songid": "…", "uid": "…", "ip4": "…", "event": "tup"}`.
 *
 * Its timestamps are C's `%c` or `YYYY-MM-DD HH:MM:SS` and name no zone; they are read as UTC, like every time here.
 * It has no event id, so one is derived from what it says, and from its ordinal among lines that say the same: a file that
 * is read twice gives the same ids, and two equal lines in it stay two events.
 */
import { createHash } from 'node:crypto'
import { EVENT_KINDS, type WireEvent, wireEventSchema } from './event.ts'
import { MusicboxError } from './failure.ts'

/** Stands in the events of lines that know no session. */
export const IMPORTED_SESSION = 'imported'

/**
 * The event of a parsed line. A line may hold further fields of ours (`query`, `stars`, …); unknown ones are refused.
 * @param ordinal how many lines with the same {@link seedContent} came before it in its file or request
 * @throws MusicboxError `input.invalid` with the reason
 * @example fromSeedObject({ timestamp: '2013-12-19 13:11:06', uid: 'Guest_10.0.0.1', event: 'login' }, 0)
 */
export function fromSeedObject(value: unknown, ordinal: number): WireEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`Expected an event as a JSON object, got ${shown(value)}.`)
  }
  const { timestamp, event, songid, ip4, ...rest } = value as Record<string, unknown>
  const parsed = wireEventSchema.safeParse({
    session: IMPORTED_SESSION,
    ...rest,
    eid: derivedId(value, ordinal),
    ts: parseSeedTimestamp(timestamp),
    event: SEED_NAMES[event as string] ?? event,
    ...(isGiven(songid) && { songid }),
    ...(isGiven(ip4) && { ip4 }),
  })
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  if (issue.path[0] === 'event')
    throw invalid(`Expected event to be one of ${EVENT_KINDS.join(', ')}, got ${shown(event)}.`)
  throw invalid(`${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${issue.message}.`)
}

/** What makes lines equal: their fields as they stand, without the white space between them. */
export function seedContent(value: unknown): string {
  return JSON.stringify(value)
}

/** Milliseconds UTC of a seed's timestamp. @throws MusicboxError `input.invalid` */
export function parseSeedTimestamp(text: unknown): number {
  const c =
    typeof text === 'string' && /^([A-Z][a-z]{2}) ([A-Z][a-z]{2}) ([ \d]\d) (\d\d:\d\d:\d\d) (\d{4})$/.exec(text)
  const plain = typeof text === 'string' && /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/.exec(text)
  if (c) {
    const [, weekday, monthName, day, time, year] = c
    const month = String(MONTHS.indexOf(monthName!) + 1).padStart(2, '0')
    const ms = instant(`${year}-${month}-${day!.trim().padStart(2, '0')}`, time!)
    // A weekday that is not the date's shows that one of the two is damaged.
    if (ms !== undefined && WEEKDAYS[new Date(ms).getUTCDay()] === weekday) return ms
  } else if (plain) {
    const ms = instant(plain[1]!, plain[2]!)
    if (ms !== undefined) return ms
  }
  throw invalid(
    `Expected timestamp like "Thu Dec 19 13:11:06 2013" or "2013-12-19 13:11:06", a real date from 1970 on, got ${shown(text)}.`,
  )
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** How the seed's text names kinds; its files use our names already. */
const SEED_NAMES: Readonly<Record<string, string>> = {
  'thumbs-up': 'tup',
  'thumbs-dn': 'tdn',
  'thumbs-down': 'tdn',
}

/** Undefined for a date or time that does not exist: `Date` would roll it over into the next month. */
function instant(day: string, time: string): number | undefined {
  const ms = Date.parse(`${day}T${time}Z`)
  return ms >= 0 && new Date(ms).toISOString() === `${day}T${time}.000Z` ? ms : undefined
}

/** First 32 hex digits of a SHA-256. */
function derivedId(value: unknown, ordinal: number): string {
  return createHash('sha256')
    .update(`${seedContent(value)}\n${ordinal}`)
    .digest('hex')
    .slice(0, 32)
}

/** Early lines say that there is no song with `null` or an empty text. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}

function invalid(message: string): MusicboxError {
  return new MusicboxError('input.invalid', message)
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 100)
}
