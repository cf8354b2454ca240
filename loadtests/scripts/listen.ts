/** What a listener does: log in, search, play, skip and rate, as the simulator's kernel plans it for that listener. */
import { check } from 'k6'
import exec from 'k6/execution'
import { Counter } from 'k6/metrics'
import { type LiveEvent, liveSession } from '../../simulation/kernel/live.ts'
import { deliver, isStored } from './deliver.ts'
import { logIn, lookUp, newPlayer, type Player } from './player.ts'
import { LATE_MS, RUN, SPEED, START_MS } from './settings.ts'
import { spread } from './spread.ts'
import { step } from './step.ts'
import { wakeAt } from './wake-at.ts'
import { WORLD } from './world.ts'

/** Listeners whose time was up before all that they had planned was sent: the server was too slow for them. */
const cutShort = new Counter('listeners_cut_short')

const DAY_MS = 86_400_000
/** Listeners join one after another over this time. */
const JOIN_MS = 1000
/** Hours of the day in which {@link listenOnce} lets sessions begin, so that they end before midnight. */
const BEGIN_MS = 20 * 3_600_000

/**
 * Listener `me` for so long: session after session, each event at its planned moment, sped up. What is sent, and with
 * which times, is in the plan alone; how fast the answers come, or who else listens, changes nothing of it.
 * @param lead_ms before the first event, so that all can plan their first session in peace
 */
export async function listen(me: number, duration_ms: number, lead_ms: number): Promise<void> {
  // Who takes the place of another begins when that one has left.
  const start = Math.max(exec.scenario.startTime + lead_ms, Date.now())
  const giveUp = start + duration_ms + LATE_MS
  let simulated_ms = Math.round(spread(me) * Math.min(JOIN_MS, duration_ms / 10) * SPEED)
  for (let ordinal = 0; ; ordinal++) {
    const { uid, events } = liveSession(WORLD, me, ordinal, RUN)
    const player = newPlayer(uid)
    for (const event of events) {
      simulated_ms += event.after_ms
      if (simulated_ms >= duration_ms * SPEED) return
      if (Date.now() > giveUp) return cutShort.add(1)
      await act(player, event, START_MS + simulated_ms, start + simulated_ms / SPEED, giveUp)
    }
  }
}

/**
 * One session of listener `me`, from now on: for executors that begin listeners when they need more. Its events lie at
 * the listener's own hour of the simulated day, so that they are the same whenever it is begun.
 */
export async function listenOnce(me: number): Promise<void> {
  const { uid, events } = liveSession(WORLD, me, 0, RUN)
  const player = newPlayer(uid)
  // Planning takes time of ours, which is not the server's.
  const start = Date.now()
  const begin_ms = Math.round(spread(me) * BEGIN_MS)
  let simulated_ms = 0
  for (const event of events) {
    simulated_ms += event.after_ms
    if (begin_ms + simulated_ms >= DAY_MS) return
    const due = start + simulated_ms / SPEED
    await act(player, event, START_MS + begin_ms + simulated_ms, due, Math.max(due, Date.now()) + LATE_MS)
  }
}

async function act(player: Player, planned: LiveEvent, ts: number, due: number, giveUp: number): Promise<void> {
  const { after_ms: _, ...event } = planned
  await wakeAt(due)
  await step(event.event, async () => {
    if (event.event === 'login') await logIn(player)
    const [fate] = await deliver([{ ...event, ts }], player, due, giveUp)
    check(fate, { 'event is stored': isStored })
    await lookUp(event)
  })
}

/** The duration, which a listener's time must fit: listeners live through one day, so that it can be reported when over. */
export function withinOneDay(duration_ms: number): number {
  const longest_s = Math.floor(DAY_MS / SPEED / 1000)
  if (duration_ms <= longest_s * 1000) return duration_ms
  throw new Error(
    `expected DURATION times SPEED to be a day at most, which at SPEED ${SPEED} is ${longest_s}s, got ${duration_ms / 1000}s`,
  )
}
