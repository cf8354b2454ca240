import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addDays, daysBetween } from '../../datasets/day.ts'
import { dayNumber } from '../kernel/day-number.ts'
import { CAUSES, EventBlock } from '../kernel/event-block.ts'
import { fillDay } from '../kernel/history.ts'
import { type Knobs, PUBLISHED_KNOBS } from '../kernel/knobs.ts'
import { knownListener } from '../kernel/known-listener.ts'
import type { Shock } from '../kernel/shock.ts'
import { createWorld, PROFILES, type World } from '../kernel/world.ts'
import { blockHash, differingBytes } from './block-bytes.ts'
import { CONCERNS, type Concern } from './concern.ts'
import { listenedSessions } from './listened-session.ts'
import { compareTwins } from './twin.ts'

/** Without what depends on the time of a play: the calm of the night, and stations, which play on while somebody skips. */
const world = createWorld({
  songCount: 500,
  userCount: 60,
  knobs: { sessionsPerDay: 0.5, nightCalm: 0, collaboration: 0 },
})
const days = daysBetween(world.firstDay, addDays(world.firstDay, 9))
const turned = (knobs: Partial<Knobs>): World => ({ ...world, knobs: { ...world.knobs, ...knobs } })

/**
 * What a knob may move, by name; whatever else moves is a leak. What moves the songs, moves what is done with them, and
 * when. Who listens more or less, or at other times, has met other songs by then.
 */
const SONGS: readonly Concern[] = ['songs', 'causes', 'listening', 'reactions', 'searches', 'times']
const LISTENING: readonly Concern[] = ['listening', 'times']
const MAY_MOVE: Record<keyof Knobs, readonly Concern[]> = {
  sessionsPerDay: ['arrivals', ...SONGS],
  growthPerYear: ['arrivals', ...SONGS],
  churnPerYear: ['arrivals', ...SONGS],
  activitySpread: ['arrivals', ...SONGS],
  rhythm: ['arrivals', ...SONGS],
  chronotypes: ['arrivals', ...SONGS],
  homes: ['arrivals', ...SONGS],
  sessionSpread: ['sizes', ...SONGS],
  popularity: SONGS,
  genrePopularity: SONGS,
  decay: SONGS,
  talk: SONGS,
  season: SONGS,
  taste: SONGS,
  repeat: SONGS,
  recency: SONGS,
  appetite: SONGS,
  nightCalm: SONGS,
  collaboration: SONGS,
  skip: LISTENING,
  skipByAge: LISTENING,
  fingerprint: LISTENING,
  reactions: ['reactions', ...LISTENING],
  // A play that was searched for has its search for a cause.
  search: ['searches', 'causes', 'times'],
}

function movedBy(knobs: Partial<Knobs>): Concern[] {
  const { differs } = compareTwins(world, turned(knobs), days)
  return CONCERNS.filter((concern) => differs[concern] > 0)
}

const leaks = (knob: keyof Knobs, moved: readonly Concern[]): Concern[] =>
  moved.filter((concern) => !MAY_MOVE[knob].includes(concern))

describe('counterfactual twins', () => {
  it('that differ in nothing differ in no byte, in either profile', () => {
    for (const profile of PROFILES) {
      const of = { ...world, profile }
      const { bytes_differing, byUser, events, differs } = compareTwins(of, structuredClone(of), days)
      assert.deepEqual([bytes_differing, byUser.length, events.a], [0, 0, events.b])
      assert.ok(events.a > 1_000)
      assert.deepEqual(new Set(Object.values(differs)), new Set([0]))
    }
  })

  it('differ only in what the knob names, whichever is turned, and up or down', () => {
    for (const knob of Object.keys(PUBLISHED_KNOBS) as (keyof Knobs)[]) {
      for (const factor of [0.5, 1.7]) {
        const moved = movedBy({ [knob]: (world.knobs[knob] || 1) * factor })
        assert.deepEqual(leaks(knob, moved), [], `knob ${knob} × ${factor} moved ${moved.join(', ')}`)
      }
    }
  })

  it('have the same people behind them, whichever knob is turned', () => {
    for (const knob of Object.keys(PUBLISHED_KNOBS) as (keyof Knobs)[]) {
      const twin = turned({ [knob]: world.knobs[knob] * 1.7 })
      for (let user = 0; user < 60; user++) {
        const [a, b] = [knownListener(world, user), knownListener(twin, user)]
        assert.deepEqual([a.uid, a.ip4, a.device], [b.uid, b.ip4, b.device])
      }
    }
  })

  it('would show a leak', () => {
    assert.deepEqual(leaks('search', movedBy({ skip: 1.7 })), ['listening'])
    assert.deepEqual(leaks('skip', movedBy({ reactions: 2 })), ['reactions'])
    assert.deepEqual(leaks('decay', movedBy({ sessionSpread: 0.5 })), ['sizes'])
    assert.deepEqual(leaks('skip', movedBy({ sessionsPerDay: 1 })).slice(0, 1), ['arrivals'])
  })

  it('with twice the reactions have about twice of each, and no other play, song or search', () => {
    const { effects, differs } = compareTwins(world, turned({ reactions: 2 }), days)
    const up = effects.thumbs_up
    assert.ok(up.b > 1.6 * up.a && up.b < 2.4 * up.a)
    assert.equal(up.users_fewer, 0)
    assert.deepEqual([effects.plays.effect, effects.searches.effect, differs.songs, differs.arrivals], [0, 0, 0, 0])
    // A song thumbed down is soon left, so somebody listens less, and nobody more.
    assert.ok(effects.listened_ms.effect < 0 && effects.listened_ms.users_more === 0)
  })

  it('with a higher skip hazard leave songs sooner, each listener, and choose the same', () => {
    const { effects, differs } = compareTwins(world, turned({ skip: 1.5 }), days)
    assert.ok(effects.skips.effect > 0 && effects.skips.users_fewer === 0)
    assert.ok(effects.listened_ms.effect < 0 && effects.listened_ms.users_more === 0)
    assert.deepEqual([differs.songs, effects.plays.effect], [0, 0])
  })

  it('with a higher skip hazard hear other songs only where time decides: from a station, or at night', () => {
    const calm = turned({ nightCalm: 1, collaboration: 1 })
    const blocks = [calm, { ...calm, knobs: { ...calm.knobs, skip: 1.5 } }].map((of) => {
      const block = new EventBlock()
      return { of, block }
    })
    let byDay = 0
    for (const day of days) {
      const [a, b] = blocks.map(({ of, block }) => {
        fillDay(block, of, dayNumber(day))
        return [...listenedSessions(block, () => 0).values()]
      })
      const offsets_min = blocks[0]!.block.sessionOffset_min
      for (const [at, session] of a!.entries()) {
        for (const [i, play] of session.plays.entries()) {
          const other = b![at]!.plays[i]!
          const isByDay = [play, other].every(({ ts, cause }) => {
            const hour = Math.floor(ts / 3_600_000 + offsets_min[at]! / 60) % 24
            return hour >= 9 && hour < 19 && CAUSES[cause] !== 'station'
          })
          if (!isByDay) continue
          byDay++
          assert.equal(other.song, play.song)
        }
      }
    }
    assert.ok(byDay > 200, `${byDay} plays by day`)
  })

  it('sum up to the same by user, by day and in all', () => {
    const { effects, byUser, byDay } = compareTwins(world, turned({ skip: 1.5, search: 3 }), days)
    for (const measure of ['skips', 'searches', 'listened_ms'] as const) {
      const ofUsers = byUser.reduce((sum, { effect }) => sum + effect[measure], 0)
      const ofDays = byDay.reduce((sum, { a, b }) => sum + b[measure] - a[measure], 0)
      assert.equal(ofUsers, effects[measure].effect)
      assert.equal(ofDays, effects[measure].effect)
    }
  })

  it('are one world until a shock’s first day', () => {
    const day = addDays(world.firstDay, 6)
    const at_ms = Date.parse(`${day}T18:00:00Z`)
    const shocks: Shock[] = [
      { kind: 'viral', name: 'v', song: 3, day, size: 50, fadeDays: 5 },
      { kind: 'death', name: 'd', artist: 1, day, size: 50, fadeDays: 5 },
      { kind: 'holiday', name: 'h', day, days: 2, size: 0.2 },
      { kind: 'price', name: 'p', day, size: 50 },
      { kind: 'outage', name: 'o', from_ms: at_ms, to_ms: at_ms + 7_200_000 },
    ]
    for (const shock of shocks) {
      // Local days reach into the next day of UTC, where an outage may meet them.
      const before = days.slice(0, shock.kind === 'outage' ? 5 : 6)
      assert.equal(compareTwins(world, { ...world, shocks: [shock] }, before).bytes_differing, 0, shock.kind)
    }
  })

  it('share their seed, or are no twins', () => {
    const other = createWorld({ ...world, key: [1, 2, 3, 4] })
    assert.throws(() => compareTwins(world, other, days), { code: 'input.invalid' })
  })
})

describe('the bytes of a block', () => {
  const filled = (): EventBlock => {
    const block = new EventBlock()
    fillDay(block, world, dayNumber(world.firstDay))
    return block
  }

  it('have one hash, which changes with any number of any column', () => {
    const hash = blockHash(filled())
    assert.match(hash, /^[0-9a-f]{16}$/)
    assert.equal(blockHash(filled()), hash)
    const columns = ['ts', 'session', 'sequence', 'kind', 'song', 'position_ms', 'detail', 'cause'] as const
    for (const column of [...columns, 'sessionUser', 'sessionWords', 'sessionStart_ms', 'sessionDevice'] as const) {
      const block = filled()
      block[column][2]! += 1
      assert.notEqual(blockHash(block), hash, column)
      assert.ok(differingBytes(block, filled()) > 0, column)
    }
    const shorter = filled()
    shorter.count--
    assert.notEqual(blockHash(shorter), hash)
    assert.equal(differingBytes(shorter, filled()), 8 + 4 + 2 + 1 + 4 + 4 + 4 + 1)
  })
})
