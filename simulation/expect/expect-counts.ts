/** {@link expectDays} and {@link expectRanges} on worker threads: each counts some of the users, and counts add up. */
import { Worker } from 'node:worker_threads'
import { MusicboxError } from '../../datasets/failure.ts'
import type { DayRange } from '../../datasets/period.ts'
import type { UserRange } from '../kernel/history.ts'
import type { World } from '../kernel/world.ts'
import { userRanges } from '../simulate.ts'
import type { Dimension } from './dimension.ts'
import { type ExpectedDay, expectDays, type HistorySpan } from './expect-days.ts'
import { type ExpectedRange, expectRanges } from './expect-ranges.ts'
import { addCounts } from './tally.ts'

export interface ExpectOptions {
  /** Which UTC days; all when not given. */
  days?: DayRange | undefined
  /** Threads; the counts do not depend on it. */
  workers?: number
  signal?: AbortSignal
}

export interface ExpectJob {
  world: World
  span: HistorySpan
  by: readonly Dimension[]
  users: UserRange
  days?: DayRange | undefined
  ranges?: readonly DayRange[]
}

/**
 * What the reports must show for each UTC day of a history, ascending, exact to the last listener.
 * ```ts
 * for await (const { day, counts } of expectCounts(world, { firstDay, lastDay }, ['song', 'hour'])) …
 * ```
 * @throws MusicboxError `interrupted` on the signal
 */
export async function* expectCounts(
  world: World,
  span: HistorySpan,
  by: readonly Dimension[],
  { days, workers = 1, signal }: ExpectOptions = {},
): AsyncGenerator<ExpectedDay> {
  if (workers === 1) {
    for (const day of expectDays(world, span, by, { days })) {
      expectRunning(signal)
      yield day
    }
    return
  }
  const crew = userRanges(world.userCount, workers).map((users) => hire({ world, span, by, users, days }))
  try {
    // Each is one day ahead of the reader; edge days may be missing from some.
    for (const { worker } of crew) worker.postMessage('next')
    const heads = await Promise.all(crew.map(({ take }) => take()))
    for (;;) {
      expectRunning(signal)
      const day = heads.reduce<string | undefined>(
        (least, head) => (head && (least === undefined || head.day < least) ? head.day : least),
        undefined,
      )
      if (day === undefined) return
      const parts: ExpectedDay[] = []
      const turns = heads.map((head) => head?.day === day)
      for (const [i, { worker }] of crew.entries()) {
        if (!turns[i]) continue
        parts.push(heads[i]!)
        worker.postMessage('next')
      }
      yield parts.reduce(addDays)
      for (const [i, { take }] of crew.entries()) if (turns[i]) heads[i] = await take()
    }
  } finally {
    await Promise.all(crew.map(({ worker }) => worker.terminate()))
  }
}

/** The counts of each range of UTC days, in their order, with listeners that are distinct over the range. */
export async function expectRangeCounts(
  world: World,
  span: HistorySpan,
  by: readonly Dimension[],
  ranges: readonly DayRange[],
  { workers = 1, signal }: ExpectOptions = {},
): Promise<ExpectedRange[]> {
  expectRunning(signal)
  if (workers === 1) return expectRanges(world, span, by, ranges)
  const crew = userRanges(world.userCount, workers).map((users) =>
    hire<ExpectedRange[]>({ world, span, by, users, ranges }),
  )
  const stop = (): void => void Promise.all(crew.map(({ worker }) => worker.terminate()))
  signal?.addEventListener('abort', stop, { once: true })
  try {
    const parts = await Promise.all(crew.map(({ take }) => take()))
    return parts.reduce((a, b) => a!.map((range, at) => addDays(range, b![at]!)))!
  } catch (error) {
    expectRunning(signal)
    throw error
  } finally {
    signal?.removeEventListener('abort', stop)
    await Promise.all(crew.map(({ worker }) => worker.terminate()))
  }
}

/** Adds what other users did in the same days. */
function addDays<T extends Pick<ExpectedDay, 'events' | 'counts'>>(a: T, b: T): T {
  const counts: ExpectedDay['counts'] = {}
  for (const dimension of Object.keys(a.counts) as Dimension[]) {
    counts[dimension] = addCounts(a.counts[dimension]!, b.counts[dimension]!)
  }
  return { ...a, events: a.events + b.events, counts }
}

interface Hired<T> {
  worker: Worker
  /** The next answer; undefined when there are no more. */
  take(): Promise<T | undefined>
}

function hire<T = ExpectedDay>(job: ExpectJob): Hired<T> {
  const worker = new Worker(new URL('./expect-worker.ts', import.meta.url), { workerData: job })
  const answers: (T | null)[] = []
  let waiting: PromiseWithResolvers<T | undefined> | undefined
  let failure: Error | undefined
  worker.on('message', (answer: T | null) => {
    if (waiting) waiting.resolve(answer ?? undefined)
    else answers.push(answer)
    waiting = undefined
  })
  const fail = (error: Error): void => {
    failure ??= error
    waiting?.reject(failure)
    waiting = undefined
  }
  worker.on('error', fail)
  worker.on('exit', (code) => fail(new Error(`a counting worker ended early, with code ${code}`)))
  return {
    worker,
    take: async () => {
      if (answers.length > 0) return answers.shift() ?? undefined
      if (failure) throw failure
      waiting = Promise.withResolvers<T | undefined>()
      return waiting.promise
    },
  }
}

function expectRunning(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new MusicboxError('interrupted', 'stopped before the counts were done')
}
