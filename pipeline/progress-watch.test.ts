import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ProgressWatch } from './progress-watch.ts'

describe('progress watch', () => {
  const states = (watch: ProgressWatch, rows: readonly [now_ms: number, lag: number, position: number][]) =>
    rows.map(([now_ms, lag, position]) => watch.observe({ now_ms, lag, position }))
  const moving = { state: 'moving' }
  const idle = { state: 'idle' }

  it('finds a stage stuck once work has waited for longer than it may, since when it last moved', () => {
    assert.deepEqual(
      states(new ProgressWatch(1000), [
        [5000, 10, 100],
        [5500, 20, 100],
        [6000, 30, 100],
        [6001, 30, 100],
        [9000, 90, 100],
      ]),
      [moving, moving, moving, { state: 'stuck', since_ms: 5000 }, { state: 'stuck', since_ms: 5000 }],
    )
  })

  it('takes a slow stage for moving, however much waits', () => {
    assert.deepEqual(
      states(new ProgressWatch(1000), [
        [0, 10, 1],
        [900, 1000, 2],
        [1800, 100_000, 3],
      ]),
      [moving, moving, moving],
    )
  })

  it('does not count the time in which nothing waited', () => {
    assert.deepEqual(
      states(new ProgressWatch(1000), [
        [0, 0, 7],
        [60_000, 0, 7],
        [60_500, 3, 7],
        [61_000, 3, 7],
        [61_001, 3, 7],
        [61_002, 3, 8],
      ]),
      [idle, idle, moving, moving, { state: 'stuck', since_ms: 60_000 }, moving],
    )
  })

  it('gives a stage its full time after a restart', () => {
    const watch = new ProgressWatch(1000)
    states(watch, [[0, 5, 1]])
    assert.deepEqual(states(watch, [[2000, 5, 1]]), [{ state: 'stuck', since_ms: 0 }])
    watch.restarted(2500)
    assert.deepEqual(
      states(watch, [
        [3400, 5, 1],
        [3600, 5, 1],
      ]),
      [moving, { state: 'stuck', since_ms: 2500 }],
    )
  })
})
