/**
 * Dirt: what is wrong with the lines that a reader gets, laid over clean ones and labelled line by line.
 *
 * The kernel knows nothing of it: dirt draws on streams of its own (0x6100–0x61ff), by an event's id, a user or a day,
 * so the same event is dirty in the same way in whatever slice it is made. The answer key undoes all of it: see
 * `clean.ts`.
 */

/** All shares are from 0 to 1; nothing is dirty at 0. */
export interface Dirt {
  /** Share of events that arrive a second time, under the same id. */
  readonly duplicates: number
  /** Share of events that arrive late. */
  readonly late: number
  /** The latest of them, ms after the event. */
  readonly late_ms_max: number
  /** Share of listeners whose clock is wrong. */
  readonly clock_skew: number
  /** How far a clock is wrong at most, ms either way. */
  readonly clock_skew_ms_max: number
  /** Share of events that lack a field, and of users who lack a zip code. */
  readonly missing_fields: number
  /** Further users who are no people, relative to the listeners. */
  readonly bots: number
  /** Share of files whose last line is cut. */
  readonly truncated_files: number
}

export const NO_DIRT: Dirt = {
  duplicates: 0,
  late: 0,
  late_ms_max: 0,
  clock_skew: 0,
  clock_skew_ms_max: 0,
  missing_fields: 0,
  bots: 0,
  truncated_files: 0,
}

/** Numbers from 0x6100 to 0x61ff are this folder's. */
export const DIRT_STREAM = {
  event: 0x6100,
  clock: 0x6101,
  user: 0x6102,
  file: 0x6103,
  bot: 0x6104,
  botDay: 0x6105,
  botId: 0x6106,
} as const

export const DIRT_KINDS = ['duplicate', 'late', 'clock_skew', 'missing_field', 'bot', 'truncated'] as const
export type DirtKind = (typeof DIRT_KINDS)[number]

/** One entry of the answer key: one thing that is wrong with one line. A line may have several. */
export interface DirtMark {
  /** Line of the dirty file, from 1. */
  line: number
  eid: string
  kind: DirtKind
  /** The field that was changed; empty when the whole line is the dirt. */
  field: string
  /** The field's JSON before and after; of a late line its place among the clean ones; of a cut line its text. */
  before: string
  after: string
}
