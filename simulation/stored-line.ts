/** Rows of a block as the lines that the event log and the raw files keep: artist resolved, received when it happened. */
import type { Day } from '../datasets/day.ts'
import { eventLine } from '../datasets/event.ts'
import { dayNumber } from './kernel/day-number.ts'
import { EventBlock, rowsByTime } from './kernel/event-block.ts'
import { allUsers, fillDay, type UserRange, wireEvent } from './kernel/history.ts'
import { songbookOf } from './kernel/songbook.ts'
import type { World } from './kernel/world.ts'

/** One line of a history, with the order that lines of a day have. */
export interface HistoryLine {
  ts: number
  line: string
}

/** The lines of all sessions that start on a local day, ordered by (ts, user, sequence). */
export function dayLines(world: World, day: Day, users: UserRange = allUsers(world)): HistoryLine[] {
  const lines: HistoryLine[] = []
  eachDayLine(world, day, users, (ts, line) => lines.push({ ts, line }))
  return lines
}

/** {@link dayLines} one by one, for a reader that keeps none: holding a day's texts costs more than making them. */
export function eachDayLine(world: World, day: Day, users: UserRange, take: (ts: number, line: string) => void): void {
  fillDay(block, world, dayNumber(day), users)
  for (const row of rowsByTime(block)) take(block.ts[row]!, storedLine(world, block, row))
}

const block = new EventBlock()

function storedLine(world: World, of: EventBlock, row: number): string {
  const event = wireEvent(world, of, row)
  const artistid = event.songid === undefined ? undefined : songbookOf(world).song(of.song[row]!).artist_id
  return eventLine({ ...event, artistid, received_ms: event.ts })
}
