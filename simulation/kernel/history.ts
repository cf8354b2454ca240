/**
 * Histories: the events of days that are over, in any slice of users and days.
 *
 * Each (user, day) is made alone, so a slice is byte-identical to that part of the whole, in whatever order and on
 * however many workers it is made. A day is the listener's local day, and has the sessions that start on it, uncut: its
 * events reach into the next UTC day, and never beyond (a session lasts 12 hours and a bit at most, and the westernmost
 * clock is 10 hours behind).
 */
import type { Day } from '../../datasets/day.ts'
import type { WireEvent } from '../../datasets/event.ts'
import { wordsAt } from '../../datasets/random.ts'
import { arrivalsOf, SESSIONS_MAX } from './arrivals.ts'
import { dayNumber } from './day-number.ts'
import { EventBlock, rowsByTime } from './event-block.ts'
import { knownListener } from './known-listener.ts'
import { addSession } from './session.ts'
import { STREAM } from './stream.ts'
import { wireFields } from './wire-event.ts'
import type { World } from './world.ts'

/** Users `first` … `first + count − 1`. */
export interface UserRange {
  first: number
  count: number
}

export function allUsers(world: World): UserRange {
  return { first: 0, count: world.userCount }
}

/**
 * Fills a block with all sessions that start on a local day, user by user, a user's sessions by start.
 * @param day {@link dayNumber}
 */
export function fillDay(block: EventBlock, world: World, day: number, users: UserRange = allUsers(world)): void {
  block.clear()
  for (let user = users.first; user < users.first + users.count; user++) {
    const listener = knownListener(world, user)
    const arrivals = arrivalsOf(world, listener, day)
    for (let i = 0; i < arrivals.length; i++) {
      const { start_ms, offset_min, ordinal } = arrivals[i]!
      const id = wordsAt(world.key, STREAM.session, user, day * SESSIONS_MAX + ordinal)
      addSession(block, world, listener, { day, start_ms, offset_min, id, conduct: id })
    }
  }
}

/** The events of all sessions that start on a local day, ordered by (ts, user, sequence). */
export function dayEvents(world: World, day: Day, users: UserRange = allUsers(world)): WireEvent[] {
  const block = new EventBlock()
  fillDay(block, world, dayNumber(day), users)
  return Array.from(rowsByTime(block), (row) => wireEvent(world, block, row))
}

export function wireEvent(world: World, block: EventBlock, row: number): WireEvent {
  const listener = knownListener(world, block.sessionUser[block.session[row]!]!)
  return { ...wireFields(world, block, row, listener), ts: block.ts[row]! }
}
