/**
 * How interest in each song went within a history: the truth behind peak days and half-lives, shocks included.
 *
 * Taken from `interest(world, song, day)`, which is a closed form, day by day: so it holds whatever the law is made of.
 */
import type { Day } from '../../datasets/day.ts'
import { daysBetween } from '../../datasets/day.ts'
import { dayNumber } from '../kernel/day-number.ts'
import { interestOn } from '../kernel/song-interest.ts'
import { songbookOf } from '../kernel/songbook.ts'
import type { World } from '../kernel/world.ts'

export interface SongLife {
  song: number
  /** Index of the day of highest interest, from 0 at the history's first; the first of equals. */
  peak: number
  peakInterest: number
  meanInterest: number
  /** Days from the peak to the first day of at most half its interest; undefined when that is after the history. */
  halfLife_days?: number
}

/** The lives of all songs, by song. Costs songs × days evaluations. */
export function songLives(world: World, span: { firstDay: Day; lastDay: Day }, signal?: AbortSignal): SongLife[] {
  const days = daysBetween(span.firstDay, span.lastDay)
  const peak = new Int32Array(world.songCount)
  const highest = new Float64Array(world.songCount)
  const sum = new Float64Array(world.songCount)
  // 0: not yet.
  const halfLife = new Int32Array(world.songCount)
  const book = songbookOf(world)
  for (const [at, day] of days.entries()) {
    const number = dayNumber(day)
    signal?.throwIfAborted()
    for (let song = 0; song < world.songCount; song++) {
      const now = interestOn(book, song, number)
      sum[song]! += now
      if (now > highest[song]!) {
        highest[song] = now
        peak[song] = at
        halfLife[song] = 0
      } else if (halfLife[song] === 0 && now <= highest[song]! / 2) {
        halfLife[song] = at - peak[song]!
      }
    }
  }
  return Array.from(peak, (peakDay, song) => ({
    song,
    peak: peakDay,
    peakInterest: highest[song]!,
    meanInterest: sum[song]! / days.length,
    ...(halfLife[song]! > 0 && highest[song]! > 0 && { halfLife_days: halfLife[song]! }),
  }))
}
