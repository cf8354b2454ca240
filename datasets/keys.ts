/**
 * Row keys of every table. Keys are text that orders as it reads: id first, then day, so that a song's history is one
 * range scan and writes of a night spread over all ids (the shape of OpenTSDB's keys).
 *
 * Ids may come from outside, so what would break a key's form is escaped: `_` (which parts id and day), `%` (the
 * escape itself) and everything that is not printable ASCII. MSD ids hold none of these and stay as they are.
 */
import { compactDay, type Day, expandDay } from './day.ts'
import type { TableName } from './tables.ts'

const encoder = new TextEncoder()
// By default a decoder swallows a leading byte order mark, and two ids would become one.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** An id as it stands in a row key. Injective; see {@link unescapeId}. */
export function escapeId(id: string): string {
  return id.replace(/[^\x21-\x7e]|[_%]/gu, (char) =>
    Array.from(encoder.encode(char), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )
}

/** The inverse of {@link escapeId}, for well-formed text. */
export function unescapeId(escaped: string): string {
  return escaped.replace(/(?:%[0-9A-F]{2})+/g, (run) =>
    decoder.decode(Uint8Array.from(run.slice(1).split('%'), (hex) => Number.parseInt(hex, 16))),
  )
}

/** `ID_YYYYMMDD`: the day rows of song, artist, album, zip, genre and hour logs. */
export function dayKey(id: string, day: Day): string {
  return `${escapeId(id)}_${compactDay(day)}`
}

export function parseDayKey(key: string): { id: string; day: Day } {
  return { id: unescapeId(key.slice(0, -9)), day: expandDay(key.slice(-8)) }
}

/**
 * Which publication a row belongs to: the day of a day row, `periods` for period and top lists. Look-up rows belong to none,
 * nor does a key of another form.
 */
export function scopeOf(table: TableName, key: string): string | undefined {
  if (table === 'period_log' || table === 'top_log') return 'periods'
  return table.endsWith('_event_log') && /_\d{8}$/.test(key) ? expandDay(key.slice(-8)) : undefined
}

/** A name as it is searched: compatibility-normalised, lower case, control characters gone, single spaces. */
export function foldName(name: string): string {
  return (
    name
      .toWellFormed()
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[\p{Cc}\p{Zs}\s]+/gu, ' ')
      .trim()
      // LMDB keys end at 1,978 bytes and a character takes up to 4; a longer name is still found by its start.
      .match(/^.{0,200}/su)![0]
  )
}

/**
 * `NAME::ID`: the search tables. The name is folded ({@link foldName}), and the display name stands in the row.
 * An escaped id holds no colon pair that could be mistaken: parsing takes the last `::`.
 */
export function searchKey(name: string, id: string): string {
  return `${foldName(name)}::${escapeId(id).replaceAll(':', '%3A')}`
}

export function parseSearchKey(key: string): { name: string; id: string } {
  const at = key.lastIndexOf('::')
  return { name: key.slice(0, at), id: unescapeId(key.slice(at + 2)) }
}

/**
 * The names under which one entity can be found: its whole name and the rest of it from each later word on (four in
 * all), so that "crows" finds "The Black Crows" by a plain prefix scan.
 */
export function searchNames(name: string): string[] {
  const words = foldName(name).split(' ')
  return Array.from({ length: Math.min(4, words.length) }, (_, from) => words.slice(from).join(' '))
}

/** `ID_period`: exact distinct counts over a named period; `kind` keeps songs, artists and albums apart. */
export function periodKey(kind: string, id: string, period: string): string {
  return `${kind}.${escapeId(id)}_${period}`
}

/** `list_YYYYMMDD_rank`, where the list names what is ranked, by what, over which period; ranks count from 1. */
export function topKey(list: TopList, asOf: Day, rank: number): string {
  return `${topPrefix(list, asOf)}${String(rank).padStart(4, '0')}`
}

/** What all rows of one top list start with. */
export function topPrefix(list: TopList, asOf: Day): string {
  return `${list.kind}.${list.by}.${list.period}_${compactDay(asOf)}_`
}

export interface TopList {
  kind: string
  by: string
  period: string
}

/** The least text greater than every text that starts with `prefix`: where a prefix scan ends. */
export function afterPrefix(prefix: string): string {
  const points = [...prefix]
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0)!
    // The greatest code point has no next one, and surrogates are no code points of texts.
    if (point < 0x10ffff) return points.join('') + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1)
  }
  return '\u{10ffff}\u{10ffff}'
}
