import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Region, RegionMap } from './region-map.ts'

const bytes = (text: string): Buffer => Buffer.from(text)
const region = (start: string, end: string, server = 'a:1'): Region => ({
  name: bytes(`t,${start},1.x.`),
  start: bytes(start),
  end: bytes(end),
  server,
  id: 1,
})

describe('a region map', () => {
  it('finds what a slow look through all regions finds, whatever was added and forgotten', () => {
    const key = fc.constantFrom('', 'a', 'b', 'c', 'd', 'e', 'f')
    const step = fc.tuple(key, key, fc.boolean())
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), key, (steps, asked) => {
        const map = new RegionMap()
        let plain: Region[] = []
        for (const [start, end, forget] of steps) {
          if (forget) {
            for (const known of plain.filter(({ start: from }) => from.equals(bytes(start)))) map.forget(known)
            plain = plain.filter(({ start: from }) => !from.equals(bytes(start)))
          } else if (end === '' || start < end) {
            const added = region(start, end)
            plain = plain.filter((known) => !overlap(known, added))
            plain.push(added)
            map.add(added)
          }
        }
        const above = (known: Region): boolean => known.end.length === 0 || asked < String(known.end)
        assert.equal(
          map.holding(bytes(asked)),
          plain.find((known) => String(known.start) <= asked && above(known)),
        )
        const upTo = (known: Region): boolean => known.end.length === 0 || asked <= String(known.end)
        assert.equal(
          map.before(bytes(asked)),
          plain.find((known) => String(known.start) < asked && upTo(known)),
        )
      }),
      { numRuns: 500 },
    )
  })

  it('drops the parent when a daughter of a split is added, and what a dead server had', () => {
    const map = new RegionMap()
    map.add(region('', '', 'old:1'))
    map.add(region('m', '', 'new:1'))
    assert.equal(map.holding(bytes('a')), undefined)
    assert.equal(map.holding(bytes('z'))?.server, 'new:1')
    map.forgetServer('new:1')
    assert.equal(map.holding(bytes('z')), undefined)
  })
})

function overlap(a: Region, b: Region): boolean {
  const before = (x: Region, y: Region): boolean => x.end.length > 0 && String(x.end) <= String(y.start)
  return !before(a, b) && !before(b, a)
}
