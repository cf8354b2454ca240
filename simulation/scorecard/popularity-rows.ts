/** Who has how much: songs, artists, thumbs, listeners, zip areas. */
import { ZIP_AREAS } from '../../datasets/zip.ts'
import { normalQuantile } from '../kernel/elementary.ts'
import { homeOf } from '../kernel/home.ts'
import { knownListener } from '../kernel/known-listener.ts'
import { interestOn } from '../kernel/song-interest.ts'
import { songbookOf } from '../kernel/songbook.ts'
import { createWorld } from '../kernel/world.ts'
import type { CountedHistory } from './counted-history.ts'
import { check, knobs, type Row, type Stage } from './row.ts'
import { chiSquare } from './statistics/chi-square.ts'
import { spearman } from './statistics/correlation.ts'
import { distanceToLaw } from './statistics/kolmogorov.ts'
import { normalCdf } from './statistics/normal.ts'
import { fitPowerLaw } from './statistics/power-law.ts'
import { topPoint, topShare } from './statistics/top-point.ts'

const SMALL: Stage = { userCount: 800, dayCount: 120 }
const played = (counts: ArrayLike<number>): number[] => Array.from(counts).filter((count) => count > 0)

export const POPULARITY_ROWS: readonly Row[] = [
  {
    id: 'P1',
    tier: 'T2',
    quantity: 'song popularity',
    published: 'top 16.2 % of songs have 83.8 % of plays; tail exponent 1.92',
    source: 'Last.fm-1K, konect.cc/networks/lastfm_song',
    measure: ({ songPlays }) => {
      const songs = played(songPlays)
      const point = topPoint(songs)
      return [
        check('top point P', point, 0.12, 0.2),
        check('tail exponent', fitPowerLaw(songs)?.alpha ?? Number.NaN, 1.8, 2.2),
        // For a lognormal law the top point is the normal tail beyond half its sigma.
        check('lognormal-equivalent sigma', 2 * normalQuantile(1 - point), 1.67, 2.27),
      ]
    },
    mutant: { name: 'popularity 0', stage: SMALL, wrong: knobs({ popularity: 0 }) },
  },
  {
    id: 'P2',
    tier: 'T2',
    quantity: 'artist popularity',
    published: 'top 8.9 % of artists have 91.1 % of plays; tail exponent 1.88',
    source: 'Last.fm-1K, konect.cc/networks/lastfm_band',
    measure: ({ artistPlays }) => {
      const artists = played(artistPlays)
      return [
        check('top point P', topPoint(artists), 0.06, 0.13),
        check('tail exponent', fitPowerLaw(artists)?.alpha ?? Number.NaN, 1.7, 2.1),
      ]
    },
    mutant: { name: 'popularity 0', stage: SMALL, wrong: knobs({ popularity: 0 }) },
  },
  {
    id: 'P3',
    tier: 'T2',
    quantity: 'extreme concentration in a catalogue of 100,000 artists',
    published: 'top 1 % of artists have 90 % of streams (83 % of album sales)',
    source: 'Alpha Data via Rolling Stone 2020, digitalmusicnews.com',
    stage: { userCount: 1, dayCount: 1 },
    measure: ({ made }) => [check('share of the top 1 %', globalTopShare(made), 0.75, 0.95)],
    mutant: { name: 'popularity 0', stage: { userCount: 1, dayCount: 1 }, wrong: knobs({ popularity: 0 }) },
  },
  {
    id: 'P4',
    tier: 'T2',
    quantity: 'thumbs per song',
    published: 'top 16.4 % of songs have 83.6 % of ratings',
    source: 'Yahoo Music ratings, konect.cc/networks/yahoo-song',
    measure: ({ tally, songPlays }) => {
      const songs = Array.from(songPlays.keys()).filter((song) => songPlays[song]! > 0)
      return [
        check('top point P', topPoint(played(tally.thumbs)), 0.13, 0.2),
        check(
          'Spearman of thumbs and plays',
          spearman(
            songs.map((song) => tally.thumbs[song]!),
            songs.map((song) => songPlays[song]!),
          ),
          0.8,
          1,
        ),
      ]
    },
    mutant: { name: 'popularity 0', stage: SMALL, wrong: knobs({ popularity: 0 }) },
  },
  {
    id: 'U1',
    tier: 'T2',
    quantity: 'plays per listener',
    published: 'top 29.0 % of listeners have 71.0 % of plays: lognormal with sigma 1.11',
    source: 'KONECT lastfm_song; Schedl 2017, doi 10.1007/s13735-017-0118-y',
    measure: (history) => {
      const plays = wholeTimePlays(history)
      if (plays.length < 100) return { reason: 'fewer than 100 listeners were there all the time' }
      const logs = plays.map(Math.log)
      const mean = logs.reduce((sum, each) => sum + each, 0) / logs.length
      const sigma = Math.sqrt(logs.reduce((sum, each) => sum + (each - mean) ** 2, 0) / logs.length)
      return [
        check('top point P', topPoint(plays), 0.25, 0.33),
        check(
          'KS distance to lognormal',
          distanceToLaw(logs, (x) => normalCdf((x - mean) / sigma)),
          0,
          0.05,
        ),
      ]
    },
    mutant: { name: 'activitySpread 0', stage: SMALL, wrong: knobs({ activitySpread: 0 }) },
  },
  {
    id: 'Z1',
    tier: 'T2',
    quantity: 'listeners by zip area against residents',
    published: 'listeners live where people live',
    source: '2020 Census by ZIP areas (33,791 ZCTAs, mean about 10,000 people)',
    stage: { userCount: 1, dayCount: 1 },
    measure: ({ made }) => {
      const homes = new Float64Array(ZIP_AREAS.length)
      for (let user = 0; user < HOMES; user++) homes[homeOf(made, user).area]!++
      const residents = ZIP_AREAS.map(({ population }) => population)
      const all = residents.reduce((sum, each) => sum + each, 0)
      const { value, cells } = chiSquare(
        homes,
        residents.map((each) => (each / all) * HOMES),
      )
      return [
        check('Spearman with residents', spearman(homes, residents), 0.95, 1),
        check('chi-square per degree', value / (cells - 1), 0.8, 1.3),
      ]
    },
    mutant: { name: 'homes 0', stage: { userCount: 1, dayCount: 1 }, wrong: knobs({ homes: 0 }) },
  },
  {
    id: 'N1',
    tier: 'T2',
    quantity: 'size of a listener’s library',
    published: 'exponential, not a power law',
    source: 'Lambiotte and Ausloos, PRE 72 (2005) 066107',
    measure: (history) => {
      const sizes = wholeTimePlays(history, history.tally.userSongs)
      if (sizes.length < 100) return { reason: 'fewer than 100 listeners were there all the time' }
      const mean = sizes.reduce((sum, each) => sum + each, 0) / sizes.length
      const least = Math.min(...sizes)
      const alpha = sizes.length / sizes.reduce((sum, each) => sum + Math.log(each / (least - 0.5)), 0)
      const toExponential = distanceToLaw(sizes, (x) => 1 - Math.exp(-x / mean))
      const toPareto = distanceToLaw(sizes, (x) => 1 - ((least - 0.5) / x) ** alpha)
      return [check('KS to exponential over KS to Pareto', toExponential / toPareto, 0, 1)]
    },
    mutant: {
      name: 'activitySpread 4',
      stage: { userCount: 3_000, dayCount: 120 },
      wrong: knobs({ activitySpread: 4 }),
    },
  },
]

/** Homes need no history, so as many are looked at as the areas need. */
const HOMES = 100_000

/** Of listeners who were there from the first day to the last: the totals of others are cut short. */
function wholeTimePlays({ world, firstDay, dayCount, tally }: CountedHistory, counts = tally.userPlays): number[] {
  const found: number[] = []
  for (let user = 0; user < world.userCount; user++) {
    const { joinDay, leaveDay } = knownListener(world, user)
    const isWhole = joinDay <= firstDay && leaveDay >= firstDay + dayCount
    if (isWhole && counts[user]! > 0) found.push(counts[user]!)
  }
  return found
}

const GLOBAL_SONGS = 2_300_000

/** Of interest itself, since no history of a hundred thousand artists is made. */
function globalTopShare(made: CountedHistory['made']): number {
  const { key, knobs: turned, firstDay, lastYear } = made
  const world = createWorld({ key, knobs: turned, firstDay, lastYear, songCount: GLOBAL_SONGS, userCount: 1 })
  const book = songbookOf(world)
  const ofArtist = new Float64Array(book.artistCount)
  const day = book.firstDay + 500
  for (let song = 0; song < GLOBAL_SONGS; song++) ofArtist[book.artist[song]!]! += interestOn(book, song, day)
  return topShare(ofArtist, 0.01)
}
