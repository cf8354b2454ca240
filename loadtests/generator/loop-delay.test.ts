import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LoopDelay } from './loop-delay.ts'

const BEAT_MS = 10

/** A loop that comes round every 10 ms, save where a stall of so many ms begins. */
function looped(total_ms: number, stall: (at_ms: number) => number): { delay: LoopDelay; passed: number[] } {
  const delay = new LoopDelay()
  const passed: number[] = []
  for (let now = 0; now < total_ms; ) {
    const step = BEAT_MS + stall(now)
    now += step
    passed.push(step)
    delay.record(now, step, BEAT_MS)
  }
  return { delay, passed }
}

/** The slow plain way: asks at every tenth of a millisecond how long something due then waits. */
function plainPercentile(passed: readonly number[], percent: number): number {
  const waits: number[] = []
  for (const step of passed) {
    for (let at = 0.05; at < step; at += 0.1) waits.push(Math.max(0, step - BEAT_MS - at))
  }
  waits.sort((a, b) => a - b)
  return waits[Math.ceil((percent / 100) * waits.length) - 1]!
}

describe('the delay of an event loop', () => {
  it('is nothing for a loop that comes round on time', () => {
    const { delay } = looped(5000, () => 0.4)
    assert.equal(delay.percentile(99), 0)
    assert.equal(delay.worstWindow, 0)
    assert.equal(delay.samples, 481)
  })

  it('agrees with asking at every moment, for stalls of many lengths', () => {
    const { delay, passed } = looped(60_000, (at) => (at % 7 < 1 ? (at * 31) % 180 : (at * 17) % 6))
    for (const percent of [50, 90, 95, 99, 99.9]) {
      const plain = plainPercentile(passed, percent)
      const read = delay.percentile(percent)
      assert.ok(Math.abs(read - plain) <= 0.02 * plain + 1, `p${percent} ${read}, plainly ${plain}`)
    }
    assert.equal(delay.max_ms, Math.max(...passed) - BEAT_MS)
  })

  it('shows a second of standstill in every ten, which a percentile of turns would hide', () => {
    const { delay, passed } = looped(100_000, (at) => (at % 10_000 < BEAT_MS ? 1000 : 0))
    const turns = [...passed].sort((a, b) => a - b)
    assert.equal(turns[Math.ceil(0.99 * turns.length) - 1], BEAT_MS, 'the percentile of turns sees nothing')
    assert.ok(delay.percentile(99) > 800)
  })

  it('does not lose ten bad seconds in an hour', () => {
    const { delay } = looped(3_600_000, (at) => (at > 600_000 && at < 610_000 ? 90 : 0))
    assert.equal(delay.percentile(99), 0)
    assert.ok(delay.worstWindow > 0.6 && delay.worstWindow < 0.7, String(delay.worstWindow))
  })

  it('counts of a stall that is longer than the window the window alone', () => {
    const { delay } = looped(60_000, (at) => (at === 30_000 ? 25_000 : 0))
    assert.equal(delay.worstWindow, 1)
  })
})
