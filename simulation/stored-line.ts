/** Days as the lines that the event log and the raw files keep: artist resolved, received when it happened. */

import type { Day } from '../datasets/day.ts'
import { FilledBlock } from './dataset/filled-block.ts'
import { JsonLines } from './dataset/json-lines.ts'
import { LineBuffer } from './dataset/line-buffer.ts'
import { dayNumber } from './kernel/day-number.ts'
import { allUsers, type UserRange } from './kernel/history.ts'
import { perObject } from './kernel/per-object.ts'
import type { World } from './kernel/world.ts'

/** One line of a history, with the order that lines of a day have. */
export interface HistoryLine {
  ts: number
  line: string
}

/** A day's lines as UTF-8, each ended by a newline, and their times; what a thread hands to another. */
export interface DayParcel {
  bytes: Uint8Array<ArrayBuffer>
  times: Float64Array<ArrayBuffer>
}

/** The lines of all sessions that start on a local day, ordered by (ts, user, sequence). */
export function dayLines(world: World, day: Day, users: UserRange = allUsers(world)): HistoryLine[] {
  return unpackDay(packDay(world, day, users))
}

/** {@link dayLines}, made without a string a line: holding a day's texts costs more than making them. */
export function packDay(world: World, day: Day, users: UserRange): DayParcel {
  filled.fill(world, dayNumber(day), users)
  const lines = linesOf(world)
  lines.open(filled)
  blocks.length = 0
  for (const row of filled.order) lines.put(buffer, filled, row)
  buffer.flush()
  const bytes = new Uint8Array(blocks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const block of blocks) {
    bytes.set(block, at)
    at += block.length
  }
  return { bytes, times: Float64Array.from(filled.order, (row) => filled.block.ts[row]!) }
}

export function unpackDay({ bytes, times }: DayParcel): HistoryLine[] {
  const lines = new TextDecoder().decode(bytes).split('\n')
  return Array.from(times, (ts, i) => ({ ts, line: lines[i]! }))
}

const filled = new FilledBlock()
const blocks: Uint8Array[] = []
const buffer = new LineBuffer((block) => blocks.push(block.slice()))

/** A world's lines keep its songs' ids. */
const linesOf = perObject((world: World) => new JsonLines(world, 'stored'))
