import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { addChecksums, ChecksumSum, lineChecksum } from './checksum.ts'

/** The definition, word for word. */
function plainChecksum(line: string | Uint8Array): bigint {
  return BigInt(`0x${createHash('md5').update(line).digest('hex').slice(16)}`)
}

describe('checksum', () => {
  it('is the last 16 hex digits of the MD5', () => {
    // RFC 1321: MD5("abc") = 900150983cd24fb0d6963f7d28e17f72
    assert.equal(lineChecksum('abc'), 0xd6963f7d28e17f72n)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (line) => {
        assert.equal(lineChecksum(line), plainChecksum(line))
        assert.equal(lineChecksum(Buffer.from(line)), plainChecksum(line))
      }),
    )
  })

  it('sums modulo 2^64, in any order and in any parts', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 60 }), fc.nat(60), (lines, cut) => {
        const expected = BigInt.asUintN(
          64,
          lines.reduce((total, line) => total + plainChecksum(line), 0n),
        )
        assert.equal(sumOf(lines.toReversed()), expected)
        assert.equal(addChecksums(sumOf(lines.slice(0, cut)), sumOf(lines.slice(cut))), expected)
      }),
    )
  })

  it('changes when a line is lost, doubled, altered or swapped for another', () => {
    const lines = Array.from({ length: 100 }, (_, at) => `{"at":${at}}`)
    const right = sumOf(lines)
    assert.notEqual(sumOf(lines.slice(1)), right)
    assert.notEqual(sumOf([...lines, lines[7]!]), right)
    assert.notEqual(sumOf([...lines.slice(1), '{"at":0 }']), right)
    assert.notEqual(sumOf([...lines.slice(1), lines[1]!]), right)
  })

  it('is what DuckDB computes', async () => {
    const instance = await DuckDBInstance.create()
    const connection = await instance.connect()
    for (const line of ['', 'abc', '{"uid":"é 漢 😀"}', 'x'.repeat(1000)]) {
      const reader = await connection.runAndReadAll(`SELECT ('0x' || md5($1)[17:])::UBIGINT AS checksum`, [line])
      assert.equal(reader.getRows()[0]![0], lineChecksum(line))
    }
    connection.closeSync()
    instance.closeSync()
  })
})

function sumOf(lines: readonly string[]): bigint {
  const sum = new ChecksumSum()
  for (const line of lines) sum.add(line)
  return sum.total()
}
