/** The thread behind `simulateDays`: for each day it is sent, it sends back the lines of its users. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Day } from '../datasets/day.ts'
import type { Assignment } from './simulate.ts'
import { packDay } from './stored-line.ts'

const { world, users } = workerData as Assignment

parentPort!.on('message', (day: Day) => {
  const parcel = packDay(world, day, users)
  parentPort!.postMessage(parcel, [parcel.bytes.buffer, parcel.times.buffer])
})
