/** A simulated world, seen as a log is seen. */
import { daysBetween } from '../../datasets/day.ts'
import { EVENT_KINDS } from '../../datasets/event-kind.ts'
import { dayNumber } from '../kernel/day-number.ts'
import { EventBlock } from '../kernel/event-block.ts'
import { fillDay } from '../kernel/history.ts'
import type { ScenarioWorld } from '../scenario/world-of.ts'
import { Observer } from './observer.ts'

/** @returns what all listeners do, and what the first `partUsers` of them do */
export function observeWorld(
  { world, firstDay, lastDay }: ScenarioWorld,
  partUsers: number,
): { all: Observer; part: Observer } {
  const all = new Observer()
  const part = partUsers < world.userCount ? new Observer() : all
  const block = new EventBlock()
  let sessions = 0
  for (const day of daysBetween(firstDay, lastDay)) {
    fillDay(block, world, dayNumber(day))
    for (let row = 0; row < block.count; row++) {
      const at = block.session[row]!
      const user = block.sessionUser[at]!
      const kind = EVENT_KINDS[block.kind[row]!]!
      const observation = {
        user,
        session: sessions + at,
        ts: block.ts[row]!,
        kind,
        // A search on the wire does not tell which song it is for.
        song: kind === 'search' ? -1 : block.song[row]!,
        position_ms: block.position_ms[row]!,
      }
      all.add(observation)
      if (part !== all && user < partUsers) part.add(observation)
    }
    sessions += block.sessionCount
  }
  return { all: all.finish(), part: part.finish() }
}
