/** What a data set is made of: pieces of work that can be done in any order, by anybody, again and again. */
import type { Day } from '../../datasets/day.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { dayNumber, dayOfNumber } from '../kernel/day-number.ts'
import type { UserRange } from '../kernel/history.ts'
import type { World } from '../kernel/world.ts'
import { FORMATS, type Format } from './format.ts'

export interface Plan {
  world: World
  /** Local days whose sessions there are. */
  firstDay: Day
  lastDay: Day
  formats: readonly Format[]
  /** Users in each part but the last. */
  partUsers: number
}

export type Unit =
  | { kind: 'catalog' }
  | { kind: 'users' }
  /** UTC days (`dayNumber`) of some parts of the users, together: what a day has for all users is made once for them. */
  | { kind: 'events'; parts: readonly number[]; first: number; last: number }
  /** Counts of those days over all parts; the events of the same days come first. */
  | { kind: 'daily'; first: number; last: number }

/** More users at a time would take more memory, fewer would make many small files. */
const USERS_AT_A_TIME = 20_000

/**
 * Days of a unit. The day before its first is made again, and all of it when it is interrupted; and there must be units
 * enough for all workers to end at about the same time.
 */
function runDays(days: number): number {
  return Math.max(8, Math.min(30, Math.ceil(days / 8)))
}

/** @throws MusicboxError `input.invalid` */
export function planDataset(
  world: World,
  asked: { firstDay: Day; lastDay: Day; formats: readonly Format[]; partUsers?: number | undefined },
): Plan {
  const { firstDay, lastDay } = asked
  // At least two parts, so that two workers have something to do; never a matter of how many workers there are.
  const partUsers = asked.partUsers ?? Math.min(USERS_AT_A_TIME, Math.max(1, Math.ceil(world.userCount / 2)))
  if (!(Number.isInteger(partUsers) && partUsers >= 1)) {
    throw new MusicboxError('input.invalid', `expected at least 1 user in a part, got ${partUsers}`)
  }
  if (firstDay > lastDay) {
    throw new MusicboxError(
      'input.invalid',
      `expected the last day not to precede the first, ${firstDay}, got ${lastDay}`,
    )
  }
  if (firstDay < world.firstDay) {
    throw new MusicboxError(
      'input.invalid',
      `expected days from ${world.firstDay} on, where the world begins, got ${firstDay}`,
    )
  }
  const unknown = asked.formats.find((format) => !FORMATS.includes(format))
  if (unknown !== undefined || asked.formats.length === 0) {
    throw new MusicboxError('input.invalid', `expected formats of ${FORMATS.join(', ')}, got ${unknown ?? 'none'}`)
  }
  // In one order, each once: the same formats named otherwise are the same data set.
  const formats = FORMATS.filter((format) => asked.formats.includes(format))
  return { world, firstDay, lastDay, formats, partUsers }
}

export function partCount({ world, partUsers }: Plan): number {
  return Math.ceil(world.userCount / partUsers)
}

export function usersOfPart({ world, partUsers }: Plan, part: number): UserRange {
  const first = part * partUsers
  return { first, count: Math.min(partUsers, world.userCount - first) }
}

/** UTC days that may have events: sessions of the last day may run on into the next. */
export function utcDays({ firstDay, lastDay }: Plan): { first: number; last: number } {
  return { first: dayNumber(firstDay), last: dayNumber(lastDay) + 1 }
}

/** In the order in which they are best done: dictionaries first, then all users' days together, so that days get ready. */
export function unitsOf(plan: Plan): Unit[] {
  const { first, last } = utcDays(plan)
  const units: Unit[] = [{ kind: 'catalog' }, { kind: 'users' }]
  const length = runDays(last - first + 1)
  // At most half of the parts, so that two workers can each keep to listeners whose memories they have at hand.
  const half = Math.ceil(partCount(plan) / 2)
  const together = Math.max(1, Math.min(half, Math.floor(USERS_AT_A_TIME / plan.partUsers)))
  for (let start = first; start <= last; start += length) {
    const run = { first: start, last: Math.min(last, start + length - 1) }
    for (let part = 0; part < partCount(plan); part += together) {
      const count = Math.min(together, partCount(plan) - part)
      units.push({ kind: 'events', parts: Array.from({ length: count }, (_, i) => part + i), ...run })
    }
    units.push({ kind: 'daily', ...run })
  }
  return units
}

/** `events 0000-0001 2026-01-01 2026-01-30`: the unit's name in the journal. */
export function unitName(unit: Unit): string {
  if (unit.kind === 'catalog' || unit.kind === 'users') return unit.kind
  const days = `${dayOfNumber(unit.first)} ${dayOfNumber(unit.last)}`
  if (unit.kind === 'daily') return `daily ${days}`
  return `events ${partName(unit.parts[0]!)}-${partName(unit.parts.at(-1)!)} ${days}`
}

export function partName(part: number): string {
  return String(part).padStart(4, '0')
}

/** Where the counts of a part's days wait for those of the other parts. @param first first day of the run */
export function countsPath(first: number, part: number): string {
  return `${WORK_FOLDER}/${dayOfNumber(first)}.${partName(part)}.counts`
}

/** Holds what is needed only until the data set is complete. */
export const WORK_FOLDER = '_work'
