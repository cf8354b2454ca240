import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { monotonicClock } from './clock.ts'

describe('the real clock', () => {
  it('never calls before the moment, also between whole milliseconds', async () => {
    const due = Array.from({ length: 40 }, (_, i) => monotonicClock.now() + i * 0.37)
    await Promise.all(
      due.map(
        (at) =>
          new Promise<void>((resolve, reject) => {
            monotonicClock.at(at, () => {
              const early_ms = at - monotonicClock.now()
              if (early_ms > 0) reject(new Error(`${early_ms} ms early`))
              else resolve()
            })
          }),
      ),
    )
  })

  it('does not call at once what is due after more than a timer can hold, nor what was cancelled', async () => {
    const called: string[] = []
    const onWarning = ({ name }: Error): number => called.push(name)
    process.on('warning', onWarning)
    const cancelFar = monotonicClock.at(monotonicClock.now() + 2 ** 31 + 1000, () => called.push('far'))
    const cancelNear = monotonicClock.at(monotonicClock.now() + 5, () => called.push('cancelled'))
    cancelNear()
    await new Promise((resolve) => monotonicClock.at(monotonicClock.now() + 20, () => resolve(undefined)))
    cancelFar()
    process.off('warning', onWarning)
    assert.deepEqual(called, [])
  })
})
