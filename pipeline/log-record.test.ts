import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AcceptedEvent, EVENT_KINDS, eventLine, TS_MS_MAX } from '../datasets/event.ts'
import { judgeRecord } from './log-record.ts'

const EVENT = { eid: 'a'.repeat(32), ts: 5, uid: 'u', session: 's', event: 'play', songid: 'TR1', received_ms: 6 }

describe('a log record', () => {
  it('of every kind that we write is an event', () => {
    for (const event of EVENT_KINDS) {
      const line = eventLine({ ...EVENT, event, stars: 10, text: 'tab \t, break \n, half \ud800' } as AcceptedEvent)
      assert.deepEqual(judgeRecord(line), { state: 'event', ts: 5 })
    }
    for (const ts of [0, TS_MS_MAX]) {
      assert.deepEqual(judgeRecord(JSON.stringify({ ...EVENT, ts })), { state: 'event', ts })
    }
  })

  it('that could not be filed or counted is rejected with the reason', () => {
    const wrong: [line: string, reason: RegExp][] = [
      ['', /expected JSON/],
      [JSON.stringify(EVENT).slice(0, -1), /expected JSON/],
      ['null', /a JSON object/],
      ['[1]', /a JSON object/],
      ['"text"', /a JSON object/],
      [JSON.stringify(EVENT).replace(',', ',\t'), /no tabs/],
      [JSON.stringify(EVENT).replace(',', ',\r'), /no tabs and line ends/],
      ...(
        [
          [{ eid: 'A'.repeat(32) }, /eid .* got "AAAA/],
          [{ eid: undefined }, /eid .* got nothing/],
          [{ ts: '5' }, /ts .* got "5"/],
          [{ ts: 5.5 }, /ts .* got 5.5/],
          [{ ts: -1 }, /ts .* got -1/],
          [{ ts: TS_MS_MAX + 1 }, /ts .* 9999/],
          [{ uid: '' }, /uid/],
          [{ uid: 7 }, /uid .* got 7/],
          [{ event: 'dance' }, /one of login.* got "dance"/],
          [{ songid: ['TR1'] }, /songid/],
          [{ stars: 11 }, /stars .* got 11/],
        ] as [object, RegExp][]
      ).map(([change, reason]): [string, RegExp] => [JSON.stringify({ ...EVENT, ...change }), reason]),
    ]
    for (const [line, reason] of wrong) {
      const judged = judgeRecord(line)
      assert.equal(judged.state, 'reject', line)
      assert.match(judged.state === 'reject' ? judged.reason : '', reason)
    }
  })
})
