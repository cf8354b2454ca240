import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Mark } from '../metrics/timeline.ts'
import { LiveControl } from './live-control.ts'
import type { ControlState } from './run-control.ts'
import type { SegmentHandle } from './segment.ts'

describe('the control of a run', () => {
  it('shares users over scenarios as they were planned, and loses none', () => {
    const { control, last } = controlled([
      { name: 'listeners', users: 30 },
      { name: 'readers', users: 10 },
      { name: 'ingest', users: 3 },
    ])
    for (const users of [0, 1, 7, 43, 1000]) {
      control.scale(users)
      const given = last().users
      assert.equal(given['listeners']! + given['readers']! + given['ingest']!, users)
      assert.ok(given['listeners']! >= given['readers']!)
    }
    control.scale(5, 'readers')
    assert.equal(last().users['readers'], 5)
  })

  it('marks a pause from its start to its end, once', () => {
    const { control, marks, last } = controlled([{ name: 'a', users: 1 }])
    control.pause()
    control.pause()
    assert.equal(last().paused, true)
    control.resume()
    control.resume()
    assert.equal(last().paused, false)
    assert.deepEqual([...new Set(marks)], [{ at_s: 1, until_s: 2, kind: 'pause', text: 'paused' }])
  })

  it('refuses what cannot be', () => {
    const { control } = controlled([{ name: 'a', users: 1 }])
    for (const users of [-1, 1.5, Number.NaN, 1e9]) assert.throws(() => control.scale(users), RangeError)
    assert.throws(() => control.scale(1, 'b'), /expected the name of a scenario, got "b"/)
  })
})

function controlled(scenarios: { name: string; users: number }[]) {
  const states: ControlState[] = []
  const marks: Mark[] = []
  let now_s = 0
  const segment = { control: (state: ControlState) => states.push(state) } as unknown as SegmentHandle
  const control = new LiveControl(
    [segment],
    scenarios,
    () => ++now_s,
    (mark) => marks.push(mark),
    () => {},
  )
  return { control, marks, last: () => states.at(-1)! }
}
