import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { addDays, dayOf, daysBetween } from '../datasets/day.ts'
import { type AcceptedEvent, eventLine } from '../datasets/event.ts'
import { dayNumber } from './kernel/day-number.ts'
import { EventBlock } from './kernel/event-block.ts'
import { dayEvents, fillDay } from './kernel/history.ts'
import { userAt } from './kernel/user.ts'
import { createWorld, PROFILES } from './kernel/world.ts'
import { dayLines } from './stored-line.ts'

const world = createWorld({ songCount: 300, userCount: 60 })
const days = daysBetween(world.firstDay, addDays(world.firstDay, 9))
const linesOf = (of = world, users = { first: 0, count: of.userCount }): string[] =>
  days.flatMap((day) => dayLines(of, day, users).map(({ line }) => line))

/**
 * SHA-256 of ten days of sixty users, and of their profiles. A change of these numbers changes every history ever made:
 * it belongs in the changelog.
 */
const GOLDEN = {
  realistic: 'f4a2d073e7cd8671bace5f8dfea8e3dabfa6c0daa26903b5afd2ca265b33eb72',
  'seed-2014': '2dfd1358bfdba34f0297addd7d1ae6325b2b52375b11a5311ecf54487e354439',
  users: '21b79a677c2e5e43f8ff4c5036512d08d2f437d0746c8d6c931d872b473263b5',
}

describe('a history', () => {
  it('has the bytes that it always had', () => {
    const digest = (lines: readonly string[]): string => createHash('sha256').update(lines.join('\n')).digest('hex')
    const users = Array.from({ length: 60 }, (_, index) => JSON.stringify(userAt(world, index)))
    assert.deepEqual(
      {
        realistic: digest(linesOf()),
        'seed-2014': digest(linesOf({ ...world, profile: 'seed-2014' })),
        users: digest(users),
      },
      GOLDEN,
    )
  })

  it('changes with any part of its key', () => {
    const texts = [0, 1, 2, 3].map((part) => {
      const key = world.key.map((word, i) => (i === part ? word ^ 1 : word) >>> 0) as unknown as typeof world.key
      return linesOf({ ...world, key }).join('\n')
    })
    assert.equal(new Set([...texts, linesOf().join('\n')]).size, 5)
  })

  it('gives, for a slice of users, the whole’s lines of those users', () => {
    const slice = { first: 17, count: 20 }
    const uids = new Set(Array.from({ length: slice.count }, (_, i) => userAt(world, slice.first + i).uid))
    for (const day of days) {
      const whole = dayEvents(world, day)
      assert.deepEqual(
        dayEvents(world, day, slice),
        whole.filter(({ uid }) => uids.has(uid)),
      )
    }
  })

  it('gives the same days in reverse, one user at a time, and from a fresh world', () => {
    const forwards = days.map((day) => dayEvents(world, day))
    const fresh = createWorld({ songCount: 300, userCount: 60 })
    const backwards = [...days].reverse().map((day) => {
      const alone = Array.from({ length: 60 }, (_, i) => 59 - i).map((first) =>
        dayEvents(fresh, day, { first, count: 1 }),
      )
      return alone
        .reverse()
        .flat()
        .sort((a, b) => a.ts - b.ts)
    })
    assert.deepEqual(backwards.reverse(), forwards)
  })

  it('keeps old users’ events when users are added', () => {
    const larger = createWorld({ songCount: 300, userCount: 90 })
    assert.deepEqual(linesOf(larger, { first: 0, count: 60 }), linesOf())
    assert.ok(linesOf(larger).length > linesOf().length)
  })

  it('does not hear of the live day', () => {
    assert.deepEqual(linesOf({ ...world, liveDay: '2030-01-01' }), linesOf())
  })

  it('holds, for a day, the sessions that start on it by the listener’s clock, uncut, by time, user and sequence', () => {
    const rank = new Map(Array.from({ length: 60 }, (_, index) => [userAt(world, index).uid, index]))
    let ranOver = 0
    for (const day of days) {
      const block = new EventBlock()
      fillDay(block, world, dayNumber(day))
      for (let session = 0; session < block.sessionCount; session++) {
        const local_ms = block.sessionStart_ms[session]! + block.sessionOffset_min[session]! * 60_000
        assert.equal(dayOf(local_ms), day)
      }
      const events = dayEvents(world, day)
      assert.ok(events.every(({ ts }) => dayOf(ts) === day || dayOf(ts) === addDays(day, 1)))
      ranOver += events.filter(({ ts }) => dayOf(ts) > day).length
      events.forEach((event, i) => {
        const before = events[i - 1]
        if (!before) return
        assert.ok(before.ts < event.ts || (before.ts === event.ts && rank.get(before.uid)! <= rank.get(event.uid)!))
      })
      assert.equal(
        events.filter(({ event }) => event === 'login').length,
        events.filter(({ event }) => event === 'exit').length,
      )
    }
    assert.ok(ranOver > 0, 'no session ran past midnight, so the test shows nothing')
  })

  it('writes the same lines as the event itself would', () => {
    const kinds = new Set<string>()
    for (const profile of PROFILES) {
      const of = createWorld({ songCount: 300, userCount: 300, profile })
      for (const day of days) {
        const lines = dayLines(of, day)
        dayEvents(of, day).forEach((event, i) => {
          kinds.add(event.event)
          const { line, ts } = lines[i]!
          const { artistid } = JSON.parse(line) as AcceptedEvent
          assert.equal(line, eventLine({ ...event, artistid, received_ms: event.ts }))
          assert.equal(artistid === undefined, event.songid === undefined)
          assert.equal(ts, event.ts)
        })
      }
    }
    assert.equal(kinds.size, 12)
  })
})
