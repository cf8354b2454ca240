/**
 * Exact counts of a history's UTC days, from the columns alone: no text is made, nothing is stored, no pipeline runs.
 *
 * The kernel makes local days; a UTC day has rows of the blocks of the day before, of the same and, east of Greenwich,
 * of the next. Rows wait in the buffer of their UTC day until the last block that may add to it is made. Within a
 * buffer they stand block by block and user by user, so that a merge by user counts distinct listeners with one number
 * a group. What is held is three days' rows, however long the history.
 */
import { DAY_MS, type Day, HOUR_MS } from '../../datasets/day.ts'
import { kindCode } from '../../datasets/event-kind.ts'
import type { DayRange } from '../../datasets/period.ts'
import { dayNumber, dayOfNumber } from '../kernel/day-number.ts'
import { EventBlock } from '../kernel/event-block.ts'
import { allUsers, fillDay, type UserRange } from '../kernel/history.ts'
import type { World } from '../kernel/world.ts'
import { type Dimension, type Grouping, groupingOf } from './dimension.ts'
import { type Counts, isOfSong, PLAY, Tally } from './tally.ts'

/** The local days whose sessions a history holds, both included. */
export interface HistorySpan {
  firstDay: Day
  lastDay: Day
}

export interface ExpectedDay {
  day: Day
  /** Events of the day, of all kinds. */
  events: number
  counts: Partial<Record<Dimension, Counts>>
}

/**
 * The counts of each UTC day, ascending: every day of the span, and the one after it when sessions reach into it.
 * @param days which UTC days; all of them when not given. Only the blocks that they need are made.
 */
export function* expectDays(
  world: World,
  span: HistorySpan,
  by: readonly Dimension[],
  { users = allUsers(world), days }: { users?: UserRange; days?: DayRange | undefined } = {},
): Generator<ExpectedDay> {
  const [firstBlock, lastBlock] = [dayNumber(span.firstDay), dayNumber(span.lastDay)]
  if (lastBlock < firstBlock) return
  const firstWanted = Math.max(firstBlock - 1, days ? dayNumber(days.first) : firstBlock - 1)
  const lastWanted = Math.min(lastBlock + 1, days ? dayNumber(days.last) : lastBlock + 1)
  const grouping = groupingOf(world)
  const tallies = by.map((dimension) => ({ dimension, tally: new Tally(dimension, grouping.size[dimension]) }))
  const block = new EventBlock()
  const open = new Map<number, DayRows>()
  const isEdge = (day: number): boolean => day < firstBlock || day > lastBlock
  let next = firstWanted
  for (let local = Math.max(firstBlock, firstWanted - 1); local <= Math.min(lastBlock, lastWanted + 1); local++) {
    fillDay(block, world, local, users)
    share(block, open, firstWanted, lastWanted)
    // The block of the next day may still add to this one, and to no earlier one.
    for (; next < local && next <= lastWanted; next++) yield* close(next)
  }
  for (; next <= lastWanted; next++) yield* close(next)

  function* close(day: number): Generator<ExpectedDay> {
    const rows = open.get(day)
    open.delete(day)
    if (rows === undefined && isEdge(day)) return
    rows?.eachByUser((user, song, kind, hour, stars) => {
      for (const { dimension, tally } of tallies) {
        if (dimension !== 'hour' && !isOfSong(kind)) continue
        const group = dimension === 'hour' ? hour : groupOfRow(grouping, dimension, song, user)
        tally.add(group, kind, stars)
        if (kind === PLAY) tally.addPlayer(group, user)
      }
    })
    const counts: ExpectedDay['counts'] = {}
    for (const { dimension, tally } of tallies) counts[dimension] = tally.take()
    yield { day: dayOfNumber(day), events: rows?.count ?? 0, counts }
  }
}

/** The group that a row of a song counts for. */
export function groupOfRow(
  grouping: Grouping,
  dimension: Exclude<Dimension, 'hour'>,
  song: number,
  user: number,
): number {
  switch (dimension) {
    case 'song':
      return song
    case 'artist':
      return grouping.artist[song]!
    case 'album':
      return grouping.album[song]!
    case 'genre':
      return grouping.genre[song]!
    case 'zip':
      return grouping.zipOf(user)
  }
}

/** Puts a block's rows into the buffers of their UTC days; those that nobody asked for are left. */
function share(block: EventBlock, open: Map<number, DayRows>, first: number, last: number): void {
  for (const rows of open.values()) rows.beginBlock()
  let day = Number.NaN
  let rows: DayRows | undefined
  for (let row = 0; row < block.count; row++) {
    const ts = block.ts[row]!
    const rowDay = Math.floor(ts / DAY_MS)
    if (rowDay !== day) {
      day = rowDay
      rows = open.get(day)
      if (rows === undefined && day >= first && day <= last) {
        rows = new DayRows()
        open.set(day, rows)
      }
    }
    if (rows === undefined) continue
    const user = block.sessionUser[block.session[row]!]!
    rows.add(user, block.song[row]!, block.kind[row]!, Math.floor(ts / HOUR_MS) % 24, starsOf(block, row))
  }
}

/** Stars of a rating, 0 of all else. */
export function starsOf(block: EventBlock, row: number): number {
  return block.kind[row] === RATE ? block.detail[row]! : 0
}

const RATE = kindCode('rate')

/** The rows of one UTC day, block by block, and in each block user by user. */
class DayRows {
  count = 0
  #user = new Uint32Array(1024)
  #song = new Int32Array(1024)
  /** Kind in the lowest 4 bits, then stars (4) and hour (5). */
  #packed = new Uint16Array(1024)
  readonly #blockStarts = [0]

  beginBlock(): void {
    if (this.#blockStarts[this.#blockStarts.length - 1] !== this.count) this.#blockStarts.push(this.count)
  }

  add(user: number, song: number, kind: number, hour: number, stars: number): void {
    const at = this.count
    if (at === this.#user.length) this.#grow()
    this.count = at + 1
    this.#user[at] = user
    this.#song[at] = song
    this.#packed[at] = kind | (stars << 4) | (hour << 8)
  }

  /** Every row, all of a user's together. */
  eachByUser(take: (user: number, song: number, kind: number, hour: number, stars: number) => void): void {
    const ends = [...this.#blockStarts.slice(1), this.count]
    const places = [...this.#blockStarts]
    for (;;) {
      let user = Number.POSITIVE_INFINITY
      for (let i = 0; i < places.length; i++) {
        if (places[i]! < ends[i]! && this.#user[places[i]!]! < user) user = this.#user[places[i]!]!
      }
      if (user === Number.POSITIVE_INFINITY) return
      for (let i = 0; i < places.length; i++) {
        let at = places[i]!
        for (; at < ends[i]! && this.#user[at] === user; at++) {
          const packed = this.#packed[at]!
          take(user, this.#song[at]!, packed & 15, packed >>> 8, (packed >>> 4) & 15)
        }
        places[i] = at
      }
    }
  }

  #grow(): void {
    const [user, song, packed] = [this.#user, this.#song, this.#packed]
    this.#user = new Uint32Array(2 * user.length)
    this.#song = new Int32Array(2 * user.length)
    this.#packed = new Uint16Array(2 * user.length)
    this.#user.set(user)
    this.#song.set(song)
    this.#packed.set(packed)
  }
}
