import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { drawsAt, hex128, type Key, philox, wordsAt } from './random.ts'

const key: Key = [1, 2, 3, 4]

describe('addressed randomness', () => {
  it('gives the known answers of Random123 for Philox4x32-10', () => {
    const F = 0xffffffff
    assert.equal(hex128(philox(0, 0, 0, 0, 0, 0)), '6627e8d5e169c58dbc57ac4c9b00dbd8')
    assert.equal(hex128(philox(F, F, F, F, F, F)), '408f276d41c83b0ea20bc7c66d5451fd')
    assert.equal(
      hex128(philox(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0)),
      'd16cfe0994fdcceb5001e42024126ea1',
    )
  })

  it('gives other words when any part of the address changes', () => {
    const u32 = fc.integer({ min: 0, max: 0xffffffff })
    fc.assert(
      fc.property(u32, u32, u32, fc.integer({ min: 0, max: 2 }), (stream, index, step, part) => {
        const moved = [stream, index, step].map((word, i) => (i === part ? (word + 1) >>> 0 : word))
        assert.notEqual(
          hex128(wordsAt(key, stream, index, step)),
          hex128(wordsAt(key, moved[0]!, moved[1]!, moved[2]!)),
        )
      }),
    )
  })

  it('fills the unit interval evenly at one draw per address', () => {
    const bins = new Array<number>(100).fill(0)
    const count = 100_000
    for (let i = 0; i < count; i++) bins[Math.floor(drawsAt(key, 9, i).unit() * 100)]!++
    const expected = count / 100
    const chiSquare = bins.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
    // 99 degrees of freedom: mean 99, standard deviation 14; five deviations on either side.
    assert.ok(chiSquare > 29 && chiSquare < 169, `chi-square ${chiSquare}`)
  })

  it('keeps below(n) inside its range', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0x100000000 }), fc.nat(), (n, address) => {
        const value = drawsAt(key, 1, address).below(n)
        assert.ok(Number.isInteger(value) && value >= 0 && value < n)
      }),
    )
  })
})
