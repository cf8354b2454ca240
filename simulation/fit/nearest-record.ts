/**
 * Whether a synthetic twin copies the log: no session of the twin may equal one of the log in its sequence of (song,
 * kind, gap), and no listener or session may have the id of one. Sequences and ids are kept as 53-bit hashes, so a log
 * of a million sessions takes some tens of megabytes, and two that differ look alike once in 10^15 pairs.
 */
import { daysBetween } from '../../datasets/day.ts'
import { EVENT_KINDS, kindCode } from '../../datasets/event-kind.ts'
import { hex32, hex128 } from '../../datasets/random.ts'
import { dayNumber } from '../kernel/day-number.ts'
import { EventBlock } from '../kernel/event-block.ts'
import { fillDay } from '../kernel/history.ts'
import { knownListener } from '../kernel/known-listener.ts'
import { songbookOf } from '../kernel/songbook.ts'
import { sessionWords } from '../kernel/wire-event.ts'
import type { ScenarioWorld } from '../scenario/world-of.ts'
import type { LoggedEvent } from './fit.ts'

export interface CopyCheck {
  sessions: number
  /** Sessions with a play whose whole sequence of (song, kind, gap) is in the log. */
  sessions_copied: number
  /** Sessions with a play whose sequence of (kind, gap) is in the log, under other songs. */
  timings_copied: number
  uids_shared: number
  session_ids_shared: number
}

interface Print {
  a: number
  b: number
  /** Without the songs. */
  timing: number
  timingB: number
  last_ms: number
  hasPlay: boolean
}

/** The prints of the sessions that it is shown. */
export class SessionPrints {
  readonly sequences = new Set<number>()
  readonly timings = new Set<number>()
  readonly uids = new Set<number>()
  readonly ids = new Set<number>()
  private readonly open = new Map<string, Print>()
  private readonly sum = { a: 0, b: 0 }

  add({ ts, uid, session, event, songid }: LoggedEvent): void {
    this.uids.add(textHash(uid))
    this.ids.add(textHash(session))
    let print = this.open.get(session)
    if (print === undefined) {
      print = { a: 1, b: 2, timing: 3, timingB: 4, last_ms: ts, hasPlay: false }
      this.open.set(session, print)
    }
    const gap_ms = (ts - print.last_ms) | 0
    const kind = kindCode(event)
    const song = songid === undefined || event === 'search' ? 0 : textHash(songid) | 0
    print.last_ms = ts
    if (event === 'play') print.hasPlay = true
    print.a = mixed(mixed(mixed(print.a, song), kind), gap_ms)
    print.b = mixed(mixed(mixed(print.b, gap_ms), kind), song)
    print.timing = mixed(mixed(print.timing, kind), gap_ms)
    print.timingB = mixed(mixed(print.timingB, gap_ms), kind)
    if (event === 'exit') this.close(session, print)
  }

  finish(): this {
    for (const [session, print] of this.open) this.close(session, print)
    return this
  }

  /** Sixteen hex digits of all sequences, in whatever order they came. */
  digest(): string {
    return hex32(this.sum.a >>> 0) + hex32(this.sum.b >>> 0)
  }

  private close(session: string, { a, b, timing, timingB, hasPlay }: Print): void {
    this.open.delete(session)
    this.sum.a = (this.sum.a + a) | 0
    this.sum.b = (this.sum.b + b) | 0
    // A login and an exit alone are nobody's secret, and alike by chance.
    if (!hasPlay) return
    this.sequences.add(joined(a, b))
    this.timings.add(joined(timing, timingB))
  }
}

export function checkCopies(log: SessionPrints, { world, firstDay, lastDay }: ScenarioWorld): CopyCheck {
  const twin = new SessionPrints()
  const block = new EventBlock()
  const book = songbookOf(world)
  for (const day of daysBetween(firstDay, lastDay)) {
    fillDay(block, world, dayNumber(day))
    for (let row = 0; row < block.count; row++) {
      const at = block.session[row]!
      const song = block.song[row]!
      twin.add({
        ts: block.ts[row]!,
        uid: knownListener(world, block.sessionUser[at]!).uid,
        session: hex128(sessionWords(block, at)),
        event: EVENT_KINDS[block.kind[row]!]!,
        songid: song < 0 ? undefined : book.song(song).track_id,
      })
    }
  }
  twin.finish()
  return {
    sessions: twin.sequences.size,
    sessions_copied: shared(twin.sequences, log.sequences),
    timings_copied: shared(twin.timings, log.timings),
    uids_shared: shared(twin.uids, log.uids),
    session_ids_shared: shared(twin.ids, log.ids),
  }
}

function shared(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  let count = 0
  for (const value of a) if (b.has(value)) count++
  return count
}

function textHash(text: string): number {
  let a = 0x811c9dc5
  let b = 0x9747b28c
  for (let i = 0; i < text.length; i++) {
    a = mixed(a, text.charCodeAt(i))
    b = mixed(b, ~text.charCodeAt(i))
  }
  return joined(a, b)
}

/** 53 bits of two words. */
function joined(a: number, b: number): number {
  return (a >>> 0) * 0x200000 + ((b >>> 11) & 0x1fffff)
}

/** Murmur3's step and finish, so that every bit of a small number counts. */
function mixed(state: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51)
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593)
  let h = state ^ k
  h = Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  return h ^ (h >>> 13)
}
