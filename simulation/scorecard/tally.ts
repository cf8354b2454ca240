/**
 * Everything that the scorecard counts, in one pass over a history: arrays of numbers that add up, so that parts of a
 * history counted apart are merged by addition. Users are counted in batches, each over all days, so that what must be
 * remembered of a user's songs takes a fixed amount of memory whatever the number of users.
 */
import { kindCode } from '../../datasets/event-kind.ts'
import { weekdayOf } from '../kernel/day-number.ts'
import { causeCode, EventBlock } from '../kernel/event-block.ts'
import { fillDay, type UserRange } from '../kernel/history.ts'
import { knownListener } from '../kernel/known-listener.ts'
import type { World } from '../kernel/world.ts'
import { publishedClock } from './published-rhythm.ts'
import { burstiness } from './statistics/burstiness.ts'
import { chiSquare, chiSquareQuantile } from './statistics/chi-square.ts'
import { violationsOf } from './structure.ts'
import { type Tampering, tamper } from './tampering.ts'
import { GENRE_COUNT, hurryOf, skipHazard, songColumns } from './truth.ts'

export interface CountingPlan {
  /** The world whose history is counted. */
  made: World
  /** The world whose laws it is judged by: the same, but for mutants. */
  judged: World
  firstDay: number
  dayCount: number
  /** Songs that are looked at by the hour and by the second. */
  tracked: Uint32Array
  /** By day, then genre: summed interest, of the judged world. */
  genreMass: Float64Array
  tampering?: Tampering
}

export type Tally = ReturnType<typeof emptyTally>

export const GAP_BINS = 96
export const PROFILE_BINS = 60
export const PROFILE_BIN_S = 5
export const SIZE_MAX = 1024
export const EXPOSURES = 14
export const HEAPS_POINTS = 15
/** Heaps' curve is taken of listeners with so many plays. */
export const HEAPS_PLAYS = 4096
/** Repeats are counted over so many plays of a listener: the more plays, the fewer are new. */
export const REPEAT_PLAYS = 5_000
export const FAVOURITES = 5
export const HEARD_MAX_S = 420
/** Hours beyond a history's end that its last sessions may reach. */
export const HOURS_AFTER = 48

export function emptyTally({ judged, dayCount, tracked }: CountingPlan) {
  const { songCount, userCount } = judged
  const weeks = Math.ceil(dayCount / 7)
  const hours = dayCount * 24 + HOURS_AFTER
  const u32 = (length: number): Uint32Array<ArrayBuffer> => new Uint32Array(length)
  const f64 = (length: number): Float64Array<ArrayBuffer> => new Float64Array(length)
  return {
    events: f64(1),
    weekPlays: u32(weeks * songCount),
    weekExplored: u32(weeks * songCount),
    thumbs: u32(songCount),
    /** By day, then genre: how many explored plays the law expects. */
    expectedGenre: f64(dayCount * GENRE_COUNT),
    /** The same with the squares of the genres' odds, for the variance. */
    expectedSquares: f64(dayCount * GENRE_COUNT),
    userPlays: u32(userCount),
    userSessions: u32(userCount),
    userThumbs: u32(userCount),
    userSongs: u32(userCount),
    userHour: u32(userCount * 24),
    userBurst: f64(userCount),
    userRescaledBurst: f64(userCount),
    /** 0: too few explored plays to tell; 1: taste inside its 95 % region; 2: outside. */
    userTaste: u32(userCount),
    /** By user, genre and place: song + 1. */
    favourites: u32(userCount * GENRE_COUNT * FAVOURITES),
    playHour: u32(168),
    startHour: u32(168),
    energy: f64(24),
    energyPlays: u32(24),
    /** Plays between two plays of the same song, in bins of `gapBin`. */
    gaps: u32(GAP_BINS),
    /** Gaps up to 50 plays, all gaps, and how many of them would be up to 50 if each listener's plays were shuffled. */
    shortGaps: f64(3),
    /**
     * Of songs that a listener discovered: how often the wait (in plays) for play k + 1 was shorter than the wait for play
     * k, and how often longer, by k. Both waits are one pair's, so neither fondness nor who hears a song often bends them.
     */
    sooner: u32(EXPOSURES),
    later: u32(EXPOSURES),
    heapsSongs: f64(HEAPS_POINTS),
    heapsUsers: f64(HEAPS_POINTS),
    /** Of listeners with REPEAT_PLAYS plays: how many, and the songs and artists of so many of their plays. */
    repeats: f64(3),
    /** Plays in a session, with a session ended by 30 quiet minutes. */
    sizes: u32(SIZE_MAX),
    /** Sessions by quiet time: 15, 30 and 60 minutes; then sessions as made, and those with a search. */
    sessions: f64(5),
    /** Left, and heard out or turned down, by whole seconds heard. */
    leftAt: u32(HEARD_MAX_S),
    heardOut: u32(HEARD_MAX_S),
    /** Plays; left before 5 s, 30 s, the end; hours heard; plays left without a row that says so. */
    skips: f64(6),
    /** By the law: shares left before 5 s, 30 s and the end, summed over plays. */
    expectedSkips: f64(3),
    agePlays: u32(101),
    ageSkips: u32(101),
    weekdayPlays: u32(7),
    weekdaySkips: u32(7),
    /** Of tracked songs, by cohort (younger, older) and half of the history: where they are left, in bins of 5 s. */
    profiles: u32(tracked.length * 4 * PROFILE_BINS),
    hourPlays: u32(hours),
    trackedHours: u32(tracked.length * hours),
    /** Plays with a thumb, thumbs up, thumbs down, thumbs down whose play was then left. */
    opinions: f64(4),
    violations: f64(1),
  }
}

/** Adds `more` to `tally`, number by number. */
export function merge(tally: Tally, more: Tally): void {
  for (const [name, numbers] of Object.entries(more)) {
    const into = tally[name as keyof Tally]
    for (let i = 0; i < numbers.length; i++) into[i]! += numbers[i]!
  }
}

/** The bin of a gap: single plays up to 32, then eight bins to each doubling. */
export function gapBin(gap: number): number {
  return gap <= 32 ? gap - 1 : Math.min(GAP_BINS - 1, 32 + Math.floor(8 * Math.log2(gap / 32.5)))
}

/** First and last gap of a bin. */
export function gapsOfBin(bin: number): [number, number] {
  if (bin < 32) return [bin + 1, bin + 1]
  const from = (k: number): number => Math.ceil(32.5 * 2 ** ((k - 32) / 8))
  return [from(bin), from(bin + 1) - 1]
}

/** Numbers remembered of each song and user of a batch stay below this. */
const BATCH_CELLS = 640_000
const QUIET_MS = [15 * 60_000, 30 * 60_000, 60 * 60_000] as const
const SHORT_GAP = 50
/** Listeners of at least this age are the older cohort. */
const OLDER_YEARS = 32

const [PLAY, SKIP, EXIT, TUP, TDN, SEARCH] = [
  kindCode('play'),
  kindCode('skip'),
  kindCode('exit'),
  kindCode('tup'),
  kindCode('tdn'),
  kindCode('search'),
]
const EXPLORE = causeCode('explore')
const DISCOVER = causeCode('discover')

/** Counts the history of a range of users. @param onUsers told after each batch how many users are done */
export function countUsers(plan: CountingPlan, users: UserRange, onUsers: (count: number) => void = () => {}): Tally {
  const tally = emptyTally(plan)
  const size = Math.max(1, Math.min(64, Math.floor(BATCH_CELLS / plan.judged.songCount)))
  const batch = new Batch(plan, tally, size)
  for (let first = users.first; first < users.first + users.count; first += size) {
    const count = Math.min(size, users.first + users.count - first)
    batch.count({ first, count })
    onUsers(count)
  }
  return tally
}

/** What is remembered while the days of some users go by. */
class Batch {
  private readonly plan: CountingPlan
  private readonly tally: Tally
  private readonly songs
  private readonly hazards: Float64Array
  private readonly trackedAt: Int32Array
  private readonly block = new EventBlock()
  // By user of the batch and song.
  private readonly times: Uint16Array
  private readonly lastPlay: Uint32Array
  /** Plays that the last play was waited for; 0 for songs that were not discovered. */
  private readonly waits: Uint16Array
  private readonly knownArtists: Uint8Array
  // By user of the batch.
  private readonly plays: Uint32Array
  private readonly distinct: Uint32Array
  private readonly artists: Uint32Array
  private readonly heaps: Uint32Array
  private readonly lastStart_ms: Float64Array
  private readonly lastEnd_ms: Float64Array
  private readonly gapSums: Float64Array
  private readonly sizes: Uint32Array
  private readonly explored: Float64Array
  private readonly expected: Float64Array
  private readonly tasteLaw = new Float64Array(GENRE_COUNT)

  constructor(plan: CountingPlan, tally: Tally, size: number) {
    this.plan = plan
    this.tally = tally
    this.songs = songColumns(plan.judged)
    const { songCount: count, artistCount, duration_ms } = this.songs
    this.hazards = new Float64Array(count * 3)
    for (let song = 0; song < count; song++)
      this.hazards.set(skipHazard(plan.judged, song, duration_ms[song]!), song * 3)
    this.trackedAt = new Int32Array(count).fill(-1)
    plan.tracked.forEach((song, at) => {
      this.trackedAt[song] = at
    })
    this.times = new Uint16Array(size * count)
    this.lastPlay = new Uint32Array(size * count)
    this.waits = new Uint16Array(size * count)
    this.knownArtists = new Uint8Array(size * artistCount)
    this.plays = new Uint32Array(size)
    this.distinct = new Uint32Array(size)
    this.artists = new Uint32Array(size)
    this.heaps = new Uint32Array(size * HEAPS_POINTS)
    this.lastStart_ms = new Float64Array(size)
    this.lastEnd_ms = new Float64Array(size)
    this.gapSums = new Float64Array(size * 5)
    this.sizes = new Uint32Array(size)
    this.explored = new Float64Array(size * GENRE_COUNT)
    this.expected = new Float64Array(size * GENRE_COUNT)
  }

  count(users: UserRange): void {
    const { plan, block } = this
    for (const memory of [
      this.times,
      this.waits,
      this.knownArtists,
      this.plays,
      this.distinct,
      this.artists,
      this.heaps,
      this.sizes,
    ])
      memory.fill(0)
    for (const memory of [this.lastStart_ms, this.lastEnd_ms, this.gapSums, this.explored, this.expected])
      memory.fill(0)
    for (let d = 0; d < plan.dayCount; d++) {
      fillDay(block, plan.made, plan.firstDay + d, users)
      if (plan.tampering) tamper(block, plan.tampering)
      this.tally.events[0]! += block.count
      this.tally.violations[0]! += violationsOf(block, plan.judged, this.songs, plan.firstDay + d)
      this.addDay(d, users.first)
    }
    for (let at = 0; at < users.count; at++) this.close(users.first + at, at)
  }

  private addDay(d: number, firstUser: number): void {
    const { block, tally } = this
    const day = this.plan.firstDay + d
    let row = 0
    for (let session = 0; session < block.sessionCount; session++) {
      const user = block.sessionUser[session]!
      let end = row
      let searches = 0
      while (end < block.count && block.session[end] === session) if (block.kind[end++] === SEARCH) searches++
      tally.userSessions[user]!++
      tally.sessions[3]!++
      if (searches > 0) tally.sessions[4]!++
      const local_ms = block.sessionStart_ms[session]! + block.sessionOffset_min[session]! * 60_000
      tally.startHour[hourOfWeek(local_ms)]!++
      this.addSession(d, day, user, user - firstUser, block.sessionOffset_min[session]! * 60_000, row, end)
      row = end
    }
  }

  private addSession(
    d: number,
    day: number,
    user: number,
    at: number,
    offset_ms: number,
    from: number,
    to: number,
  ): void {
    const { block, tally, plan, songs, hazards } = this
    const listener = knownListener(plan.judged, user)
    const hurry = hurryOf(plan.judged, listener, day)
    const age = Math.min(100, Math.max(0, Math.floor(listener.age_years + (day - plan.firstDay) / 365.25)))
    const cohort = (age >= OLDER_YEARS ? 2 : 0) + (d * 2 >= plan.dayCount ? 1 : 0)
    const weekday = weekdayOf(day)
    let isTasteKnown = false
    for (let row = from; row < to; row++) {
      if (block.kind[row] !== PLAY) continue
      const song = block.song[row]!
      const start_ms = block.ts[row]!
      const duration_ms = songs.duration_ms[song]!
      let heard_ms = duration_ms
      let isTold = false
      let up = 0
      let down = 0
      for (let next = row + 1; next < to; next++) {
        const kind = block.kind[next]
        if (kind === PLAY) break
        if (kind === TUP) up++
        else if (kind === TDN) down++
        else if ((kind === SKIP || kind === EXIT) && block.song[next] === song) {
          heard_ms = block.position_ms[next]!
          isTold = kind === SKIP || heard_ms < duration_ms
        }
      }
      // A play without a row that ends it must have lasted as long as its song.
      const nextRow = row + 1
      if (!isTold && nextRow < to) {
        let last = nextRow
        while (last < to - 1 && block.kind[last] !== PLAY && block.kind[last] !== SEARCH) last++
        if (block.kind[last] === PLAY && block.ts[last]! - start_ms < duration_ms - 1) tally.skips[5]!++
      }
      this.addHeard(song, heard_ms, duration_ms, down > 0, hurry, hazards, age, weekday, cohort)
      if (up + down > 0) {
        tally.opinions[0]!++
        tally.userThumbs[user]!++
        tally.thumbs[song]!++
        tally.opinions[1]! += up
        tally.opinions[2]! += down
        if (down > 0 && heard_ms < duration_ms) tally.opinions[3]!++
      }
      this.addPlay(d, at, user, song, start_ms, start_ms + offset_ms, start_ms + heard_ms, block.cause[row]!)
      if (block.cause[row] === EXPLORE) {
        if (!isTasteKnown) this.setTasteLaw(d, listener.taste)
        isTasteKnown = true
        tally.weekExplored[Math.floor(d / 7) * songs.songCount + song]!++
        this.explored[at * GENRE_COUNT + songs.genre[song]!]!++
        for (let genre = 0; genre < GENRE_COUNT; genre++) {
          tally.expectedGenre[d * GENRE_COUNT + genre]! += this.tasteLaw[genre]!
          tally.expectedSquares[d * GENRE_COUNT + genre]! += this.tasteLaw[genre]! ** 2
          this.expected[at * GENRE_COUNT + genre]! += this.tasteLaw[genre]!
        }
      }
    }
  }

  /** Shares of genres in what a listener explores on a day. */
  private setTasteLaw(d: number, taste: Float64Array): void {
    let sum = 0
    for (let genre = 0; genre < GENRE_COUNT; genre++) {
      const mass = taste[genre]! * this.plan.genreMass[d * GENRE_COUNT + genre]!
      this.tasteLaw[genre] = mass
      sum += mass
    }
    for (let genre = 0; genre < GENRE_COUNT; genre++) this.tasteLaw[genre]! /= sum
  }

  private addHeard(
    song: number,
    heard_ms: number,
    duration_ms: number,
    isTurnedDown: boolean,
    hurry: number,
    hazards: Float64Array,
    age: number,
    weekday: number,
    cohort: number,
  ): void {
    const { tally } = this
    const second = Math.min(HEARD_MAX_S - 1, Math.floor(heard_ms / 1000))
    const isLeft = heard_ms < duration_ms
    tally.skips[0]!++
    tally.skips[4]! += heard_ms / 3_600_000
    tally.agePlays[age]!++
    tally.weekdayPlays[weekday]!++
    // Who turns a thumb down leaves by that and not by the hazard, which is then lost from sight.
    if (isLeft && !isTurnedDown) tally.leftAt[second]!++
    else tally.heardOut[second]!++
    if (isLeft) {
      if (heard_ms < 5_000) tally.skips[1]!++
      if (heard_ms < 30_000) tally.skips[2]!++
      tally.skips[3]!++
      tally.ageSkips[age]!++
      tally.weekdaySkips[weekday]!++
      const tracked = this.trackedAt[song]!
      if (tracked >= 0 && second < PROFILE_BINS * PROFILE_BIN_S) {
        tally.profiles[(tracked * 4 + cohort) * PROFILE_BINS + Math.floor(second / PROFILE_BIN_S)]!++
      }
    }
    for (let point = 0; point < 3; point++) {
      tally.expectedSkips[point]! += 1 - Math.exp(-hurry * hazards[song * 3 + point]!)
    }
  }

  private addPlay(
    d: number,
    at: number,
    user: number,
    song: number,
    start_ms: number,
    local_ms: number,
    end_ms: number,
    cause: number,
  ): void {
    const { tally, songs, plan } = this
    const { songCount: count, artistCount } = songs
    const hour = hourOfWeek(local_ms)
    tally.weekPlays[Math.floor(d / 7) * count + song]!++
    tally.userPlays[user]!++
    tally.userHour[user * 24 + (hour % 24)]!++
    tally.playHour[hour]!++
    tally.energy[hour % 24]! += songs.energy[song]! / 255
    tally.energyPlays[hour % 24]!++
    const historyHour = Math.floor(local_ms / 3_600_000) - plan.firstDay * 24
    if (historyHour >= 0 && historyHour < tally.hourPlays.length) {
      tally.hourPlays[historyHour]!++
      const tracked = this.trackedAt[song]!
      if (tracked >= 0) tally.trackedHours[tracked * tally.hourPlays.length + historyHour]!++
    }
    const play = this.plays[at]!++
    const cell = at * count + song
    const times = this.times[cell]!
    if (times === 0) {
      this.distinct[at]!++
      const artist = at * artistCount + songs.artist[song]!
      if (this.knownArtists[artist] === 0) this.artists[at]!++
      this.knownArtists[artist] = 1
      this.waits[cell] = cause === DISCOVER ? 1 : 0
    } else {
      const gap = play - this.lastPlay[cell]!
      tally.gaps[gapBin(gap)]!++
      tally.shortGaps[1]!++
      if (gap <= SHORT_GAP) tally.shortGaps[0]!++
      const wait = this.waits[cell]!
      if (wait > 0) {
        if (times > 1 && times < EXPOSURES && gap < wait) tally.sooner[times]!++
        if (times > 1 && times < EXPOSURES && gap > wait) tally.later[times]!++
        this.waits[cell] = Math.min(0xffff, gap)
      }
    }
    this.times[cell] = Math.min(0xffff, times + 1)
    this.lastPlay[cell] = play
    if (play + 1 === REPEAT_PLAYS) {
      tally.repeats[0]!++
      tally.repeats[1]! += this.distinct[at]!
      tally.repeats[2]! += this.artists[at]!
    }
    if (((play + 1) & play) === 0 && play < 1 << (HEAPS_POINTS - 1)) {
      this.heaps[at * HEAPS_POINTS + Math.log2(play + 1)] = this.distinct[at]!
    }
    this.addGap(at, start_ms, local_ms, end_ms)
  }

  private addGap(at: number, start_ms: number, local_ms: number, end_ms: number): void {
    const { tally } = this
    const quiet_ms = start_ms - this.lastEnd_ms[at]!
    if (this.lastEnd_ms[at]! > 0) {
      const gap = Math.max(0, start_ms - this.lastStart_ms[at]!)
      const clock = publishedClock(local_ms)
      const rescaled = Math.max(0, clock - publishedClock(local_ms - gap))
      this.gapSums[at * 5]!++
      this.gapSums[at * 5 + 1]! += gap
      this.gapSums[at * 5 + 2]! += gap * gap
      this.gapSums[at * 5 + 3]! += rescaled
      this.gapSums[at * 5 + 4]! += rescaled * rescaled
    }
    for (let rule = 0; rule < 3; rule++) if (quiet_ms > QUIET_MS[rule]!) tally.sessions[rule]!++
    if (quiet_ms > QUIET_MS[1]) this.endQuietSession(at)
    this.sizes[at]!++
    this.lastStart_ms[at] = start_ms
    this.lastEnd_ms[at] = Math.max(end_ms, this.lastEnd_ms[at]!)
  }

  private endQuietSession(at: number): void {
    const size = this.sizes[at]!
    if (size > 0) this.tally.sizes[Math.min(SIZE_MAX - 1, size)]!++
    this.sizes[at] = 0
  }

  /** Adds what is known of a user when their days are over. */
  private close(user: number, at: number): void {
    const { tally, songs } = this
    const { songCount: count } = songs
    this.endQuietSession(at)
    const plays = this.plays[at]!
    tally.userSongs[user] = this.distinct[at]!
    const [n, sum, squares, rescaled, rescaledSquares] = this.gapSums.subarray(at * 5, at * 5 + 5)
    if (n! > 0) {
      tally.userBurst[user] = burstiness(n!, sum!, squares!)
      tally.userRescaledBurst[user] = burstiness(n!, rescaled!, rescaledSquares!)
    }
    if (plays >= HEAPS_PLAYS) {
      for (let point = 0; point < HEAPS_POINTS; point++) {
        const known = this.heaps[at * HEAPS_POINTS + point]!
        if (known > 0) {
          tally.heapsSongs[point]! += known
          tally.heapsUsers[point]!++
        }
      }
    }
    this.closeTaste(user, at)
    const best = new Uint32Array(GENRE_COUNT * FAVOURITES)
    for (let song = 0; song < count; song++) {
      const times = this.times[at * count + song]!
      if (times < 2) continue
      // Of gaps between plays thrown at random places, this share would be short.
      tally.shortGaps[2]! += (times - 1) * (1 - Math.max(0, 1 - SHORT_GAP / plays) ** times)
      const genre = songs.genre[song]!
      let place = FAVOURITES
      while (place > 0) {
        const rival = best[genre * FAVOURITES + place - 1]!
        if (rival > 0 && this.times[at * count + rival - 1]! >= times) break
        place--
      }
      if (place === FAVOURITES) continue
      best.copyWithin(genre * FAVOURITES + place + 1, genre * FAVOURITES + place, (genre + 1) * FAVOURITES - 1)
      best[genre * FAVOURITES + place] = song + 1
    }
    tally.favourites.set(best, user * GENRE_COUNT * FAVOURITES)
  }

  private closeTaste(user: number, at: number): void {
    const [from, to] = [at * GENRE_COUNT, (at + 1) * GENRE_COUNT]
    const observed = this.explored.subarray(from, to)
    const expected = this.expected.subarray(from, to)
    // Rare genres are one cell together.
    const cells: [number, number][] = []
    let rest: [number, number] = [0, 0]
    for (let genre = 0; genre < GENRE_COUNT; genre++) {
      if (expected[genre]! >= 8) cells.push([observed[genre]!, expected[genre]!])
      else rest = [rest[0] + observed[genre]!, rest[1] + expected[genre]!]
    }
    if (rest[1] >= 8) cells.push(rest)
    if (cells.length < 4) return
    const last = cells[cells.length - 1]!
    if (rest[1] < 8) cells[cells.length - 1] = [last[0] + rest[0], last[1] + rest[1]]
    const { value } = chiSquare(
      cells.map(([each]) => each),
      cells.map(([, each]) => each),
    )
    this.tally.userTaste[user] = value <= chiSquareQuantile(0.95, cells.length - 1) ? 1 : 2
  }
}

/** 0 is Monday's first hour. @param local_ms local time */
function hourOfWeek(local_ms: number): number {
  const hours = Math.floor(local_ms / 3_600_000)
  return weekdayOf(Math.floor(hours / 24)) * 24 + (((hours % 24) + 24) % 24)
}
