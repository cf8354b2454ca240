import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dayOf } from '../../datasets/day.ts'
import type { WireEvent } from '../../datasets/event.ts'
import { dayNumber, dayOfNumber } from '../kernel/day-number.ts'
import { dayEvents, wireEvent } from '../kernel/history.ts'
import { createWorld } from '../kernel/world.ts'
import { SONG_DAY_FIELDS, SongDay } from './song-day.ts'
import { type DayRows, UtcDays } from './utc-day.ts'

const world = createWorld({ songCount: 200, userCount: 150 })
const users = { first: 20, count: 100 }
const first = dayNumber(world.firstDay)
const last = first + 9
const sessionDays = { first, last }

const local = Array.from({ length: 10 }, (_, i) => dayEvents(world, dayOfNumber(first + i), users)).flat()
const eventsOf = ({ blocks, refs, count }: DayRows): WireEvent[] =>
  Array.from(refs.subarray(0, count), (ref) => wireEvent(world, blocks[ref & 1]!.block, ref >>> 1))
const byEid = (events: readonly WireEvent[]): WireEvent[] => [...events].sort((a, b) => (a.eid < b.eid ? -1 : 1))

describe('UTC days', () => {
  it('together have the events of all sessions of the history, each once and on its date', () => {
    const days = new UtcDays(world, users, sessionDays, () => {})
    const all: WireEvent[] = []
    let ranOver = 0
    for (let day = first; day <= last + 1; day++) {
      const events = eventsOf(days.rowsOf(day))
      for (const { ts } of events) assert.equal(dayOf(ts), dayOfNumber(day))
      if (day === last + 1) ranOver = events.length
      all.push(...events)
    }
    assert.ok(ranOver > 0, 'no session ran past midnight, so the test shows nothing')
    assert.deepEqual(byEid(all), byEid(local))
  })

  it('are the same each alone as in a row, and told of every block that is filled', () => {
    const inRow = new UtcDays(world, users, sessionDays, () => {})
    for (let day = first; day <= last + 1; day++) {
      let filled = 0
      const alone = new UtcDays(world, users, sessionDays, () => filled++)
      assert.deepEqual(eventsOf(alone.rowsOf(day)), eventsOf(inRow.rowsOf(day)))
      assert.equal(filled, 2)
    }
  })

  it('are in order of time, then user, then sequence', () => {
    const { blocks, refs, count } = new UtcDays(world, users, sessionDays, () => {}).rowsOf(first + 3)
    const keys = Array.from(refs.subarray(0, count), (ref) => {
      const { block } = blocks[ref & 1]!
      const row = ref >>> 1
      return [block.ts[row]!, block.sessionUser[block.session[row]!]!, ref & 1, row] as const
    })
    const sorted = [...keys].sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3])
    assert.deepEqual(keys, sorted)
  })

  it('count each song’s plays, skips, thumbs and listeners as its events say', () => {
    const days = new UtcDays(world, users, sessionDays, () => {})
    const counts = new SongDay()
    for (let day = first; day <= last + 1; day++) {
      const rows = days.rowsOf(day)
      counts.clear()
      counts.count(rows, day * 86_400_000, (day + 1) * 86_400_000)
      const expected = new Map<number, { n: number[]; listeners: Set<string> }>()
      for (const ref of rows.refs.subarray(0, rows.count)) {
        const { block } = rows.blocks[ref & 1]!
        const event = wireEvent(world, block, ref >>> 1)
        const field = ['play', 'skip', 'tup', 'tdn'].indexOf(event.event)
        if (field < 0) continue
        const song = block.song[ref >>> 1]!
        const entry = expected.get(song) ?? { n: [0, 0, 0, 0], listeners: new Set() }
        entry.n[field]!++
        if (field === 0) entry.listeners.add(event.uid)
        expected.set(song, entry)
      }
      const records = counts.records()
      const got = Array.from({ length: records.length / SONG_DAY_FIELDS }, (_, i) => [
        ...records.subarray(i * SONG_DAY_FIELDS, (i + 1) * SONG_DAY_FIELDS),
      ])
      const wanted = [...expected]
        .sort(([a], [b]) => a - b)
        .map(([song, { n, listeners }]) => [song, ...n, listeners.size])
      assert.deepEqual(got, wanted)
    }
  })

  it('add up over parts, in tables that grow', () => {
    const part = (songs: number, plays: number): Uint32Array =>
      Uint32Array.from({ length: songs * SONG_DAY_FIELDS }, (_, i) =>
        i % SONG_DAY_FIELDS === 0 ? (i / SONG_DAY_FIELDS) * 7 : plays,
      )
    const total = new SongDay()
    total.add(part(5_000, 1))
    total.add(part(3_000, 2))
    const records = total.records()
    assert.equal(records.length, 5_000 * SONG_DAY_FIELDS)
    assert.deepEqual([...records.subarray(2_999 * 6, 3_001 * 6)], [20_993, 3, 3, 3, 3, 3, 21_000, 1, 1, 1, 1, 1])
  })
})
