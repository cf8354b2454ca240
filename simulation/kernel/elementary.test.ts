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

const SCALE = 200n

/** A double as a fixed-point number of 200 binary places, exact from 2^-140 on. */
function fixed(x: number): bigint {
  let exponent = 0
  let whole = x
  while (!Number.isInteger(whole)) {
    whole *= 2
    exponent++
  }
  return (BigInt(whole) << SCALE) >> BigInt(exponent)
}

const times = (a: bigint, b: bigint): bigint => (a * b) >> SCALE
const over = (a: bigint, b: bigint): bigint => (a << SCALE) / b
const LN_2 = exactLogOf2()

/** e^x by its series, after halving x sixteen times. */
function exactExp(x: number): bigint {
  const r = fixed(x) >> 16n
  let [sum, term] = [1n << SCALE, 1n << SCALE]
  for (let n = 1n; n <= 40n; n++) {
    term = times(term, r) / n
    sum += term
  }
  for (let i = 0; i < 16; i++) sum = times(sum, sum)
  return sum
}

/** log x = 2 artanh((m − 1)/(m + 1)) + k log 2, for x = m·2^k with m near 1. */
function exactLog(x: number): bigint {
  let k = 0
  let m = x
  for (; m > 1.5; k++) m /= 2
  for (; m < 0.75; k--) m *= 2
  const one = 1n << SCALE
  return 2n * artanh(over(fixed(m) - one, fixed(m) + one)) + BigInt(k) * LN_2
}

function exactLogOf2(): bigint {
  return 2n * artanh((1n << SCALE) / 3n)
}

function artanh(y: bigint): bigint {
  const square = times(y, y)
  let [sum, power] = [0n, y]
  for (let n = 1n; n < 150n; n += 2n) {
    sum += power / n
    power = times(power, square)
  }
  return sum
}

/** |ours − exact| / exact, for an exact value of fixed point. */
function relativeError(ours: number, exact: bigint): number {
  const difference = fixed(Math.abs(ours)) - (exact < 0n ? -exact : exact)
  const absolute = difference < 0n ? -difference : difference
  return Number((absolute << 80n) / (exact < 0n ? -exact : exact)) / 2 ** 80
}

describe('elementary functions', () => {
  it('exp and log stay within 4 units of the last place of exact rational series', () => {
    const worstOf = (ours: (x: number) => number, exact: (x: number) => bigint, points: readonly number[]): number =>
      Math.max(...points.map((x) => relativeError(ours(x), exact(x))))
    const around = Array.from({ length: 600 }, (_, i) => (i - 300.3) / 41)
    const positive = Array.from({ length: 600 }, (_, i) => 1.0371 ** (i - 300.3))
    const near1 = Array.from({ length: 200 }, (_, i) => 1 + (i - 100.5) / 1_000)
    assert.ok(worstOf(exp, exactExp, around) < 4 * 2 ** -52, `${worstOf(exp, exactExp, around)}`)
    assert.ok(worstOf(log, exactLog, positive) < 4 * 2 ** -52, `${worstOf(log, exactLog, positive)}`)
    assert.ok(worstOf(log, exactLog, near1) < 4 * 2 ** -52, `${worstOf(log, exactLog, near1)}`)
    // A series that stops two terms early would be seen.
    const short = (x: number): number => exp(x) * (1 - 4e-15)
    assert.ok(!(worstOf(short, exactExp, around) < 4 * 2 ** -52))
  })

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
