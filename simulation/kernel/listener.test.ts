import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GENRES } from '../../datasets/catalogue-genre.ts'
import { dayNumber } from './day-number.ts'
import { CHRONOTYPE_ODDS } from './hour-of-week.ts'
import { type Knobs, PUBLISHED_KNOBS } from './knobs.ts'
import { type Listener, listenerAt, NEVER } from './listener.ts'
import { createWorld, type World } from './world.ts'

const world = createWorld()
const firstDay = dayNumber(world.firstDay)
const COUNT = 4_000
const listeners = (of: World, count = COUNT): Listener[] => Array.from({ length: count }, (_, i) => listenerAt(of, i))
const everybody = listeners(world)
const withKnobs = (knobs: Partial<Knobs>): World => createWorld({ knobs })
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const share = (of: readonly Listener[], has: (listener: Listener) => boolean): number =>
  of.filter(has).length / of.length

/** The share P of listeners that has a share 1 − P of all activity. */
function topShare(of: readonly Listener[]): number {
  const rates = of.map((listener) => listener.sessions_per_day).sort((a, b) => b - a)
  const all = rates.reduce((sum, rate) => sum + rate, 0)
  let sum = 0
  for (const [i, rate] of rates.entries()) {
    sum += rate
    if (sum / all >= 1 - (i + 1) / rates.length) return (i + 1) / rates.length
  }
  return 1
}

/** Kolmogorov–Smirnov distance of the rates to the lognormal of their own mean and deviation. */
function distanceToLognormal(of: readonly Listener[]): number {
  const logs = of.flatMap(({ sessions_per_day: rate }) => (rate > 0 ? [Math.log(rate)] : [])).sort((a, b) => a - b)
  const middle = mean(logs)
  const deviation = Math.sqrt(mean(logs.map((value) => (value - middle) ** 2)))
  const normal = (z: number): number => {
    // Abramowitz and Stegun 26.2.17, error below 1e-7.
    const t = 1 / (1 + 0.2316419 * Math.abs(z))
    const tail =
      (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) *
      (t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429)))))
    return z > 0 ? 1 - tail : tail
  }
  return Math.max(...logs.map((value, i) => Math.abs(normal((value - middle) / deviation) - (i + 0.5) / logs.length)))
}

describe('listeners', () => {
  it('are as unequal as Last.fm’s: the top 29 % have 71 % of the activity, which is lognormal', () => {
    const isInBand = (p: number): boolean => p > 0.25 && p < 0.33
    assert.ok(isInBand(topShare(everybody)), `${topShare(everybody)}`)
    assert.ok(distanceToLognormal(everybody) < 0.05)
    const rate = mean(everybody.filter(({ active }) => active).map(({ sessions_per_day }) => sessions_per_day))
    assert.ok(Math.abs(rate / PUBLISHED_KNOBS.sessionsPerDay - 1) < 0.1, `${rate}`)
    assert.ok(!isInBand(topShare(listeners(withKnobs({ activitySpread: 0 })))))
    assert.equal(new Set(listeners(withKnobs({ activitySpread: 0 }), 500).map((one) => one.sessions_per_day)).size, 2)
  })

  it('are 13 to 95 years old, half of them above 32', () => {
    const ages = everybody.map(({ age_years }) => age_years).sort((a, b) => a - b)
    assert.ok(ages[0]! >= 13 && ages[COUNT - 1]! <= 95)
    assert.ok(ages[COUNT / 2]! >= 30 && ages[COUNT / 2]! <= 33, `${ages[COUNT / 2]}`)
  })

  it('join within 1,500 days before the first day, then a fifth as many each year for three years', () => {
    assert.ok(Math.abs(share(everybody, ({ joinDay }) => joinDay < firstDay) - 1 / 1.6) < 0.03)
    const there = everybody.filter(({ joinDay }) => joinDay < firstDay).length
    for (const year of [0, 1, 2]) {
      const from = firstDay + 365.2425 * year
      const joined = everybody.filter(({ joinDay }) => joinDay >= from && joinDay < from + 365.2425).length
      assert.ok(Math.abs(joined / there - 0.2) < 0.04, `${joined / there}`)
    }
    assert.ok(everybody.every(({ joinDay }) => joinDay >= firstDay - 1_500 && joinDay < firstDay + 1_096))
    assert.equal(
      share(listeners(withKnobs({ growthPerYear: 0 })), ({ joinDay }) => joinDay < firstDay),
      1,
    )
  })

  it('leave at a constant yearly hazard', () => {
    const hazard = (of: readonly Listener[], year: number): number => {
      const from = firstDay + Math.floor(365.2425 * year)
      const at = of.filter(({ joinDay, leaveDay }) => joinDay < firstDay && leaveDay > from)
      return -Math.log(1 - share(at, ({ leaveDay }) => leaveDay <= from + 365))
    }
    for (const year of [0, 2, 4])
      assert.ok(Math.abs(hazard(everybody, year) - 0.12) < 0.03, `${hazard(everybody, year)}`)
    const loyal = listeners(withKnobs({ churnPerYear: 0 }))
    assert.ok(loyal.every(({ leaveDay }) => leaveDay === NEVER))
    assert.ok(everybody.every(({ joinDay, leaveDay }) => leaveDay > joinDay && leaveDay > firstDay))
  })

  it('leave faster after a price shock, and those who left before it on the same day', () => {
    const day = firstDay + 200
    const dearer = createWorld({ shocks: [{ kind: 'price', name: 'dearer', day: '2026-07-20', size: 4 }] })
    assert.equal(dayNumber('2026-07-20'), day)
    for (const [index, before] of everybody.entries()) {
      const { leaveDay } = listenerAt(dearer, index)
      if (before.leaveDay < day) assert.equal(leaveDay, before.leaveDay)
      else assert.ok(leaveDay <= before.leaveDay)
    }
    const left = (of: readonly Listener[]): number =>
      of.filter((one) => one.joinDay < firstDay && one.leaveDay > day && one.leaveDay <= day + 200).length
    const ratio = left(listeners(dearer)) / left(everybody)
    assert.ok(ratio > 3 && ratio < 4.5, `${ratio}`)
  })

  it('like each genre once on average, a few a lot and most little; the young other ones than the old', () => {
    for (const [genre, { term }] of GENRES.entries()) {
      const liking = mean(everybody.map(({ taste }) => taste[genre]!))
      assert.ok(Math.abs(liking - 1) < 0.15, `${term} ${liking}`)
    }
    const unloved = mean(everybody.map(({ taste }) => [...taste].filter((liking) => liking < 0.25).length))
    assert.ok(unloved > 7 && unloved < 12, `${unloved}`)
    const likedBy = (term: string, isYoung: boolean): number =>
      mean(
        everybody
          .filter(({ age_years }) => (isYoung ? age_years < 24 : age_years > 48))
          .map(({ taste }) => taste[GENRES.findIndex((genre) => genre.term === term)]!),
      )
    for (const term of ['hip hop', 'pop', 'electronic'])
      assert.ok(likedBy(term, true) > 1.2 * likedBy(term, false), term)
    for (const term of ['rock', 'classical', 'jazz', 'country']) {
      assert.ok(likedBy(term, false) > 1.2 * likedBy(term, true), term)
    }
    assert.ok(listeners(withKnobs({ taste: 0 }), 50).every(({ taste }) => taste.every((liking) => liking === 1)))
  })

  it('look for the new in half of their plays at 5,000 plays, of which half turn out to be known', () => {
    // The published share, 77 % of plays repeated, is held by the scorecard's row R1, on plays.
    const sought = mean(everybody.map((one) => (one.discovery * 5_000 ** one.discoveryExponent) / 5_000))
    assert.ok(sought > 0.4 && sought < 0.6, `${sought}`)
    assert.ok(everybody.every(({ discoveryExponent: b }) => b >= 0.6 && b <= 0.9))
  })

  it('have factors of mean 1, good opinions mostly, and four chronotypes by their odds', () => {
    for (const factor of ['skipFactor', 'reactFactor', 'searchFactor'] as const) {
      assert.ok(Math.abs(mean(everybody.map((one) => one[factor])) - 1) < 0.06, factor)
    }
    assert.ok(Math.abs(mean(everybody.map(({ likeShare }) => likeShare)) - 0.78) < 0.01)
    assert.ok(everybody.every(({ likeShare }) => likeShare > 0 && likeShare < 1))
    for (const [chronotype, end] of CHRONOTYPE_ODDS.entries()) {
      assert.ok(Math.abs(share(everybody, (one) => one.chronotype <= chronotype) - end) < 0.03)
    }
  })

  it('do not change when users or shocks of songs are added', () => {
    const more = createWorld({
      userCount: 1_000_000,
      shocks: [{ kind: 'viral', name: 'hit', song: 1, day: '2026-02-02', size: 9, fadeDays: 5 }],
    })
    for (let index = 0; index < 200; index++) assert.deepEqual(listenerAt(more, index), everybody[index])
  })

  it('change, when a knob is turned, in what the knob names alone', () => {
    const NAMED: { [knob in keyof Knobs]?: (keyof Listener)[] } = {
      sessionsPerDay: ['sessions_per_day'],
      activitySpread: ['sessions_per_day'],
      // Who joins later is at risk of leaving later.
      growthPerYear: ['joinDay', 'leaveDay'],
      churnPerYear: ['leaveDay'],
      rhythm: ['rhythm'],
      chronotypes: ['rhythm'],
      taste: ['taste'],
      homes: ['home'],
    }
    for (const knob of Object.keys(PUBLISHED_KNOBS) as (keyof Knobs)[]) {
      const turned = withKnobs({ [knob]: PUBLISHED_KNOBS[knob] / 3 })
      const changed = new Set<string>()
      for (let index = 0; index < 150; index++) {
        const [before, after] = [everybody[index]!, listenerAt(turned, index)]
        for (const field of Object.keys(before) as (keyof Listener)[]) {
          if (JSON.stringify(Object.values([before[field]])) === JSON.stringify(Object.values([after[field]]))) continue
          changed.add(field)
        }
      }
      assert.deepEqual([...changed].sort(), [...(NAMED[knob] ?? [])].sort(), knob)
    }
  })
})
