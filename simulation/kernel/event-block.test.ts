import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { EventBlock, NONE, rowsByTime } from './event-block.ts'

describe('a block of events', () => {
  it('keeps its rows when it grows, and starts anew when cleared', () => {
    const block = new EventBlock()
    for (let i = 0; i < 10_000; i++) {
      if (i % 10 === 0) block.addSession(i, [i, 1, 2, 3], i * 1000, -300, i % 6)
      block.add(block.sessionCount - 1, i % 10, i * 100, i % 12, i % 3 === 0 ? NONE : i, i, i * 7, i % 7)
    }
    assert.equal(block.count, 10_000)
    assert.equal(block.sessionCount, 1_000)
    for (const i of [0, 4_095, 4_096, 9_999]) {
      assert.deepEqual(
        [block.session[i], block.sequence[i], block.ts[i], block.song[i], block.detail[i], block.cause[i]],
        [Math.floor(i / 10), i % 10, i * 100, i % 3 === 0 ? NONE : i, i * 7, i % 7],
      )
    }
    assert.deepEqual([...block.sessionWords.slice(4 * 999, 4 * 1_000)], [9_990, 1, 2, 3])
    assert.equal(block.sessionOffset_min[999], -300)
    block.clear()
    assert.equal(block.count + block.sessionCount, 0)
  })

  it('orders its rows by time, equal times as they stand', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -200_000, max: 200_000 }), { maxLength: 300 }), (times) => {
        const block = new EventBlock()
        block.addSession(0, [0, 0, 0, 0], 0, 0, 0)
        for (const [i, ts] of times.entries()) block.add(0, i, ts, 0, NONE, NONE, 0, 0)
        const expected = times.map((_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b)
        assert.deepEqual([...rowsByTime(block)], expected)
      }),
    )
  })
})
