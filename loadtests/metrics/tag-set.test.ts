import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { TAG_SETS_MAX, TagSets } from './tag-set.ts'

describe('sets of tags', () => {
  it('are one object when they are equal, in whatever order they came to be', () => {
    const pair = fc.tuple(fc.constantFrom('a', 'b', 'c', '__proto__', 'd'), fc.constantFrom('1', '2', ''))
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 6 }), (pairs) => {
        const { root } = new TagSets()
        const unique = [...new Map(pairs)]
        const forwards = unique.reduce((set, [name, value]) => set.with(name, value), root)
        const backwards = unique.reduceRight((set, [name, value]) => set.with(name, value), root)
        assert.equal(forwards, backwards)
        assert.deepEqual(Object.entries(forwards.tags).sort(), unique.sort())
      }),
    )
  })

  it('hold one value for a name: the last', () => {
    const { root } = new TagSets()
    const set = root.with('status', '200').with('name', 'x').with('status', '404')
    assert.deepEqual({ ...set.tags }, { name: 'x', status: '404' })
    assert.equal(set.get('status'), '404')
    assert.equal(set.without('status'), root.with('name', 'x'))
    assert.equal(set.without('nothing'), set)
  })

  it('give the same frozen object each time', () => {
    const set = new TagSets().root.with('a', '1')
    assert.equal(set.tags, set.tags)
    assert.ok(Object.isFrozen(set.tags))
  })

  it('past their limit still hold what they were given, and are not kept', () => {
    let full = 0
    const sets = new TagSets(() => full++)
    for (let i = 0; i <= TAG_SETS_MAX; i++) sets.root.with('id', String(i))
    assert.equal(full, 1)
    const one = sets.root.with('id', 'late')
    assert.equal(one.get('id'), 'late')
    assert.notEqual(one, sets.root.with('id', 'late'))
    assert.equal(sets.root.with('id', '5'), sets.root.with('id', '5'))
  })
})
