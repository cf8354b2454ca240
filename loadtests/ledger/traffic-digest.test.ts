import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { TrafficDigest } from './traffic-digest.ts'

interface Sent {
  eid: string
  ts: number
  sum: string
}

const digits = (length: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`))
const event: fc.Arbitrary<Sent> = fc.record({ eid: digits(32), ts: fc.nat(), sum: digits(16) })
const traffic = fc.uniqueArray(event, { minLength: 1, maxLength: 30, selector: ({ eid }) => eid })

describe('the traffic digest', () => {
  it('does not depend on order, nor on how events are spread over processes', () => {
    fc.assert(
      fc.property(traffic, fc.array(fc.nat(3), { minLength: 30, maxLength: 30 }), (events, places) => {
        const whole = digestOf(events)
        assert.equal(digestOf(events.toReversed()).text(), whole.text())
        const parts = [0, 1, 2, 3].map((place) => digestOf(events.filter((_, at) => places[at] === place)))
        const merged = new TrafficDigest()
        // As it is when it comes from another process.
        for (const part of parts) merged.merge(JSON.parse(JSON.stringify(part.state())))
        assert.deepEqual(merged.state(), whole.state())
        assert.match(whole.text(), /^[0-9a-f]{32}$/)
      }),
    )
  })

  it('changes with every event that is altered, lost, doubled or another one', () => {
    fc.assert(
      fc.property(traffic, event, fc.nat(), (events, other, draw) => {
        const text = digestOf(events).text()
        const at = draw % events.length
        const chosen = events[at]!
        fc.pre(events.every(({ eid }) => eid !== other.eid) && chosen.sum !== other.sum && chosen.ts !== other.ts)
        for (const changed of [
          { ...chosen, sum: other.sum },
          { ...chosen, ts: other.ts },
          { ...chosen, eid: other.eid },
        ]) {
          assert.notEqual(digestOf(events.with(at, changed)).text(), text)
        }
        assert.notEqual(digestOf(events.toSpliced(at, 1)).text(), text)
        assert.notEqual(digestOf([...events, chosen]).text(), text)
      }),
    )
  })

  it('tells apart two events that have exchanged their contents', () => {
    const [one, two] = [
      { eid: 'a'.repeat(32), ts: 1, sum: '1'.repeat(16) },
      { eid: 'b'.repeat(32), ts: 1, sum: '2'.repeat(16) },
    ]
    const exchanged = [
      { ...one, sum: two.sum },
      { ...two, sum: one.sum },
    ]
    assert.notEqual(digestOf([one, two]).text(), digestOf(exchanged).text())
  })
})

function digestOf(events: readonly Sent[]): TrafficDigest {
  const digest = new TrafficDigest()
  for (const { eid, ts, sum } of events) digest.add(eid, ts, sum)
  return digest
}
