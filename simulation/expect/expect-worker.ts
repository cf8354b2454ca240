/** The thread behind `expectCounts`: gives the next day of its users each time it is asked, or its ranges at once. */
import { parentPort, workerData } from 'node:worker_threads'
import type { ExpectJob } from './expect-counts.ts'
import { expectDays } from './expect-days.ts'
import { expectRanges } from './expect-ranges.ts'

const { world, span, by, users, days, ranges } = workerData as ExpectJob

if (ranges) {
  parentPort!.postMessage(expectRanges(world, span, by, ranges, { users }))
} else {
  const counted = expectDays(world, span, by, { users, days })
  parentPort!.on('message', () => {
    const { value } = counted.next()
    parentPort!.postMessage(value ?? null)
  })
}
