/**
 * One session: what a listener does from login to exit, as a pure function of world, listener, day and session key.
 *
 * Sizes follow 30Music (median 6 plays, mean 11), the skip hazard follows Lamere's published figures (24 % of plays are
 * left within 5 s, 35 % within 30 s, 49 % before their end; teenagers skip most, people in their thirties least). Thumbs
 * are a few percent of plays, three or four up to one down, and a song thumbed down is soon skipped. A session belongs
 * to the local day it starts in and is never cut.
 *
 * Each concern draws on a stream of its own: a knob turned, or a feature added, moves no other concern's draws.
 */
import { EVENT_KINDS, type EventKind } from '../../datasets/event-kind.ts'
import { AddressedDraws, type Key, type Words } from '../../datasets/random.ts'
import { weekdayOf } from './day-number.ts'
import { exp, log, normalQuantile } from './elementary.ts'
import { type EventBlock, NONE } from './event-block.ts'
import { DEVICES, type Listener } from './listener.ts'
import { addOriginalWalk } from './seed-2014.ts'
import { chooser } from './song-choice.ts'
import { type Songbook, songbookOf } from './songbook.ts'
import { STREAM } from './stream.ts'
import type { World } from './world.ts'

/** Where and when a session is: what its events need beside what is drawn. */
export interface SessionPlace {
  /** Local day ({@link dayNumber}) whose interest in songs holds. */
  day: number
  /** First event, ms UTC. */
  start_ms: number
  offset_min: number
  /** The session's 128-bit id. */
  id: Readonly<Words>
  /** The key from which all its draws come: its id in histories, the seat's in live runs. */
  conduct: Key
}

/** Appends one session to a block: a login first, an exit last. */
export function addSession(block: EventBlock, world: World, listener: Listener, place: SessionPlace): void {
  if (world.profile === 'seed-2014') addOriginalWalk(block, world, listener, place)
  else addRealisticSession(block, world, listener, place)
}

const code = (kind: EventKind): number => EVENT_KINDS.indexOf(kind)
const LOGIN = code('login')
const SEARCH = code('search')
const PLAY = code('play')
const PAUSE = code('pause')
const RESUME = code('resume')
const SKIP = code('skip')
const TUP = code('tup')
const TDN = code('tdn')
const RATE = code('rate')
const COMMENT = code('comment')
const TAG = code('tag')
const EXIT = code('exit')

/** Longest session, in plays and in time: no session then reaches beyond the day after its own. */
const PLAYS_MAX = 120
const SESSION_MS_MAX = 12 * 3_600_000

const UNIT = 2 ** -32

// One set of generators for all sessions: a session's draws start anew at its key, and nothing is allocated for it.
const shape = new AddressedDraws()
const listen = new AddressedDraws()
const react = new AddressedDraws()
const reaction = new AddressedDraws()
const search = new AddressedDraws()

function addRealisticSession(block: EventBlock, world: World, listener: Listener, place: SessionPlace): void {
  const { conduct, start_ms, day, offset_min } = place
  const book = songbookOf(world)
  const { knobs } = world
  shape.moveTo(conduct, STREAM.size, 0)
  listen.moveTo(conduct, STREAM.listen, 0)
  react.moveTo(conduct, STREAM.react, 0)
  search.moveTo(conduct, STREAM.search, 0)
  const choose = chooser(book, listener, place)

  const playCount = sessionSize(shape.unit(), knobs.sessionSpread)
  const isUsualDevice = shape.u32() * UNIT < 0.8
  const otherDevice = shape.below(DEVICES.length)
  const session = block.addSession(
    listener.index,
    place.id,
    start_ms,
    offset_min,
    isUsualDevice ? listener.device : otherDevice,
  )
  const last_ms = start_ms + SESSION_MS_MAX
  const patience = impatience(listener, weekdayOf(day), knobs.skip, knobs.skipByAge)
  const opinions = 0.075 * listener.reactFactor * knobs.reactions
  const pauses = 0.03
  const firstSearch = Math.min(0.9, 0.13 * listener.searchFactor * knobs.search)
  const laterSearch = Math.min(0.9, 0.008 * listener.searchFactor * knobs.search)
  let sequence = 0
  block.add(session, sequence++, start_ms, LOGIN, NONE, NONE, 0, 0)
  let ts = start_ms + 1_000 + shape.below(8_000)

  for (let play = 0; play < playCount; play++) {
    const song = choose.next(play)
    const cause = choose.cause
    // Every play takes the same number of draws from each stream, whatever comes of them.
    const wanted = search.u32() * UNIT
    const word = search.u32()
    if (wanted < (play === 0 ? firstSearch : laterSearch)) {
      block.add(session, sequence++, ts, SEARCH, song, NONE, word, cause)
      ts += 2_000 + (word >>> 19)
    }
    const duration_ms = book.song(song).duration_ms
    const hazard = -log((listen.u32() + 0.5) * UNIT)
    const gap_ms = 200 + listen.below(1_800)
    let heard_ms = Math.min(duration_ms, skipAfter_ms(hazard / patience, book, song, duration_ms))
    block.add(session, sequence++, ts, PLAY, song, 0, 0, cause)

    const opinion = react.u32() * UNIT
    const pause = react.u32() * UNIT
    let away_ms = 0
    if (opinion < opinions || pause < pauses) {
      reaction.moveTo(conduct, STREAM.reaction, play)
      const first = sequence
      const spoken = opinion < opinions
      const liked = reaction.u32() * UNIT < listener.likeShare
      const what = reaction.u32() * UNIT
      const at = reaction.u32() * UNIT
      const detail = reaction.u32()
      const soon_ms = 400 + reaction.below(3_000)
      const pauseAt = reaction.u32() * UNIT
      const awayDraw = (reaction.u32() + 0.5) * UNIT
      let position_ms = Math.floor(heard_ms * at)
      let kind = 0
      let told = 0
      if (spoken) {
        if (what < 0.7) {
          kind = liked ? TUP : TDN
          if (!liked && what < 0.62) heard_ms = Math.min(heard_ms, position_ms + soon_ms)
        } else if (what < 0.85) {
          kind = RATE
          told = (liked ? 6 : 1) + (detail % 5)
        } else if (what < 0.92) {
          kind = TAG
          told = detail
        } else {
          kind = COMMENT
          told = commentDetail(liked, detail)
        }
        position_ms = Math.min(position_ms, heard_ms)
      }
      const pause_ms = Math.floor(heard_ms * pauseAt)
      const isPaused = pause < pauses
      if (spoken && !(isPaused && pause_ms < position_ms)) {
        block.add(session, sequence++, ts + position_ms, kind, song, position_ms, told, cause)
      }
      if (isPaused) {
        away_ms = 3_000 + Math.floor(Math.min(1_200_000, -log(awayDraw) * 90_000))
        block.add(session, sequence++, ts + pause_ms, PAUSE, song, pause_ms, 0, cause)
        block.add(session, sequence++, ts + pause_ms + away_ms, RESUME, song, pause_ms, 0, cause)
      }
      if (spoken && sequence === first + 2) {
        block.add(session, sequence++, ts + position_ms + away_ms, kind, song, position_ms, told, cause)
      }
    }
    ts += heard_ms + away_ms
    if (play === playCount - 1 || ts > last_ms) {
      block.add(session, sequence++, ts, EXIT, song, heard_ms, 0, cause)
      return
    }
    if (heard_ms < duration_ms) block.add(session, sequence++, ts, SKIP, song, heard_ms, 0, cause)
    ts += gap_ms
  }
}

/** Lognormal with median 6 and mean 11. @param u uniform in [0, 1) */
function sessionSize(u: number, spread: number): number {
  const size = exp(1.7047 + 1.13 * spread * normalQuantile(u * (1 - 2 ** -52) + 2 ** -54))
  return Math.min(PLAYS_MAX, Math.floor(size) + 1)
}

/** Multiplies the skip hazard by the listener's habit, age and the weekday. */
function impatience(listener: Listener, weekday: number, skip: number, byAge: number): number {
  const ofAge = AGE_FACTOR[Math.min(AGE_FACTOR.length - 1, Math.max(0, Math.floor(listener.age_years) - 13))]!
  return skip * listener.skipFactor * (1 + byAge * (ofAge * WEEKDAY_FACTOR[weekday]! - 1))
}

/** By year of age from 13 on; the last holds for all older. */
const AGE_FACTOR = Array.from({ length: 37 }, (_, i) => {
  const age = i + 13
  return age < 20 ? 1.35 : age < 30 ? 1.18 : age < 40 ? 0.65 : age < 47 ? 1 : 1.28
})
/** Monday first. */
const WEEKDAY_FACTOR = [0.93, 0.93, 0.94, 0.99, 1.03, 1.1, 1.09]

/** Skips an hour come at 0.0553/s in a song's first 5 s, at 0.0062/s to 30 s and at 0.0012/s from then on. */
const HAZARD = [0.0553, 0.0062, 0.0012] as const

/** The listening time at which the summed hazard reaches `patience`. */
function skipAfter_ms(patience: number, _book: Songbook, _song: number, _duration_ms: number): number {
  const first = 5 * HAZARD[0]
  const second = first + 25 * HAZARD[1]
  let after_s: number
  if (patience < first) after_s = patience / HAZARD[0]
  else if (patience < second) after_s = 5 + (patience - first) / HAZARD[1]
  else after_s = 30 + (patience - second) / HAZARD[2]
  return Math.floor(Math.min(after_s, 86_400) * 1000)
}

/** The 32 bits of a comment: its lowest bit says whether it is a friendly one. */
function commentDetail(liked: boolean, detail: number): number {
  return ((detail & ~1) | (liked ? 1 : 0)) >>> 0
}
