/** A history as the scorecard sees it: what was counted, the truth beside it, and what is made of both once asked for. */
import { dayNumber } from '../kernel/day-number.ts'
import { interestOn } from '../kernel/song-interest.ts'
import { songbookOf } from '../kernel/songbook.ts'
import type { World } from '../kernel/world.ts'
import { type ArrivalTally, countArrivals } from './arrival-tally.ts'
import { countHistory } from './count-history.ts'
import type { Tally } from './tally.ts'
import type { Tampering } from './tampering.ts'
import { GENRE_COUNT, genreMasses, type SongColumns, songColumns } from './truth.ts'

export interface HistoryToCount {
  made: World
  judged?: World
  dayCount: number
  tampering?: Tampering
}

export interface CountingOptions {
  workers?: number
  signal?: AbortSignal
  onUsers?: (count: number) => void
}

export interface Exploration {
  /** By week, then song. */
  byWeek: Float32Array
  /** Of the whole history's count, by song. */
  variance: Float64Array
}

const TRACKED = 32
export const CHART_PLACES = 100

export async function countedHistory(
  { made, judged = made, dayCount, tampering }: HistoryToCount,
  options: CountingOptions = {},
): Promise<CountedHistory> {
  const firstDay = dayNumber(judged.firstDay)
  const genreMass = genreMasses(judged, firstDay, dayCount)
  const tracked = mostExpected(judged, firstDay, dayCount)
  const plan = { made, judged, firstDay, dayCount, tracked, genreMass }
  const tally = await countHistory(tampering ? { ...plan, tampering } : plan, options)
  return new CountedHistory(made, judged, firstDay, dayCount, tracked, genreMass, tally)
}

/** The songs with most interest over the history, and those that shocks make viral. */
function mostExpected(world: World, firstDay: number, dayCount: number): Uint32Array {
  const book = songbookOf(world)
  const sums = new Float64Array(world.songCount)
  for (let d = 0; d < dayCount; d += 7) {
    for (let song = 0; song < world.songCount; song++) sums[song]! += interestOn(book, song, firstDay + d)
  }
  const viral = world.shocks.flatMap((shock) => (shock.kind === 'viral' ? [shock.song] : []))
  const others = Array.from(sums.keys())
    .filter((song) => !viral.includes(song))
    .sort((a, b) => sums[b]! - sums[a]! || a - b)
  return Uint32Array.from([...viral, ...others].slice(0, TRACKED))
}

export class CountedHistory {
  readonly made: World
  readonly world: World
  readonly firstDay: number
  readonly dayCount: number
  readonly tracked: Uint32Array
  /** By day, then genre. */
  readonly genreMass: Float64Array
  readonly tally: Tally
  readonly songs: SongColumns
  private known = new Map<string, unknown>()

  constructor(
    made: World,
    judged: World,
    firstDay: number,
    dayCount: number,
    tracked: Uint32Array,
    genreMass: Float64Array,
    tally: Tally,
  ) {
    this.made = made
    this.world = judged
    this.firstDay = firstDay
    this.dayCount = dayCount
    this.tracked = tracked
    this.genreMass = genreMass
    this.tally = tally
    this.songs = songColumns(judged)
  }

  /** Whole weeks. */
  get weeks(): number {
    return Math.floor(this.dayCount / 7)
  }

  get songPlays(): Float64Array {
    return this.once('songPlays', () => {
      const { weekPlays } = this.tally
      const sums = new Float64Array(this.songs.songCount)
      for (let i = 0; i < weekPlays.length; i++) sums[i % sums.length]! += weekPlays[i]!
      return sums
    })
  }

  get artistPlays(): Float64Array {
    return this.once('artistPlays', () => {
      const sums = new Float64Array(this.songs.artistCount)
      this.songPlays.forEach((plays, song) => {
        sums[this.songs.artist[song]!]! += plays
      })
      return sums
    })
  }

  /** The hundred most played songs of each whole week, best first. */
  get charts(): readonly (readonly number[])[] {
    return this.once('charts', () => {
      const { songCount: count } = this.songs
      return Array.from({ length: this.weeks }, (_, week) => {
        const plays = this.tally.weekPlays.subarray(week * count, (week + 1) * count)
        return Array.from(plays.keys())
          .filter((song) => plays[song]! > 0)
          .sort((a, b) => plays[b]! - plays[a]! || a - b)
          .slice(0, CHART_PLACES)
      })
    })
  }

  /** Explored plays that the law expects, given when and by whom songs were explored. */
  get exploration(): Exploration {
    return this.once('exploration', () => {
      const { songCount, genre } = this.songs
      const book = songbookOf(this.world)
      const { expectedGenre, expectedSquares } = this.tally
      const byWeek = new Float32Array(Math.ceil(this.dayCount / 7) * songCount)
      const variance = new Float64Array(songCount)
      for (let d = 0; d < this.dayCount; d++) {
        const week = Math.floor(d / 7) * songCount
        for (let song = 0; song < songCount; song++) {
          const at = d * GENRE_COUNT + genre[song]!
          const level = interestOn(book, song, this.firstDay + d)
          if (level === 0) continue
          const share = level / this.genreMass[at]!
          byWeek[week + song]! += expectedGenre[at]! * share
          variance[song]! += expectedGenre[at]! * share - expectedSquares[at]! * share * share
        }
      }
      return { byWeek, variance }
    })
  }

  get arrivals(): ArrivalTally {
    return this.once('arrivals', () => countArrivals(this.made, this.world, this.firstDay, this.dayCount))
  }

  private once<Value>(name: string, make: () => Value): Value {
    if (!this.known.has(name)) this.known.set(name, make())
    return this.known.get(name) as Value
  }
}
