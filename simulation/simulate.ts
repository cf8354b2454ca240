/** A history day by day, made on worker threads: each takes a range of users, and the days are merged in order. */
import { Worker } from 'node:worker_threads'
import { type Day, daysBetween } from '../datasets/day.ts'
import { MusicboxError } from '../datasets/failure.ts'
import type { UserRange } from './kernel/history.ts'
import type { World } from './kernel/world.ts'
import { type DayParcel, type HistoryLine, unpackDay } from './stored-line.ts'

export interface SimulatedDay {
  day: Day
  /** Ordered by (ts, user, sequence); each fit to be appended to the event log. */
  entries: SimulatedEntry[]
}

export interface SimulatedEntry {
  eid: string
  /** The user id, which decides the partition. */
  key: string
  line: string
}

/** How many days a worker may be ahead of the reader. */
const DAYS_AHEAD = 2

/**
 * The days from `firstDay` to `lastDay`, in order. The bytes do not depend on `workers`. Leaving the loop early ends the
 * workers.
 * @throws MusicboxError `input.invalid`
 */
export async function* simulateDays(
  world: World,
  { firstDay, lastDay, workers = 1 }: { firstDay: Day; lastDay: Day; workers?: number },
): AsyncGenerator<SimulatedDay> {
  if (!(Number.isInteger(workers) && workers >= 1 && workers <= 64)) {
    throw new MusicboxError('input.invalid', `expected 1 to 64 workers, got ${workers}`)
  }
  const days = daysBetween(firstDay, lastDay)
  if (days.length === 0) return
  const crew = userRanges(world.userCount, workers).map((users) => hire(world, users))
  try {
    for (const day of days.slice(0, DAYS_AHEAD)) for (const worker of crew) worker.ask(day)
    for (const [i, day] of days.entries()) {
      const parts = await Promise.all(crew.map((worker) => worker.take()))
      const ahead = days[i + DAYS_AHEAD]
      if (ahead !== undefined) for (const worker of crew) worker.ask(ahead)
      yield { day, entries: mergeLines(parts).map(entryOf) }
    }
  } finally {
    await Promise.all(crew.map((worker) => worker.dismiss()))
  }
}

/** Splits the users into ranges whose sizes differ by one at most; no range is empty. */
export function userRanges(userCount: number, parts: number): UserRange[] {
  const count = Math.min(userCount, parts)
  return Array.from({ length: count }, (_, i) => {
    const first = Math.floor((userCount * i) / count)
    return { first, count: Math.floor((userCount * (i + 1)) / count) - first }
  })
}

/** Merges parts that are each in order; of equal times the earlier part, which holds the lower users, comes first. */
export function mergeLines(parts: readonly (readonly HistoryLine[])[]): HistoryLine[] {
  return parts.reduce<readonly HistoryLine[]>((merged, part) => {
    const both: HistoryLine[] = []
    let i = 0
    for (const line of part) {
      while (i < merged.length && merged[i]!.ts <= line.ts) both.push(merged[i++]!)
      both.push(line)
    }
    while (i < merged.length) both.push(merged[i++]!)
    return both
  }, []) as HistoryLine[]
}

function entryOf({ line }: HistoryLine): SimulatedEntry {
  // A stored line starts with eid (32 digits), ts and uid (36 characters): see eventLine in event.ts.
  const uidAt = line.indexOf('"uid":"', 42) + 7
  return { eid: line.slice(8, 40), key: line.slice(uidAt, uidAt + 36), line }
}

export interface Assignment {
  world: World
  users: UserRange
}

interface Hired {
  ask(day: Day): void
  take(): Promise<HistoryLine[]>
  dismiss(): Promise<unknown>
}

function hire(world: World, users: UserRange): Hired {
  const worker = new Worker(new URL('./history-worker.ts', import.meta.url), {
    workerData: { world, users } satisfies Assignment,
  })
  const parcels: DayParcel[] = []
  const takers: PromiseWithResolvers<DayParcel>[] = []
  let failure: Error | undefined
  const fail = (error: Error): void => {
    failure ??= error
    for (const taker of takers.splice(0)) taker.reject(failure)
  }
  worker.on('message', (parcel: DayParcel) => {
    const taker = takers.shift()
    if (taker) taker.resolve(parcel)
    else parcels.push(parcel)
  })
  worker.on('error', fail)
  worker.on('exit', (code) => fail(new Error(`a history worker ended early, with code ${code}`)))
  return {
    ask: (day) => worker.postMessage(day),
    take: async () => {
      const parcel = parcels.shift()
      if (parcel) return unpackDay(parcel)
      if (failure) throw failure
      const taker = Promise.withResolvers<DayParcel>()
      takers.push(taker)
      return unpackDay(await taker.promise)
    },
    dismiss: () => worker.terminate(),
  }
}
