import assert from 'node:assert/strict'
import { it, mock } from 'node:test'
import { watchLoopDelay } from './loop-delay.ts'

it('loop delay: a turn that is still running counts, and a loop that is in time counts nothing', () => {
  mock.timers.enable({ apis: ['setInterval'] })
  let now = 0
  const loop = watchLoopDelay(() => now)
  try {
    now = 100
    mock.timers.tick(100)
    assert.equal(loop.now_ms(), 0)
    // The loop is held up: the timer that was due at 200 has not fired.
    now = 1_700
    assert.equal(loop.now_ms(), 1_500)
    mock.timers.tick(100)
    assert.equal(loop.now_ms(), 1_500, 'until the next measurement the last one holds')
    now = 1_800
    mock.timers.tick(100)
    assert.equal(loop.now_ms(), 0)
  } finally {
    loop.stop()
    mock.timers.reset()
  }
})
