import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { dayOf } from './day.ts'
import { type AcceptedEvent, EVENT_KINDS, type EventKind, eventLine, type WireEvent, wireEventSchema } from './event.ts'

const eid = '0123456789abcdef0123456789abcdef'
const everyEvent = { eid, ts: 1_400_000_000_000, uid: '8c24dbaf-e50e-4b47-9fd6-da426752b6d4', session: 's1' }
const song = { songid: 'TRAXLZU12903D05F94' }

/** The least that each kind needs beside what all need. */
const NEEDS: Record<EventKind, object> = {
  login: {},
  search: {},
  play: song,
  pause: song,
  resume: song,
  skip: song,
  tup: song,
  tdn: song,
  rate: { ...song, stars: 10 },
  comment: { ...song, text: 'more of this' },
  tag: { ...song, tags: ['autumn'] },
  exit: {},
}
const accepts = (event: object): boolean => wireEventSchema.safeParse(event).success
const least = (event: EventKind): object => ({ ...everyEvent, event, ...NEEDS[event] })

describe('the wire event', () => {
  it('is accepted in every kind with what the kind needs, and refused without any part of it', () => {
    for (const kind of EVENT_KINDS) {
      const event = least(kind)
      assert.ok(accepts(event), kind)
      for (const field of Object.keys(event)) {
        const lacking = Object.fromEntries(Object.entries(event).filter(([name]) => name !== field))
        assert.ok(!accepts(lacking), `${kind} without ${field}`)
      }
    }
  })

  it('is refused with a field that it does not have, or of another kind', () => {
    for (const kind of EVENT_KINDS) assert.ok(!accepts({ ...least(kind), extra: 1 }), kind)
    assert.ok(!accepts({ ...least('play'), stars: 5 }))
    assert.ok(!accepts({ ...least('play'), received_ms: 1 }), 'only the server says when it was received')
    assert.ok(!accepts({ ...least('play'), event: 'PLAY' }))
  })

  it('is refused with a value out of its range', () => {
    const wrong: [EventKind, object][] = [
      ['play', { eid: eid.toUpperCase() }],
      ['play', { eid: eid.slice(1) }],
      ['play', { ts: -1 }],
      ['play', { ts: 1.5 }],
      ['play', { ts: '1400000000000' }],
      ['play', { uid: '' }],
      ['play', { uid: 'a\nb' }],
      ['play', { uid: 'x'.repeat(101) }],
      ['play', { songid: 'a\u0000b' }],
      ['play', { position_ms: -1 }],
      ['play', { ip4: '256.1.1.1' }],
      ['rate', { stars: 0 }],
      ['rate', { stars: 11 }],
      ['rate', { stars: 4.5 }],
      ['comment', { text: '' }],
      ['comment', { text: 'x'.repeat(1001) }],
      ['tag', { tags: [] }],
      ['tag', { tags: Array.from({ length: 11 }, String) }],
      ['search', { query: 'x'.repeat(201) }],
    ]
    for (const [kind, part] of wrong) assert.ok(!accepts({ ...least(kind), ...part }), JSON.stringify(part))
  })

  it('is refused with a lone surrogate in any text', () => {
    const lone = 'a\ud83db'
    const texts: [EventKind, object][] = [
      ['login', { uid: lone }],
      ['login', { session: lone }],
      ['login', { device: lone }],
      ['play', { songid: lone }],
      ['search', { query: lone }],
      ['comment', { text: lone }],
      ['tag', { tags: ['ok', lone] }],
    ]
    for (const [kind, part] of texts) assert.ok(!accepts({ ...least(kind), ...part }), JSON.stringify(part))
    assert.ok(accepts({ ...least('comment'), text: 'a\ud83d\ude00b' }))
  })

  it('has a time that falls on a day of ten characters, for days are compared and stored as text', () => {
    const last = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
    assert.ok(accepts({ ...least('login'), ts: last }))
    assert.equal(dayOf(last), '9999-12-31')
    assert.ok(!accepts({ ...least('login'), ts: last + 1 }))
  })
})

describe('the stored line', () => {
  const anyText = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })
  const anyEvent = fc
    .record({
      kind: fc.constantFrom(...EVENT_KINDS),
      text: anyText,
      tags: fc.array(anyText, { minLength: 1, maxLength: 10 }),
      stars: fc.integer({ min: 1, max: 10 }),
      session: anyText,
      query: anyText,
    })
    .map(({ kind, text, tags, stars, session, query }): WireEvent => {
      const parts: Record<string, object> = { rate: { stars }, comment: { text }, tag: { tags }, search: { query } }
      return { ...least(kind), session, ...parts[kind] } as WireEvent
    })
  const accepted = (event: WireEvent): AcceptedEvent => ({ ...event, received_ms: 1_400_000_000_001, artistid: 'AR1' })

  it('holds every field of the event, on one line', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        assert.ok(accepts(event))
        const line = eventLine(accepted(event))
        assert.ok(!line.includes('\n'))
        assert.deepEqual(JSON.parse(line), accepted(event))
      }),
    )
  })

  it('has the same bytes in whatever order the fields came', () => {
    fc.assert(
      fc.property(anyEvent, fc.infiniteStream(fc.nat()), (event, order) => {
        const fields = Object.entries(accepted(event))
          .map((entry) => ({ entry, at: order.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ entry }) => entry)
        assert.equal(eventLine(Object.fromEntries(fields) as AcceptedEvent), eventLine(accepted(event)))
      }),
    )
    // Which plain JSON has not.
    assert.notEqual(JSON.stringify({ a: 1, b: 2 }), JSON.stringify({ b: 2, a: 1 }))
  })

  it('leaves out what is absent, and does not write it as null', () => {
    const event = { ...accepted(least('play') as WireEvent), artistid: undefined }
    assert.equal(
      eventLine(event),
      `{"eid":"${eid}","ts":1400000000000,"uid":"${everyEvent.uid}","session":"s1","event":"play","songid":"${song.songid}","received_ms":1400000000001}`,
    )
  })
})
