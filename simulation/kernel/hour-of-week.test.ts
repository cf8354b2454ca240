import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exp, normalQuantile } from './elementary.ts'
import { CHRONOTYPE_ODDS, CHRONOTYPES, FLAT, hourAt, hourWeights, rhythmOf } from './hour-of-week.ts'
import { PUBLISHED_KNOBS } from './knobs.ts'

/** Published hourly means of listening, 0–23 h, scaled to 0..1 (Park et al. 2019). */
const PUBLISHED = {
  weekday: [
    0.27, 0.15, 0.07, 0.03, 0, 0.03, 0.17, 0.37, 0.46, 0.55, 0.67, 0.75, 0.72, 0.72, 0.77, 0.83, 0.87, 0.89, 0.87, 0.84,
    0.78, 0.7, 0.59, 0.45,
  ],
  weekend: [
    0.39, 0.25, 0.15, 0.07, 0.03, 0.02, 0.05, 0.14, 0.3, 0.52, 0.74, 0.9, 0.94, 0.91, 0.87, 0.85, 0.84, 0.84, 0.82,
    0.79, 0.74, 0.67, 0.59, 0.48,
  ],
}

const sum = (weights: readonly number[]): number => weights.reduce((total, weight) => total + weight, 0)
const mean = (weights: readonly number[]): number => sum(weights) / weights.length
const peak = (weights: readonly number[]): number => weights.indexOf(Math.max(...weights))
const trough = (weights: readonly number[]): number => weights.indexOf(Math.min(...weights))
const isPeak = (weights: readonly number[], at: number): boolean =>
  weights[at]! > weights[at - 1]! && weights[at]! > weights[at + 1]!

const odds = CHRONOTYPE_ODDS.map((end, i) => end - (i === 0 ? 0 : CHRONOTYPE_ODDS[i - 1]!))

/** Starts of all listeners by hour of the week; 55 % of them on phones. */
function starts(knobs = PUBLISHED_KNOBS): number[] {
  const all = new Array<number>(168).fill(0)
  odds.forEach((share, chronotype) => {
    for (const isPhone of [true, false]) {
      hourWeights(knobs, chronotype, isPhone).forEach((weight, hour) => {
        all[hour]! += share * (isPhone ? 0.55 : 0.45) * weight
      })
    }
  })
  return all
}

/** Plays by hour of the week, given starts: sessions have a median of 6 and a mean of 11 plays of 143 s each. */
function plays(of: readonly number[]): number[] {
  const lag = new Array<number>(6).fill(0)
  for (let i = 0; i < 400; i++) {
    const size = Math.min(120, Math.floor(exp(1.7047 + 1.13 * normalQuantile((i + 0.5) / 400))) + 1)
    for (let j = 0; j < 20 * size; j++) {
      const start_s = (3600 * ((j % 20) + 0.5)) / 20
      const hour = Math.floor((start_s + Math.floor(j / 20) * 143) / 3600)
      if (hour < 6) lag[hour]!++
    }
  }
  const all = sum(lag)
  return of.map((_, hour) => lag.reduce((total, share, k) => total + (share / all) * of[(hour + 168 - k) % 168]!, 0))
}

const dayOf = (weights: readonly number[], weekday: number): number[] => weights.slice(24 * weekday, 24 * weekday + 24)
const averageDay = (weights: readonly number[], weekdays: readonly number[]): number[] =>
  Array.from({ length: 24 }, (_, hour) => mean(weekdays.map((weekday) => dayOf(weights, weekday)[hour]!)))

function correlation(a: readonly number[], b: readonly number[]): number {
  let [ab, aa, bb] = [0, 0, 0]
  a.forEach((value, i) => {
    const [x, y] = [value - mean(a), b[i]! - mean(b)]
    ab += x * y
    aa += x * x
    bb += y * y
  })
  return ab / Math.sqrt(aa * bb)
}

const likePublished = (of: readonly number[]): number =>
  correlation(
    [...PUBLISHED.weekday, ...PUBLISHED.weekend],
    [...averageDay(of, [0, 1, 2, 3, 4]), ...averageDay(of, [5, 6])],
  )

describe('the hours of the week', () => {
  const started = starts()
  const played = plays(started)

  it('have plays as published: correlation above 0.97, peaks, troughs, and Saturday the busiest day', () => {
    assert.ok(likePublished(played) > 0.985, `${likePublished(played)}`)
    for (let weekday = 0; weekday < 5; weekday++) {
      assert.ok(Math.abs(peak(dayOf(played, weekday)) - 17) <= 1)
      assert.ok(Math.abs(trough(dayOf(played, weekday)) - 4) <= 1)
    }
    for (const weekday of [5, 6]) {
      assert.ok(Math.abs(peak(dayOf(played, weekday)) - 12) <= 1)
      assert.ok(Math.abs(trough(dayOf(played, weekday)) - 5) <= 1)
    }
    const days = Array.from({ length: 7 }, (_, weekday) => sum(dayOf(played, weekday)))
    assert.equal(peak(days), 5)
  })

  it('would be seen not to: a sine of the day and a rhythm turned off both fail', () => {
    const sine = Array.from({ length: 168 }, (_, hour) => 1 - Math.sin((2 * Math.PI * (hour - 3 + 6)) / 24))
    assert.ok(likePublished(sine) < 0.97, `${likePublished(sine)}`)
    assert.ok(!(likePublished(plays(starts({ ...PUBLISHED_KNOBS, rhythm: 0 }))) > 0.97))
  })

  it('have session starts of a morning peak, a dip at lunch and an evening peak, but only from Monday to Friday', () => {
    const weekday = averageDay(started, [0, 1, 2, 3, 4])
    const weekend = averageDay(started, [5, 6])
    assert.ok(isPeak(weekday, 9) || isPeak(weekday, 10))
    assert.ok(weekday[13]! < 0.9 * weekday[10]! && weekday[13]! < 0.8 * weekday[17]!)
    assert.ok(isPeak(weekday, 18) || isPeak(weekday, 17))
    assert.ok(!isPeak(weekend, 9) && !isPeak(weekend, 10) && weekend[13]! > weekend[10]!)
  })

  it('come an hour earlier on phones', () => {
    const middle = (isPhone: boolean): number => {
      let [total, moment] = [0, 0]
      odds.forEach((share, chronotype) => {
        // Monday to Friday, counted from 4 h to 4 h, where the week is cut with the least harm.
        const weights = hourWeights(PUBLISHED_KNOBS, chronotype, isPhone).slice(4, 100)
        weights.forEach((weight, hour) => {
          total += share * weight
          moment += share * weight * ((hour + 24) % 24)
        })
      })
      return moment / total
    }
    const ahead_h = middle(false) - middle(true)
    assert.ok(ahead_h > 0.8 && ahead_h < 1.2, `${ahead_h}`)
  })

  it('differ between four chronotypes of similar size, whose mixture is the same without them', () => {
    for (const share of odds) assert.ok(share >= 0.15 && share <= 0.35)
    const peaks = CHRONOTYPES.map((_, chronotype) => peak(dayOf(hourWeights(PUBLISHED_KNOBS, chronotype, true), 1)))
    assert.deepEqual([...new Set(peaks)].length, 4, peaks.join())
    const same = starts({ ...PUBLISHED_KNOBS, chronotypes: 0 })
    const most = Math.max(...started.map((weight, hour) => Math.abs(weight - same[hour]!) / 1000))
    assert.ok(most < 0.03, `${most}`)
    const [early, night] = [0, 3].map((chronotype) =>
      hourWeights({ ...PUBLISHED_KNOBS, chronotypes: 0 }, chronotype, true),
    )
    assert.deepEqual(early, night)
  })

  it('average 1 over the week for everybody, whatever the knobs', () => {
    for (const rhythm of [0, 0.5, 1, 3]) {
      for (const chronotypes of [0, 1, 2]) {
        for (let chronotype = 0; chronotype < 4; chronotype++) {
          const { level } = rhythmOf({ ...PUBLISHED_KNOBS, rhythm, chronotypes }, chronotype, true)
          assert.ok(Math.abs(mean([...level]) - 1) < 0.001)
        }
      }
    }
  })

  it('give every hour its share of the words, and know flat days', () => {
    const rhythm = rhythmOf(PUBLISHED_KNOBS, 1, false)
    const weights = hourWeights(PUBLISHED_KNOBS, 1, false).slice(48, 72)
    const counts = new Array<number>(24).fill(0)
    const words = 50_000
    for (let i = 0; i < words; i++) counts[hourAt(rhythm, 2, Math.floor(((i + 0.5) * 2 ** 32) / words))]!++
    for (const [hour, count] of counts.entries()) {
      assert.ok(Math.abs(count / words - weights[hour]! / sum(weights)) < 1e-4)
    }
    assert.equal(hourAt(rhythm, 6, 2 ** 32 - 1), 23)
    assert.equal(hourAt(FLAT, 3, 2 ** 31), 12)
  })
})
