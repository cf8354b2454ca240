/**
 * One session: what a listener does from login to exit, as a pure function of world, listener, day and session key.
 *
 * Sizes follow 30Music (median 6 plays, mean 11), the skip hazard follows Lamere's published figures (24 % of plays are
 * left within 5 s, 35 % within 30 s, 49 % before their end). Thumbs are a few percent of plays, three or four up to one
 * down, and a song thumbed down is soon skipped. A session belongs to the day it starts in and is never cut.
 */
import type { EventKind, WireEvent } from '../datasets/event.ts'
import { type Draws, drawsAt, hex128, type Key, type Words, wordsAt } from '../datasets/random.ts'
import { exp, log, normalQuantile } from './elementary.ts'
import { DEVICES, type Listener } from './listener.ts'
import { searchQuery } from './search-query.ts'
import { originalWalk } from './seed-2014.ts'
import { songChoice } from './song-choice.ts'
import { type SongFacts, songbookOf } from './songbook.ts'
import { STREAM } from './stream.ts'
import type { World } from './world.ts'

/** An event of a session before it has an id and a time. */
export interface Step {
  /** Milliseconds since the session started; never falls. */
  at_ms: number
  event: EventKind
  song?: SongFacts
  position_ms?: number
  query?: string
  stars?: number
  text?: string
  tags?: string[]
  device?: string
}

/**
 * The steps of one session: a login first, an exit last.
 * @param day {@link dayNumber} whose interest in songs holds
 * @param key the session's own key, from which all its draws come
 */
export function sessionSteps(world: World, listener: Listener, day: number, key: Key): Step[] {
  return world.profile === 'seed-2014'
    ? originalWalk(world, listener, day, key)
    : realisticSteps(world, listener, day, key)
}

/** A step on the wire, all but its time. */
export type Unstamped = WireEvent extends infer Event ? (Event extends unknown ? Omit<Event, 'ts'> : never) : never

/**
 * Gives a step its id: a hash of the session's words and the step's place, so that the same step has the same id wherever
 * and whenever it is made.
 */
export function wireFields(step: Step, sequence: number, session: Readonly<Words>, listener: Listener): Unstamped {
  const { event, song, position_ms, query, stars, text, tags, device } = step
  const fields: Record<string, unknown> = {
    eid: eventId(session, sequence),
    uid: listener.uid,
    session: hex128(session),
    event,
  }
  if (song !== undefined) fields['songid'] = song.track_id
  if (position_ms !== undefined) fields['position_ms'] = position_ms
  if (query !== undefined) fields['query'] = query
  if (stars !== undefined) fields['stars'] = stars
  if (text !== undefined) fields['text'] = text
  if (tags !== undefined) fields['tags'] = tags
  fields['ip4'] = listener.ip4
  if (device !== undefined) fields['device'] = device
  // Which fields go with which kind is the schema's business; a test holds every kind to it.
  return fields as Unstamped
}

/** 128 bits as 32 hex digits. */
export function eventId(session: Readonly<Words>, sequence: number): string {
  return hex128(wordsAt(session, STREAM.event, sequence))
}

/** Longest session, in plays. */
const PLAYS_MAX = 120

function realisticSteps(world: World, listener: Listener, day: number, key: Key): Step[] {
  const book = songbookOf(world)
  const choose = songChoice(book, listener, day)
  const shape = drawsAt(key, STREAM.size, 0)
  const songs = drawsAt(key, STREAM.song, 0)
  const listen = drawsAt(key, STREAM.listen, 0)
  const react = drawsAt(key, STREAM.react, 0)
  const search = drawsAt(key, STREAM.search, 0)

  const playCount = sessionSize(shape.unit())
  const device = shape.unit() < 0.8 ? listener.device : DEVICES[shape.below(DEVICES.length)]!
  const steps: Step[] = [{ at_ms: 0, event: 'login', device }]
  let at_ms = 1_000 + shape.below(8_000)

  for (let play = 0; play < playCount; play++) {
    const songIndex = choose(songs)
    const song = book.song(songIndex)
    // Every play takes the same number of draws from each stream, whatever comes of them.
    const [wanted, typing_ms, word] = [search.unit(), search.below(12_000), search.u32()]
    if (wanted < Math.min(0.9, (play === 0 ? 0.3 : 0.05) * listener.searchFactor)) {
      steps.push({ at_ms, event: 'search', query: searchQuery(world, songIndex, word) })
      at_ms += 2_000 + typing_ms
    }
    const heard = listenTo(song, listener, listen, react)
    const isLast = play === playCount - 1
    at_ms = playSteps(steps, at_ms, song, heard, isLast) + (isLast ? 0 : 200 + listen.below(1_800))
  }
  return steps
}

/** Lognormal with median 6 and mean 11. */
function sessionSize(u: number): number {
  const size = exp(1.7047 + 1.13 * normalQuantile(u * (1 - 2 ** -52) + 2 ** -54))
  return Math.min(PLAYS_MAX, Math.floor(size) + 1)
}

/** What becomes of one play. */
interface Heard {
  listened_ms: number
  /** In order of position. */
  reactions: Reaction[]
}

type Reaction = { position_ms: number } & (
  | { event: 'tup' | 'tdn' }
  | { event: 'pause'; away_ms: number }
  | { event: 'rate'; stars: number }
  | { event: 'comment'; text: string }
  | { event: 'tag'; tags: string[] }
)

function listenTo(song: SongFacts, listener: Listener, listen: Draws, react: Draws): Heard {
  const { reactFactor } = listener
  const [thumb, thumbAt, pause, pauseAt, away] = [react.unit(), react.unit(), react.unit(), react.unit(), react.unit()]
  const [say, sayAt, what] = [react.unit(), react.unit(), react.u32()]
  const patience = -log(1 - listen.unit()) / listener.skipFactor
  let listened_ms = Math.min(song.duration_ms, skipAfter_ms(patience))

  const reactions: Reaction[] = []
  const ups = Math.min(0.4, 0.045 * reactFactor)
  const downs = Math.min(0.1, 0.012 * reactFactor)
  if (thumb < ups) {
    reactions.push({ event: 'tup', position_ms: Math.floor(listened_ms * thumbAt) })
  } else if (thumb < ups + downs) {
    const position_ms = Math.floor(listened_ms * thumbAt)
    reactions.push({ event: 'tdn', position_ms })
    const isLeft = thumb < ups + downs * 0.88
    if (isLeft) listened_ms = Math.min(listened_ms, position_ms + 400 + Math.floor(3_000 * sayAt))
  }
  if (pause < 0.03) {
    const away_ms = 3_000 + Math.floor(Math.min(1_200_000, -log(1 - away) * 90_000))
    reactions.push({ event: 'pause', position_ms: Math.floor(listened_ms * pauseAt), away_ms })
  }
  const says = Math.min(0.3, 0.018 * reactFactor)
  if (say < says) {
    const position_ms = Math.floor(listened_ms * sayAt)
    const isLiked = thumb < ups || what % 3 > 0
    if (say < says * 0.55) reactions.push({ event: 'rate', position_ms, stars: (isLiked ? 6 : 1) + ((what >>> 8) % 5) })
    else if (say < says * 0.8) reactions.push({ event: 'tag', position_ms, tags: tagsFor(what >>> 8) })
    else reactions.push({ event: 'comment', position_ms, text: commentFor(isLiked, what >>> 8) })
  }
  reactions.sort((a, b) => a.position_ms - b.position_ms)
  return { listened_ms, reactions }
}

/** Skips an hour come at 0.0553/s in a song's first 5 s, at 0.0062/s to 30 s and at 0.0012/s from then on. */
const HAZARD = [0.0553, 0.0062, 0.0012] as const

/** The listening time at which the summed hazard reaches `patience`. */
function skipAfter_ms(patience: number): number {
  const first = 5 * HAZARD[0]
  const second = first + 25 * HAZARD[1]
  let after_s: number
  if (patience < first) after_s = patience / HAZARD[0]
  else if (patience < second) after_s = 5 + (patience - first) / HAZARD[1]
  else after_s = 30 + (patience - second) / HAZARD[2]
  return Math.floor(after_s * 1000)
}

/** Appends one play; gives the time at which it ended. */
function playSteps(steps: Step[], start_ms: number, song: SongFacts, heard: Heard, isLast: boolean): number {
  steps.push({ at_ms: start_ms, event: 'play', song, position_ms: 0 })
  let away_ms = 0
  for (const reaction of heard.reactions) {
    const { position_ms } = reaction
    const at_ms = start_ms + position_ms + away_ms
    if (reaction.event === 'pause') {
      away_ms += reaction.away_ms
      steps.push({ at_ms, event: 'pause', song, position_ms })
      steps.push({ at_ms: at_ms + reaction.away_ms, event: 'resume', song, position_ms })
    } else {
      steps.push({ at_ms, song, ...reaction })
    }
  }
  const end_ms = start_ms + heard.listened_ms + away_ms
  const wasLeft = heard.listened_ms < song.duration_ms
  if (isLast) steps.push({ at_ms: end_ms, event: 'exit', song, position_ms: heard.listened_ms })
  else if (wasLeft) steps.push({ at_ms: end_ms, event: 'skip', song, position_ms: heard.listened_ms })
  return end_ms
}

const TAGS = [
  'morning',
  'late night',
  'running',
  'cooking',
  'focus',
  'party',
  'rain',
  'road',
  'calm',
  'loud',
  'old love',
  'summer',
] as const

/** One to three tags, each once. */
function tagsFor(word: number): string[] {
  const first = word % TAGS.length
  const count = 1 + ((word >>> 8) % 3)
  return TAGS.filter((_, i) => (i - first + TAGS.length) % TAGS.length < count)
}

const PRAISE = [
  'This one stays.',
  'Turned it up twice.',
  'What a chorus!',
  'Been waiting for this.',
  'Goosebumps again.',
]
const BLAME = ['Not for me.', 'Too long by half.', 'The mix is muddy.', 'Heard it too often.', 'Lost me at the bridge.']

function commentFor(isLiked: boolean, word: number): string {
  const remarks = isLiked ? PRAISE : BLAME
  return remarks[word % remarks.length]!
}
