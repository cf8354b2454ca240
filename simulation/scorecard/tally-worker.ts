/** The thread behind `countHistory`: counts the users it is given, and sends back how many are done and then its tally. */
import { parentPort, workerData } from 'node:worker_threads'
import type { UserRange } from '../kernel/history.ts'
import { type CountingPlan, countUsers, type Tally } from './tally.ts'

export type FromCounter = { users: number } | { tally: Tally }

const { plan, users } = workerData as { plan: CountingPlan; users: UserRange }
const tell = (message: FromCounter, handedOver: ArrayBuffer[] = []): void =>
  parentPort!.postMessage(message, handedOver)

const tally = countUsers(plan, users, (count) => tell({ users: count }))
tell(
  { tally },
  Object.values(tally).map(({ buffer }) => buffer),
)
