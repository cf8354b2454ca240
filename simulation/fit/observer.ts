/**
 * What fitting takes from a history, in one pass: counts and histograms from which the moments are made. A log and a
 * simulated world are seen through the same eyes, so what the eyes get wrong, they get wrong alike.
 */
import { DAY_MS, HOUR_MS } from '../../datasets/day.ts'
import { EVENT_KINDS, type EventKind } from '../../datasets/event-kind.ts'

/** One event in numbers: users, sessions and songs by any whole number of their own, songs from 0 densely. */
export interface Observation {
  user: number
  session: number
  ts: number
  kind: EventKind
  /** −1: none. */
  song: number
  /** −1: not told; then the time since the play stands for it. */
  position_ms: number
}

/** Bins of a second, up to ten minutes. */
export const SURVIVAL_BINS = 600
const SIZES_MAX = 1_000
/** Listeners whose songs are remembered, for the share of repeats. */
const REMEMBERED_USERS = 5_000
const WEEK_MS = 7 * DAY_MS
const REACTIONS: readonly EventKind[] = ['tup', 'tdn', 'rate', 'tag', 'comment']

/**
 * A listener's sessions that count for habits: so that the few who listen most do not stand for all, and a small log
 * tells as much as it can.
 */
const EARLY_SESSIONS = 10

interface OpenSession {
  isEarly: boolean
  plays: number
  /** Undefined before the first play. */
  play: { ts: number; away_ms: number; pausedAt: number } | undefined
}

export class Observer {
  events = 0
  sessions = 0
  plays = 0
  skips = 0
  repeats = 0
  rememberedPlays = 0
  firstStart_ms = Number.POSITIVE_INFINITY
  lastStart_ms = Number.NEGATIVE_INFINITY
  readonly ofKind = Object.fromEntries(EVENT_KINDS.map((kind) => [kind, 0])) as Record<EventKind, number>
  /** Sessions by number of plays, of those with any. */
  readonly sizes = new Float64Array(SIZES_MAX + 1)
  /** Plays left, and plays that ended otherwise, by second. */
  readonly left = new Float64Array(SURVIVAL_BINS + 1)
  readonly ended = new Float64Array(SURVIVAL_BINS + 1)
  /** Of each listener's first sessions alone: habits, each listener weighing about alike. */
  readonly early = { sessions: 0, plays: 0, leftBy30s: 0, reactions: 0, searches: 0 }
  /** Session starts by hour of the day, UTC. */
  readonly starts = new Float64Array(24)
  /** Plays by hour of the week from Monday 0 h on, UTC. */
  readonly hours = new Float64Array(168)
  readonly sessionsOfUser = new Map<number, number>()
  readonly playsOfSong: number[] = []
  /** Plays of songs by week since the epoch. */
  readonly weeksOfSong: Map<number, number>[] = []

  private readonly open = new Map<number, OpenSession>()
  private readonly songsOfUser = new Map<number, Set<number>>()

  /** Events of one session come in order; sessions may come side by side. */
  add({ user, session: id, ts, kind, song, position_ms }: Observation): void {
    this.events++
    this.ofKind[kind]++
    const session = this.open.get(id) ?? this.openSession(id, user, ts)
    const { play } = session
    const heard_ms = play === undefined ? 0 : position_ms >= 0 ? position_ms : ts - play.ts - play.away_ms
    if (session.isEarly) this.countHabit(kind, heard_ms)
    if (kind === 'play') {
      if (play !== undefined) endPlay(this.ended, ts - play.ts - play.away_ms)
      session.play = { ts, away_ms: 0, pausedAt: -1 }
      session.plays++
      if (song >= 0) this.countPlay(user, song, ts)
    } else if (kind === 'skip') {
      this.skips++
      if (play !== undefined) endPlay(this.left, heard_ms)
      session.play = undefined
    } else if (kind === 'pause') {
      if (play !== undefined) play.pausedAt = ts
    } else if (kind === 'resume') {
      if (play !== undefined && play.pausedAt >= 0) play.away_ms += ts - play.pausedAt
    } else if (kind === 'exit') {
      if (play !== undefined) endPlay(this.ended, heard_ms)
      this.close(id, session)
    }
  }

  /** Closes what no exit has closed. */
  finish(): this {
    for (const [id, session] of this.open) this.close(id, session)
    return this
  }

  private openSession(id: number, user: number, ts: number): OpenSession {
    const ordinal = (this.sessionsOfUser.get(user) ?? 0) + 1
    const session: OpenSession = { isEarly: ordinal <= EARLY_SESSIONS, plays: 0, play: undefined }
    this.open.set(id, session)
    this.sessions++
    if (session.isEarly) this.early.sessions++
    this.starts[Math.floor(ts / HOUR_MS) % 24]!++
    this.sessionsOfUser.set(user, ordinal)
    this.firstStart_ms = Math.min(this.firstStart_ms, ts)
    this.lastStart_ms = Math.max(this.lastStart_ms, ts)
    return session
  }

  private close(id: number, { plays }: OpenSession): void {
    this.open.delete(id)
    if (plays > 0) this.sizes[Math.min(SIZES_MAX, plays)]!++
  }

  private countHabit(kind: EventKind, heard_ms: number): void {
    const { early } = this
    if (kind === 'play') early.plays++
    else if (kind === 'search') early.searches++
    else if (kind === 'skip' && heard_ms < 30_000) early.leftBy30s++
    else if (REACTIONS.includes(kind)) early.reactions++
  }

  private countPlay(user: number, song: number, ts: number): void {
    this.plays++
    // 1970-01-01 was a Thursday.
    this.hours[(Math.floor(ts / HOUR_MS) + 72) % 168]!++
    while (this.playsOfSong.length <= song) {
      this.playsOfSong.push(0)
      this.weeksOfSong.push(new Map())
    }
    this.playsOfSong[song]!++
    const weeks = this.weeksOfSong[song]!
    const week = Math.floor(ts / WEEK_MS)
    weeks.set(week, (weeks.get(week) ?? 0) + 1)
    let songs = this.songsOfUser.get(user)
    if (songs === undefined) {
      if (this.songsOfUser.size >= REMEMBERED_USERS) return
      songs = new Set()
      this.songsOfUser.set(user, songs)
    }
    this.rememberedPlays++
    if (songs.has(song)) this.repeats++
    else songs.add(song)
  }
}

function endPlay(bins: Float64Array, heard_ms: number): void {
  bins[Math.max(0, Math.min(SURVIVAL_BINS, Math.floor(heard_ms / 1_000)))]!++
}
