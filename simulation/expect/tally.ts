/** Counts by group: the measures of the reports, and for hours the kinds that no measure has. */
import { EVENT_KINDS, type EventKind, kindCode } from '../../datasets/event-kind.ts'
import { MEASURES, type Measure } from '../../datasets/tables.ts'
import type { Dimension } from './dimension.ts'

/** What an hour counts beside the measures. */
export const HOUR_COUNTS = ['events', 'logins', 'searches', 'exits'] as const

/** The columns of a dimension's counts. */
export function columnsOf(dimension: Dimension): readonly string[] {
  return dimension === 'hour' ? [...MEASURES, ...HOUR_COUNTS] : MEASURES
}

/** Groups that have an event, ascending, each with its counts: `groups.length × columns` numbers, row by row. */
export interface Counts {
  groups: Uint32Array<ArrayBuffer>
  values: Float64Array<ArrayBuffer>
}

export class Tally {
  readonly #dimension: Dimension
  readonly #width: number
  readonly #values: Float64Array
  readonly #seen: Uint8Array
  /** The user that a group has counted last, plus one. */
  readonly #lastUser: Uint32Array
  #touched: number[] = []

  constructor(dimension: Dimension, size: number) {
    this.#dimension = dimension
    this.#width = columnsOf(dimension).length
    this.#values = new Float64Array(size * this.#width)
    this.#seen = new Uint8Array(size)
    this.#lastUser = new Uint32Array(size)
  }

  /**
   * Counts one row, but not its listener.
   * @param kind index in EVENT_KINDS; the caller leaves out kinds that concern no song, but not for hours
   * @param stars of a rating, else 0
   */
  add(group: number, kind: number, stars: number): void {
    const row = group * this.#width
    if (this.#seen[group] === 0) {
      this.#seen[group] = 1
      this.#touched.push(group)
    }
    const column = COLUMN_OF_KIND[kind]!
    if (column < MEASURES.length) this.#values[row + column]!++
    if (this.#dimension === 'hour') {
      this.#values[row + EVENTS]!++
      if (column >= MEASURES.length) this.#values[row + column]!++
    }
    if (stars !== 0) this.#values[row + STARS_SUM]! += stars
  }

  /** One more listener of a group that has an event. */
  addListener(group: number): void {
    this.#values[group * this.#width + LISTENERS]!++
  }

  /** Counts the user of a play, once: plays must come user by user. */
  addPlayer(group: number, user: number): void {
    if (this.#lastUser[group] === user + 1) return
    this.#lastUser[group] = user + 1
    this.addListener(group)
  }

  /** The counts so far; the tally then is empty. */
  take(): Counts {
    const groups = Uint32Array.from(this.#touched).sort()
    const width = this.#width
    const values = new Float64Array(groups.length * width)
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i]!
      values.set(this.#values.subarray(group * width, (group + 1) * width), i * width)
      this.#values.fill(0, group * width, (group + 1) * width)
      this.#seen[group] = 0
      this.#lastUser[group] = 0
    }
    this.#touched = []
    return { groups, values }
  }
}

/** Adds the counts of other users: listeners add up, since no user is in both. */
export function addCounts(a: Counts, b: Counts): Counts {
  if (a.groups.length === 0) return b
  if (b.groups.length === 0) return a
  const width = a.values.length / a.groups.length
  const groups = Uint32Array.from(new Set([...a.groups, ...b.groups])).sort()
  const values = new Float64Array(groups.length * width)
  for (const part of [a, b]) {
    let at = 0
    for (let i = 0; i < part.groups.length; i++) {
      while (groups[at] !== part.groups[i]) at++
      for (let column = 0; column < width; column++) values[at * width + column]! += part.values[i * width + column]!
    }
  }
  return { groups, values }
}

const column = (measure: Measure): number => MEASURES.indexOf(measure)
const LISTENERS = column('listeners')
const STARS_SUM = column('stars_sum')
const EVENTS = MEASURES.length

/** The column that a row of a kind adds one to; those of a song come first, see {@link columnsOf}. */
const COLUMNS: Readonly<Record<EventKind, number>> = {
  login: EVENTS + 1,
  search: EVENTS + 2,
  play: column('plays'),
  pause: column('pauses'),
  resume: column('resumes'),
  skip: column('skips'),
  tup: column('tup'),
  tdn: column('tdn'),
  rate: column('ratings'),
  comment: column('comments'),
  tag: column('tags'),
  exit: EVENTS + 3,
}
const COLUMN_OF_KIND = EVENT_KINDS.map((kind) => COLUMNS[kind])

/** Index of a play in EVENT_KINDS. */
export const PLAY = kindCode('play')

/** Whether a row of a kind (index in EVENT_KINDS) counts for its song, and so for artist, album, zip and genre. */
export function isOfSong(kind: number): boolean {
  return COLUMN_OF_KIND[kind]! < MEASURES.length
}
