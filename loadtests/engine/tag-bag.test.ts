import assert from 'node:assert/strict'
import { it } from 'node:test'
import { TagBag } from './tag-bag.ts'

it('a bag of tags knows when it has changed, and is read as text', () => {
  let changes = 0
  const bag = new TagBag(() => changes++)
  assert.equal(bag.snapshot(), undefined)
  bag.tags['step'] = 7
  assert.deepEqual({ ...bag.snapshot() }, { step: '7' })
  assert.equal(bag.snapshot(), bag.snapshot())
  bag.tags['step'] = 'play'
  assert.deepEqual({ ...bag.snapshot() }, { step: 'play' })
  delete bag.tags['step']
  assert.equal(bag.snapshot(), undefined)
  assert.equal(changes, 3)
})
