/**
 * How interest in a song rises and declines: the seed's first wish. In closed form, without state, for any day:
 *
 *     interest(s, d) = base(s) · level(s, d) · (1 + Σ shocks)
 *
 * where the level is the sum of the song's waves (`archetype.ts`), times the season for seasonal songs. Before its release
 * a song has no interest at all. Expected plays are proportional to interest, within the limits of listeners' tastes.
 */
import type { Day } from '../../datasets/day.ts'
import { type Archetype, CLIMB_DAYS, MEMORY_DAYS, NO_WAVE, SHAPES, TALK_DAYS } from './archetype.ts'
import { dayNumber, dayOfNumber } from './day-number.ts'
import type { InterestCurves } from './interest-curves.ts'
import { shockLevel } from './shock-level.ts'
import { type Songbook, songbookOf } from './songbook.ts'
import type { World } from './world.ts'

/**
 * Interest in a song on a day, as a share of the interest that all songs would have at level 1: 0 or more, without
 * shocks seldom above the song's base.
 * @throws RangeError if the catalogue has no such song
 */
export function interest(world: World, songIndex: number, day: Day): number {
  checkSong(world, songIndex)
  return interestOn(songbookOf(world), songIndex, dayNumber(day))
}

/** {@link interest} for the kernel's own use. @param day {@link dayNumber} */
export function interestOn(book: Songbook, song: number, day: number): number {
  return book.base[song]! * levelOn(book, song, day) * (1 + shocksOn(book, song, day))
}

/** A song's level on a day, without shocks: 0 before the release, mostly at most 1. */
export function levelOn(book: Songbook, song: number, day: number): number {
  const { curves } = book
  const age = day - book.release[song]!
  if (age < 0) return 0
  const first = book.firstWave[song]!
  const second = book.secondWave[song]!
  let level = waveLevel(curves, first, age)
  if (SHAPES[first]!.archetype === 'seasonal') level *= curves.season(day)
  const secondAge = age - book.secondGap_days[song]!
  return second === NO_WAVE || secondAge < 0 ? level : level + waveLevel(curves, second, secondAge)
}

/** The level of a wave `age` days after its onset, without season. */
function waveLevel(curves: InterestCurves, shape: number, age: number): number {
  const { climb, talk, memory } = SHAPES[shape]!
  const fadingTalk = curves.talk[talk]!
  const fadingMemory = curves.memory[memory]!
  let level = 0
  if (age < fadingTalk.window_days) level += curves.talkHeight[shape]! * fadingTalk.left(age)
  if (age < fadingMemory.window_days) level += curves.memoryHeight[shape]! * fadingMemory.left(age)
  const climbing = curves.climb[climb]!
  return age < climbing.length ? level * climbing[age]! : level
}

/** What shocks add to 1 for a song on a day. */
function shocksOn(book: Songbook, song: number, day: number): number {
  let sum = 0
  for (const shock of book.shocks) {
    if (song >= shock.first && song < shock.first + shock.count) sum += shockLevel(shock, day)
  }
  return sum
}

/** One wave of a song, as the truth tells it. */
export interface Wave {
  readonly onset: Day
  readonly height: number
  /** Days of the climb, 0 if it starts at its peak. */
  readonly climb_days: number
  readonly talk_days: number
  readonly memory_days: number
  /** The part of memory, 0..1; the rest is talk. */
  readonly memoryShare: number
}

/** A song's interest in parts, shocks apart: the truth that analyses are scored against. */
export interface InterestParts {
  readonly archetype: Archetype
  readonly release: Day
  /** Share of all interest if every song were at level 1. */
  readonly base: number
  readonly waves: readonly Wave[]
  /** Day of the highest level, seasons and shocks apart. */
  readonly peak: Day
  /** Days from the peak until the level is first at most half as high; Infinity if that never happens. */
  readonly halfLife_days: number
}

/** @throws RangeError if the catalogue has no such song */
export function interestParts(world: World, songIndex: number): InterestParts {
  checkSong(world, songIndex)
  const book = songbookOf(world)
  const release = book.release[songIndex]!
  const first = book.firstWave[songIndex]!
  const second = book.secondWave[songIndex]!
  const gap_days = book.secondGap_days[songIndex]!
  const level = (age: number): number =>
    waveLevel(book.curves, first, age) +
    (second !== NO_WAVE && age >= gap_days ? waveLevel(book.curves, second, age - gap_days) : 0)
  const waves = [wave(first, release)]
  let peakAge = peakOf(level, 0)
  if (second !== NO_WAVE) {
    waves.push(wave(second, release + gap_days))
    const secondPeak = peakOf(level, gap_days)
    if (level(secondPeak) > level(peakAge)) peakAge = secondPeak
  }
  return {
    archetype: SHAPES[first]!.archetype,
    release: dayOfNumber(release),
    base: book.base[songIndex]!,
    waves,
    peak: dayOfNumber(release + peakAge),
    halfLife_days: halfLifeOf_days(level, peakAge),
  }
}

function wave(shape: number, onset: number): Wave {
  const { height, climb, talk, memory, memoryShare } = SHAPES[shape]!
  return {
    onset: dayOfNumber(onset),
    height,
    climb_days: CLIMB_DAYS[climb]!,
    talk_days: TALK_DAYS[talk]!,
    memory_days: MEMORY_DAYS[memory]!,
    memoryShare,
  }
}

/** The longest climb ends well within this. */
const CLIMB_MAX_DAYS = 400

/** The age of the highest level within a climb's time of an onset. */
function peakOf(level: (age: number) => number, onsetAge: number): number {
  let peak = onsetAge
  for (let age = onsetAge + 1; age <= onsetAge + CLIMB_MAX_DAYS; age++) if (level(age) > level(peak)) peak = age
  return peak
}

/** Half-lives are looked for so far from the peak: 150 years. */
const HALF_LIFE_MAX_DAYS = 54_750

function halfLifeOf_days(level: (age: number) => number, peakAge: number): number {
  const half = level(peakAge) / 2
  for (let days = 1; days <= HALF_LIFE_MAX_DAYS; days++) if (level(peakAge + days) <= half) return days
  return Number.POSITIVE_INFINITY
}

function checkSong(world: World, songIndex: number): void {
  if (Number.isInteger(songIndex) && songIndex >= 0 && songIndex < world.songCount) return
  throw new RangeError(`interest expects a song from 0 to ${world.songCount - 1}, got ${songIndex}`)
}
