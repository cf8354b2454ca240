/**
 * Rows as lines of JSON, byte for byte what JSON.stringify would make of their events: as `POST /v1/events` takes them, or
 * as the event log keeps them, with the artist resolved and received when they happened.
 */
import { EVENT_KINDS } from '../../datasets/event-kind.ts'
import { hex128 } from '../../datasets/random.ts'
import { knownListener } from '../kernel/known-listener.ts'
import { DEVICES } from '../kernel/listener.ts'
import { sessionWords } from '../kernel/wire-event.ts'
import type { World } from '../kernel/world.ts'
import { PieceTable, piece, putHex32, putInstant, putInteger, putShort } from './ascii.ts'
import { type FilledBlock, LOGIN, RATE, SEARCH } from './filled-block.ts'
import type { LineBuffer } from './line-buffer.ts'
import { SongPieces } from './song-pieces.ts'

export class JsonLines {
  readonly #world: World
  readonly #isStored: boolean
  readonly #songs: SongPieces
  readonly #sessions = new Map<FilledBlock, SessionPieces>()

  /** @param form `wire`: as sent to the API; `stored`: as the log keeps them */
  constructor(world: World, form: 'wire' | 'stored') {
    this.#world = world
    this.#isStored = form === 'stored'
    this.#songs = new SongPieces(world, ({ track_id, artist_id }) =>
      form === 'stored' ? `,"songid":"${track_id}","artistid":"${artist_id}"` : `,"songid":"${track_id}"`,
    )
  }

  /** Makes ready what the rows of each of a block's sessions share. To be called after each filling of the block. */
  open(filled: FilledBlock): void {
    let pieces = this.#sessions.get(filled)
    if (pieces === undefined) {
      pieces = { heads: new PieceTable(), addresses: new PieceTable() }
      this.#sessions.set(filled, pieces)
    }
    pieces.heads.clear()
    pieces.addresses.clear()
    const { block } = filled
    for (let session = 0; session < block.sessionCount; session++) {
      const { uid, ip4 } = knownListener(this.#world, block.sessionUser[session]!)
      pieces.heads.add(`,"uid":"${uid}","session":"${hex128(sessionWords(block, session))}","event":"`)
      pieces.addresses.add(`,"ip4":"${ip4}"`)
    }
  }

  /** Writes a row of an opened block, and its newline. */
  put(to: LineBuffer, filled: FilledBlock, row: number): void {
    const { block, eids } = filled
    const { heads, addresses } = this.#sessions.get(filled)!
    const { view } = to
    const kind = block.kind[row]!
    const session = block.session[row]!
    const ts = block.ts[row]!
    const song = block.song[row]!
    const position_ms = block.position_ms[row]!
    let at = putShort(view, to.used, EID.view, EID.length)
    at = putHex32(view, at, eids[4 * row]!)
    at = putHex32(view, at, eids[4 * row + 1]!)
    at = putHex32(view, at, eids[4 * row + 2]!)
    at = putHex32(view, at, eids[4 * row + 3]!)
    at = putShort(view, at, TS.view, TS.length)
    at = putInstant(view, at, ts)
    at = heads.put(view, at, session)
    const name = KINDS[kind]!
    at = putShort(view, at, name.view, name.length)
    // A search has the song that it is for, which the wire does not tell.
    if (song >= 0 && kind !== SEARCH) at = this.#songs.put(view, at, song)
    if (position_ms >= 0) {
      at = putShort(view, at, POSITION.view, POSITION.length)
      at = putInteger(view, at, position_ms)
    }
    if (kind === RATE) {
      at = putShort(view, at, STARS.view, STARS.length)
      at = putInteger(view, at, block.detail[row]!)
    } else {
      const text = TEXT_FIELDS[kind]
      if (text !== undefined) {
        at = putShort(view, at, text.view, text.length)
        at = to.putText(at, JSON.stringify(filled.texts.get(row)))
      }
    }
    at = addresses.put(view, at, session)
    if (kind === LOGIN) {
      const device = DEVICE_NAMES[block.sessionDevice[session]!]!
      at = putShort(view, at, DEVICE.view, DEVICE.length)
      at = putShort(view, at, device.view, device.length)
    }
    if (this.#isStored) {
      at = putShort(view, at, RECEIVED.view, RECEIVED.length)
      at = putInstant(view, at, ts)
    }
    view.setUint16(at, BRACE_AND_NEWLINE, true)
    to.endLine(at + 2)
  }
}

interface SessionPieces {
  heads: PieceTable
  addresses: PieceTable
}

const EID = piece('{"eid":"')
const TS = piece('","ts":')
const POSITION = piece(',"position_ms":')
const STARS = piece(',"stars":')
const DEVICE = piece(',"device":"')
const RECEIVED = piece(',"received_ms":')
const KINDS = EVENT_KINDS.map((kind) => piece(`${kind}"`))
const DEVICE_NAMES = DEVICES.map((device) => piece(`${device}"`))
const TEXT_FIELDS = EVENT_KINDS.map((kind) =>
  kind === 'search'
    ? piece(',"query":')
    : kind === 'comment'
      ? piece(',"text":')
      : kind === 'tag'
        ? piece(',"tags":')
        : undefined,
)
const BRACE_AND_NEWLINE = 0x0a7d
