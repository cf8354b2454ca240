import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { arrivalsOf, burstOf, expectedSessions, SESSIONS_MAX } from './arrivals.ts'
import { dayNumber, weekdayOf } from './day-number.ts'
import { PUBLISHED_KNOBS } from './knobs.ts'
import { type Listener, listenerAt, NEVER } from './listener.ts'
import { offsetAt } from './local-time.ts'
import { createWorld, type World } from './world.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const world = createWorld()
const firstDay = dayNumber(world.firstDay)

/** Listeners who are there all the time, at a rate of choice. */
const steady = (sessions_per_day: number, count: number, of: World = world): Listener[] =>
  Array.from({ length: count }, (_, index) => ({
    ...listenerAt(of, index),
    sessions_per_day,
    joinDay: firstDay - 9,
    leaveDay: NEVER,
  }))

const gapsOf = (of: World, listener: Listener, days: number): number[] => {
  const starts: number[] = []
  for (let day = firstDay; day < firstDay + days; day++) {
    for (const { start_ms } of arrivalsOf(of, listener, day)) starts.push(start_ms)
  }
  return starts.slice(1).map((start, i) => start - starts[i]!)
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

function burstiness(gaps: readonly number[]): number {
  const middle = mean(gaps)
  const deviation = Math.sqrt(mean(gaps.map((gap) => (gap - middle) ** 2)))
  return (deviation - middle) / (deviation + middle)
}

/** Expected session starts in each hour of a local day. */
function expectedStarts(of: World, listener: Listener, day: number): number[] {
  const ends = [...listener.rhythm.ends].slice(24 * weekdayOf(day), 24 * weekdayOf(day) + 24)
  const mean = expectedSessions(of, listener, day)
  return ends.map((end, hour) => (mean * (end - (hour === 0 ? 0 : ends[hour - 1]!))) / 2 ** 32)
}

describe('arrivals', () => {
  it('start on the listener’s local day, ascending, at the offset of their clock', () => {
    for (const listener of steady(3, 100)) {
      for (let day = firstDay + 60; day < firstDay + 75; day++) {
        const arrivals = arrivalsOf(world, listener, day)
        for (const [i, { start_ms, offset_min }] of arrivals.entries()) {
          assert.equal(Math.floor((start_ms + offset_min * 60_000) / DAY_MS), day)
          assert.equal(offset_min, offsetAt(listener.home.zone, start_ms))
          assert.ok(i === 0 || start_ms >= arrivals[i - 1]!.start_ms)
        }
        assert.equal(new Set(arrivals.map(({ ordinal }) => ordinal)).size, arrivals.length)
      }
    }
  })

  it('have a Poisson number about the mean that is told: dispersion near 1, and above it about any other mean', () => {
    let [excess, moreExcess, days] = [0, 0, 0]
    for (const listener of steady(1.5, 150)) {
      for (let day = firstDay; day < firstDay + 140; day++) {
        const expected = expectedSessions(world, listener, day)
        if (expected < 0.2) continue
        const count = arrivalsOf(world, listener, day).length
        excess += (count - expected) ** 2 / expected
        moreExcess += (count - 1.5) ** 2 / 1.5
        days++
      }
    }
    assert.ok(Math.abs(excess / days - 1) < 0.05, `${excess / days}`)
    assert.ok(moreExcess / days > 1.3, `${moreExcess / days}`)
  })

  it('fall in the hours by the rhythm: no hour of a week is off by half a percent of all', () => {
    const found = new Float64Array(168)
    const told = new Float64Array(168)
    const uniform = new Float64Array(168).fill(1 / 168)
    const [monday, weeks] = [dayNumber('2026-01-05'), 8]
    for (const listener of steady(4, 120)) {
      for (let i = 0; i < 7 * weeks; i++) {
        for (const [hour, expected] of expectedStarts(world, listener, monday + i).entries()) {
          told[24 * (i % 7) + hour]! += expected
        }
        for (const { start_ms, offset_min } of arrivalsOf(world, listener, monday + i)) {
          const hour = Math.floor((start_ms + offset_min * 60_000 - (monday + i) * DAY_MS) / HOUR_MS)
          found[24 * (i % 7) + hour]!++
        }
      }
    }
    const distance = (a: Float64Array, b: Float64Array): number => {
      const [aSum, bSum] = [a, b].map((values) => values.reduce((sum, value) => sum + value, 0)) as [number, number]
      let [ofA, ofB, most] = [0, 0, 0]
      a.forEach((value, i) => {
        ofA += value / aSum
        ofB += b[i]! / bSum
        most = Math.max(most, Math.abs(ofA - ofB))
      })
      return most
    }
    assert.ok(distance(found, told) < 0.01, `${distance(found, told)}`)
    assert.ok(distance(found, uniform) > 0.03)
  })

  it('come in bursts: gaps of a listener’s events are burstier than chance, and less so without the rhythm', () => {
    const calm = createWorld({ knobs: { rhythm: 0 } })
    const of = (one: World): number =>
      mean(steady(0.5, 60, one).map((listener) => burstiness(gapsOf(one, listener, 500))))
    assert.ok(of(world) > 0.12, `${of(world)}`)
    assert.ok(Math.abs(of(calm)) < 0.03, `${of(calm)}`)
    // With the plays of a session, here ten two minutes apart, the published band of 0.3 to 0.9 is met.
    const gaps = gapsOf(world, steady(0.3, 1)[0]!, 900).flatMap((gap) => [...new Array<number>(9).fill(120_000), gap])
    assert.ok(burstiness(gaps) > 0.3 && burstiness(gaps) < 0.9, `${burstiness(gaps)}`)
  })

  it('have bursts of mean 1 by the week, the same all week', () => {
    const bursts = Array.from({ length: 20_000 }, (_, index) => burstOf(world, index, firstDay))
    assert.ok(Math.abs(mean(bursts) - 1) < 0.03)
    const monday = dayNumber('2026-01-05')
    for (let i = 0; i < 7; i++) assert.equal(burstOf(world, 5, monday + i), burstOf(world, 5, monday))
    assert.notEqual(burstOf(world, 5, monday + 7), burstOf(world, 5, monday))
  })

  it('do not come before joining, from leaving on, or from dormant accounts', () => {
    const [listener] = steady(5, 1)
    const brief = { ...listener!, joinDay: firstDay + 3, leaveDay: firstDay + 6 }
    const days = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => arrivalsOf(world, brief, firstDay + i))
    for (const i of [0, 1, 2, 6, 7]) assert.equal(days[i]!.length, 0)
    assert.ok(days.flat().length > 0)
    assert.equal(arrivalsOf(world, { ...listener!, sessions_per_day: 0 }, firstDay).length, 0)
    assert.equal(days[0], days[7], 'an empty day allocates nothing')
  })

  it('are as many as a holiday says, none in an outage, and otherwise the same', () => {
    const from_ms = Date.parse('2026-02-10T18:00:00Z')
    const to_ms = from_ms + 5 * HOUR_MS
    const shocked = createWorld({
      shocks: [
        { kind: 'holiday', name: 'feast', day: '2026-01-20', days: 2, size: 0.25 },
        { kind: 'outage', name: 'dark', from_ms, to_ms },
      ],
    })
    const [feast, dark] = [dayNumber('2026-01-20'), dayNumber('2026-02-10')]
    let [onFeast, without, lost] = [0, 0, 0]
    for (const listener of steady(2, 400)) {
      for (let day = feast - 2; day < feast + 4; day++) {
        const [before, after] = [arrivalsOf(world, listener, day), arrivalsOf(shocked, listener, day)]
        if (day < feast || day >= feast + 2) assert.deepEqual(after, before)
        else {
          onFeast += after.length
          without += before.length
        }
      }
      const before = arrivalsOf(world, listener, dark)
      const after = arrivalsOf(shocked, listener, dark)
      assert.deepEqual(
        after,
        before.filter(({ start_ms }) => start_ms < from_ms || start_ms >= to_ms),
      )
      lost += before.length - after.length
    }
    assert.ok(Math.abs(onFeast / without - 0.25) < 0.04, `${onFeast / without}`)
    assert.ok(lost > 50)
  })

  it('keep every session when the rate rises, under the same number', () => {
    const busier = createWorld({ knobs: { sessionsPerDay: 2 * PUBLISHED_KNOBS.sessionsPerDay } })
    let more = 0
    for (let index = 0; index < 100; index++) {
      for (let day = firstDay; day < firstDay + 30; day++) {
        const before = arrivalsOf(world, listenerAt(world, index), day)
        const after = arrivalsOf(busier, listenerAt(busier, index), day)
        for (const arrival of before) {
          assert.deepEqual(
            after.find(({ ordinal }) => ordinal === arrival.ordinal),
            arrival,
          )
        }
        more += after.length - before.length
      }
    }
    assert.ok(more > 0)
  })

  it('are at most 64 a day', () => {
    const counts = steady(5_000, 20).map((listener) => arrivalsOf(world, listener, firstDay).length)
    assert.equal(Math.max(...counts), SESSIONS_MAX)
  })

  it('know no hours, weekdays or bursts in seed-2014', () => {
    const original = createWorld({ profile: 'seed-2014' })
    const [listener] = steady(0.7, 1, original)
    for (let i = 0; i < 20; i++) assert.equal(expectedSessions(original, listener!, firstDay + i), 0.7)
    for (const expected of expectedStarts(original, listener!, firstDay))
      assert.ok(Math.abs(expected - 0.7 / 24) < 1e-9)
  })
})
