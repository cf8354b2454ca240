/**
 * Histories: the events of days that are over, in any slice of users and days.
 *
 * Each (user, day) is made alone, so a slice is byte-identical to that part of the whole, in whatever order and on
 * however many workers it is made.
 */
import { DAY_MS, type Day } from '../datasets/day.ts'
import type { WireEvent } from '../datasets/event.ts'
import { hex128, type Words, wordsAt } from '../datasets/random.ts'
import { arrivalsOf, SESSIONS_MAX } from './arrivals.ts'
import { dayNumber } from './day-number.ts'
import { homeOf } from './home.ts'
import { type Listener, listenerAt } from './listener.ts'
import { eventId, type Step, sessionSteps, wireFields } from './session.ts'
import { STREAM } from './stream.ts'
import type { World } from './world.ts'

/** Users `first` … `first + count − 1`. */
export interface UserRange {
  first: number
  count: number
}

/**
 * The events of all sessions that start on `day` (UTC), ordered by (ts, user, sequence). Sessions are never cut, so the
 * last events may lie on the next day.
 */
export function dayEvents(world: World, day: Day, users: UserRange = allUsers(world)): WireEvent[] {
  return daySteps(world, day, users).map(wireEvent)
}

/** One line of a history, with the order that lines of a day have. */
export interface HistoryLine {
  ts: number
  /** What the log and the raw files keep: artist resolved, received when it happened. */
  line: string
}

/** {@link dayEvents} as stored lines. */
export function dayLines(world: World, day: Day, users: UserRange = allUsers(world)): HistoryLine[] {
  const lines: HistoryLine[] = []
  eachDayLine(world, day, users, (ts, line) => lines.push({ ts, line }))
  return lines
}

/** {@link dayLines} one by one, for a reader that keeps none: holding a day's texts costs more than making them. */
export function eachDayLine(world: World, day: Day, users: UserRange, take: (ts: number, line: string) => void): void {
  for (const placed of daySteps(world, day, users)) take(placed.ts, storedLine(placed))
}

export function allUsers(world: World): UserRange {
  return { first: 0, count: world.userCount }
}

/** A step with its place in the world. */
interface Placed {
  ts: number
  step: Step
  sequence: number
  session: Words
  listener: Listener
}

function wireEvent({ ts, step, sequence, session, listener }: Placed): WireEvent {
  return { ...wireFields(step, sequence, session, listener), ts }
}

/**
 * The bytes that `eventLine` gives for the event, at five times its speed: ids, numbers and addresses need no
 * escaping. A test holds the two equal for every kind.
 */
function storedLine({ ts, step, sequence, session, listener }: Placed): string {
  const { event, song, position_ms, query, stars, text, tags, device } = step
  let line = `{"eid":"${eventId(session, sequence)}","ts":${ts},"uid":"${listener.uid}","session":"${hex128(session)}","event":"${event}"`
  if (song !== undefined) line += `,"songid":"${song.track_id}","artistid":"${song.artist_id}"`
  if (position_ms !== undefined) line += `,"position_ms":${position_ms}`
  if (query !== undefined) line += `,"query":${JSON.stringify(query)}`
  if (stars !== undefined) line += `,"stars":${stars}`
  if (text !== undefined) line += `,"text":${JSON.stringify(text)}`
  if (tags !== undefined) line += `,"tags":${JSON.stringify(tags)}`
  line += `,"ip4":"${listener.ip4}"`
  if (device !== undefined) line += `,"device":"${device}"`
  return `${line},"received_ms":${ts}}`
}

function daySteps(world: World, day: Day, users: UserRange): Placed[] {
  const number = dayNumber(day)
  const placed: Placed[] = []
  for (let user = users.first; user < users.first + users.count; user++) placeUser(placed, world, user, number)
  // Sorting is stable, so that equal times keep the order of user and sequence.
  return placed.sort((a, b) => a.ts - b.ts)
}

function placeUser(placed: Placed[], world: World, user: number, day: number): void {
  const listener = listenerAt(world, user)
  const starts = arrivalsOf(world, listener, homeOf(world, user).zone_h, day)
  starts.forEach((start, ordinal) => {
    const session = wordsAt(world.key, STREAM.session, user, day * SESSIONS_MAX + ordinal)
    const start_ms = day * DAY_MS + start
    sessionSteps(world, listener, day, session).forEach((step, sequence) => {
      placed.push({ ts: start_ms + step.at_ms, step, sequence, session, listener })
    })
  })
}
