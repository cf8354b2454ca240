import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canonicalEvent } from './canonical-event.ts'
import { eventLine, type WireEvent, wireEventSchema } from './event.ts'

const common = { eid: 'a'.repeat(32), ts: 1_700_000_000_123, uid: 'u', session: 's' }
const EVENTS: WireEvent[] = [
  { ...common, event: 'login', ip4: '10.0.0.1', device: 'phone' },
  { ...common, event: 'search', songid: 'TR1', query: 'ä "q" \u2028 😀' },
  { ...common, event: 'play', songid: 'TR1', position_ms: 0 },
  { ...common, event: 'rate', songid: 'TR1', stars: 7 },
  { ...common, event: 'comment', songid: 'TR1', text: 'so\n\tgood' },
  { ...common, event: 'tag', songid: 'TR1', tags: ['x', 'y'] },
]

describe('an event’s canonical text', () => {
  it('is the same as sent, in any order of fields, and as stored', () => {
    for (const event of EVENTS) {
      const text = canonicalEvent(event)
      assert.equal(canonicalEvent(Object.fromEntries(Object.entries(event).reverse())), text)
      const stored = eventLine({ ...wireEventSchema.parse(event), received_ms: 5, artistid: 'AR1' })
      assert.equal(canonicalEvent(JSON.parse(stored)), text)
    }
  })

  it('holds every field that the schema knows, so that none can be altered unseen', () => {
    const known = new Set(wireEventSchema.options.flatMap((option) => Object.keys(option.shape)))
    const event = Object.fromEntries([...known].map((field) => [field, `value of ${field}`]))
    assert.deepEqual(new Set(Object.keys(JSON.parse(canonicalEvent(event)))), known)
  })
})
