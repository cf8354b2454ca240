import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { EidMap } from './eid-map.ts'

const eid = fc.stringMatching(/^[0-9a-f]{32}$/)
/** Few different ids, so that the same one comes again. */
const near = fc.integer({ min: 0, max: 300 }).map((number) => number.toString(16).padStart(32, '0'))

describe('an event id map', () => {
  it('holds what a Map holds, whatever comes in', () => {
    const writes = fc.array(fc.tuple(fc.oneof(eid, near), fc.integer({ min: 0, max: 2 ** 32 - 2 })), { maxLength: 500 })
    fc.assert(
      fc.property(writes, fc.array(fc.oneof(eid, near)), (pairs, asked) => {
        const map = new EidMap(2)
        const plain = new Map<string, number>()
        for (const [id, value] of pairs) {
          assert.equal(map.set(id, value), !plain.has(id))
          plain.set(id, value)
        }
        assert.equal(map.size, plain.size)
        for (const id of [...asked, ...plain.keys()]) assert.equal(map.get(id), plain.get(id))
        assert.deepEqual([...map.entries()].sort(), [...plain].sort())
      }),
    )
  })

  it('stays whole as it grows to many counted ids', () => {
    const map = new EidMap()
    const idOf = (number: number): string => number.toString(16).padStart(32, '0')
    for (let number = 0; number < 50_000; number++) assert.ok(map.set(idOf(number), number))
    assert.equal(map.size, 50_000)
    for (let number = 0; number < 50_000; number += 7) assert.equal(map.get(idOf(number)), number)
    assert.equal(map.get(idOf(50_000)), undefined)
  })

  it('gives each id once while values are changed', () => {
    const map = new EidMap(16)
    const idOf = (number: number): string => number.toString(16).padStart(32, '0')
    // As many as fit before it grows.
    for (let number = 0; number < 10; number++) map.set(idOf(number), number)
    const given: string[] = []
    for (const [eid, value] of map.entries()) {
      given.push(eid)
      map.set(eid, value + 100)
    }
    assert.deepEqual(
      given.sort(),
      Array.from({ length: 10 }, (_, number) => idOf(number)),
    )
  })
})
