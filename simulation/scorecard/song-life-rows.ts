/** How songs rise and fall: decline, decades, charts, shocks, and genres' songs. */
import { GENRES } from '../../datasets/catalogue-genre.ts'
import { dayNumber, dayOfNumber } from '../kernel/day-number.ts'
import { interestOn } from '../kernel/song-interest.ts'
import { songbookOf } from '../kernel/songbook.ts'
import { createWorld, type World } from '../kernel/world.ts'
import { CHART_PLACES, type CountedHistory } from './counted-history.ts'
import { check, holds, knobs, type Row, type Stage } from './row.ts'
import { fitDecay } from './statistics/decay-fit.ts'
import { totalVariation } from './statistics/total-variation.ts'

/** Charts need as many plays a week as the whole history has: with fewer, chance alone would change them. */
const YEAR: Stage = { userCount: 5_000, dayCount: 371 }
/** No history is asked, only the world. */
const WORLD: Stage = { userCount: 1, dayCount: 1 }

const VIRAL_STAGE: Stage = { userCount: 1_000, dayCount: 70, isViral: true }

/** Streams by decade of release: 2020s, 2010s, … 1970s, older. */
export const PUBLISHED_DECADES = [49.6, 29.9, 10.4, 4.7, 2.2, 1.8, 1.4] as const

export const SONG_LIFE_ROWS: readonly Row[] = [
  {
    id: 'L1',
    tier: 'T2',
    quantity: 'mean interest in a song by its age',
    published: 'a bi-exponential decline, before exponential and lognormal; for music the knee is at 5.6 years',
    source: 'Candia et al., Nature Human Behaviour 2019, doi 10.1038/s41562-018-0474-5',
    measure: (history) => {
      const { ages, levels } = cohortCurve(history)
      const { exponential, lognormal, biexponential } = fitDecay(ages, levels)
      return [
        holds('bi-exponential before exponential by BIC', biexponential.bic < exponential.bic),
        holds('bi-exponential before lognormal by BIC', biexponential.bic < lognormal.bic),
        check('knee, where the slow part overtakes the fast one', biexponential.knee, 4, 8, 'years'),
      ]
    },
    mutant: { name: 'decay 0', stage: WORLD, wrong: knobs({ decay: 0 }) },
  },
  {
    id: 'L2',
    tier: 'T2',
    quantity: 'plays by decade of release',
    published: '2020s 49.6 %, 2010s 29.9, 2000s 10.4, 1990s 4.7, 1980s 2.2, 1970s 1.8, older 1.4',
    source: 'Luminate 2024 via insideaudiomarketing.com',
    measure: (history) => {
      const shares = decadeShares(history)
      const inOrder = shares.every((share, i) => i === 0 || share < shares[i - 1]!)
      return [
        check('total variation', totalVariation(shares, PUBLISHED_DECADES), 0, 0.1),
        holds('newer decades have more', inOrder),
      ]
    },
    mutant: { name: 'decay 0', stage: { userCount: 800, dayCount: 120 }, wrong: knobs({ decay: 0 }) },
  },
  {
    id: 'L3',
    tier: 'T2',
    quantity: 'stay in the weekly Top 100 over 52 weeks',
    published: 'mean 45.3 days; 42.6 % one week; 24.5 % more than ten; 804 songs a year',
    source: 'Buhamster 2021 via prnewswire.com',
    measure: (history) => {
      const stays = yearlyStays(history)
      if (stays.length === 0) return { reason: 'the history has no 52 weeks' }
      const all = stays.flat()
      return [
        check('songs of one week', (100 * all.filter((weeks) => weeks === 1).length) / all.length, 30, 55, '%'),
        check(
          'songs of more than ten weeks',
          (100 * all.filter((weeks) => weeks > 10).length) / all.length,
          15,
          35,
          '%',
        ),
        check('songs a year', all.length / stays.length, 500, 1_100, 'songs'),
      ]
    },
    mutant: { name: 'decay 0', stage: YEAR, wrong: knobs({ decay: 0 }) },
  },
  {
    id: 'L4',
    tier: 'T2',
    quantity: 'ways into the chart',
    published: 'climbs of 4–6 weeks before 1990, debuts at the peak now; lifetimes with a heavy tail',
    source: 'Schneider and Gros, arXiv 1908.10694; Lech, Lehmann and Juul 2025',
    measure: (history) => {
      const careers = chartCareers(history)
      if (history.weeks < 40) return { reason: 'the history has fewer than 40 weeks' }
      // Of songs that reach the upper half: at its lower end, places change by chance.
      const high = careers.filter(({ best }) => best < CHART_PLACES / 2)
      const share = (some: readonly Career[]): number => (100 * some.length) / high.length
      const lives = careers.map(({ weeks }) => weeks)
      return [
        check('songs that come in, a week', careers.length / (history.weeks - 4), 3, 100, 'songs'),
        check('debuts at the peak', share(high.filter(({ climb }) => climb === 0)), 10, 100, '%'),
        check('climb by 20 places and for two weeks and more', share(high.filter(isClimber)), 10, 100, '%'),
        check(
          'AIC of lifetimes, geometric less power law',
          geometricAic(lives) - powerAic(lives),
          0,
          Number.POSITIVE_INFINITY,
        ),
      ]
    },
    mutant: { name: 'decay 0', stage: YEAR, wrong: knobs({ decay: 0 }) },
  },
  {
    id: 'L5',
    tier: 'T2',
    quantity: 'hourly plays: variance over mean, beside the song’s share of the week',
    published: 'daily counts fit marked point processes: bursts only where a song goes viral',
    source: 'Harris et al., arXiv 1910.01445',
    stage: VIRAL_STAGE,
    measure: (history) => {
      const viral = history.world.shocks.flatMap((shock) => (shock.kind === 'viral' ? [shock.song] : []))
      if (viral.length === 0) return { reason: 'no song is tagged viral' }
      const ratios = (isViral: boolean): number[] =>
        Array.from(history.tracked, (song, at) => ({ song, ratio: fano(history, at) }))
          .filter(({ song }) => viral.includes(song) === isViral)
          .map(({ ratio }) => ratio)
      return [
        check('median of songs not tagged viral', median(ratios(false)), 0.8, 1.3),
        check('songs tagged viral', median(ratios(true)), 1.5, 1e6),
      ]
    },
    mutant: {
      name: 'no virality',
      stage: VIRAL_STAGE,
      judgedByRight: true,
      wrong: (world) => ({ ...world, shocks: [] }),
    },
  },
  {
    id: 'G1',
    tier: 'T2',
    quantity: 'genres: plays, and age of what is played',
    published: 'R&B/hip-hop > 300 G, rock > 200 G, pop ~200 G streams; rock oldest, Latin, country and world newest',
    source: 'Luminate US 2024 via rainnews.com, insideaudiomarketing.com',
    measure: (history) => {
      const of = genreGroups(history)
      if (Object.values(of).some(({ plays }) => plays < 500)) return { reason: 'a genre has fewer than 500 plays' }
      const newest = Math.min(of.latin.current, of.country.current, of.world.current)
      const others = Math.max(of.urban.current, of.rock.current, of.pop.current)
      const oldest = Math.max(of.urban.age, of.pop.age, of.latin.age, of.country.age, of.world.age)
      return [
        check('R&B/hip-hop over rock', of.urban.plays / of.rock.plays, 1, 3),
        check('rock over pop', of.rock.plays / of.pop.plays, 1, 3),
        check('mean age of rock less that of the next', of.rock.age - oldest, 0, 50, 'years'),
        check(
          'share of new songs: least of Latin, country, world less the others’',
          100 * (newest - others),
          0,
          100,
          '%',
        ),
      ]
    },
    mutant: {
      name: 'genrePopularity 0',
      stage: { userCount: 800, dayCount: 120 },
      wrong: knobs({ genrePopularity: 0 }),
    },
  },
  {
    id: 'G2',
    tier: 'T2',
    quantity: 'genre labels on the Million Song Dataset',
    published: 'CD1 133,676, CD2 280,831, CD2C 191,401 tracks',
    source: 'tagtraum.com/msd_genre_datasets.html',
    measure: () => ({ reason: 'sizes of label files of real tracks; the realistic profile has invented ones' }),
  },
]

/** The world in which L5 is measured: the most wanted song goes viral after three weeks. */
export function withViralSong(world: World): World {
  const book = songbookOf(world)
  const day = dayOfNumber(book.firstDay + 24)
  let [song, most] = [0, 0]
  for (let each = 0; each < world.songCount; each++) {
    const level = interestOn(book, each, book.firstDay + 24)
    if (level > most) [song, most] = [each, level]
  }
  return createWorld({ ...world, shocks: [{ kind: 'viral', name: 'everywhere', song, day, size: 12, fadeDays: 3 }] })
}

const COHORT_SONGS = 30_000
const COHORT_YEARS = 20
const COHORT_RELEASES_DAYS = 3 * 365

/**
 * Mean interest in a song by its age in years, the first year 1: of the songs that came out within the last three years of
 * a large catalogue, followed for twenty years. Interest is asked itself, since no history is so long; that plays go by
 * interest is held by the row `song-choice`.
 */
export function cohortCurve({ made }: CountedHistory): { ages: number[]; levels: number[] } {
  const { key, knobs: turned, firstDay, lastYear } = made
  const book = songbookOf(
    createWorld({ key, knobs: turned, firstDay, lastYear, songCount: COHORT_SONGS, userCount: 1 }),
  )
  const newest = book.release.reduce((latest, day) => Math.max(latest, day), Number.NEGATIVE_INFINITY)
  const levels = new Array<number>(COHORT_YEARS).fill(0)
  for (let song = 0; song < COHORT_SONGS; song++) {
    const release = book.release[song]!
    if (release <= newest - COHORT_RELEASES_DAYS) continue
    for (let age = 0; age < COHORT_YEARS * 365; age += 5)
      levels[Math.floor(age / 365)]! += interestOn(book, song, release + age)
  }
  return { ages: levels.map((_, year) => year + 0.5), levels: levels.map((level) => level / levels[0]!) }
}

/** Of 2024, the published year, if the history has all of it. */
export function decadeShares({ tally, songs, firstDay, weeks }: CountedHistory): number[] {
  const from = Math.ceil((dayNumber('2024-01-01') - firstDay) / 7)
  const hasYear = from >= 0 && from + 52 <= weeks
  const shares = new Float64Array(7)
  for (let week = hasYear ? from : 0; week < (hasYear ? from + 52 : weeks); week++) {
    for (let song = 0; song < songs.songCount; song++) {
      const year = Number(dayOfNumber(songs.release[song]!).slice(0, 4))
      shares[Math.min(6, Math.max(0, 202 - Math.floor(year / 10)))]! += tally.weekPlays[week * songs.songCount + song]!
    }
  }
  const sum = shares.reduce((all, each) => all + each, 0)
  return Array.from(shares, (share) => (100 * share) / sum)
}

/** For each 52 weeks, the weeks that each song of a chart was in one. */
function yearlyStays({ charts }: CountedHistory): number[][] {
  return Array.from({ length: Math.floor(charts.length / 52) }, (_, year) => {
    const stays = new Map<number, number>()
    for (const chart of charts.slice(year * 52, year * 52 + 52)) {
      for (const song of chart) stays.set(song, (stays.get(song) ?? 0) + 1)
    }
    return [...stays.values()]
  })
}

interface Career {
  weeks: number
  /** Weeks from coming in to the best place. */
  climb: number
  /** Places, 0 the best. */
  entry: number
  best: number
}

const isClimber = ({ climb, entry, best }: Career): boolean => climb >= 2 && entry - best >= 20

/** Of songs that were not in the first four charts. */
function chartCareers({ charts }: CountedHistory): Career[] {
  const careers = new Map<number, Career & { first: number }>()
  charts.forEach((chart, week) => {
    chart.forEach((song, place) => {
      const career = careers.get(song) ?? { first: week, weeks: 0, climb: 0, entry: place, best: place }
      career.weeks++
      if (place < career.best) {
        career.best = place
        career.climb = week - career.first
      }
      careers.set(song, career)
    })
  })
  return [...careers.values()].filter(({ first }) => first >= 4)
}

function powerAic(lives: readonly number[]): number {
  // The whole range is compared, so the law is taken from one week on.
  let best = Number.POSITIVE_INFINITY
  for (let alpha = 1.05; alpha < 4; alpha += 0.05)
    best = Math.min(
      best,
      minusTwoLogL(lives, (k) => k ** -alpha),
    )
  return best + 2
}

function geometricAic(lives: readonly number[]): number {
  const mean = lives.reduce((sum, life) => sum + life, 0) / lives.length
  return minusTwoLogL(lives, (k) => (1 - 1 / mean) ** k) + 2
}

function minusTwoLogL(lives: readonly number[], weight: (weeks: number) => number): number {
  const most = Math.max(...lives)
  let whole = 0
  for (let k = 1; k <= most; k++) whole += weight(k)
  return -2 * lives.reduce((sum, life) => sum + Math.log(weight(life) / whole), 0)
}

/** Variance over mean of a tracked song's plays in the hours, beside its share of the week. */
function fano({ tally, dayCount }: CountedHistory, at: number): number {
  const hours = tally.hourPlays.length
  let [squares, sum] = [0, 0]
  for (let from = 0; from + 7 <= dayCount; from += 7) {
    let [own, all] = [0, 0]
    for (let hour = from * 24; hour < (from + 7) * 24; hour++) {
      own += tally.trackedHours[at * hours + hour]!
      all += tally.hourPlays[hour]!
    }
    for (let hour = from * 24; hour < (from + 7) * 24; hour++) {
      const mean = (tally.hourPlays[hour]! * own) / all
      squares += (tally.trackedHours[at * hours + hour]! - mean) ** 2
      sum += mean
    }
  }
  return squares / sum
}

const GROUPS = {
  urban: ['hip hop', 'soul', 'funk'],
  rock: ['rock', 'indie rock', 'punk', 'metal', 'industrial'],
  pop: ['pop'],
  latin: ['latin'],
  country: ['country'],
  world: ['world'],
} as const
type Group = keyof typeof GROUPS
/** What Luminate calls current: 18 months. */
const CURRENT_DAYS = 548

function genreGroups({
  tally,
  songs,
  firstDay,
  weeks,
}: CountedHistory): Record<Group, { plays: number; age: number; current: number }> {
  const groupOf = GENRES.map(({ term }) =>
    (Object.keys(GROUPS) as Group[]).find((group) => (GROUPS[group] as readonly string[]).includes(term)),
  )
  const sums = Object.fromEntries(
    Object.keys(GROUPS).map((group) => [group, { plays: 0, age: 0, current: 0 }]),
  ) as Record<Group, { plays: number; age: number; current: number }>
  for (let week = 0; week < weeks; week++) {
    for (let song = 0; song < songs.songCount; song++) {
      const group = groupOf[songs.genre[song]!]
      const plays = tally.weekPlays[week * songs.songCount + song]!
      if (group === undefined || plays === 0) continue
      const age = Math.max(0, firstDay + week * 7 + 3 - songs.release[song]!)
      sums[group].plays += plays
      sums[group].age += (plays * age) / 365.25
      if (age < CURRENT_DAYS) sums[group].current += plays
    }
  }
  for (const group of Object.values(sums)) {
    group.age /= group.plays
    group.current /= group.plays
  }
  return sums
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}
