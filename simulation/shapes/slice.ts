/** A history cut into blocks that fit into memory: by day, or by groups of users where a shape wants users together. */
import { daysBetween } from '../../datasets/day.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { dayNumber } from '../kernel/day-number.ts'
import { EventBlock } from '../kernel/event-block.ts'
import { allUsers, fillDay, type UserRange } from '../kernel/history.ts'
import type { World } from '../kernel/world.ts'
import type { ExportOptions } from './shape.ts'

/** The sessions that start on one local day. */
export interface Slice {
  /** {@link dayNumber} */
  day: number
  /** Used again for the next slice: take what is needed before going on. */
  block: EventBlock
}

/** All users, day by day. */
export async function* slicesByDay(world: World, options: ExportOptions): AsyncGenerator<Slice> {
  const { firstDay, lastDay, onDay } = options
  const block = new EventBlock()
  for (const name of daysBetween(firstDay, lastDay)) {
    await turn(options)
    const day = dayNumber(name)
    fillDay(block, world, day, allUsers(world))
    yield { day, block }
    onDay?.()
  }
}

/** How many days of users are in memory at once: some hundred thousand events. */
const USER_DAYS_MAX = 100_000

export interface UserGroup {
  users: UserRange
  /** All days of these users; must be read to the end before the next group is asked for. */
  slices: AsyncIterable<Slice>
}

/** Users in order, group by group. */
export async function* slicesByUser(
  world: World,
  options: ExportOptions,
  userDaysMax = USER_DAYS_MAX,
): AsyncGenerator<UserGroup> {
  const { firstDay, lastDay, onDay } = options
  const days = daysBetween(firstDay, lastDay).map(dayNumber)
  const groupSize = Math.max(1, Math.floor(userDaysMax / Math.max(1, days.length)))
  const groups = Math.ceil(world.userCount / groupSize)
  const block = new EventBlock()
  let done = 0
  const advance = (): void => {
    // Days of one group are a part of a day of all.
    if (Math.floor(++done / groups) > Math.floor((done - 1) / groups)) onDay?.()
  }
  for (let group = 0; group < groups; group++) {
    const first = group * groupSize
    const users = { first, count: Math.min(groupSize, world.userCount - first) }
    async function* slices(): AsyncGenerator<Slice> {
      for (const day of days) {
        await turn(options)
        fillDay(block, world, day, users)
        yield { day, block }
        advance()
      }
    }
    yield { users, slices: slices() }
  }
}

/** Lets signals in, and stops on them. */
export async function turn({ signal }: Pick<ExportOptions, 'signal'>): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  if (signal?.aborted) {
    throw new MusicboxError('interrupted', 'the export was stopped before its end', 'start it again: no file is left')
  }
}
