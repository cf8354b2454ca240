/**
 * The events of a UTC day of some users. Sessions belong to the local day they start on and are never cut; every clock
 * stands at UTC or behind it, and no session lasts a day: so a UTC day has the end of the local day before, and most of
 * its own. Days that are made one after another make each local day once.
 */
import { DAY_MS } from '../../datasets/day.ts'
import type { UserRange } from '../kernel/history.ts'
import type { World } from '../kernel/world.ts'
import { FilledBlock } from './filled-block.ts'

/** Rows of two blocks in one order. */
export interface DayRows {
  /** The local day before, and the day's own. */
  blocks: readonly [FilledBlock, FilledBlock]
  /** By (ts, user, session, sequence): twice the row, plus which of the blocks. Read up to `count`. */
  refs: Uint32Array
  count: number
}

export class UtcDays {
  readonly #world: World
  readonly #users: UserRange
  readonly #sessionDays: { first: number; last: number }
  readonly #onFill: (filled: FilledBlock) => void
  #before = new FilledBlock()
  #own = new FilledBlock()
  /** Which local day `#own` holds. */
  #day = Number.NaN
  #refs = new Uint32Array(0)

  /**
   * @param sessionDays local days (`dayNumber`) whose sessions there are
   * @param onFill is told of each block that was filled anew
   */
  constructor(
    world: World,
    users: UserRange,
    sessionDays: { first: number; last: number },
    onFill: (filled: FilledBlock) => void,
  ) {
    this.#world = world
    this.#users = users
    this.#sessionDays = sessionDays
    this.#onFill = onFill
  }

  /** Valid until the next call. @param day `dayNumber` of the UTC day */
  rowsOf(day: number): DayRows {
    if (this.#day !== day - 1) this.#fill(day - 1)
    const before = this.#own
    this.#own = this.#before
    this.#before = before
    this.#fill(day)
    return this.#merge(day)
  }

  #fill(day: number): void {
    const isHistory = day >= this.#sessionDays.first && day <= this.#sessionDays.last
    if (isHistory) this.#own.fill(this.#world, day, this.#users)
    else this.#own.clear()
    this.#day = day
    const { order, block } = this.#own
    const first = block.ts[order[0] ?? 0]!
    const last = block.ts[order.at(-1) ?? 0]!
    if (order.length > 0 && (first < day * DAY_MS || last >= (day + 2) * DAY_MS)) {
      throw new RangeError(`expected the sessions of local day ${day} to lie in two UTC days, got ${first} to ${last}`)
    }
    this.#onFill(this.#own)
  }

  #merge(day: number): DayRows {
    const before = this.#before
    const own = this.#own
    const start_ms = day * DAY_MS
    const end_ms = start_ms + DAY_MS
    let i = lowerBound(before, start_ms)
    let j = 0
    const iEnd = before.order.length
    const jEnd = lowerBound(own, end_ms)
    const count = iEnd - i + jEnd
    if (this.#refs.length < count) this.#refs = new Uint32Array(2 * count)
    const refs = this.#refs
    for (let at = 0; at < count; at++) {
      if (j >= jEnd || (i < iEnd && comesFirst(before, before.order[i]!, own, own.order[j]!))) {
        refs[at] = 2 * before.order[i++]!
      } else {
        refs[at] = 2 * own.order[j++]! + 1
      }
    }
    return { blocks: [before, own], refs, count }
  }
}

/** Of one user's events at one time, those of the session that started the day before come first. */
function comesFirst(before: FilledBlock, row: number, own: FilledBlock, ownRow: number): boolean {
  const ts = before.block.ts[row]!
  const ownTs = own.block.ts[ownRow]!
  if (ts !== ownTs) return ts < ownTs
  const user = before.block.sessionUser[before.block.session[row]!]!
  return user <= own.block.sessionUser[own.block.session[ownRow]!]!
}

/** How many rows of a block lie before an instant. */
function lowerBound({ order, block }: FilledBlock, ms: number): number {
  let low = 0
  let high = order.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (block.ts[order[middle]!]! < ms) low = middle + 1
    else high = middle
  }
  return low
}
