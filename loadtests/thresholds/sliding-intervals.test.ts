import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import fc from 'fast-check'
import { CounterSink } from '../metrics/sink.ts'
import { SlidingIntervals } from './sliding-intervals.ts'

describe('sliding intervals', () => {
  it('are together what a plain sum of those that are left says', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.oneof({ weight: 3, arbitrary: fc.nat(9) }, { weight: 2, arbitrary: fc.constant('shift') }), {
          maxLength: 200,
        }),
        (size, steps) => {
          const intervals = new SlidingIntervals('counter', size)
          const plain: number[] = []
          for (const [at, step] of steps.entries()) {
            if (typeof step === 'number') {
              plain.push(step)
              intervals.push({ from_ms: at, to_ms: at + 1, sink: counterOf(step) })
            } else {
              plain.shift()
              intervals.shift()
            }
            const { total } = intervals.sum() as CounterSink
            assert.equal(
              total,
              plain.reduce((sum, value) => sum + value, 0),
            )
            assert.equal(intervals.size, plain.length)
            assert.equal((intervals.first?.sink as CounterSink | undefined)?.total, plain[0])
            assert.equal((intervals.last?.sink as CounterSink | undefined)?.total, plain.at(-1))
          }
        },
      ),
    )
  })

  it('take a few dozen additions for ten minutes of seconds', () => {
    const intervals = new SlidingIntervals('counter', 600)
    for (let second = 0; second < 1500; second++) {
      intervals.push({ from_ms: second, to_ms: second + 1, sink: counterOf(1) })
      if (intervals.size > 600) intervals.shift()
    }
    const merge = mock.method(CounterSink.prototype, 'merge')
    assert.equal((intervals.sum() as CounterSink).total, 600)
    assert.ok(merge.mock.callCount() <= 3 * Math.ceil(Math.sqrt(600)), String(merge.mock.callCount()))
    merge.mock.restore()
  })
})

function counterOf(total: number): CounterSink {
  const sink = new CounterSink()
  sink.add(total)
  return sink
}
