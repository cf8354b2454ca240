import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { PERIODS } from '../../../datasets/period.ts'
import { TOP_KINDS } from '../../../datasets/tables.ts'
import { addressHash, DEFAULT_ADDRESS, readAddress } from './report-address.ts'

describe('the report page’s address', () => {
  it('brings back the view it was made from, for any id', () => {
    const id = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.isWellFormed())
    const address = fc.record(
      {
        subject: fc.record({ kind: fc.constantFrom(...TOP_KINDS), id }, { noNullPrototype: true }),
        period: fc.constantFrom(...PERIODS),
        top: fc.constantFrom(...TOP_KINDS),
      },
      { requiredKeys: ['period', 'top'], noNullPrototype: true },
    )
    fc.assert(fc.property(address, (one) => assert.deepEqual(readAddress(addressHash(one)), one)))
  })

  it('reads any text without failing', () => {
    fc.assert(fc.property(fc.string(), (text) => assert.ok(PERIODS.includes(readAddress(text).period))))
    assert.deepEqual(readAddress(''), DEFAULT_ADDRESS)
    assert.deepEqual(readAddress('#/songs/%E0%A4?period=someday'), {
      ...DEFAULT_ADDRESS,
      subject: { kind: 'songs', id: '%E0%A4' },
    })
  })

  it('is short for the usual view', () => {
    assert.equal(addressHash(DEFAULT_ADDRESS), '#/')
    assert.equal(
      addressHash({ subject: { kind: 'artists', id: 'AR1' }, period: 'total', top: 'songs' }),
      '#/artists/AR1?period=total',
    )
  })
})
