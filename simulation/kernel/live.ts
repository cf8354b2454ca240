/**
 * The live outlet: what a listener does now, for a load script to send. It goes on where the history ends, with the same
 * users, songs and habits, and runs in Node and in k6 alike: nothing it loads is a package, a node module or a clock.
 */
import { drawsAt, type Words, wordsAt } from '../../datasets/random.ts'
import { DAY_MS, HOUR_MS } from '../../datasets/time-unit.ts'
import { dayNumber } from './day-number.ts'
import { log } from './elementary.ts'
import { EventBlock } from './event-block.ts'
import { keyUnder } from './key-text.ts'
import { listenerAt } from './listener.ts'
import { perObject } from './per-object.ts'
import { permutation } from './permutation.ts'
import { addSession } from './session.ts'
import { STREAM } from './stream.ts'
import { type Unstamped, wireFields } from './wire-event.ts'
import { liveDayOf, type World } from './world.ts'

/** An event to be sent, with its wait instead of its time: the driver stamps `ts` and may run at any speed. */
export type LiveEvent = Unstamped & {
  /** Simulated ms since the event before it; for a session's first event since the end of the session before. */
  after_ms: number
}

export interface LiveSession {
  uid: string
  session: string
  events: LiveEvent[]
}

/**
 * Session number `ordinal` of live listener `listener`, both from 0. A live listener is a seat that is always taken: its
 * sessions follow each other after a minute or so, without end. What happens depends on the world alone, so that runs
 * can be compared; the ids depend on `run` too, so that no run's events are another's duplicates.
 * @param world pass the same object each time: what is looked up for it is kept
 * @param run   any text that names the run
 */
export function liveSession(world: World, listener: number, ordinal: number, run: string): LiveSession {
  const who = listenerAt(world, liveUser(world, listener))
  const conduct = wordsAt(world.key, STREAM.liveSession, listener, ordinal)
  const id: Words = wordsAt(keyUnder(world.key, run), STREAM.liveSession, listener, ordinal)
  const day = dayNumber(liveDayOf(world))
  block.clear()
  // In the late afternoon, when most people listen; the driver stamps its own times.
  const start_ms = day * DAY_MS + 17 * HOUR_MS
  addSession(block, world, who, { day, start_ms, offset_min: 0, id, conduct })
  let before_ms = start_ms - pauseBefore_ms(world, listener, ordinal)
  const events: LiveEvent[] = []
  for (let row = 0; row < block.count; row++) {
    const at_ms = block.ts[row]!
    events.push({ after_ms: at_ms - before_ms, ...wireFields(world, block, row, who) })
    before_ms = at_ms
  }
  return { uid: who.uid, session: events[0]!.session, events }
}

/**
 * Looks up what every session needs of a world. It takes a tenth of a second once for each world, which is better spent
 * before a run than in it.
 */
export const prepareLive: (world: World) => boolean = perObject(
  (world) => liveSession(world, 0, 0, '').events.length > 0,
)

/** Used again for each session. */
const block = new EventBlock()

/** The user in a listener's seat: another one in every seat, as long as there are users enough. */
export function liveUser(world: World, listener: number): number {
  const words = wordsAt(world.key, STREAM.listener, world.userCount)
  return permutation(words, world.userCount).forward(listener % world.userCount)
}

/** First sessions start within half a minute, so that a run begins at full strength but not in step. */
function pauseBefore_ms(world: World, listener: number, ordinal: number): number {
  const u = drawsAt(world.key, STREAM.liveGap, listener, ordinal).unit()
  return ordinal === 0 ? Math.floor(u * 30_000) : 5_000 + Math.floor(-log(1 - u) * 60_000)
}
