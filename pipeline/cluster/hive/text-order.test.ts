import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { compareText } from './text-order.ts'

it('texts are ordered as their UTF-8 bytes are', () => {
  const texts = fc
    .oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a\ue000\uffff😀]*$/u))
    .map((text) => text.toWellFormed())
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      assert.equal(Math.sign(compareText(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
    { numRuns: 2000 },
  )
  assert.ok(compareText('\uffff', '😀') < 0 && '\uffff' > '😀', 'where UTF-16 orders the other way')
})
