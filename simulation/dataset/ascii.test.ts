import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { PieceTable, piece, putHex32, putInstant, putInteger, putShort } from './ascii.ts'

const bytes = new Uint8Array(256)
const view = new DataView(bytes.buffer)
const textOf = (start: number, end: number): string => Buffer.from(bytes).toString('latin1', start, end)

describe('text from ready-made pieces', () => {
  it('writes whole numbers and instants as String does', () => {
    const integer = fc.oneof(
      fc.integer({ min: 0, max: 2_000 }),
      fc.maxSafeNat(),
      fc.constantFrom(999, 1000, 999_999, 1e12),
    )
    fc.assert(
      fc.property(integer, fc.nat(7), (value, at) => {
        assert.equal(textOf(at, putInteger(view, at, value)), String(value))
        assert.equal(textOf(at, putInstant(view, at, value)), String(value))
      }),
    )
  })

  it('writes thirteen digits of every place', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1e12, max: 1e13 - 1 }), (ms) => {
        assert.equal(textOf(3, putInstant(view, 3, ms)), String(ms))
      }),
    )
  })

  it('writes 32 bits as eight hex digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (word) => {
        assert.equal(textOf(1, putHex32(view, 1, word)), word.toString(16).padStart(8, '0'))
      }),
    )
  })

  it('copies ASCII of any length to any place, whatever lay there before', () => {
    const ascii = fc.string({
      unit: fc.integer({ min: 1, max: 127 }).map((code) => String.fromCharCode(code)),
      maxLength: 60,
    })
    fc.assert(
      fc.property(fc.array(ascii, { minLength: 1, maxLength: 400 }), fc.nat(9), (texts, start) => {
        const table = new PieceTable()
        for (const text of texts) table.add(text)
        for (const [index, text] of texts.entries()) {
          bytes.fill(0xff)
          assert.equal(textOf(start, table.put(view, start, index)), text)
          if (text.length > 16) continue
          const { view: from, length } = piece(text)
          assert.equal(textOf(start, putShort(view, start, from, length)), text)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('refuses what is not ASCII', () => {
    assert.throws(() => new PieceTable().add('Gündüz'), /expected ASCII, got "Gündüz"/)
    assert.throws(() => piece('seventeen letters'), /at most 16 bytes, got 17/)
  })
})
