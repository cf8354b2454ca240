import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Fingerprint, fingerprintOf, impatience, skipAfter_ms, summedHazard } from './skip-law.ts'
import { createWorld } from './world.ts'

const { key } = createWorld()
const DURATION_MS = 230_000

describe('the skip law', () => {
  it('is inverted exactly: the summed hazard at the time of the skip is what the listener could bear', () => {
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.double({ min: 0.0001, max: 3, noNaN: true }),
        fc.integer({ min: 40_000, max: 700_000 }),
        (song, patience, duration_ms) => {
          const fingerprint = fingerprintOf(key, song, 1)
          const after_ms = skipAfter_ms(fingerprint, duration_ms, patience)
          // A whole millisecond of the steepest hazard.
          const slack = 0.001 * (0.0553 * 1.4 + fingerprint.spot / 6 + 0.01)
          const borne = summedHazard(fingerprint, duration_ms, after_ms / 1000)
          assert.ok(borne <= patience + 1e-9 && borne >= patience - slack, `${borne} for ${patience}`)
        },
      ),
    )
  })

  it('leaves, over many songs and ages, 24 % of plays within 5 s, 35 % within 30 s and 49 % before the end', () => {
    // Ages as listeners have them (median 32), weekdays as days come.
    const ages = [16, 24, 24, 24, 26, 28, 29, 33, 35, 37, 43, 50, 55]
    const left = (t_s: number): number => {
      let sum = 0
      let count = 0
      for (let song = 0; song < 400; song++) {
        const fingerprint = fingerprintOf(key, song, 1)
        for (const age of ages) {
          for (let weekday = 0; weekday < 7; weekday++) {
            const hazard = summedHazard(fingerprint, DURATION_MS, t_s) * impatience(age, weekday)
            sum += 1 - Math.exp(-hazard)
            count++
          }
        }
      }
      return sum / count
    }
    const shares = [left(5), left(30), left(230)]
    const bands = [
      [0.2, 0.28],
      [0.31, 0.39],
      [0.44, 0.53],
    ] as const
    shares.forEach((share, i) => {
      assert.ok(share > bands[i]![0] && share < bands[i]![1], `${shares}`)
    })
  })

  it('differs from song to song, and not at all when the knob is off', () => {
    const distinct = (strength: number): number =>
      new Set(
        Array.from({ length: 50 }, (_, song) => {
          const fingerprint: Fingerprint = fingerprintOf(key, song, strength)
          return [5, 30, 100, 229].map((t_s) => summedHazard(fingerprint, DURATION_MS, t_s).toFixed(6)).join()
        }),
      ).size
    assert.equal(distinct(1), 50)
    assert.equal(distinct(0), 1)
  })
})
