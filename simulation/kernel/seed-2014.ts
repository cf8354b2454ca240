/**
 * The walk of the original MusicBox (2014): its transition odds and its waits, kept for comparison with it. Reactions are
 * far too frequent for real people (30 % up and 30 % down), which is why this is not the default.
 *
 * Where the original is silent: every reaction, pause and skip goes on as "after a reaction"; each of its fourteen waits
 * is as likely as another; songs follow the day's interest, since its own song ids were random text.
 */
import { GENRES } from '../../datasets/catalogue-genre.ts'
import { kindCode } from '../../datasets/event-kind.ts'
import { type Draws, drawsAt } from '../../datasets/random.ts'
import { causeCode, type EventBlock, NONE } from './event-block.ts'
import { songsOf } from './explore.ts'
import type { Listener } from './listener.ts'
import type { SessionPlace } from './session.ts'
import { songbookOf } from './songbook.ts'
import { STREAM } from './stream.ts'
import type { World } from './world.ts'

/** What can follow an event, and how often. */
type Odds = readonly (readonly [Next, number])[]
type Next = 'search' | 'play' | 'tup' | 'tdn' | 'pause' | 'skip' | 'exit'
export type Transitions = Readonly<Record<State, Odds>>
type State = 'login' | Exclude<Next, 'exit'>

const AFTER_REACTION: Odds = [
  ['search', 0.28],
  ['play', 0.68],
  ['exit', 0.04],
]

/** The odds of what follows each event. */
export const TRANSITIONS: Transitions = {
  login: AFTER_REACTION,
  search: [
    ['play', 0.7],
    ['search', 0.25],
    ['exit', 0.05],
  ],
  play: [
    ['tup', 0.3],
    ['tdn', 0.3],
    ['play', 0.25],
    ['exit', 0.05],
    ['pause', 0.05],
    ['skip', 0.05],
  ],
  tup: AFTER_REACTION,
  tdn: AFTER_REACTION,
  pause: AFTER_REACTION,
  skip: AFTER_REACTION,
}

/** Seconds from one event to the next. */
export const WAITS_S = [43, 65, 244, 245, 246, 247, 422, 423, 424, 425, 426, 427, 428, 600] as const

/** A walk has 20 to 25 events on average; the odds against one this long are above 10^15 to 1. */
const STEPS_MAX = 1_000

/** Appends one session of the original's to a block. */
export function addOriginalWalk(
  block: EventBlock,
  world: World,
  listener: Listener,
  { day, start_ms, offset_min, id, conduct }: SessionPlace,
  transitions: Transitions = TRANSITIONS,
): void {
  const book = songbookOf(world)
  const today = songsOf(book, day)
  const choose = (from: Draws): number => today.pick(from, EVERY_GENRE)
  const draws = drawsAt(conduct, STREAM.walk, 0)
  const songs = drawsAt(conduct, STREAM.walkSong, 0)
  const session = block.addSession(listener.index, id, start_ms, offset_min, listener.device)
  let sequence = 0
  const add = (ts: number, kind: State | 'exit', song: number, position_ms: number, detail: number): void =>
    block.add(session, sequence++, ts, kindCode(kind), song, position_ms, detail, EXPLORE)
  let state: State = 'login'
  let ts = start_ms
  let playing = NONE
  let since_ms = 0
  /** The song that the last search was for: the next play takes it. */
  let found = NONE
  add(ts, 'login', NONE, NONE, 0)

  for (;;) {
    const next: Next = sequence < STEPS_MAX ? follow(transitions[state], draws.unit()) : 'exit'
    ts += WAITS_S[draws.below(WAITS_S.length)]! * 1000
    if (next === 'search') {
      found = choose(songs)
      add(ts, 'search', found, NONE, songs.u32())
    } else if (next === 'play') {
      playing = found === NONE ? choose(songs) : found
      since_ms = ts
      found = NONE
      add(ts, 'play', playing, 0, 0)
    } else if (playing === NONE) {
      // Only an exit can come before the first play.
      add(ts, next, NONE, NONE, 0)
    } else {
      add(ts, next, playing, Math.min(book.duration_ms[playing]!, ts - since_ms), 0)
    }
    if (next === 'exit') return
    state = next
  }
}

const EVERY_GENRE = new Float64Array(GENRES.length).fill(1)
const EXPLORE = causeCode('explore')

function follow(odds: Odds, u: number): Next {
  let sum = 0
  for (const [next, share] of odds) {
    sum += share
    if (u < sum) return next
  }
  // The shares of a row sum to 1 but for rounding.
  return odds[odds.length - 1]![0]
}
