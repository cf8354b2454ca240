import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DAY_MS } from '../../datasets/day.ts'
import { pearson } from '../scorecard/statistics/correlation.ts'
import { distanceOfBins } from '../scorecard/statistics/kolmogorov.ts'
import { momentsOf } from './moments.ts'
import { Observer } from './observer.ts'

/** 2025-03-03, a Monday. */
const MONDAY_MS = Date.UTC(2025, 2, 3)

/** One session with one play, left after some seconds or heard for them. */
function listen(
  seen: Observer,
  at: { user: number; ts: number; song: number; heard_s?: number; left?: boolean },
): void {
  const { user, ts, song, heard_s = 200, left = false } = at
  const session = seen.sessions
  const event = { user, session, song, position_ms: -1 }
  seen.add({ ...event, ts, kind: 'login', song: -1 })
  seen.add({ ...event, ts: ts + 1_000, kind: 'play', position_ms: 0 })
  const end = ts + 1_000 + heard_s * 1_000
  if (left) seen.add({ ...event, ts: end, kind: 'skip', position_ms: heard_s * 1_000 })
  seen.add({ ...event, ts: end, kind: 'exit' })
}

describe('the moments of a history', () => {
  it('have the half-life with which songs are forgotten', () => {
    for (const halfLife_weeks of [2, 5]) {
      const seen = new Observer()
      for (let song = 0; song < 12; song++) {
        for (let week = 0; week < 20; week++) {
          const plays = Math.round(800 * 2 ** (-Math.max(0, week - 2) / halfLife_weeks))
          // A week of the epoch starts on a Thursday.
          const ts = MONDAY_MS + (3 + 7 * week) * DAY_MS
          const seldom = week < 2 ? plays / 4 : plays
          for (let play = 0; play < seldom; play++) listen(seen, { user: play, ts: ts + play * 1_000, song })
        }
      }
      const { half_life_days } = momentsOf(seen.finish())
      assert.ok(Math.abs(half_life_days! / (7 * halfLife_weeks) - 1) < 0.05, `${half_life_days}`)
    }
  })

  it('count who has left by a second among those who could have', () => {
    const seen = new Observer()
    const hear = (heard_s: number, left: boolean, times: number): void => {
      for (let i = 0; i < times; i++)
        listen(seen, { user: 1, ts: MONDAY_MS + 1e6 * seen.sessions, song: 1, heard_s, left })
    }
    hear(3, true, 20)
    hear(4, false, 30)
    hear(10, true, 10)
    hear(200, false, 40)
    const { left_by_5s, left_by_30s, left_before_end } = momentsOf(seen.finish())
    const near = (value: number, expected: number): void => assert.ok(Math.abs(value - expected) < 1e-9, `${value}`)
    near(left_by_5s, 0.2)
    // Of the fifty still there after five seconds ten leave.
    near(left_by_30s, 1 - 0.8 * 0.8)
    near(left_before_end, 0.3)
  })

  it('know hours, repeats and sizes', () => {
    const seen = new Observer()
    for (const [hour, song] of [
      [8, 1],
      [8, 2],
      [24 + 8, 1],
      [6 * 24 + 20, 3],
    ] as const) {
      listen(seen, { user: 1, ts: MONDAY_MS + hour * 3_600_000, song })
    }
    const moments = momentsOf(seen.finish())
    assert.deepEqual([moments.hour_of_week[8], moments.hour_of_week[6 * 24 + 20]], [84, 42])
    assert.equal(moments.repeat_share, 0.25)
    assert.deepEqual([moments.session_plays_mean, moments.sessions, moments.users, moments.days], [1, 4, 1, 7])
  })
})

describe('distances', () => {
  it('are those of the textbooks', () => {
    assert.equal(distanceOfBins(Float64Array.of(1, 1, 2), Float64Array.of(0, 4, 4)), 0.25)
    assert.ok(Math.abs(pearson([1, 2, 3], [2, 4, 6]) - 1) < 1e-12)
    assert.ok(Math.abs(pearson([1, 2, 3], [3, 2, 1]) + 1) < 1e-12)
  })
})
