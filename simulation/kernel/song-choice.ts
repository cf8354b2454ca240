/**
 * Which song a listener plays next, and why: the cause is part of the truth beside the event.
 *
 * A play repeats what the listener knows, or is new to them: discovered for good (`discover`), met once on the way
 * (`explore`, drawn exactly by interest × taste), taken over from a friend (`friend`), or the turn of a shared station,
 * whose listeners all hear the same song at the same time (`station`). The share of new songs falls as a listener knows
 * more (Heaps' law, `memory.ts`).
 */
import { GENRES } from '../../datasets/catalogue-genre.ts'
import { AddressedDraws } from '../../datasets/random.ts'
import { DAY_MS } from '../../datasets/time-unit.ts'
import { friendsOf, stationAt, stationsOf } from './collaboration.ts'
import { causeCode } from './event-block.ts'
import { songsOf } from './explore.ts'
import { knownListener } from './known-listener.ts'
import type { Listener } from './listener.ts'
import { knownCount, knownSong, noveltyOf, REMEMBERED, type RepeatBias, repeatOf } from './memory.ts'
import { scramble } from './permutation.ts'
import type { SessionPlace } from './session.ts'
import { type Songbook, songbookOf } from './songbook.ts'
import { STREAM } from './stream.ts'
import type { World } from './world.ts'

const DISCOVER = causeCode('discover')
const REPEAT = causeCode('repeat')
const EXPLORE = causeCode('explore')
const FRIEND = causeCode('friend')
const STATION = causeCode('station')

/** Of the plays that are new to a listener and not remembered, those taken over from friends. */
const FROM_FRIENDS = 0.2
/** Sessions that follow one of the listener's stations, and plays of such a session that do. */
const STATION_SESSIONS = 0.05
const STATION_PLAYS = 0.85
/** A station's song lasts so long for all who hear it. */
const STATION_TURN_MS = 240_000

const UNIT = 2 ** -32

/**
 * Chooses the songs of one session after another. One object serves all sessions of a world, since it holds what a
 * session's choices have in common; nothing is allocated for a play.
 */
export class SongChoice {
  /** Of the last choice: an index in CAUSES. */
  cause = 0
  private readonly world: World
  private readonly book: Songbook
  private readonly draws = new AddressedDraws()
  private readonly picks = new AddressedDraws()
  private readonly bias: RepeatBias = { recency: 1, appetite: 1 }
  private listener: Listener | undefined
  private day = 0
  private offset_ms = 0
  private known = 0
  private novelty = 0
  private station = -1

  constructor(world: World) {
    this.world = world
    this.book = songbookOf(world)
    this.bias.recency = Math.min(1, world.knobs.recency)
    this.bias.appetite = Math.min(1, world.knobs.appetite)
  }

  /** Goes to a session; every choice after that is of this one. */
  begin(listener: Listener, { day, conduct, offset_min }: SessionPlace): void {
    const { knobs } = this.world
    this.draws.moveTo(conduct, STREAM.song, 0)
    this.listener = listener
    this.day = day
    this.offset_ms = offset_min * 60_000
    this.known = knownCount(listener, day)
    this.novelty = 1 - Math.min(1, knobs.repeat * (1 - noveltyOf(listener, day)))
    const follows = this.draws.u32() * UNIT
    const which = this.draws.u32()
    this.station = -1
    if (follows < STATION_SESSIONS * knobs.collaboration) {
      const { stations } = circleOf(this.world, listener)
      if (stations.length > 0) this.station = stations[which % stations.length]!
    }
  }

  /**
   * The index of the next song.
   * @param ts about when it starts, ms UTC: not the time that skips and pauses lead to, so that they move no choice
   */
  next(ts: number): number {
    const { draws, picks, book, known, novelty } = this
    const listener = this.listener!
    // Each choice takes four draws, whatever comes of them.
    const mode = draws.u32() * UNIT
    const how = draws.u32() * UNIT
    const word = draws.u32()
    const other = draws.u32()
    if (this.station >= 0 && scramble(other ^ 0x5bd1e995) * UNIT < STATION_PLAYS) {
      this.cause = STATION
      return this.stationSong(ts)
    }
    if (mode >= novelty) {
      this.cause = REPEAT
      const song = repeatOf(book, listener, known, this.bias, word)
      const calm = this.world.knobs.nightCalm * calmAt(ts + this.offset_ms)
      if (calm === 0 || (other & 0xffff) >= calm * 0x10000) return song
      // Late at night a second song is thought of, and the calmer one is played.
      const second = repeatOf(book, listener, known, this.bias, scramble(other ^ 0xc2b2ae35))
      return book.energy[second]! < book.energy[song]! ? second : song
    }
    if (how < REMEMBERED) {
      // The newest few: as many as come in a week or so.
      this.cause = DISCOVER
      const week = Math.max(1, Math.min(known, Math.floor(known * 0.04)))
      return knownSong(book, listener, known - 1 - Math.floor(word * UNIT * week))
    }
    if (how < REMEMBERED + (1 - REMEMBERED) * FROM_FRIENDS * this.world.knobs.collaboration) {
      const song = this.friendsSong(listener, word, other)
      if (song >= 0) {
        this.cause = FRIEND
        return song
      }
    }
    this.cause = EXPLORE
    picks.reset([word, other, scramble(word ^ 0x9e3779b9), scramble(other ^ 0x85ebca6b)])
    return songsOf(book, this.day).pick(picks, listener.taste)
  }

  /** One of a friend's latest discoveries; −1 for who has no friend with any. */
  private friendsSong(listener: Listener, word: number, other: number): number {
    const { friends } = circleOf(this.world, listener)
    if (friends.length === 0) return -1
    const friend = knownListener(this.world, friends[word % friends.length]!)
    if (this.day < friend.joinDay || !friend.active) return -1
    const known = knownCount(friend, this.day)
    return knownSong(this.book, friend, known - 1 - (other % Math.min(known, 8)))
  }

  /** What a station plays: the same for all who listen at a time, and nothing of its last day. */
  private stationSong(ts: number): number {
    const turn = Math.floor(ts / STATION_TURN_MS)
    this.picks.moveTo(this.book.key, STREAM.stationSong, this.station, turn)
    const day = Math.floor(ts / DAY_MS) - 1
    return songsOf(this.book, day).pick(this.picks, stationTaste(stationAt(this.world, this.station).genre))
  }
}

/** With whom a listener listens. */
interface Circle {
  friends: readonly number[]
  stations: readonly number[]
}

/** Pure functions of the listener, kept because a listener's sessions come one after another. */
const circles = new WeakMap<Listener, Circle>()

function circleOf(world: World, listener: Listener): Circle {
  const known = circles.get(listener)
  if (known !== undefined) return known
  const circle = {
    friends: friendsOf(world, listener.index),
    stations: stationsOf(world, listener.index, listener.taste),
  }
  circles.set(listener, circle)
  return circle
}

/** A station plays its genre and, one time in some twenty, something else. */
function stationTaste(genre: number): Float64Array {
  const made = STATION_TASTES[genre]
  if (made !== undefined) return made
  const taste = new Float64Array(GENRES.length).fill(0.01)
  taste[genre] = 1
  STATION_TASTES[genre] = taste
  return taste
}

const STATION_TASTES: (Float64Array | undefined)[] = []

/** How much calm is wanted at a local time, 0..1: from 22 h it grows, at 4 h it is greatest, by 8 h it is gone. */
function calmAt(local_ms: number): number {
  const hour = Math.floor(local_ms / 3_600_000) % 24
  return CALM[hour < 0 ? hour + 24 : hour]!
}

const CALM = [0.5, 0.65, 0.8, 0.9, 1, 0.8, 0.5, 0.25, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.05, 0.1, 0.2, 0.35]
