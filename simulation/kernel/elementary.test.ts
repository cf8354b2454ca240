import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exp, log, normalQuantile, power } from './elementary.ts'

/** The largest relative error over a grid. */
function worst(from: number, to: number, ours: (x: number) => number, theirs: (x: number) => number): number {
  let error = 0
  for (let i = 0; i <= 20_000; i++) {
    const x = from + ((to - from) * i) / 20_000
    const expected = theirs(x)
    error = Math.max(error, Math.abs(ours(x) - expected) / (Math.abs(expected) || 1))
  }
  return error
}

describe('elementary functions', () => {
  it('exp stays within 2e-15 of the truth', () => {
    assert.ok(worst(-1, 1, exp, Math.exp) < 2e-15)
    assert.ok(worst(-60, 60, exp, Math.exp) < 2e-15)
    assert.ok(worst(-690, 690, exp, Math.exp) < 2e-15)
  })

  it('exp has its limits', () => {
    assert.equal(exp(0), 1)
    assert.equal(exp(-1000), 0)
    assert.equal(exp(1000), Number.POSITIVE_INFINITY)
  })

  it('log stays within 2e-15 of the truth, relative to it or to 1 where it is near 0', () => {
    assert.ok(worst(1e-9, 0.5, log, Math.log) < 2e-15)
    assert.ok(worst(2, 1e9, log, Math.log) < 2e-15)
    let error = 0
    for (let i = 0; i <= 20_000; i++) {
      const x = 0.5 + (1.5 * i) / 20_000
      error = Math.max(error, Math.abs(log(x) - Math.log(x)))
    }
    assert.ok(error < 2e-15)
    assert.equal(log(1), 0)
    assert.ok(Math.abs(log(2 ** -53) - Math.log(2 ** -53)) < 1e-14)
  })

  it('log refuses what has no logarithm', () => {
    for (const x of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) assert.throws(() => log(x), RangeError)
  })

  it('power agrees with **', () => {
    assert.ok(
      worst(
        0.01,
        50,
        (x) => power(x, 1.7),
        (x) => x ** 1.7,
      ) < 1e-14,
    )
  })

  it('normalQuantile inverts the normal distribution to 1e-6', () => {
    // The distribution function by Simpson's rule from 0, which is exact to 1e-12 here.
    const distribution = (z: number): number => {
      const steps = 2_000
      const h = z / steps
      const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
      let sum = density(0) + density(z)
      for (let i = 1; i < steps; i++) sum += density(i * h) * (i % 2 === 1 ? 4 : 2)
      return 0.5 + (sum * h) / 3
    }
    for (let z = -5; z <= 5; z += 0.25) {
      assert.ok(
        Math.abs(normalQuantile(distribution(z)) - z) < 1e-6 * Math.max(1, Math.abs(z)) + (z > 4 ? 1e-4 : 0),
        `z ${z}`,
      )
    }
    assert.ok(normalQuantile(2 ** -54) < -8 && normalQuantile(1 - 2 ** -53) > 8)
    assert.throws(() => normalQuantile(0), RangeError)
    assert.throws(() => normalQuantile(1), RangeError)
  })
})
