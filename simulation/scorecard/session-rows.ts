/** What happens in a session: its size, skips, thumbs and searches. */
import type { CountedHistory } from './counted-history.ts'
import { check, holds, knobs, type Row, type Stage } from './row.ts'
import { distanceOfBins } from './statistics/kolmogorov.ts'
import { PROFILE_BIN_S, PROFILE_BINS } from './tally.ts'

const SMALL: Stage = { userCount: 800, dayCount: 120 }

export const SESSION_ROWS: readonly Row[] = [
  {
    id: 'S1',
    tier: 'T2',
    quantity: 'plays in a session, ended by 30 quiet minutes',
    published: 'median 6, mean 11.3',
    source: '30Music, CEUR 1441 (RecSys 2015 poster 13)',
    measure: ({ tally }) => {
      const { median, mean } = sizeSummary(tally.sizes)
      return [
        check('median', median, 4, 8, 'plays'),
        check('mean over median', mean / median, 1.5, 2.3),
        check('sessions by 15 quiet minutes over those by 60', tally.sessions[0]! / tally.sessions[2]!, 1, 1.25),
      ]
    },
    mutant: { name: 'sessionSpread 0', stage: SMALL, wrong: knobs({ sessionSpread: 0 }) },
  },
  {
    id: 'S2',
    tier: 'T2',
    quantity: 'session table with skip_1, skip_2, skip_3, not_skipped',
    published: '160 M sessions of 10–20 rows by construction',
    source: 'Brost et al., arXiv 1901.09851 (MSSD)',
    measure: () => ({ reason: 'a table’s form, not a number: the exporter of that form has its own tests' }),
  },
  {
    id: 'K1',
    tier: 'T2',
    quantity: 'skips',
    published: '24 % within 5 s, 35.05 % within 30 s, 48.6 % before the end; 14.65 an hour',
    source: 'Lamere 2014 via hypebot.com',
    measure: ({ tally: { skips } }) => [
      check('within 5 s', (100 * skips[1]!) / skips[0]!, 20, 28, '%'),
      check('within 30 s', (100 * skips[2]!) / skips[0]!, 31, 39, '%'),
      check('before the end', (100 * skips[3]!) / skips[0]!, 44, 53, '%'),
      check('an hour of listening', skips[3]! / skips[4]!, 11, 18),
    ],
    mutant: { name: 'skip 2', stage: SMALL, wrong: knobs({ skip: 2 }) },
  },
  {
    id: 'K2',
    tier: 'T2',
    quantity: 'skips by age and weekday',
    published:
      'teenagers > 50 %, thirties least, up again in the late forties; Monday to Wednesday least, weekend > 50 %',
    source: 'Lamere 2014 via hypebot.com',
    measure: ({ tally }) => {
      const at = (from: number, to: number): number => shareOf(tally.ageSkips, tally.agePlays, from, to)
      const on = (from: number, to: number): number => shareOf(tally.weekdaySkips, tally.weekdayPlays, from, to)
      const bands = [at(13, 19), at(20, 29), at(40, 49), at(50, 100)]
      if ([...bands, at(30, 39), at(45, 49)].some(Number.isNaN)) return { reason: 'an age band has no listeners' }
      return [
        check('teenagers', 100 * at(13, 19), 50, 70, '%'),
        check('thirties', 100 * at(30, 39), 25, 42, '%'),
        holds(
          'thirties least',
          bands.every((band) => band > at(30, 39)),
        ),
        holds('late forties above thirties', at(45, 49) > at(30, 39)),
        check('weekend', 100 * on(5, 6), 50, 60, '%'),
        holds(
          'Monday to Wednesday below Thursday and Friday, and these below the weekend',
          on(0, 2) < on(3, 4) && on(3, 4) < on(5, 6),
        ),
      ]
    },
    mutant: { name: 'skipByAge 0', stage: SMALL, wrong: knobs({ skipByAge: 0 }) },
  },
  {
    id: 'K3',
    tier: 'T2',
    quantity: 'where a song is left: a fingerprint of the song',
    published: 'stable over groups of listeners and dates, different from song to song',
    source: 'Montecchio et al. 2020, arXiv 2005.06987, zenodo.org/records/4029395',
    stage: { userCount: 1_500, dayCount: 364 },
    measure: (history) => {
      const { between, within, songs } = fingerprintDistances(history)
      if (songs < 6) return { reason: 'fewer than six songs are left often enough' }
      return [check('KS between songs over KS within', between / within, 3, 100)]
    },
    mutant: { name: 'fingerprint 0', stage: { userCount: 1_500, dayCount: 364 }, wrong: knobs({ fingerprint: 0 }) },
  },
  {
    id: 'K4',
    tier: 'T2',
    quantity: 'what counts as a skip',
    published:
      '35.05 % within 30 s against 48.6 % before the end; 30Music labels only 4.0 %: it depends on the definition',
    source: 'Lamere 2014; 30Music, CEUR 1441',
    measure: ({ tally: { skips } }) => [
      check('skips within 30 s over skips before the end', skips[2]! / skips[3]!, 0.62, 0.82),
      check('plays cut short without a row that says so', skips[5]!, 0, 0, 'plays'),
    ],
    mutant: { name: 'skips told no more', stage: SMALL, tampering: 'silence' },
  },
  {
    id: 'T1',
    tier: 'T2',
    quantity: 'thumbs',
    published: 'a few percent of plays, more up than down (eventsim 5 % and 1 %)',
    source: 'Pandora 2011 via techcrunch.com; github.com/Interana/eventsim',
    measure: ({ tally: { opinions, skips } }) => [
      check('plays with a thumb', (100 * opinions[0]!) / skips[0]!, 2, 12, '%'),
      check('up over down', opinions[1]! / opinions[2]!, 2, 6),
      check('thumbs down that are followed by a skip', (100 * opinions[3]!) / opinions[2]!, 80, 100, '%'),
    ],
    mutant: { name: 'reactions 0.2', stage: SMALL, wrong: knobs({ reactions: 0.2 }) },
  },
  {
    id: 'Q1',
    tier: 'T2',
    quantity: 'sessions with a search',
    published: 'of first plays of an artist 7 % come from search, 26 % from playlists',
    source: 'Maasø (WiMP), slides',
    measure: ({ tally: { sessions } }) => [
      check('sessions with a search', (100 * sessions[4]!) / sessions[3]!, 5, 30, '%'),
    ],
    mutant: { name: 'search 0', stage: SMALL, wrong: knobs({ search: 0 }) },
  },
]

export function sizeSummary(sizes: ArrayLike<number>): { median: number; mean: number } {
  let [sessions, plays] = [0, 0]
  for (let size = 0; size < sizes.length; size++) {
    sessions += sizes[size]!
    plays += size * sizes[size]!
  }
  let median = 0
  for (let below = 0; below + sizes[median]! < sessions / 2; median++) below += sizes[median]!
  return { median, mean: plays / sessions }
}

function shareOf(some: ArrayLike<number>, all: ArrayLike<number>, from: number, to: number): number {
  let [count, whole] = [0, 0]
  for (let i = from; i <= to; i++) {
    count += some[i]!
    whole += all[i]!
  }
  return count / whole
}

/** No profile of fewer skips is compared: chance alone would be as large as the songs' differences. */
const PROFILE_SKIPS = 250
/** Profiles nearer than this are alike. */
const LEAST_DISTANCE = 0.01

/** Songs are compared over the time that all of them last; shorter ones are left out. */
const COMPARED_S = 150

/** Squared distances less what chance makes of like profiles: for n and m skips, about (1/n + 1/m) · 0.74. */
function fingerprintDistances({ tally, tracked, songs }: CountedHistory): {
  between: number
  within: number
  songs: number
} {
  const profile = (song: number, cohort: number): Uint32Array => {
    const from = (song * 4 + cohort) * PROFILE_BINS
    return tally.profiles.subarray(from, from + COMPARED_S / PROFILE_BIN_S)
  }
  const count = (bins: Uint32Array): number => bins.reduce((sum, each) => sum + each, 0)
  const squared = (a: Uint32Array, b: Uint32Array): number =>
    distanceOfBins(a, b) ** 2 - 0.74 * (1 / count(a) + 1 / count(b))
  const often = Array.from(tracked.keys()).filter(
    (song) =>
      songs.duration_ms[tracked[song]!]! >= COMPARED_S * 1000 &&
      [0, 1, 2, 3].every((cohort) => count(profile(song, cohort)) >= PROFILE_SKIPS),
  )
  let [within, withins, between, betweens] = [0, 0, 0, 0]
  often.forEach((song, i) => {
    // Younger against older, and the first half of the history against the second.
    for (const [a, b] of [
      [0, 2],
      [1, 3],
      [0, 1],
      [2, 3],
    ] as const) {
      within += squared(profile(song, a), profile(song, b))
      withins++
    }
    for (const other of often.slice(i + 1)) {
      for (let cohort = 0; cohort < 4; cohort++) {
        between += squared(profile(song, cohort), profile(other, cohort))
        betweens++
      }
    }
  })
  const root = (sum: number, n: number): number => Math.sqrt(Math.max(LEAST_DISTANCE ** 2, sum / n))
  return { between: root(between, betweens), within: root(within, withins), songs: often.length }
}
