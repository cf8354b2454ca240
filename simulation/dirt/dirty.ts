/** Lays dirt over clean lines: the dirty lines, and the answer key. */
import type { Day } from '../../datasets/day.ts'
import type { User } from '../../datasets/music.ts'
import { drawsAt } from '../../datasets/random.ts'
import { dayNumber } from '../kernel/day-number.ts'
import { allUsers, type UserRange } from '../kernel/history.ts'
import { uidAt } from '../kernel/listener.ts'
import type { World } from '../kernel/world.ts'
import { dayLines } from '../stored-line.ts'
import { botBeside, botLines } from './bot.ts'
import { DIRT_STREAM, type Dirt, type DirtMark } from './dirt.ts'

export interface DirtyFile {
  /** In the order of arrival (`received_ms`); all but a cut last one end with a newline. */
  text: string
  /** The answer key, by line. */
  marks: DirtMark[]
}

/**
 * The stored lines of a local day as a reader with bad luck gets them. Without dirt it is the clean file.
 * @param users a slice is dirty in the same way as in the whole, but for the cut of its own last line
 */
export function dirtyDay(world: World, dirt: Dirt, day: Day, users: UserRange = allUsers(world)): DirtyFile {
  const clean = dayLines(world, day, users).map(({ line }) => line)
  return dirtyLines(world, dirt, clean, { day, users })
}

/** @param clean stored lines of a day, by time */
export function dirtyLines(
  world: World,
  dirt: Dirt,
  clean: readonly string[],
  { day, users }: { day: Day; users: UserRange },
): DirtyFile {
  const skews = skewsOf(world, dirt, users)
  const arrivals: Arrival[] = []
  for (const [place, line] of clean.entries()) arrivals.push(...soil(world, dirt, line, place, skews))
  arrivals.push(...botArrivals(world, dirt, dayNumber(day), users))
  // Arrivals at one instant keep their order: the clean one, then bots.
  arrivals.sort((a, b) => a.received_ms - b.received_ms)
  const marks = arrivals.flatMap(({ marks: ofLine, eid }, at) => ofLine.map((mark) => ({ line: at + 1, eid, ...mark })))
  const text = arrivals.map(({ line }) => `${line}\n`).join('')
  return truncated(world, dirt, { text, marks }, arrivals, dayNumber(day), users)
}

/** A user as the user file has them: some lack their zip code. */
export function dirtyUser(world: World, dirt: Dirt, user: User, index: number): { user: User; mark?: UserMark } {
  if (drawsAt(world.key, DIRT_STREAM.user, index).unit() >= dirt.missing_fields) return { user }
  return { user: { ...user, zip: '' }, mark: { uid: user.uid, field: 'zip', before: user.zip } }
}

export interface UserMark {
  uid: string
  field: 'zip'
  before: string
}

interface Arrival {
  received_ms: number
  line: string
  eid: string
  marks: Omit<DirtMark, 'line' | 'eid'>[]
}

type Fields = Record<string, unknown> & { eid: string; uid: string; ts: number; received_ms: number }

/** Retries come within ten minutes. */
const AGAIN_MS_MAX = 600_000

/** Which of these is missing: the first that the line has, from a drawn one on. */
const MAY_MISS = ['songid', 'device', 'ip4', 'position_ms'] as const

function soil(world: World, dirt: Dirt, line: string, place: number, skews: ReadonlyMap<string, number>): Arrival[] {
  const fields = JSON.parse(line) as Fields
  const { eid } = fields
  const draws = drawsAt(world.key, DIRT_STREAM.event, word(eid, 0), word(eid, 8))
  // Every event takes these eight draws, whatever comes of them.
  const [again, late, missing] = [draws.unit(), draws.unit(), draws.unit()]
  const [againAfter, lateBy, which] = [draws.unit(), draws.unit(), draws.below(MAY_MISS.length)]
  const marks: Arrival['marks'] = []
  const change = (kind: 'late' | 'clock_skew' | 'missing_field', field: string, value: unknown): void => {
    marks.push({ kind, field, before: JSON.stringify(fields[field]), after: JSON.stringify(value) })
    fields[field] = value
  }
  if (late < dirt.late && dirt.late_ms_max > 0) {
    change('late', 'received_ms', fields.received_ms + 1 + Math.floor(lateBy * dirt.late_ms_max))
    // Where it belongs: lines that came late must be put back.
    marks.push({ kind: 'late', field: '', before: String(place), after: '' })
  }
  const skew_ms = skews.get(fields.uid)
  if (skew_ms !== undefined) change('clock_skew', 'ts', Math.max(0, fields.ts + skew_ms))
  if (missing < dirt.missing_fields) {
    const field = MAY_MISS.map((_, i) => MAY_MISS[(which + i) % MAY_MISS.length]!).find((name) => name in fields)
    if (field !== undefined) change('missing_field', field, null)
  }
  const { received_ms } = fields
  const arrivals: Arrival[] = [{ received_ms, line: marks.length > 0 ? JSON.stringify(fields) : line, eid, marks }]
  if (again < dirt.duplicates) {
    const again_ms = received_ms + 1 + Math.floor(againAfter * AGAIN_MS_MAX)
    fields.received_ms = again_ms
    const mark = { kind: 'duplicate', field: '', before: '', after: '' } as const
    arrivals.push({ received_ms: again_ms, line: JSON.stringify(fields), eid, marks: [mark] })
  }
  return arrivals
}

/** By uid, how far the clocks of some users are wrong, ms. */
function skewsOf(world: World, dirt: Dirt, users: UserRange): Map<string, number> {
  const skews = new Map<string, number>()
  if (dirt.clock_skew === 0 || dirt.clock_skew_ms_max === 0) return skews
  for (let user = users.first; user < users.first + users.count; user++) {
    const draws = drawsAt(world.key, DIRT_STREAM.clock, user)
    const [isWrong, size] = [draws.unit() < dirt.clock_skew, draws.unit()]
    const skew_ms = Math.round((2 * size - 1) * dirt.clock_skew_ms_max)
    if (isWrong && skew_ms !== 0) skews.set(uidAt(world, user), skew_ms)
  }
  return skews
}

function botArrivals(world: World, dirt: Dirt, day: number, users: UserRange): Arrival[] {
  const arrivals: Arrival[] = []
  if (dirt.bots === 0) return arrivals
  for (let user = users.first; user < users.first + users.count; user++) {
    const uid = botBeside(world, user, dirt.bots)
    if (uid === undefined) continue
    for (const { ts, line } of botLines(world, user, uid, day)) {
      const mark = { kind: 'bot', field: '', before: '', after: uid } as const
      arrivals.push({ received_ms: ts, line, eid: line.slice(8, 40), marks: [mark] })
    }
  }
  return arrivals
}

/** Cuts the last line somewhere, its newline included, when this file is one of the cut ones. */
function truncated(
  world: World,
  dirt: Dirt,
  { text, marks }: DirtyFile,
  arrivals: readonly Arrival[],
  day: number,
  users: UserRange,
): DirtyFile {
  const last = arrivals[arrivals.length - 1]
  const draws = drawsAt(world.key, DIRT_STREAM.file, day, users.first)
  const [isCut, where] = [draws.unit() < dirt.truncated_files, draws.unit()]
  if (!isCut || last === undefined) return { text, marks }
  const kept = last.line.slice(0, 1 + Math.floor(where * (last.line.length - 2)))
  const mark: DirtMark = {
    line: arrivals.length,
    eid: last.eid,
    kind: 'truncated',
    field: '',
    before: last.line,
    after: kept,
  }
  return { text: text.slice(0, text.length - last.line.length - 1) + kept, marks: [...marks, mark] }
}

/** 32 bits of an id's hex digits. */
function word(eid: string, from: number): number {
  return Number.parseInt(eid.slice(from, from + 8), 16)
}
