import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { idAt } from '../../../datasets/catalogue-id.ts'
import { scopeOf } from '../../../datasets/keys.ts'
import { TABLE_NAMES } from '../../../datasets/tables.ts'
import { evenSplits, isPublished, sampleSplits, tablePlan } from './table-layout.ts'

const ids = Array.from({ length: 20_000 }, (_, at) => idAt([1, 2, 3, 4], 'TR', at))

/** Ids in each region. */
function counts(splits: readonly string[]): number[] {
  const found = new Array<number>(splits.length + 1).fill(0)
  for (const id of ids) found[splits.filter((split) => split <= id).length]!++
  return found
}

describe('the layout of tables in HBase', () => {
  it('names every table once, the one of publications last', () => {
    const names = tablePlan().map(({ name }) => name)
    assert.deepEqual([...names].sort(), [...TABLE_NAMES].sort())
    assert.equal(names.at(-1), '_published')
  })

  it('keeps revisions of exactly the tables whose rows have a scope', () => {
    for (const name of TABLE_NAMES) assert.equal(isPublished(name), scopeOf(name, 'ID_20260131') !== undefined, name)
  })

  it('splits ids evenly, by their form or by a sample', () => {
    for (const regions of [1, 2, 4, 16]) {
      for (const splits of [evenSplits('TR', regions), sampleSplits(ids.slice(0, 5000), regions)]) {
        assert.equal(splits.length, regions - 1)
        const even = ids.length / regions
        for (const count of counts(splits)) assert.ok(count > even * 0.6 && count < even * 1.4, `${count} of ${even}`)
      }
    }
  })

  it('would leave all but one region empty, were keys split by their first byte', () => {
    const firstBytes = ['@', '\u0080', '\u00c0']
    assert.deepEqual(
      counts(firstBytes).filter((count) => count > 0),
      [ids.length],
    )
  })

  it('gives ascending splits of its sample and never an empty one', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 })), fc.integer({ min: 1, max: 50 }), (sample, regions) => {
        const splits = sampleSplits(sample, regions)
        assert.ok(splits.length < regions && splits.every((split) => sample.includes(split)))
        for (const [at, split] of splits.entries()) {
          if (at > 0) assert.ok(Buffer.compare(Buffer.from(splits[at - 1]!), Buffer.from(split)) < 0)
        }
      }),
    )
  })
})
