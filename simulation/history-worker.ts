/** The thread behind `simulateDays`: for each day it is sent, it sends back the lines of its users. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Day } from '../datasets/day.ts'
import type { Assignment, DayParcel } from './simulate.ts'
import { eachDayLine } from './stored-line.ts'

const { world, users } = workerData as Assignment

parentPort!.on('message', (day: Day) => {
  const parcel = pack(day)
  parentPort!.postMessage(parcel, [parcel.bytes.buffer, parcel.times.buffer])
})

/** A line never has more bytes: a comment of the API's largest size would fit. */
const LINE_BYTES_MAX = 8_192

/** The bytes of the day before: a good guess for those of the next. */
let guess_bytes = 1 << 20

function pack(day: Day): DayParcel {
  let bytes = Buffer.from(new ArrayBuffer(guess_bytes))
  let used = 0
  const times: number[] = []
  eachDayLine(world, day, users, (ts, line) => {
    if (used + LINE_BYTES_MAX > bytes.length) {
      const larger = Buffer.from(new ArrayBuffer(bytes.length * 2))
      bytes.copy(larger, 0, 0, used)
      bytes = larger
    }
    used += bytes.write(line, used)
    bytes[used++] = 0x0a
    times.push(ts)
  })
  guess_bytes = Math.max(1 << 16, used + (used >>> 2))
  return { bytes: new Uint8Array(bytes.buffer, 0, used), times: Float64Array.from(times) }
}
