/**
 * The grammar of invented titles and names: every text is a function of a few draws.
 *
 * Each form takes the number of draws that it needs from a generator of its own address, so forms may be added at the
 * cost of changing titles, never of changing anything else.
 */
import { FIRST_NAMES } from './names.ts'
import type { Draws } from './random.ts'
import {
  ADJECTIVES,
  COINED_ENDS,
  COUNTS,
  DEEDS,
  DOINGS,
  ENSEMBLES,
  HOURS,
  MIDDLES,
  NOUNS,
  PLEAS,
  STARTS,
  SURNAME_ENDS,
  TOWN_ENDS,
  WHEN,
} from './words.ts'

/** A title of a song or an album: `Mending the Lighthouse`, `Seven Kites`, `Postcard from Belmora`. */
export function title(draws: Draws): string {
  return pickForm(TITLE_FORMS, draws)(draws)
}

/** A song's title; a few say which version of it this is: `Copper Tide (Live in Arvadale)`. */
export function songTitle(draws: Draws): string {
  const plain = title(draws)
  const version = draws.below(100)
  if (version < 2) return `${plain} (Live in ${town(draws)})`
  if (version === 2) return `${plain} (Acoustic)`
  if (version === 3) return `${plain} (${coined(draws)} Remix)`
  if (version === 4) return `${plain}, Pt. ${1 + draws.below(3)}`
  return plain
}

/** A person or a band: `Maren Tolvick`, `The Velvet Lanterns`, `Zellotron`. */
export function artistName(draws: Draws): string {
  return pickForm(ARTIST_FORMS, draws)(draws)
}

type Form = (draws: Draws) => string
/** Forms with their odds, which add up to 100. */
type Forms = readonly (readonly [odds: number, form: Form])[]

const TITLE_FORMS: Forms = [
  [17, (d) => `${adjective(d)} ${noun(d)}`],
  [10, (d) => `The ${adjective(d)} ${noun(d)}`],
  [9, (d) => `${pick(DOINGS, d)} the ${noun(d)}`],
  [7, (d) => `${pick(DOINGS, d)} ${nouns(d)}`],
  [8, (d) => `${noun(d)} of ${nouns(d)}`],
  [6, (d) => `${noun(d)} & ${noun(d)}`],
  [6, (d) => `${noun(d)} in ${town(d)}`],
  [5, (d) => `${noun(d)} from ${town(d)}`],
  [6, (d) => `Where the ${nouns(d)} ${pick(DEEDS, d)}`],
  [5, (d) => `Don't ${pick(PLEAS, d)} the ${noun(d)}`],
  [6, (d) => `${pick(COUNTS, d)} ${nouns(d)}`],
  [4, (d) => `${noun(d)} ${pick(WHEN, d)} ${pick(HOURS, d)}`],
  [3, (d) => `No More ${adjective(d)} ${nouns(d)}`],
  [3, (d) => `${firstName(d)}'s ${noun(d)}`],
  [3, (d) => town(d)],
  [2, (d) => coined(d)],
]

const ARTIST_FORMS: Forms = [
  [42, (d) => `${firstName(d)} ${surname(d)}`],
  [20, (d) => `The ${adjective(d)} ${nouns(d)}`],
  [9, (d) => `${adjective(d)} ${noun(d)}`],
  [8, (d) => coined(d)],
  [7, (d) => `${firstName(d)} & the ${nouns(d)}`],
  [5, (d) => `${town(d)} ${pick(ENSEMBLES, d)}`],
  [4, (d) => `${surname(d)} & ${surname(d)}`],
  [3, (d) => `DJ ${coined(d)}`],
  [2, (d) => `The ${surname(d)} ${pick(ENSEMBLES, d)}`],
]

const FIRST_NAME_LISTS = [FIRST_NAMES.F, FIRST_NAMES.M, FIRST_NAMES.X] as const

function firstName(draws: Draws): string {
  const kind = draws.below(100)
  return pick(FIRST_NAME_LISTS[kind < 48 ? 0 : kind < 96 ? 1 : 2], draws)
}

function surname(draws: Draws): string {
  return joined(pick(STARTS, draws), '', pick(SURNAME_ENDS, draws))
}

function town(draws: Draws): string {
  return joined(pick(STARTS, draws), '', pick(TOWN_ENDS, draws))
}

function coined(draws: Draws): string {
  const middle = draws.below(2) === 0 ? '' : pick(MIDDLES, draws)
  return joined(pick(STARTS, draws), middle, pick(COINED_ENDS, draws))
}

/** An invented word; a letter is dropped where vowels would meet or a letter double, so that the word can be said. */
export function joined(start: string, middle: string, end: string): string {
  const open = middle !== '' && isVowel(middle[middle.length - 1]!) && isVowel(end[0]!)
  const stem = start + (open ? middle.slice(0, -1) : middle)
  return stem[stem.length - 1] === end[0] ? stem + end.slice(1) : stem + end
}

function isVowel(letter: string): boolean {
  return 'aeiouy'.indexOf(letter) >= 0
}

function adjective(draws: Draws): string {
  return pick(ADJECTIVES, draws)
}

function noun(draws: Draws): string {
  return pick(NOUNS, draws)
}

function nouns(draws: Draws): string {
  return plural(noun(draws))
}

/** The plural of a regular noun: kites, finches, ferries. */
export function plural(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`
  return /(ch|sh|s|x|z)$/.test(noun) ? `${noun}es` : `${noun}s`
}

function pick(list: readonly string[], draws: Draws): string {
  return list[draws.below(list.length)]!
}

function pickForm(forms: Forms, draws: Draws): Form {
  let left = draws.below(100)
  for (const [odds, form] of forms) {
    if (left < odds) return form
    left -= odds
  }
  throw new Error('the odds of the forms do not add up to 100')
}
