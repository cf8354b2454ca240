/** The thread behind `simulateDays`: for each day it is sent, it sends back the lines of its users. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Day } from '../datasets/day.ts'
import { dayLines } from './history.ts'
import type { Assignment, DayParcel } from './simulate.ts'

const { world, users } = workerData as Assignment

parentPort!.on('message', (day: Day) => {
  const lines = dayLines(world, day, users)
  const times = Float64Array.from(lines, ({ ts }) => ts)
  const parcel: DayParcel = { text: lines.map(({ line }) => line).join('\n'), times }
  parentPort!.postMessage(parcel, [times.buffer])
})
