/** The skip law as numbers that an analysis can be held to: how many have left a song after how long. */
import { fingerprintOf, impatience, summedHazard } from '../kernel/skip-law.ts'
import { songbookOf } from '../kernel/songbook.ts'
import type { World } from '../kernel/world.ts'

export interface Hazards {
  law: string
  /** Share of plays left by then, mean over all songs alike, by a listener of factor 1 as old as the average. */
  average_song: { after_s: number; left_share: number }[]
  /** What multiplies the hazard on a Monday, by age in years. */
  by_age: Record<string, number>
  /** What multiplies it by weekday, Monday first, relative to Monday. */
  by_weekday: number[]
  skip_by_age_knob: number
  skip_knob: number
}

const AFTER_S = [1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240]
const AGES_YEARS = [15, 25, 35, 45, 55]

export function hazardsOf(world: World): Hazards {
  const { key, songCount, knobs } = world
  const { duration_ms } = songbookOf(world)
  const left = new Float64Array(AFTER_S.length)
  for (let song = 0; song < songCount; song++) {
    const fingerprint = fingerprintOf(key, song, knobs.fingerprint)
    for (const [at, after_s] of AFTER_S.entries()) {
      left[at]! += 1 - Math.exp(-summedHazard(fingerprint, duration_ms[song]!, after_s))
    }
  }
  return {
    law:
      'A play is left before its end when the summed hazard of the seconds heard, times skip_factor of the listener, the ' +
      'knob `skip` and 1 + `skipByAge` · (factor of age and weekday − 1), reaches an Exp(1) draw. Hazards of the average ' +
      'song: 0.0553/s to 5 s, 0.0062/s to 30 s, then less (Lamere 2014); each song multiplies them by its fingerprint ' +
      '(songs.csv). A song thumbed down is left sooner.',
    average_song: AFTER_S.map((after_s, at) => ({ after_s, left_share: left[at]! / songCount })),
    by_age: Object.fromEntries(AGES_YEARS.map((age) => [String(age), impatience(age, 0)])),
    by_weekday: Array.from({ length: 7 }, (_, weekday) => impatience(45, weekday) / impatience(45, 0)),
    skip_by_age_knob: knobs.skipByAge,
    skip_knob: knobs.skip,
  }
}
