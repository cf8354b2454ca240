/**
 * Exact counts over ranges of UTC days, with listeners that are distinct over the whole range: what `period_log` holds.
 *
 * Days do not add up to that, so users are taken a few hundred at a time through all days, with one bit a group and
 * user for "has played". What is held does not grow with users or days.
 */
import { DAY_MS, HOUR_MS } from '../../datasets/day.ts'
import type { DayRange } from '../../datasets/period.ts'
import { dayNumber } from '../kernel/day-number.ts'
import { EventBlock } from '../kernel/event-block.ts'
import { allUsers, fillDay, type UserRange } from '../kernel/history.ts'
import type { World } from '../kernel/world.ts'
import { type Dimension, groupingOf } from './dimension.ts'
import { groupOfRow, type HistorySpan, starsOf } from './expect-days.ts'
import { type Counts, isOfSong, PLAY, Tally } from './tally.ts'

export interface ExpectedRange {
  range: DayRange
  events: number
  counts: Partial<Record<Dimension, Counts>>
}

/** Users whose days are made together. */
const USERS_AT_ONCE = 256

/** The counts of each range, in their order; a range without days of the history has none. */
export function expectRanges(
  world: World,
  span: HistorySpan,
  by: readonly Dimension[],
  ranges: readonly DayRange[],
  { users = allUsers(world) }: { users?: UserRange } = {},
): ExpectedRange[] {
  const grouping = groupingOf(world)
  const open = ranges.map((range) => ({
    first: dayNumber(range.first),
    last: dayNumber(range.last),
    events: 0,
    tallies: by.map((dimension) => {
      const size = grouping.size[dimension]
      return { dimension, tally: new Tally(dimension, size), played: new Uint32Array((size * USERS_AT_ONCE) / 32) }
    }),
  }))
  const firstBlock = Math.max(dayNumber(span.firstDay), Math.min(...open.map(({ first }) => first)) - 1)
  const lastBlock = Math.min(dayNumber(span.lastDay), Math.max(...open.map(({ last }) => last)) + 1)
  const block = new EventBlock()
  const usersEnd = users.first + users.count
  for (let first = users.first; first < usersEnd; first += USERS_AT_ONCE) {
    const chunk = { first, count: Math.min(USERS_AT_ONCE, usersEnd - first) }
    for (const { tallies } of open) for (const { played } of tallies) played.fill(0)
    for (let day = firstBlock; day <= lastBlock; day++) {
      fillDay(block, world, day, chunk)
      for (const range of open) if (range.first <= day + 1 && range.last >= day - 1) count(range, first)
    }
  }
  return open.map(({ events, tallies }, at) => {
    const counts: ExpectedRange['counts'] = {}
    for (const { dimension, tally } of tallies) counts[dimension] = tally.take()
    return { range: ranges[at]!, events, counts }
  })

  function count(range: (typeof open)[number], firstUser: number): void {
    for (let row = 0; row < block.count; row++) {
      const ts = block.ts[row]!
      const day = Math.floor(ts / DAY_MS)
      if (day < range.first || day > range.last) continue
      range.events++
      const kind = block.kind[row]!
      const ofSong = isOfSong(kind)
      const user = block.sessionUser[block.session[row]!]!
      for (const { dimension, tally, played } of range.tallies) {
        if (dimension !== 'hour' && !ofSong) continue
        const group =
          dimension === 'hour' ? Math.floor(ts / HOUR_MS) % 24 : groupOfRow(grouping, dimension, block.song[row]!, user)
        tally.add(group, kind, starsOf(block, row))
        if (kind !== PLAY) continue
        const bit = group * USERS_AT_ONCE + (user - firstUser)
        if (((played[bit >>> 5]! >>> (bit & 31)) & 1) === 0) tally.addListener(group)
        played[bit >>> 5]! |= 1 << (bit & 31)
      }
    }
  }
}
