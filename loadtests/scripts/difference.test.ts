import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { difference } from './difference.ts'

describe('the difference between a true answer and the one that came', () => {
  it('is none when the answer holds all that is true, and more', () => {
    const came = { id: 'a', rows: [{ plays: 3, skips: 1 }], meta: { from: 'x' } }
    assert.equal(difference({ id: 'a', rows: [{ plays: 3 }] }, came), undefined)
    fc.assert(fc.property(fc.jsonValue(), (value) => difference(value, structuredClone(value)) === undefined))
  })

  it('is named by its place', () => {
    const cases: [unknown, unknown, string][] = [
      [{ rows: [{ plays: 3 }] }, { rows: [{ plays: 4 }] }, 'rows.0.plays: expected 3, got 4'],
      [{ rows: [1, 2] }, { rows: [1] }, 'rows: expected 2 entries, got 1 of them'],
      [{ rows: [] }, { rows: [1] }, 'rows: expected 0 entries, got 1 of them'],
      [{ rows: [] }, {}, 'rows: expected 0 entries, got nothing'],
      [{ total: null }, { total: 0 }, 'total: expected null, got 0'],
      [{ total: 0 }, { total: null }, 'total: expected 0, got null'],
      [{ total: 1 }, { total: '1' }, 'total: expected 1, got "1"'],
      [{ a: { b: 1 } }, { a: null }, 'a: expected {"b":1}, got null'],
    ]
    for (const [expected, came, words] of cases) assert.equal(difference(expected, came), words)
  })
})
