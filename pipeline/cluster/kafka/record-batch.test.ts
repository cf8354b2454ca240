import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { isFailure } from '../../event-log.suite.ts'
import { crc32c } from './crc32c.ts'
import { BATCH_OVERHEAD_BYTES, decodeRecordBatches, encodeRecordBatch, recordBytes } from './record-batch.ts'

// kafkajs's own codec is what ours is held to.
const require = createRequire(import.meta.url)
const kafkajs = {
  encode: require('kafkajs/src/protocol/recordBatch/v0').RecordBatch as (batch: object) => Promise<{ buffer: Buffer }>,
  record: require('kafkajs/src/protocol/recordBatch/record/v0') as (record: object) => object,
  decode: require('kafkajs/src/protocol/recordBatch/v0/decoder') as (decoder: object) => Promise<KafkajsBatch>,
  Decoder: require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object,
}

interface KafkajsBatch {
  records: { offset: string; key: Buffer; value: Buffer; headers: { eid: Buffer } }[]
  producerId: string
  producerEpoch: number
  firstSequence: number
}

const record = fc.record({
  eid: fc.stringMatching(/^[0-9a-f]{32}$/),
  key: fc.string({ unit: 'binary', maxLength: 80 }).map((text) => text.toWellFormed()),
  line: fc.string({ unit: 'binary', maxLength: 9000, size: 'max' }).map((text) => text.toWellFormed()),
})
const records = fc.array(record, { minLength: 1, maxLength: 200 })
const stamp = { producerId: 2n ** 40n + 7n, producerEpoch: 3, firstSequence: 123_456, now_ms: 1_700_000_000_123 }

describe('record batch', () => {
  it('is written byte for byte as kafkajs writes it', async () => {
    await fc.assert(
      fc.asyncProperty(records, async (some) => {
        const { buffer } = await kafkajs.encode({
          records: some.map(({ eid, key, line }, offsetDelta) =>
            kafkajs.record({ offsetDelta, key, value: line, headers: { eid } }),
          ),
          firstTimestamp: stamp.now_ms,
          maxTimestamp: stamp.now_ms,
          producerId: stamp.producerId.toString(),
          producerEpoch: stamp.producerEpoch,
          firstSequence: stamp.firstSequence,
          lastOffsetDelta: some.length - 1,
        })
        const ours = encodeRecordBatch(some, stamp)
        assert.ok(ours.equals(buffer))
        assert.ok(ours.length <= some.reduce((sum, each) => sum + recordBytes(each), BATCH_OVERHEAD_BYTES))
      }),
      { numRuns: 60 },
    )
  })

  it('is read back with its offsets, by us and by kafkajs', async () => {
    await fc.assert(
      fc.asyncProperty(records, fc.nat(2 ** 31), async (some, offset) => {
        const batch = encodeRecordBatch(some, stamp)
        batch.writeBigInt64BE(BigInt(offset), 0)
        const expected = some.map(({ line }, at) => ({ offset: offset + at, line }))
        assert.deepEqual(decodeRecordBatches(batch), expected)
        const theirs = await kafkajs.decode(new kafkajs.Decoder(batch))
        assert.deepEqual(
          theirs.records.map((each) => ({ offset: Number(each.offset), line: each.value.toString() })),
          expected,
        )
        assert.deepEqual(
          theirs.records.map(({ headers }) => headers.eid.toString()),
          some.map(({ eid }) => eid),
        )
      }),
      { numRuns: 60 },
    )
  })

  it('that is cut off at the end of an answer is left for the next one', () => {
    const first = encodeRecordBatch([{ eid: 'a', key: 'k', line: 'one' }], stamp)
    const second = encodeRecordBatch([{ eid: 'b', key: 'k', line: 'two' }], stamp)
    second.writeBigInt64BE(1n, 0)
    const both = Buffer.concat([first, second])
    for (let end = first.length; end < both.length; end++) {
      assert.deepEqual(decodeRecordBatches(both.subarray(0, end)), [{ offset: 0, line: 'one' }])
    }
    assert.equal(decodeRecordBatches(both).length, 2)
  })

  it('with any bit turned is corrupt', () => {
    const batch = encodeRecordBatch([{ eid: 'e', key: 'k', line: '{"a":1}' }], stamp)
    // The first 17 bytes are the broker's to change: offset, length and epoch; the magic has its own message.
    for (let at = 17; at < batch.length; at++) {
      const turned = Buffer.from(batch)
      turned[at]! ^= 0x10
      assert.throws(
        () => decodeRecordBatches(turned),
        (error) => isFailure(error, 'data.corrupt'),
      )
    }
  })

  it('that a broker has compressed is read; a marker of a transaction is passed over', () => {
    const plain = encodeRecordBatch([{ eid: 'e', key: 'k', line: 'squeezed' }], stamp)
    const gzipped = Buffer.concat([plain.subarray(0, 61), gzipSync(plain.subarray(61))])
    assert.deepEqual(decodeRecordBatches(withAttributes(gzipped, 1)), [{ offset: 0, line: 'squeezed' }])
    assert.deepEqual(decodeRecordBatches(withAttributes(plain, 0x20)), [])
    assert.throws(
      () => decodeRecordBatches(withAttributes(plain, 3)),
      (error) => isFailure(error, 'data.corrupt') && /LZ4/.test((error as Error).message),
    )
  })
})

describe('CRC-32C', () => {
  it('has the check value of its catalogue entry and does not depend on how bytes are sliced', () => {
    assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283)
    assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa)
    assert.equal(crc32c(Buffer.from('xx123456789'), 2), 0xe3069283)
  })
})

function withAttributes(batch: Buffer, attributes: number): Buffer {
  const changed = Buffer.from(batch)
  changed.writeInt32BE(changed.length - 12, 8)
  changed.writeInt16BE(attributes, 21)
  changed.writeUInt32BE(crc32c(changed, 21), 17)
  return changed
}
