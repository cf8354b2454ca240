import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { drawsAt } from '../../datasets/random.ts'
import type { TimelineBucket } from '../metrics/timeline.ts'
import { recoveryOf } from './recovery.ts'

interface Second {
  accepted: number
  unknown?: number
  refused?: number
}

function timelineOf(seconds: readonly (number | Second)[], width_s = 1): TimelineBucket[] {
  return seconds.map((second, index) => {
    const { accepted, unknown = 0, refused = 0 } = typeof second === 'number' ? { accepted: second } : second
    const fates = { accepted, unknown, refused }
    return {
      at_s: index * width_s,
      width_s,
      vus: 1,
      series: Object.fromEntries(
        Object.entries(fates).map(([fate, total]) => [`event_fate{fate:${fate}}`, { type: 'counter', total }]),
      ),
    }
  })
}

const steady = (count: number, per_s = 100): number[] => Array<number>(count).fill(per_s)

describe('recovery after a fault', () => {
  it('is how long until 90 % of the rate before are accepted again, and what was lost on the way', () => {
    const outage: Second[] = [
      { accepted: 40, unknown: 7 },
      { accepted: 0, refused: 3 },
      { accepted: 0, unknown: 1, refused: 20 },
      { accepted: 60 },
    ]
    const timeline = timelineOf([...steady(20), ...outage, ...steady(10), { accepted: 100, unknown: 1000 }])
    assert.deepEqual(recoveryOf(timeline, { at_s: 20 }), {
      before_per_s: 100,
      lowest_per_s: 0,
      back_after_s: 4,
      unknown: 8,
      refused: 23,
    })
  })

  it('counts from the fault, not from the second that it fell into', () => {
    const timeline = timelineOf([...steady(20), 50, 0, 0, ...steady(10)])
    assert.equal(recoveryOf(timeline, { at_s: 20.5 })?.back_after_s, 2.5)
  })

  it('is not undone by what is made up for afterwards', () => {
    // A mean over the outage and the rush behind it is above the rate before.
    const timeline = timelineOf([...steady(20), 0, 0, 0, 400, 300, 200, ...steady(10)])
    assert.equal(recoveryOf(timeline, { at_s: 20 })?.back_after_s, 3)
  })

  it('is not a lucky second', () => {
    const timeline = timelineOf([...steady(20), 0, 100, 0, 0, 100, 0, ...steady(10)])
    assert.equal(recoveryOf(timeline, { at_s: 20 })?.back_after_s, 6)
  })

  it('does not come when the rate stays low, nor in the last second of the run', () => {
    const low = recoveryOf(timelineOf([...steady(20), ...steady(20, 80)]), { at_s: 20 })!
    assert.equal('back_after_s' in low, false)
    assert.equal(low.lowest_per_s, 80)
    const late = recoveryOf(timelineOf([...steady(20), 0, 0, 0, 100]), { at_s: 20 })!
    assert.equal('back_after_s' in late, false)
  })

  it('is at once when nothing was felt', () => {
    const felt = recoveryOf(timelineOf(steady(40)), { at_s: 20 })!
    assert.deepEqual(felt, { before_per_s: 100, lowest_per_s: 100, back_after_s: 0, unknown: 0, refused: 0 })
  })

  it('reads wide buckets like narrow ones, to their width', () => {
    const narrow = [...steady(24), 0, 0, 0, 0, 0, 0, 0, 0, ...steady(16)]
    const wide = Array.from({ length: narrow.length / 4 }, (_, i) =>
      narrow.slice(4 * i, 4 * i + 4).reduce((sum, each) => sum + each, 0),
    )
    assert.equal(recoveryOf(timelineOf(narrow), { at_s: 24 })?.back_after_s, 8)
    assert.equal(recoveryOf(timelineOf(wide, 4), { at_s: 24 })?.back_after_s, 8)
    assert.equal(recoveryOf(timelineOf(wide, 4), { at_s: 24 })?.before_per_s, 100)
  })

  it('is one fault’s own: neither an outage before it nor the fault after it is laid to its charge', () => {
    // A pause with its rush, a cut, a kill: as a run has shown them.
    const timeline = timelineOf([
      ...[128, 170, 140, 114, 149, 0, 0, 1, 339, 340],
      ...[1, 284, 134, 140],
      ...[0, 0, 43, 259, 366, 133, 128, 128, 130],
    ])
    const marks = [5, 10, 14].map((at_s) => ({ at_s, kind: 'fault' as const }))
    const back = marks.map((mark) => recoveryOf(timeline, mark, marks)?.back_after_s)
    assert.deepEqual(back, [3, 1, 3])
    assert.deepEqual(
      marks.map((mark) => recoveryOf(timeline, mark, marks)?.lowest_per_s),
      [0, 1, 0],
    )
    // Without the other marks, the cut would be taken for the pause's doing.
    assert.equal(recoveryOf(timeline, marks[0]!)?.back_after_s, 6)
  })

  it('does not come when the next fault comes before it', () => {
    const timeline = timelineOf([...steady(20), 0, 0, 0, ...steady(10)])
    const marks = [20, 22, 40].map((at_s) => ({ at_s, kind: 'fault' as const }))
    assert.equal('back_after_s' in recoveryOf(timeline, marks[0]!, marks)!, false)
    assert.equal(recoveryOf(timeline, marks[1]!, marks)?.back_after_s, 1)
    const pause = [marks[0]!, { at_s: 21, kind: 'pause' as const }]
    assert.equal(recoveryOf(timeline, marks[0]!, pause)?.back_after_s, 3)
  })

  it('is nothing without events before the fault', () => {
    assert.equal(recoveryOf(timelineOf([0, 0, 0, 100]), { at_s: 2 }), undefined)
    assert.equal(recoveryOf(timelineOf(steady(9)), { at_s: 0 }), undefined)
    assert.equal(recoveryOf([], { at_s: 5 }), undefined)
  })

  it('finds the end of an outage in a noisy rate, and seldom one where there was none', () => {
    // About Poisson, 20 a second: the sum of 40 coins.
    const noisy = (run: number, count: number): number[] => {
      const draws = drawsAt([9, 9, 9, 9], run, 0)
      return Array.from({ length: count }, () =>
        Array.from({ length: 40 }, () => draws.below(2)).reduce((sum, each) => sum + each, 0),
      )
    }
    const errors: number[] = []
    let false_alarms = 0
    for (let run = 0; run < 200; run++) {
      const [before, after] = [noisy(run, 30), noisy(1000 + run, 30)]
      const outage = recoveryOf(timelineOf([...before, 0, 0, 0, 0, 0, ...after]), { at_s: 30 })!
      errors.push(outage.back_after_s! - 5)
      const quiet = recoveryOf(timelineOf([...before, ...after]), { at_s: 30 })!
      if (quiet.back_after_s !== 0) false_alarms++
    }
    assert.ok(errors.every((error) => error >= 0))
    assert.ok(errors.filter((error) => error <= 1).length >= 190, `${errors.filter((error) => error > 1)}`)
    assert.ok(false_alarms <= 20, `${false_alarms} of 200`)
  })
})
