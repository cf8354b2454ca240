import assert from 'node:assert/strict'
import { it } from 'node:test'
import { decodeRows } from './hive-rows.ts'

const int64 = (value: bigint): unknown => {
  const buffer = Buffer.alloc(12)
  buffer.writeBigInt64BE(value, 4)
  return { buffer, offset: 4 }
}

it('columns become rows: 64 bits are kept, nulls are told from zeros, also beyond the eighth row', () => {
  const large = 2n ** 63n - 1n
  const values = Array.from({ length: 10 }, (_, at) => (at === 0 ? large : BigInt(-at)))
  const rows = decodeRows({
    columns: [
      { i64Val: { values: values.map(int64), nulls: Buffer.from([0b0000_0010, 0b0000_0010]) } },
      { stringVal: { values: values.map(String), nulls: '\u0000' } },
      { doubleVal: { values: values.map(() => 0.5) } },
    ],
  })
  assert.deepEqual(rows[0], [large, String(large), 0.5])
  assert.deepEqual(rows[1], [null, '-1', 0.5])
  assert.deepEqual(rows[8], [-8n, '-8', 0.5])
  assert.deepEqual(rows[9], [null, '-9', 0.5])
  assert.deepEqual(decodeRows({}), [])
})

it('a column of a kind that is not known is an error, not an empty one', () => {
  assert.throws(() => decodeRows({ columns: [{}] }), TypeError)
})
