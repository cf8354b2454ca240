/** The kinds of listen events, alone in a file that k6's engine can load: the schemas beside it need a package. */
export const EVENT_KINDS = [
  'login',
  'search',
  'play',
  'pause',
  'resume',
  'skip',
  'tup',
  'tdn',
  'rate',
  'comment',
  'tag',
  'exit',
] as const

/** `tup` and `tdn` are thumbs up and down; the names are the seed's. */
export type EventKind = (typeof EVENT_KINDS)[number]

/** Kinds that concern a song; the others count in hour rows only, even when the seed's line names a song. */
export const SONG_KINDS = [
  'play',
  'pause',
  'resume',
  'skip',
  'tup',
  'tdn',
  'rate',
  'comment',
  'tag',
] as const satisfies readonly EventKind[]

/** A kind's place in {@link EVENT_KINDS}: how columns hold it. */
export function kindCode(kind: EventKind): number {
  return EVENT_KINDS.indexOf(kind)
}
