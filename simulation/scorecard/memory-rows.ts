/** What listeners come back to: repeats, gaps, appetite, and how few songs please many. */
import { GENRES } from '../../datasets/catalogue-genre.ts'
import type { CountedHistory } from './counted-history.ts'
import { check, holds, knobs, type Row, type Stage } from './row.ts'
import { fitGaps } from './statistics/gap-law.ts'
import { gini } from './statistics/gini.ts'
import { greedyCover } from './statistics/greedy-cover.ts'
import { kMeans } from './statistics/k-means.ts'
import { exponent } from './statistics/slope.ts'
import { EXPOSURES, FAVOURITES, GAP_BINS, gapsOfBin, HEAPS_POINTS, REPEAT_PLAYS } from './tally.ts'
import { GENRE_COUNT } from './truth.ts'

/** Few listeners who listen much: what is known of a listener must be seen long enough. */
const EAGER: Stage = { userCount: 250, dayCount: 364, parts: { knobs: { sessionsPerDay: 2.5 } } }

/** Usual listeners, for long enough to hear songs again and again. */
const USUAL: Stage = { userCount: 2_000, dayCount: 546 }

export const MEMORY_ROWS: readonly Row[] = [
  {
    id: 'R1',
    tier: 'T2',
    quantity: 'share of the first 5,000 plays of a listener that repeat',
    published: '77.0 % repeat a song, 95.3 % an artist (19,305 plays a listener)',
    source: 'Last.fm-1K by KONECT: 1 − 4,413,834/19,150,868',
    measure: ({ tally }) => {
      const [listeners, songs, artists] = tally.repeats as unknown as [number, number, number]
      if (listeners < 10) return { reason: 'fewer than ten listeners have 5,000 plays' }
      const plays = listeners * REPEAT_PLAYS
      const { points, distinct } = heapsCurve(tally)
      return [
        check('songs', 100 * (1 - songs / plays), 65, 85, '%'),
        check('artists', 100 * (1 - artists / plays), 90, 98, '%'),
        check('Heaps exponent', exponent(points.slice(4), distinct.slice(4)), 0.6, 0.9),
      ]
    },
    mutant: { name: 'repeat 0, popularity 0', stage: EAGER, wrong: knobs({ repeat: 0, popularity: 0 }) },
  },
  {
    id: 'R2',
    tier: 'T2',
    quantity: 'plays between two plays of a song',
    published: 'recent songs are favoured; gaps follow a power law with exponential cutoff',
    source: 'Anderson et al., WWW 2014',
    measure: ({ tally }) => {
      if (tally.shortGaps[1]! < 10_000) return { reason: 'fewer than 10,000 repeats' }
      const { gaps, widths, counts } = gapHistogram(tally.gaps)
      const fits = fitGaps(gaps, widths, counts)
      return [
        holds('cutoff power law before exponential by BIC', fits.cutoff.bic < fits.exponential),
        holds('cutoff power law before uniform by BIC', fits.cutoff.bic < fits.uniform),
        check(
          'gaps up to 50, over those of the same plays shuffled',
          tally.shortGaps[0]! / tally.shortGaps[2]!,
          1.5,
          20,
        ),
      ]
    },
    mutant: { name: 'recency 0', stage: EAGER, wrong: knobs({ recency: 0 }) },
  },
  {
    id: 'R3',
    tier: 'T2',
    quantity: 'appetite for a discovered song, by exposure: is the next wait for it shorter or longer than the last?',
    published: 'an inverted U: appetite rises over the first exposures, then falls',
    source: 'Sguerra et al., arXiv 2210.16226 (Deezer)',
    measure: ({ tally }) => {
      const { exposures, rising } = appetite(tally)
      if (tally.sooner[2]! + tally.later[2]! < 2_000)
        return { reason: 'fewer than 2,000 songs were played three times' }
      const late = rising.filter((_, i) => exposures[i]! > 8)
      return [
        check('second wait shorter than the first', 100 * rising[0]!, 51, 90, '%'),
        check('waits shorter than the one before, from the ninth play on', 100 * mean(late), 10, 49.5, '%'),
      ]
    },
    mutant: { name: 'appetite 0', stage: USUAL, wrong: knobs({ appetite: 0 }) },
  },
  {
    id: 'R4',
    tier: 'T2',
    quantity: 'songs that please N listeners, inequality by genre, rhythms of the day',
    published:
      'S ~ N^a with a from .5 to .8; hip hop and dance more unequal than classical and jazz; 4 like-sized groups',
    source: 'Louail and Barthelemy, arXiv 1704.05815',
    measure: (history) => {
      const covers = coverExponents(history)
      const groups = rhythmGroups(history)
      if (covers.length < 3 || groups === undefined) return { reason: 'too few listeners with enough plays' }
      covers.sort((a, b) => a - b)
      const unequal = genreGini(history, ['hip hop', 'house', 'techno', 'electronic'])
      const equal = genreGini(history, ['classical', 'jazz'])
      return [
        check('cover exponent, median of genres', covers[covers.length >> 1]!, 0.5, 0.8),
        check('Gini of hip hop and dance less that of classical and jazz', unequal - equal, 0.005, 1),
        check('smallest of four rhythm groups', 100 * groups.smallest, 15, 35, '%'),
        check('largest of four rhythm groups', 100 * groups.largest, 15, 35, '%'),
        check('spread that the groups explain', groups.explained, 0.5, 1),
      ]
    },
    mutant: { name: 'chronotypes 0', stage: EAGER, wrong: knobs({ chronotypes: 0 }) },
  },
]

export function heapsCurve({ heapsSongs, heapsUsers }: CountedHistory['tally']): {
  points: number[]
  distinct: number[]
} {
  const kept = Array.from({ length: HEAPS_POINTS }, (_, i) => i).filter((i) => heapsUsers[i]! >= heapsUsers[0]!)
  return { points: kept.map((i) => 2 ** i), distinct: kept.map((i) => heapsSongs[i]! / heapsUsers[i]!) }
}

export function gapHistogram(bins: ArrayLike<number>): { gaps: number[]; widths: number[]; counts: number[] } {
  let last = GAP_BINS - 1
  while (last > 0 && bins[last] === 0) last--
  const kept = Array.from({ length: last + 1 }, (_, bin) => bin).filter((bin) => gapsOfBin(bin)[1] >= gapsOfBin(bin)[0])
  return {
    gaps: kept.map((bin) => Math.sqrt(gapsOfBin(bin)[0] * gapsOfBin(bin)[1])),
    widths: kept.map((bin) => gapsOfBin(bin)[1] - gapsOfBin(bin)[0] + 1),
    counts: kept.map((bin) => bins[bin]!),
  }
}

/** By exposure k: the share of waits for play k + 1 that are shorter than the wait for play k. */
export function appetite({ sooner, later }: CountedHistory['tally']): { exposures: number[]; rising: number[] } {
  const exposures = Array.from({ length: EXPOSURES - 2 }, (_, i) => i + 2)
  return { exposures, rising: exposures.map((k) => sooner[k]! / Math.max(1, sooner[k]! + later[k]!)) }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

/** By genre: how the songs needed grow with the listeners pleased. */
function coverExponents({ tally, world }: CountedHistory): number[] {
  const found: number[] = []
  for (let genre = 0; genre < GENRE_COUNT; genre++) {
    const fans: number[][] = []
    for (let user = 0; user < world.userCount && fans.length < 1_600; user++) {
      const from = (user * GENRE_COUNT + genre) * FAVOURITES
      const songs = Array.from(tally.favourites.subarray(from, from + FAVOURITES), (each) => each - 1)
      if (songs[0]! >= 0) fans.push(songs)
    }
    const sizes = [25, 50, 100, 200, 400, 800, 1_600].filter((size) => size <= fans.length)
    if (sizes.length < 3) continue
    found.push(
      exponent(
        sizes,
        sizes.map((size) => greedyCover(fans.slice(0, size))),
      ),
    )
  }
  return found
}

function genreGini({ songs, songPlays }: CountedHistory, terms: readonly string[]): number {
  const ginis = terms.map((term) => {
    const genre = GENRES.findIndex((each) => each.term === term)
    return gini(Array.from(songPlays).filter((plays, song) => songs.genre[song] === genre && plays > 0))
  })
  return ginis.reduce((sum, each) => sum + each, 0) / ginis.length
}

function rhythmGroups({
  tally,
  world,
}: CountedHistory): { smallest: number; largest: number; explained: number } | undefined {
  const days: Float64Array[] = []
  for (let user = 0; user < world.userCount && days.length < 1_500; user++) {
    const plays = tally.userPlays[user]!
    if (plays < 1_000) continue
    // Three hours together, and roots of shares: chance then weighs alike everywhere.
    const day = new Float64Array(8)
    for (let hour = 0; hour < 24; hour++) day[Math.floor(hour / 3)]! += tally.userHour[user * 24 + hour]! / plays
    days.push(day.map(Math.sqrt))
  }
  if (days.length < 100) return undefined
  const { of, spread } = kMeans(days, 4)
  const whole = kMeans(days, 1, 1).spread
  const sizes = [0, 0, 0, 0]
  for (const group of of) sizes[group]! += 1 / days.length
  return { smallest: Math.min(...sizes), largest: Math.max(...sizes), explained: 1 - spread / whole }
}
