/**
 * One number for a set of events in any order: the sum modulo 2^64 of a 64-bit hash of each event's content. Parts may be
 * made in any order and added up; a lost, doubled or altered event shows; and every format has the same number, so that
 * files whose bytes a newer writer changes can still be held equal.
 */

import type { WireEvent } from '../../datasets/event.ts'
import { EVENT_KINDS, kindCode } from '../../datasets/event-kind.ts'
import { hex32, hex128 } from '../../datasets/random.ts'
import { knownListener } from '../kernel/known-listener.ts'
import { DEVICES } from '../kernel/listener.ts'
import { scramble } from '../kernel/permutation.ts'
import { songbookOf } from '../kernel/songbook.ts'
import { sessionWords } from '../kernel/wire-event.ts'
import type { World } from '../kernel/world.ts'
import { type FilledBlock, LOGIN, RATE, SEARCH } from './filled-block.ts'
import type { DayRows } from './utc-day.ts'

export class Digest {
  // Two words of 32 bits: a BigInt would cost more than the hash itself.
  #high = 0
  #low = 0

  add(high: number, low: number): void {
    const sum = this.#low + low
    this.#low = sum >>> 0
    this.#high = (this.#high + high + (sum > 0xffffffff ? 1 : 0)) >>> 0
  }

  /** Adds another digest, given as text. */
  addText(text: string): void {
    this.add(Number.parseInt(text.slice(0, 8), 16), Number.parseInt(text.slice(8), 16))
  }

  /** An event as it is on the wire: the slow plain way, to which {@link DayDigests} is held. */
  addEvent(event: WireEvent): void {
    const flat: Record<string, unknown> = event
    const said = event.event === 'rate' ? event.stars : sayingOf(flat)
    const eid = (part: number): number => Number.parseInt(event.eid.slice(8 * part, 8 * part + 8), 16)
    hashEvent(
      eid(0),
      eid(1),
      eid(2),
      eid(3),
      event.ts,
      kindCode(event.event),
      event.songid === undefined ? 0 : textHash(event.songid),
      'position_ms' in event && event.position_ms !== undefined ? event.position_ms : -1,
      typeof said === 'number' ? said : said === undefined ? 0 : textHash(said),
      textHash(`${event.uid} ${event.session} ${event.ip4 ?? ''}`),
    )
    this.add(hash[0]!, hash[1]!)
  }

  /** Sixteen hex digits. */
  toString(): string {
    return hex32(this.#high) + hex32(this.#low)
  }
}

/** Adds rows of opened blocks. */
export class DayDigests {
  readonly #world: World
  readonly #sessions = new Map<FilledBlock, Uint32Array>()
  /** Hash of each song's id; 0 where it is not made yet. */
  readonly #songs: Uint32Array

  constructor(world: World) {
    this.#world = world
    this.#songs = new Uint32Array(world.songCount)
  }

  open(filled: FilledBlock): void {
    const { block } = filled
    let hashes = this.#sessions.get(filled)
    if (hashes === undefined || hashes.length < block.sessionCount) {
      hashes = new Uint32Array(2 * block.sessionCount)
      this.#sessions.set(filled, hashes)
    }
    for (let session = 0; session < block.sessionCount; session++) {
      const { uid, ip4 } = knownListener(this.#world, block.sessionUser[session]!)
      hashes[session] = textHash(`${uid} ${hex128(sessionWords(block, session))} ${ip4}`)
    }
  }

  addTo(digest: Digest, { blocks, refs, count }: DayRows): void {
    const sessionHashes = blocks.map((filled) => this.#sessions.get(filled)!)
    for (let i = 0; i < count; i++) {
      const ref = refs[i]!
      const row = ref >>> 1
      const filled = blocks[ref & 1]!
      const { block, eids } = filled
      const kind = block.kind[row]!
      const session = block.session[row]!
      const song = block.song[row]!
      hashEvent(
        eids[4 * row]!,
        eids[4 * row + 1]!,
        eids[4 * row + 2]!,
        eids[4 * row + 3]!,
        block.ts[row]!,
        kind,
        song >= 0 && kind !== SEARCH ? this.#songHash(song) : 0,
        block.position_ms[row]!,
        kind === RATE ? block.detail[row]! : SPEAKS[kind] ? saidHash(filled, row, kind) : 0,
        sessionHashes[ref & 1]![session]!,
      )
      digest.add(hash[0]!, hash[1]!)
    }
  }

  #songHash(song: number): number {
    const known = this.#songs[song]!
    if (known !== 0) return known
    const made = textHash(songbookOf(this.#world).song(song).track_id)
    this.#songs[song] = made
    return made
  }
}

const SPEAKS = EVENT_KINDS.map((kind) => ['search', 'comment', 'tag', 'login'].includes(kind))

function saidHash({ texts, block }: FilledBlock, row: number, kind: number): number {
  if (kind === LOGIN) return DEVICE_HASHES[block.sessionDevice[block.session[row]!]!]!
  const said = texts.get(row)!
  return textHash(typeof said === 'string' ? said : said.join('\t'))
}

function sayingOf({ query, text, tags, device }: Record<string, unknown>): string | undefined {
  if (Array.isArray(tags)) return tags.join('\t')
  return (query ?? text ?? device) as string | undefined
}

/** Never 0, which stands for no text. */
function textHash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = scramble(h ^ text.length)
  return h === 0 ? 1 : h
}

/** High and low word of the last hash made. */
const hash = new Uint32Array(2)

/** MurmurHash3's rounds in two lanes; ids are hashes already, so half of one starts each lane. */
function hashEvent(
  eid0: number,
  eid1: number,
  eid2: number,
  eid3: number,
  ts: number,
  kind: number,
  song: number,
  position_ms: number,
  said: number,
  session: number,
): void {
  const low = ts | 0
  const high = Math.floor(ts / 0x100000000)
  const kindAndHigh = Math.imul(high, 16) + kind
  let a = mix(mix(eid0, eid2), low)
  let b = mix(mix(eid1, eid3), low ^ 0x5bd1e995)
  a = mix(mix(mix(mix(mix(a, kindAndHigh), song), position_ms), said), session)
  b = mix(mix(mix(mix(mix(b, session), said), position_ms), song), kindAndHigh)
  hash[0] = scramble(a)
  hash[1] = scramble(b)
}

function mix(h: number, word: number): number {
  const k = Math.imul(word, 0xcc9e2d51)
  const mixed = h ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593)
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0
}

const DEVICE_HASHES = DEVICES.map(textHash)
