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
import { kindCode } from '../../datasets/event-kind.ts'
import { AddressedDraws, type Key, type Words } from '../../datasets/random.ts'
import { commentDetail } from './comment.ts'
import { weekdayOf } from './day-number.ts'
import { exp, log, normalQuantile } from './elementary.ts'
import { causeCode, type EventBlock, NONE } from './event-block.ts'
import { DEVICES, type Listener } from './listener.ts'
import { perObject } from './per-object.ts'
import { addOriginalWalk } from './seed-2014.ts'
import { type Fingerprint, fingerprintOf, impatience, skipAfter_ms } from './skip-law.ts'
import { SongChoice } from './song-choice.ts'
import { songbookOf } from './songbook.ts'
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
  const first = block.count
  if (world.profile === 'seed-2014') addOriginalWalk(block, world, listener, place)
  else addRealisticSession(block, world, listener, place)
  for (const shock of world.shocks) if (shock.kind === 'outage') loseFrom(block, first, shock)
}

/** An outage ends a running session: what would happen from its beginning on is lost, the exit too. */
function loseFrom(block: EventBlock, first: number, { from_ms, to_ms }: { from_ms: number; to_ms: number }): void {
  if (block.ts[first]! >= to_ms || block.ts[block.count - 1]! < from_ms) return
  while (block.count > first && block.ts[block.count - 1]! >= from_ms) block.count--
}

const LOGIN = kindCode('login')
const SEARCH = kindCode('search')
const PLAY = kindCode('play')
const PAUSE = kindCode('pause')
const RESUME = kindCode('resume')
const SKIP = kindCode('skip')
const TUP = kindCode('tup')
const TDN = kindCode('tdn')
const RATE = kindCode('rate')
const COMMENT = kindCode('comment')
const TAG = kindCode('tag')
const EXIT = kindCode('exit')

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

/** What the sessions of a world have in common. */
interface Stage {
  choice: SongChoice
  duration_ms: ArrayLike<number>
  fingerprints: (Fingerprint | undefined)[]
}
const stageOf = perObject(
  (world: World): Stage => ({
    choice: new SongChoice(world),
    duration_ms: songbookOf(world).duration_ms,
    fingerprints: [],
  }),
)

function addRealisticSession(block: EventBlock, world: World, listener: Listener, place: SessionPlace): void {
  const { conduct, start_ms, day, offset_min } = place
  const { knobs } = world
  const { choice, duration_ms: durations, fingerprints } = stageOf(world)
  choice.begin(listener, place)
  shape.moveTo(conduct, STREAM.size, 0)
  listen.moveTo(conduct, STREAM.listen, 0)
  react.moveTo(conduct, STREAM.react, 0)
  search.moveTo(conduct, STREAM.search, 0)

  const playCount = sessionSize(shape.unit(), knobs.sessionSpread)
  const isUsualDevice = shape.u32() * UNIT < 0.8
  const otherDevice = shape.below(DEVICES.length)
  const device = isUsualDevice ? listener.device : otherDevice
  const session = block.addSession(listener.index, place.id, start_ms, offset_min, device)
  const ageAndDay = 1 + knobs.skipByAge * (impatience(listener.age_years, weekdayOf(day)) - 1)
  const hurry = knobs.skip * listener.skipFactor * ageAndDay
  const speaks = SPEAKS * listener.reactFactor * knobs.reactions
  const searchesFirst = Math.min(0.9, SEARCHES_FIRST * listener.searchFactor * knobs.search)
  const searchesLater = Math.min(0.9, SEARCHES_LATER * listener.searchFactor * knobs.search)
  const last_ms = start_ms + SESSION_MS_MAX
  let sequence = 0
  block.add(session, sequence++, start_ms, LOGIN, NONE, NONE, 0, 0)
  let ts = start_ms + 1_000 + shape.below(8_000)

  for (let play = 0; play < playCount; play++) {
    // Every play takes the same number of draws from each stream, whatever comes of them.
    const wanted = search.u32() * UNIT
    const word = search.u32()
    const hazard = -log((listen.u32() + 0.5) * UNIT)
    const gap_ms = 200 + listen.below(1_800)
    const speaking = react.u32() * UNIT
    const pausing = react.u32() * UNIT

    const song = choice.next(start_ms + play * PLAY_MS)
    if (song === NONE) {
      // Nothing is released yet.
      block.add(session, sequence++, ts, EXIT, NONE, NONE, 0, 0)
      return
    }
    let { cause } = choice
    if (wanted < (play === 0 ? searchesFirst : searchesLater)) {
      cause = SEARCHED
      block.add(session, sequence++, ts, SEARCH, song, NONE, word, cause)
      ts += 2_000 + (word >>> 19)
    }
    block.add(session, sequence++, ts, PLAY, song, 0, 0, cause)
    const duration_ms = durations[song]!
    let fingerprint = fingerprints[song]
    if (fingerprint === undefined) {
      fingerprint = fingerprintOf(world.key, song, knobs.fingerprint)
      fingerprints[song] = fingerprint
    }
    const patience = hurry === 0 ? ENDLESS : hazard / hurry
    let heard_ms = Math.min(duration_ms, skipAfter_ms(fingerprint, duration_ms, patience))
    let away_ms = 0
    if (speaking < speaks || pausing < PAUSES) {
      reaction.moveTo(conduct, STREAM.reaction, play)
      const first = reaction.u32() * UNIT
      const likes = reaction.u32() * UNIT < listener.likeShare + 0.12 * fingerprint.quality
      const at = reaction.u32() * UNIT
      const detail = reaction.u32()
      const soon_ms = 400 + reaction.below(3_000)
      const pauseAt = reaction.u32() * UNIT
      const pauseLength = (reaction.u32() + 0.5) * UNIT

      const isSpoken = speaking < speaks
      const kind = first < THUMBS ? (likes ? TUP : TDN) : first < RATES ? RATE : first < TAGS ? TAG : COMMENT
      const position_ms = Math.floor(heard_ms * at)
      // Nine in ten who turn a thumb down leave the song.
      if (isSpoken && kind === TDN && (detail & 15) < 14) heard_ms = Math.min(heard_ms, position_ms + soon_ms)
      const told =
        kind === RATE
          ? starsOf(likes, detail)
          : kind === COMMENT
            ? commentDetail(likes, detail)
            : kind === TAG
              ? detail
              : 0
      const pause_ms = Math.floor(heard_ms * pauseAt)
      const isPaused = pausing < PAUSES
      const isSpokenFirst = isSpoken && !(isPaused && pause_ms < position_ms)
      if (isSpokenFirst) block.add(session, sequence++, ts + position_ms, kind, song, position_ms, told, cause)
      if (isPaused) {
        away_ms = 3_000 + Math.floor(Math.min(1_200_000, -log(pauseLength) * 90_000))
        block.add(session, sequence++, ts + pause_ms, PAUSE, song, pause_ms, 0, cause)
        block.add(session, sequence++, ts + pause_ms + away_ms, RESUME, song, pause_ms, 0, cause)
      }
      if (isSpoken && !isSpokenFirst) {
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

/** What a play takes on average, listening, pauses and all. */
const PLAY_MS = 150_000

/** Odds per play, of the average listener. */
const SPEAKS = 0.075
const PAUSES = 0.03
const SEARCHES_FIRST = 0.13
const SEARCHES_LATER = 0.008
/** Of those who say something: up to here thumbs, stars, tags; the rest are comments. */
const THUMBS = 0.72
const RATES = 0.86
const TAGS = 0.93
const SEARCHED = causeCode('search')
/** More than any hazard adds up to. */
const ENDLESS = 1e9

/** Lognormal with median 6 and mean 11. @param u uniform in [0, 1) */
function sessionSize(u: number, spread: number): number {
  const size = exp(1.7047 + 1.13 * spread * normalQuantile(u * (1 - 2 ** -52) + 2 ** -54))
  return Math.min(PLAYS_MAX, Math.floor(size) + 1)
}

/** 1 to 10; 6 and more is praise. */
function starsOf(likes: boolean, detail: number): number {
  return (likes ? 6 : 1) + (detail % 5)
}
