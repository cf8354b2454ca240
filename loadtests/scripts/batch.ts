/** Batches of events that a listener's player has kept while it had no network, and now sends at once. */
import { type LiveEvent, liveSession } from '../../simulation/kernel/live.ts'
import { RUN, START_MS } from './settings.ts'
import { spread } from './spread.ts'
import { WORLD } from './world.ts'

export type KeptEvent = Omit<LiveEvent, 'after_ms'> & { ts: number }

/** Hours of the day in which a batch's first event may lie, so that its last one is before midnight. */
const BEGIN_MS = 12 * 3_600_000
const DAY_MS = 86_400_000

/**
 * Batch `number`: the first events of the listener with that number, session after session, from an hour of the day that
 * the number says. A batch that would reach past midnight is shorter.
 */
export function keptBatch(number: number, size: number): { uid: string; events: KeptEvent[] } {
  const kept: KeptEvent[] = []
  let at_ms = Math.round(spread(number) * BEGIN_MS)
  for (let ordinal = 0; ; ordinal++) {
    const { uid, events } = liveSession(WORLD, number, ordinal, RUN)
    for (const { after_ms, ...event } of events) {
      at_ms += after_ms
      if (kept.length === size || at_ms >= DAY_MS) return { uid, events: kept }
      kept.push({ ...event, ts: START_MS + at_ms })
    }
  }
}
