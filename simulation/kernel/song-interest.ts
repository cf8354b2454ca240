/**
 * How interest in a song rises and declines: the seed's first wish.
 *
 * Each song has one wave, which starts at its onset: a release, or for an older song a film, a cover, a joke. From then
 * on attention has two parts (Candia et al., "The universal decay of collective memory and attention", Nature Human
 * Behaviour 2019): talk, which fades within weeks, and memory, which fades over years:
 *
 *     shape(a) = (1 − m) · (1 − e^(−a/rise)) · e^(−a/talk) + m · e^(−a/memory),   a days after the onset
 *
 * Before its onset a song has its memory part alone, m. So 0 < shape ≤ 1, any day is reached at once, and songs can be
 * drawn by rejection. Four songs in ten have their onset from 120 days before to 240 days after the first day; the
 * others' lie further back. Beyond that window no new waves start: histories are meant to stay within a year.
 */
import type { Day } from '../../datasets/day.ts'
import { wordsAt } from '../../datasets/random.ts'
import { dayNumber } from './day-number.ts'
import { exp, log, power } from './elementary.ts'
import { type Songbook, songbookOf } from './songbook.ts'
import { STREAM } from './stream.ts'
import type { World } from './world.ts'

/**
 * Interest in a song on a day, as a share of the interest that all songs would have at the height of their waves.
 * Expected plays are proportional to it, within the limits of listeners' tastes.
 * @throws RangeError if the catalogue has no such song
 */
export function interest(world: World, songIndex: number, day: Day): number {
  if (!(Number.isInteger(songIndex) && songIndex >= 0 && songIndex < world.songCount)) {
    throw new RangeError(`interest expects a song from 0 to ${world.songCount - 1}, got ${songIndex}`)
  }
  const book = songbookOf(world)
  return book.base(songIndex) * waveLevel(book, songIndex, dayNumber(day))
}

/** The wave's parameters, in days; `onset` counts from the world's first day. */
export interface Wave {
  onset: number
  rise: number
  talk: number
  /** The memory part m, 0.04 to 0.24. */
  memory: number
}

/** Memory fades by 1/e in 5.6 years, the knee that Candia et al. find for music. */
const MEMORY_DAYS = 2045

export function waveOf(book: Songbook, song: number): Wave {
  const words = wordsAt(book.key, STREAM.wave, song)
  const [when, rise, talk, memory] = [fraction(words[0]), fraction(words[1]), fraction(words[2]), fraction(words[3])]
  return {
    onset: when < 0.4 ? Math.floor(when * 900) - 120 : Math.ceil(log((1 - when) / 0.6) * 900) - 121,
    // A third starts at its peak, most climb for some days, a quarter climbs slowly.
    rise: rise < 0.35 ? 0.4 : rise < 0.75 ? 2 + (rise - 0.35) * 15 : 12 + (rise - 0.75) * 60,
    talk: 10 * power(8, talk),
    memory: 0.04 + 0.2 * memory * memory,
  }
}

/** The wave's level on a day ({@link dayNumber}), above 0 and at most 1. */
export function waveLevel(book: Songbook, song: number, day: number): number {
  const levels = book.levelsOn(day)
  const known = levels.get(song)
  if (known !== undefined) return known
  const level = levelOf(book, song, day)
  levels.set(song, level)
  return level
}

function levelOf(book: Songbook, song: number, day: number): number {
  const wave = waveOf(book, song)
  const age = day - book.firstDay - wave.onset
  if (age < 0) return wave.memory
  const talk = (1 - exp(-(age + 1) / wave.rise)) * exp(-age / wave.talk)
  return (1 - wave.memory) * talk + wave.memory * exp(-age / MEMORY_DAYS)
}

function fraction(word: number): number {
  return word / 0x100000000
}
