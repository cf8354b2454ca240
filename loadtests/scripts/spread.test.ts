import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { spread } from './spread.ts'

describe('the spread of numbers over a span', () => {
  it('is within the span, and another place for each number', () => {
    const places = Array.from({ length: 4096 }, (_, number) => spread(number))
    assert.equal(new Set(places).size, places.length)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (number) => spread(number) >= 0 && spread(number) < 1),
    )
  })

  it('leaves no gap wider than 2/n, however many numbers there are', () => {
    for (const count of [1, 2, 3, 10, 100, 777, 1000]) {
      const places = Array.from({ length: count }, (_, number) => spread(number)).sort((a, b) => a - b)
      const gaps = [...places, 1].map((place, at) => place - (places[at - 1] ?? 0))
      assert.ok(Math.max(...gaps) <= 2 / count, `${Math.max(...gaps)} with ${count}`)
    }
  })
})
