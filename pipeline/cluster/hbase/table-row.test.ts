import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { MusicboxError } from '../../../datasets/failure.ts'
import { CellBlockReader, encodeCells } from './cell-block.ts'
import { decodeNewest, decodeRow, encodeRow } from './table-row.ts'

const anyColumn = fc.string({ unit: 'binary' })
const anyValue = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double({ noDefaultInfinity: true, noNaN: true }).filter((value) => !Object.is(value, -0)),
  fc.integer(),
)
const anyCells = fc.dictionary(anyColumn, anyValue)

describe('rows as cells', () => {
  it('come back through a block of cells as they were put, with their timestamp', () => {
    const anyRow = fc.tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), anyCells, fc.maxSafeNat())
    fc.assert(
      fc.property(fc.array(anyRow), (rows) => {
        const encoded = rows.map(([key, cells, timestamp]) => encodeRow(key, cells, timestamp))
        const reader = new CellBlockReader(encodeCells(encoded, 'put'))
        for (const [at, [key, cells, timestamp]] of rows.entries()) {
          const row = reader.row(encoded[at]!.cells.length)!
          assert.equal(row.key.toString(), key)
          assert.deepEqual(decodeRow(row.cells, timestamp), { ...cells })
        }
      }),
    )
  })

  it('show one timestamp only', () => {
    const cells = [...encodeRow('a', { x: 1, y: 2 }, 4).cells, ...encodeRow('a', { y: 3 }, 5).cells]
    assert.deepEqual(decodeRow(cells, 4), { x: 1, y: 2 })
    assert.deepEqual(decodeRow(cells, 5), { y: 3 })
    assert.equal(decodeRow(cells, 6), undefined)
    assert.deepEqual(decodeNewest(cells), { y: 3 })
    assert.equal(decodeNewest([]), undefined)
  })

  it('stand in the table even without columns', () => {
    const { cells } = encodeRow('a', {}, 1)
    assert.equal(cells.length, 1)
    assert.deepEqual(decodeNewest(cells), {})
    assert.deepEqual(decodeNewest(encodeRow('a', { '': '' }, 1).cells), { '': '' })
  })

  it('are refused when they would not come back, and named when they are broken', () => {
    for (const cell of [Number.NaN, Number.POSITIVE_INFINITY, '\ud800']) {
      assert.throws(() => encodeRow('a', { cell }, 1), /expected cells/)
    }
    assert.throws(() => encodeRow('', {}, 1), /expected a row key of 1 to 1978 bytes, got 0/)
    assert.throws(() => encodeRow('a'.repeat(1979), {}, 1), /got 1979/)
    const broken = [{ qualifier: Buffer.from('x'), timestamp: 1, value: Buffer.from('{"no":1}') }]
    assert.throws(
      () => decodeNewest(broken),
      (error: unknown) => error instanceof MusicboxError && error.code === 'data.corrupt',
    )
    const block = encodeCells([encodeRow('a', { x: 1 }, 1)], 'put')
    assert.throws(() => new CellBlockReader(block.subarray(0, -1)).row(1), /expected a cell at 0/)
  })
})
