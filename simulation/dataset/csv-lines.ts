/** Rows as lines of CSV, with the columns of EVENT_COLUMNS in their order. */
import { DAY_MS } from '../../datasets/day.ts'
import { EVENT_KINDS } from '../../datasets/event-kind.ts'
import { hex128 } from '../../datasets/random.ts'
import { dayOfNumber } from '../kernel/day-number.ts'
import { knownListener } from '../kernel/known-listener.ts'
import { DEVICES } from '../kernel/listener.ts'
import { sessionWords } from '../kernel/wire-event.ts'
import type { World } from '../kernel/world.ts'
import { PieceTable, piece, putHex32, putInstant, putInteger, putShort } from './ascii.ts'
import { cell } from './csv.ts'
import { COMMENT, type FilledBlock, LOGIN, RATE, SEARCH, TAG } from './filled-block.ts'
import type { LineBuffer } from './line-buffer.ts'
import { SongPieces } from './song-pieces.ts'

export class CsvLines {
  readonly #world: World
  readonly #songs: SongPieces
  readonly #sessions = new Map<FilledBlock, { heads: PieceTable; addresses: PieceTable; zips: PieceTable }>()
  readonly #dates = new Map<number, ReturnType<typeof piece>>()

  constructor(world: World) {
    this.#world = world
    this.#songs = new SongPieces(world, ({ track_id }) => track_id)
  }

  /** Makes ready what the rows of each of a block's sessions share. To be called after each filling of the block. */
  open(filled: FilledBlock): void {
    let pieces = this.#sessions.get(filled)
    if (pieces === undefined) {
      pieces = { heads: new PieceTable(), addresses: new PieceTable(), zips: new PieceTable() }
      this.#sessions.set(filled, pieces)
    }
    const { heads, addresses, zips } = pieces
    for (const table of [heads, addresses, zips]) table.clear()
    const { block } = filled
    for (let session = 0; session < block.sessionCount; session++) {
      const { uid, ip4, home } = knownListener(this.#world, block.sessionUser[session]!)
      heads.add(`,${uid},${hex128(sessionWords(block, session))},`)
      addresses.add(`,${ip4},`)
      zips.add(`,${home.zip}\r\n`)
    }
  }

  /** Writes a row of an opened block. */
  put(to: LineBuffer, filled: FilledBlock, row: number): void {
    const { block, eids } = filled
    const { heads, addresses, zips } = this.#sessions.get(filled)!
    const { view } = to
    const kind = block.kind[row]!
    const session = block.session[row]!
    const ts = block.ts[row]!
    const song = block.song[row]!
    const position_ms = block.position_ms[row]!
    let at = putInstant(view, to.used, ts)
    const date = this.#dateOf(localDay(ts, block.sessionOffset_min[session]!))
    at = putShort(view, at, date.view, date.length)
    at = putHex32(view, at, eids[4 * row]!)
    at = putHex32(view, at, eids[4 * row + 1]!)
    at = putHex32(view, at, eids[4 * row + 2]!)
    at = putHex32(view, at, eids[4 * row + 3]!)
    at = heads.put(view, at, session)
    const name = KINDS[kind]!
    at = putShort(view, at, name.view, name.length)
    if (song >= 0 && kind !== SEARCH) at = this.#songs.put(view, at, song)
    view.setUint8(at++, COMMA)
    if (position_ms >= 0) at = putInteger(view, at, position_ms)
    view.setUint8(at++, COMMA)
    if (kind === SEARCH) at = to.putText(at, cell(filled.texts.get(row) as string))
    view.setUint8(at++, COMMA)
    if (kind === RATE) at = putInteger(view, at, block.detail[row]!)
    view.setUint8(at++, COMMA)
    if (kind === COMMENT) at = to.putText(at, cell(filled.texts.get(row) as string))
    view.setUint8(at++, COMMA)
    if (kind === TAG) at = to.putText(at, cell(tagList(filled.texts.get(row) as readonly string[])))
    at = addresses.put(view, at, session)
    if (kind === LOGIN) {
      const device = DEVICE_NAMES[block.sessionDevice[session]!]!
      at = putShort(view, at, device.view, device.length)
    }
    to.endLine(zips.put(view, at, session))
  }

  #dateOf(day: number): ReturnType<typeof piece> {
    let date = this.#dates.get(day)
    if (date === undefined) {
      // A part has a few days: what is no longer needed goes.
      if (this.#dates.size > 8) this.#dates.clear()
      date = piece(`,${dayOfNumber(day)},`)
      this.#dates.set(day, date)
    }
    return date
  }
}

/** The day on the listener's own clock, as `dayNumber`. */
export function localDay(ts: number, offset_min: number): number {
  return Math.floor((ts + offset_min * 60_000) / DAY_MS)
}

/** Tags in one cell. */
export function tagList(tags: readonly string[]): string {
  return tags.join(';')
}

const COMMA = 0x2c
const KINDS = EVENT_KINDS.map((kind) => piece(`${kind},`))
const DEVICE_NAMES = DEVICES.map((device) => piece(device))
