/** Counts a history on worker threads: each takes a range of users, and their tallies are added. */
import { Worker } from 'node:worker_threads'
import type { UserRange } from '../kernel/history.ts'
import { userRanges } from '../simulate.ts'
import { type CountingPlan, countUsers, merge, type Tally } from './tally.ts'
import type { FromCounter } from './tally-worker.ts'

/** @param onUsers told, now and then, how many more users are done */
export async function countHistory(
  plan: CountingPlan,
  {
    workers = 1,
    signal,
    onUsers = () => {},
  }: { workers?: number; signal?: AbortSignal; onUsers?: (count: number) => void } = {},
): Promise<Tally> {
  const ranges = userRanges(plan.judged.userCount, workers)
  if (ranges.length === 1) return countUsers(plan, ranges[0]!, onUsers)
  const tallies = await Promise.all(ranges.map((users) => countApart(plan, users, onUsers, signal)))
  const [whole, ...others] = tallies as [Tally, ...Tally[]]
  for (const other of others) merge(whole, other)
  return whole
}

function countApart(
  plan: CountingPlan,
  users: UserRange,
  onUsers: (count: number) => void,
  signal: AbortSignal | undefined,
): Promise<Tally> {
  const { promise, resolve, reject } = Promise.withResolvers<Tally>()
  const worker = new Worker(new URL('./tally-worker.ts', import.meta.url), { workerData: { plan, users } })
  const stop = (): void => void worker.terminate()
  signal?.addEventListener('abort', stop, { once: true })
  worker.on('message', (message: FromCounter) => {
    if ('tally' in message) resolve(message.tally)
    else onUsers(message.users)
  })
  worker.on('error', reject)
  worker.on('exit', (code) =>
    reject(signal?.aborted ? signal.reason : new Error(`a counting worker ended early, with code ${code}`)),
  )
  return promise.finally(() => signal?.removeEventListener('abort', stop))
}
