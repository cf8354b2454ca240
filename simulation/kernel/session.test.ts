import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { EVENT_KINDS, type EventKind, type WireEvent, wireEventSchema } from '../../datasets/event.ts'
import { dayNumber, dayOfNumber } from './day-number.ts'
import { dayEvents } from './history.ts'
import { songbookOf } from './songbook.ts'
import { createWorld, PROFILES, type Profile } from './world.ts'

const worldOf = (profile: Profile) => createWorld({ songCount: 500, userCount: 600, profile })

function sessionsOf(profile: Profile, dayCount: number): Map<string, WireEvent[]> {
  const world = worldOf(profile)
  const sessions = new Map<string, WireEvent[]>()
  for (let i = 0; i < dayCount; i++) {
    for (const event of dayEvents(world, dayOfNumber(dayNumber(world.firstDay) + i))) {
      const events = sessions.get(event.session)
      if (events) events.push(event)
      else sessions.set(event.session, [event])
    }
  }
  return sessions
}

/** Breaches of what holds in every session, by name. */
function breaches(events: readonly WireEvent[], durationOf: ReadonlyMap<string, number>): string[] {
  const found: string[] = []
  let playing: { songid: string; isPaused: boolean; position_ms: number } | undefined
  for (const [i, event] of events.entries()) {
    if (i > 0 && event.ts < events[i - 1]!.ts) found.push('time runs backwards')
    if ((event.event === 'login') !== (i === 0)) found.push('a login that is not first')
    if ((event.event === 'exit') !== (i === events.length - 1)) found.push('an exit that is not last')
    if (event.uid !== events[0]!.uid || event.ip4 !== events[0]!.ip4) found.push('two people in a session')
    if (event.event === 'login' || event.event === 'search') continue
    if (event.event === 'play') {
      playing = { songid: event.songid, isPaused: false, position_ms: 0 }
    } else if (event.songid === undefined || event.songid !== playing?.songid) {
      // A session of the original may end before its first play.
      if (event.event !== 'exit' || playing) found.push(`${event.event} of a song that is not playing`)
    } else {
      const position_ms = event.position_ms!
      if (position_ms < playing.position_ms) found.push('a position runs backwards')
      if (position_ms > durationOf.get(event.songid)!) found.push('a position after the song’s end')
      if (event.event === 'resume' && !playing.isPaused) found.push('a resume without a pause')
      playing = { songid: event.songid, isPaused: event.event === 'pause', position_ms }
    }
  }
  return found
}

describe('sessions', () => {
  let sessions: Map<string, WireEvent[]>
  let events: WireEvent[]
  let count: (kind: EventKind) => number
  const durations = new Map<string, number>()

  before(() => {
    sessions = sessionsOf('realistic', 21)
    events = [...sessions.values()].flat()
    const counts = new Map<EventKind, number>()
    for (const { event } of events) counts.set(event, (counts.get(event) ?? 0) + 1)
    count = (kind) => counts.get(kind) ?? 0
    const book = songbookOf(worldOf('realistic'))
    for (let song = 0; song < 500; song++) durations.set(book.song(song).track_id, book.song(song).duration_ms)
  })

  it('give events that the API takes, in all twelve kinds', () => {
    for (const event of events) wireEventSchema.parse(event)
    assert.deepEqual(
      EVENT_KINDS.filter((kind) => count(kind) === 0),
      [],
    )
    for (const event of [...sessionsOf('seed-2014', 3).values()].flat()) wireEventSchema.parse(event)
  })

  it('hold together: login first, exit last, reactions inside a play, positions inside the song', () => {
    for (const profile of PROFILES) {
      const some = profile === 'realistic' ? sessions : sessionsOf(profile, 5)
      assert.deepEqual([...new Set([...some.values()].flatMap((one) => breaches(one, durations)))], [])
    }
  })

  it('would be seen not to hold together', () => {
    const long = [...sessions.values()].find((one) => one[1]!.event === 'play' && one[2]!.event === 'pause')!
    const without = (kind: EventKind): WireEvent[] => {
      const at = long.findIndex(({ event }) => event === kind)
      return long.filter((_, i) => i !== at)
    }
    for (const kind of ['login', 'play', 'pause', 'exit'] as const) {
      assert.notDeepEqual(breaches(without(kind), durations), [], `without its ${kind}`)
    }
    assert.notDeepEqual(breaches([...long].reverse(), durations), [])
    const late = long.map((event) => (event.event === 'pause' ? { ...event, position_ms: 9_999_999 } : event))
    assert.notDeepEqual(breaches(late, durations), [])
  })

  it('have a median of 4 to 8 plays and a long tail', () => {
    const sizes = [...sessions.values()].map((one) => one.filter(({ event }) => event === 'play').length)
    sizes.sort((a, b) => a - b)
    const median = sizes[Math.floor(sizes.length / 2)]!
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length
    assert.ok(median >= 4 && median <= 8, `median ${median}`)
    assert.ok(mean / median > 1.5 && mean / median < 2.3, `mean ${mean}`)
  })

  it('leave songs as people do: a quarter within 5 s, a third within 30 s, half before the end', () => {
    const problems = (sample: readonly WireEvent[]): string[] => {
      const plays = sample.filter(({ event }) => event === 'play').length
      const left = sample.filter(
        (event) =>
          event.event === 'skip' || (event.event === 'exit' && event.position_ms! < durations.get(event.songid!)!),
      )
      const share = (within_ms: number): number =>
        left.filter((event) => 'position_ms' in event && event.position_ms! <= within_ms).length / plays
      const bands = [
        [5_000, 0.2, 0.28],
        [30_000, 0.31, 0.39],
        [Number.POSITIVE_INFINITY, 0.44, 0.53],
      ] as const
      return bands
        .filter(([within_ms, low, high]) => share(within_ms) < low || share(within_ms) > high)
        .map(([within_ms]) => `${share(within_ms)} within ${within_ms} ms`)
    }
    assert.deepEqual(problems(events), [])
    // The original's odds are nothing like people's.
    assert.equal(problems([...sessionsOf('seed-2014', 5).values()].flat()).length, 3)
  })

  it('raise a thumb at a few percent of plays, more up than down, and skip what they voted down', () => {
    const thumbed = (count('tup') + count('tdn')) / count('play')
    assert.ok(thumbed > 0.02 && thumbed < 0.12, `${thumbed}`)
    const ratio = count('tup') / count('tdn')
    assert.ok(ratio > 2 && ratio < 6, `${ratio}`)
    let downs = 0
    let left = 0
    for (const one of sessions.values()) {
      one.forEach((event, i) => {
        if (event.event !== 'tdn') return
        downs++
        const next = one.slice(i + 1).find(({ event: kind }) => kind === 'skip' || kind === 'play' || kind === 'exit')!
        if (next.event !== 'play' && next.songid === event.songid) left++
      })
    }
    assert.ok(left / downs > 0.8, `${left} of ${downs}`)
  })

  it('have ids of their own: 128 bits, no two alike', () => {
    assert.equal(new Set(events.map(({ eid }) => eid)).size, events.length)
    assert.ok([...sessions.keys()].every((session) => /^[0-9a-f]{32}$/.test(session)))
  })
})
