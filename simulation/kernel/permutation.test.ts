import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { wordsAt } from '../../datasets/random.ts'
import { permutation } from './permutation.ts'

const word = fc.integer({ min: 0, max: 0xffffffff })
const words = fc.tuple(word, word, word, word)

describe('a permutation without a table', () => {
  it('reaches every place once', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 700 }), (key, count) => {
        const shuffle = permutation(key, count)
        const places = new Set(Array.from({ length: count }, (_, i) => shuffle.forward(i)))
        assert.equal(places.size, count)
        assert.ok([...places].every((place) => Number.isInteger(place) && place >= 0 && place < count))
      }),
    )
  })

  it('finds its way back, up to 2^30 places', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 2 ** 30 }), fc.nat(), (key, count, at) => {
        const shuffle = permutation(key, count)
        assert.equal(shuffle.backward(shuffle.forward(at % count)), at % count)
        assert.equal(shuffle.forward(shuffle.backward(at % count)), at % count)
      }),
    )
  })

  it('puts the first place anywhere', () => {
    const bins = new Array<number>(10).fill(0)
    for (let i = 0; i < 5_000; i++) bins[Math.floor(permutation(wordsAt([1, 2, 3, 4], 5, i), 100).forward(0) / 10)]!++
    // Binomial with mean 500 and deviation 21.
    assert.ok(
      bins.every((count) => count > 390 && count < 610),
      String(bins),
    )
  })

  it('refuses a count that it cannot hold', () => {
    for (const count of [0, -1, 1.5, 2 ** 30 + 1]) assert.throws(() => permutation([1, 2, 3, 4], count), RangeError)
  })
})
