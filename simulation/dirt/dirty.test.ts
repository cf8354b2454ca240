import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { addDays } from '../../datasets/day.ts'
import type { StoredEvent } from '../../datasets/event.ts'
import { userAt } from '../kernel/user.ts'
import { createWorld } from '../kernel/world.ts'
import { dayLines } from '../stored-line.ts'
import { keyLines } from './answer-key.ts'
import { cleaned } from './clean.ts'
import { type Dirt, type DirtKind, NO_DIRT } from './dirt.ts'
import { type DirtyFile, dirtyDay, dirtyUser } from './dirty.ts'

const world = createWorld({ songCount: 100, userCount: 60, knobs: { sessionsPerDay: 1 } })
const day = world.firstDay
const clean = dayLines(world, day)
  .map(({ line }) => `${line}\n`)
  .join('')

const FILTHY: Dirt = {
  duplicates: 0.1,
  late: 0.1,
  late_ms_max: 86_400_000,
  clock_skew: 0.3,
  clock_skew_ms_max: 7_200_000,
  missing_fields: 0.1,
  bots: 0.05,
  truncated_files: 1,
}

const share = fc.double({ min: 0, max: 1, noNaN: true })
const anyDirt: fc.Arbitrary<Dirt> = fc.record({
  duplicates: share,
  late: share,
  late_ms_max: fc.integer({ min: 0, max: 2_592_000_000 }),
  clock_skew: share,
  clock_skew_ms_max: fc.integer({ min: 0, max: 86_400_000 }),
  missing_fields: share,
  bots: fc.constantFrom(0, 0.03),
  truncated_files: share,
})

const linesOf = ({ text }: DirtyFile): string[] => text.split('\n').slice(0, -1)
const eventsOf = (file: DirtyFile): StoredEvent[] => linesOf(file).map((line) => JSON.parse(line) as StoredEvent)
const only = (part: Partial<Dirt>): DirtyFile => dirtyDay(world, { ...NO_DIRT, ...part }, day)
const marked = ({ marks }: DirtyFile, kind: DirtKind): typeof marks => marks.filter((mark) => mark.kind === kind)

describe('dirt', () => {
  it('is not there at 0', () => {
    assert.deepEqual(dirtyDay(world, NO_DIRT, day), { text: clean, marks: [] })
  })

  it('leaves the clean file, byte for byte, when what is labelled is undone', () => {
    fc.assert(
      fc.property(anyDirt, fc.integer({ min: 0, max: 4 }), (dirt, later) => {
        const on = addDays(day, later)
        const expected = dayLines(world, on)
          .map(({ line }) => `${line}\n`)
          .join('')
        assert.equal(cleaned(dirtyDay(world, dirt, on)), expected)
      }),
      { numRuns: 25 },
    )
  })

  it('does not come clean when one label is missing', () => {
    const file = dirtyDay(world, FILTHY, day)
    for (const kind of ['duplicate', 'late', 'clock_skew', 'missing_field', 'bot', 'truncated'] as const) {
      const one = file.marks.findIndex((mark) => mark.kind === kind)
      assert.ok(one >= 0, kind)
      const marks = file.marks.toSpliced(one, 1)
      let found = ''
      try {
        found = cleaned({ ...file, marks })
      } catch {
        // A cut line is no JSON.
      }
      assert.notEqual(found, clean, kind)
    }
  })

  it('is the same for an event in any slice of users', () => {
    const dirt = { ...FILTHY, truncated_files: 0 }
    const whole = linesOf(dirtyDay(world, dirt, day)).sort()
    const slices = [0, 20, 40].flatMap((first) => linesOf(dirtyDay(world, dirt, day, { first, count: 20 })))
    assert.deepEqual(slices.sort(), whole)
  })

  it('doubles events under their id, later', () => {
    const file = only({ duplicates: 0.2 })
    const seen = new Map<string, number>()
    const repeats = eventsOf(file).filter(({ eid, received_ms }) => {
      const isRepeat = seen.has(eid)
      if (isRepeat) assert.ok(received_ms > seen.get(eid)!)
      seen.set(eid, received_ms)
      return isRepeat
    })
    assert.ok(Math.abs(repeats.length / seen.size - 0.2) < 0.05)
    assert.equal(marked(file, 'duplicate').length, repeats.length)
  })

  it('delays events within the bound, and orders the file by arrival', () => {
    const file = only({ late: 0.2, late_ms_max: 3_600_000 })
    const events = eventsOf(file)
    const late = events.filter(({ ts, received_ms }) => received_ms > ts)
    assert.equal(marked(file, 'late').length, 2 * late.length)
    assert.ok(Math.abs(late.length / events.length - 0.2) < 0.05)
    assert.ok(late.every(({ ts, received_ms }) => received_ms - ts <= 3_600_000))
    assert.deepEqual(
      events.map(({ received_ms }) => received_ms),
      events.map(({ received_ms }) => received_ms).sort((a, b) => a - b),
    )
  })

  it('sets a user’s clock wrong by one constant', () => {
    const offsets = new Map<string, Set<number>>()
    for (const { uid, ts, received_ms } of eventsOf(only({ clock_skew: 0.5, clock_skew_ms_max: 60_000 }))) {
      offsets.set(uid, (offsets.get(uid) ?? new Set()).add(ts - received_ms))
    }
    const wrong = [...offsets.values()].filter((each) => !each.has(0))
    assert.ok([...offsets.values()].every((each) => each.size === 1))
    assert.ok(wrong.length > 0 && wrong.length < offsets.size)
    assert.ok(wrong.every((each) => Math.abs([...each][0]!) <= 60_000))
  })

  it('nulls fields of events, and zip codes of users', () => {
    const file = only({ missing_fields: 0.3 })
    const nulled = eventsOf(file).filter((event) => Object.values(event).includes(null as never))
    assert.equal(nulled.length, marked(file, 'missing_field').length)
    assert.ok(nulled.length > 20)
    const users = Array.from({ length: 60 }, (_, i) =>
      dirtyUser(world, { ...NO_DIRT, missing_fields: 0.3 }, userAt(world, i), i),
    )
    const lacking = users.filter(({ user }) => user.zip === '')
    assert.ok(lacking.length > 5 && lacking.length < 40)
    assert.ok(lacking.every(({ user, mark }, i) => mark!.uid === user.uid && mark!.before !== '' && i >= 0))
  })

  it('adds bots with ids of their own and inhuman rates', () => {
    const file = only({ bots: 0.1 })
    const people = new Set(Array.from({ length: 60 }, (_, i) => userAt(world, i).uid))
    const plays = new Map<string, number>()
    for (const { uid, event } of eventsOf(file)) {
      if (event === 'play' && !people.has(uid)) plays.set(uid, (plays.get(uid) ?? 0) + 1)
    }
    assert.deepEqual(new Set(marked(file, 'bot').map(({ after }) => after)), new Set(plays.keys()))
    assert.ok(plays.size > 0 && [...plays.values()].every((count) => count > 400))
  })

  it('cuts the last line of a file', () => {
    const file = only({ truncated_files: 1 })
    assert.ok(!file.text.endsWith('\n') && clean.startsWith(file.text))
    assert.deepEqual(
      file.marks.map(({ kind, line }) => [kind, line]),
      [['truncated', clean.split('\n').length - 1]],
    )
  })

  it('writes its key as CSV', () => {
    const [mark] = only({ missing_fields: 1 }).marks
    assert.match(keyLines('dt=2026-01-01', [mark!]), /^dt=2026-01-01,1,[0-9a-f]{32},missing_field,\w+,"?[^\n]+,null\n$/)
  })
})
