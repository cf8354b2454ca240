import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { MusicboxError } from './failure.ts'
import { fromSeedObject, parseSeedTimestamp } from './seed-line.ts'

const LINE = {
  timestamp: 'Thu Dec 19 13:11:06 2013',
  songid: '4ad8e5ac8c3ff7d706b3221d8692ceb2',
  uid: '8c24dbaf-e50e-4b47-9fd6-da426752b6d4',
  ip4: '248.132.126.127',
  event: 'tup',
}

describe('a seed line', () => {
  it('becomes an event with the time read as UTC', () => {
    const { eid, ...event } = fromSeedObject(LINE, 0)
    assert.match(eid, /^[0-9a-f]{32}$/)
    assert.deepEqual(event, {
      ts: Date.UTC(2013, 11, 19, 13, 11, 6),
      uid: LINE.uid,
      session: 'imported',
      event: 'tup',
      songid: LINE.songid,
      ip4: LINE.ip4,
    })
  })

  it('has an id made of its content and its ordinal, for ever the same', () => {
    const expected = createHash('sha256')
      .update(`${JSON.stringify(LINE)}\n0`)
      .digest('hex')
      .slice(0, 32)
    assert.equal(fromSeedObject({ ...LINE }, 0).eid, expected)
    const ids = [
      fromSeedObject(LINE, 0),
      fromSeedObject(LINE, 1),
      fromSeedObject({ ...LINE, event: 'tdn' }, 0),
      fromSeedObject({ ...LINE, ip4: '248.132.126.128' }, 0),
      fromSeedObject({ ...LINE, timestamp: '2013-12-19 13:11:06' }, 0),
    ].map(({ eid }) => eid)
    assert.equal(new Set(ids).size, ids.length)
  })

  it('keeps guests, and lines without a song where none is needed', () => {
    const guest = { timestamp: '2014-02-01 00:00:00', uid: 'Guest_10.1.2.3', event: 'login' }
    for (const songid of [undefined, null, '']) {
      const event = fromSeedObject({ ...guest, ...(songid !== undefined && { songid }) }, 0)
      assert.equal(event.uid, 'Guest_10.1.2.3')
      assert.equal('songid' in event, false)
    }
  })

  it('knows the names of events that the seed’s text uses', () => {
    assert.equal(fromSeedObject({ ...LINE, event: 'thumbs-up' }, 0).event, 'tup')
    assert.equal(fromSeedObject({ ...LINE, event: 'thumbs-dn' }, 0).event, 'tdn')
  })

  it('may carry further fields of ours', () => {
    const event = fromSeedObject({ ...LINE, event: 'rate', stars: 9, session: 's7' }, 0)
    assert.deepEqual([event.event === 'rate' && event.stars, event.session], [9, 's7'])
  })

  it('is refused with the reason', () => {
    const wrong: [unknown, RegExp][] = [
      ['text', /as a JSON object, got "text"/],
      [[LINE], /as a JSON object/],
      [null, /as a JSON object, got null/],
      [{ ...LINE, timestamp: undefined }, /timestamp like .* got nothing/],
      [{ ...LINE, timestamp: 1387458666 }, /timestamp like .* got 1387458666/],
      [{ ...LINE, event: 'dance' }, /Expected event to be one of login, .*, got "dance"/],
      [{ ...LINE, event: 'play', songid: '' }, /songid/],
      [{ ...LINE, ip4: '300.1.1.1' }, /ip4/],
      [{ ...LINE, uid: '' }, /uid/],
      [{ ...LINE, color: 'red' }, /color/],
    ]
    for (const [value, reason] of wrong) {
      assert.throws(
        () => fromSeedObject(value, 0),
        (error) => {
          assert.ok(error instanceof MusicboxError && error.code === 'input.invalid', String(error))
          assert.match(error.message, reason)
          return true
        },
      )
    }
  })
})

describe('a seed timestamp', () => {
  const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
  const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

  it('of either form is the instant that C or SQL would have written so', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
        const date = new Date(seconds * 1000)
        const iso = date.toISOString()
        const c = `${WEEKDAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2, ' ')} ${iso.slice(11, 19)} ${iso.slice(0, 4)}`
        assert.equal(parseSeedTimestamp(c), seconds * 1000)
        assert.equal(parseSeedTimestamp(`${iso.slice(0, 10)} ${iso.slice(11, 19)}`), seconds * 1000)
      }),
    )
  })

  it('may pad the day with a zero', () => {
    assert.equal(parseSeedTimestamp('Thu Dec 05 13:11:06 2013'), Date.UTC(2013, 11, 5, 13, 11, 6))
  })

  it('that is no real time is refused', () => {
    for (const text of [
      'Fri Dec 19 13:11:06 2013',
      'Thu Dez 19 13:11:06 2013',
      'Mon Feb 30 10:00:00 2014',
      'Thu Dec 19 24:00:00 2013',
      'Thu Dec 19 13:60:06 2013',
      '2014-02-29 10:00:00',
      '2014-13-01 10:00:00',
      '1969-12-31 23:59:59',
      '2014-02-01',
      '2014-02-01T10:00:00',
      '',
    ]) {
      assert.throws(() => parseSeedTimestamp(text), MusicboxError, text)
    }
  })
})
