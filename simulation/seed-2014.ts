/**
 * The walk of the original MusicBox (2014): its transition odds and its waits, kept for comparison with it. Reactions are
 * far too frequent for real people (30 % up and 30 % down), which is why this is not the default.
 *
 * Where the original is silent: every reaction, pause and skip goes on as "after a reaction"; each of its fourteen waits
 * is as likely as another; songs follow the day's interest, since its own song ids were random text.
 */
import { drawsAt, type Key } from '../datasets/random.ts'
import type { Listener } from './listener.ts'
import { searchQuery } from './search-query.ts'
import type { Step } from './session.ts'
import { interestChoice } from './song-choice.ts'
import { type SongFacts, songbookOf } from './songbook.ts'
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

export function originalWalk(
  world: World,
  listener: Listener,
  day: number,
  key: Key,
  transitions: Transitions = TRANSITIONS,
): Step[] {
  const book = songbookOf(world)
  const choose = interestChoice(book, day)
  const draws = drawsAt(key, STREAM.walk, 0)
  const songs = drawsAt(key, STREAM.walkSong, 0)
  const steps: Step[] = [{ at_ms: 0, event: 'login', device: listener.device }]
  let state: State = 'login'
  let at_ms = 0
  let playing: { song: SongFacts; since_ms: number } | undefined
  /** The song that the last search was for: the next play takes it. */
  let found: number | undefined

  for (;;) {
    const next: Next = steps.length < STEPS_MAX ? follow(transitions[state], draws.unit()) : 'exit'
    at_ms += WAITS_S[draws.below(WAITS_S.length)]! * 1000
    if (next === 'search') {
      found = choose(songs)
      steps.push({ at_ms, event: 'search', query: searchQuery(world, found, songs.u32()) })
    } else if (next === 'play') {
      playing = { song: book.song(found === undefined ? choose(songs) : found), since_ms: at_ms }
      found = undefined
      steps.push({ at_ms, event: 'play', song: playing.song, position_ms: 0 })
    } else if (playing === undefined) {
      // Only an exit can come before the first play.
      steps.push({ at_ms, event: next })
    } else {
      const { song, since_ms } = playing
      const position_ms = Math.min(song.duration_ms, at_ms - since_ms)
      steps.push({ at_ms, event: next, song, position_ms })
    }
    if (next === 'exit') return steps
    state = next
  }
}

function follow(odds: Odds, u: number): Next {
  let sum = 0
  for (const [next, share] of odds) {
    sum += share
    if (u < sum) return next
  }
  // The shares of a row sum to 1 but for rounding.
  return odds[odds.length - 1]![0]
}
