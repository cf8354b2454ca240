import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Draws, drawsAt } from '../../datasets/random.ts'
import { aliasTable, beta, gamma, logFactorial, pickAlias, poisson, poissonAt, thinned } from './samplers.ts'

const drawsOf = (seed: number): Draws => drawsAt([1, 2, 3, 4], 7, seed)

/** Half the summed difference between the shares counted and those expected; 0 is equal, 1 has nothing in common. */
function variation(counts: readonly number[], shares: readonly number[]): number {
  const n = counts.reduce((sum, count) => sum + count, 0)
  return counts.reduce((sum, count, i) => sum + Math.abs(count / n - (shares[i] ?? 0)), 0) / 2
}

/** Largest distance between a sample's distribution function and the given one (Kolmogorov–Smirnov). */
function distance(sample: readonly number[], below: (x: number) => number): number {
  const sorted = [...sample].sort((a, b) => a - b)
  return Math.max(
    ...sorted.map((x, i) =>
      Math.max(Math.abs(below(x) - i / sorted.length), Math.abs(below(x) - (i + 1) / sorted.length)),
    ),
  )
}

function poissonShares(mean: number, n: number): number[] {
  return Array.from({ length: n }, (_, k) => Math.exp(k * Math.log(mean) - mean - logFactorial(k)))
}

function countsOf(n: number, size: number, one: () => number): number[] {
  const counts = new Array<number>(size).fill(0)
  for (let i = 0; i < n; i++) counts[Math.min(size - 1, one())]!++
  return counts
}

const N = 40_000
const samples = (one: () => number): number[] => Array.from({ length: N }, one)

describe('alias tables', () => {
  it('hold the weights’ exact odds to 2^-32', () => {
    const weights = [1, 0, 4_000_000_000, 17, 90_000, 3, 3, 2 ** 31, 5]
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const { cut, alias } = aliasTable(weights)
    const odds = new Array<number>(weights.length).fill(0)
    cut.forEach((own, column) => {
      odds[column]! += own / 2 ** 32 / weights.length
      odds[alias[column]!]! += (1 - own / 2 ** 32) / weights.length
    })
    for (const [i, share] of odds.entries()) assert.ok(Math.abs(share - weights[i]! / total) < 2 ** -32, `${i}`)
    assert.equal(cut[1], 0)
  })

  it('pick as often as the weights say, which a table of other weights does not', () => {
    const weights = [5, 1, 3, 0, 1]
    const draws = drawsOf(1)
    const picked = (table = aliasTable(weights)) => countsOf(N, 5, () => pickAlias(table, draws))
    const shares = [0.5, 0.1, 0.3, 0, 0.1]
    assert.ok(variation(picked(), shares) < 0.01)
    assert.ok(variation(picked(aliasTable([1, 1, 1, 0, 1])), shares) > 0.1)
    assert.equal(picked()[3], 0)
  })

  it('refuse what are no weights', () => {
    for (const weights of [[], [0, 0], [1.5], [-1, 2], [2 ** 32], [Number.NaN]]) {
      assert.throws(() => aliasTable(weights), RangeError)
    }
  })
})

describe('Poisson counts', () => {
  for (const mean of [0.3, 4, 9.9, 10, 37, 250]) {
    it(`have the exact odds at mean ${mean}`, () => {
      const draws = drawsOf(mean * 10)
      const size = Math.ceil(mean + 10 * Math.sqrt(mean) + 10)
      const shares = poissonShares(mean, size)
      const counts = countsOf(N, size, () => poisson(mean, draws))
      assert.ok(variation(counts, shares) < 0.02, `${variation(counts, shares)}`)
      // The rounded normal of the same mean, or a mean a tenth too large, would be seen.
      assert.ok(variation(counts, poissonShares(mean * 1.1 + 0.02, size)) > 0.02)
    })
  }

  it('never fall when the mean rises, and are at most what they may be', () => {
    for (let u = 0.001; u < 1; u += 0.0137) {
      let before = 0
      for (let mean = 0; mean < 30; mean += 0.7) {
        const count = poissonAt(u, mean, 64)
        assert.ok(count >= before)
        before = count
      }
    }
    assert.equal(poissonAt(1 - 2 ** -53, 600, 64), 64)
    assert.equal(poissonAt(0.99, 0, 64), 0)
  })

  it('know log n! to 1e-10', () => {
    let exact = 0
    for (let n = 1; n < 200; n++) {
      exact += Math.log(n)
      assert.ok(Math.abs(logFactorial(n) - exact) < 1e-10 * Math.max(1, exact), `${n}`)
    }
  })
})

describe('gamma and beta variates', () => {
  /** P(X < x) of whole shapes: 1 − e^−x Σ x^k/k!. */
  const erlang = (shape: number) => (x: number) => {
    let [term, sum] = [1, 0]
    for (let k = 0; k < shape; k++) {
      sum += term
      term *= x / (k + 1)
    }
    return 1 - Math.exp(-x) * sum
  }

  it('have the exact distribution at shapes 1, 2 and 7, and one shape is not another', () => {
    for (const shape of [1, 2, 7]) {
      const draws = drawsOf(100 + shape)
      const sample = samples(() => gamma(shape, draws))
      assert.ok(distance(sample, erlang(shape)) < 0.01, `${shape}`)
      assert.ok(distance(sample, erlang(shape + 1)) > 0.1)
    }
  })

  it('have the exact distribution at shape ½, which is a squared normal’s', () => {
    const draws = drawsOf(200)
    // P(X < x) = erf(√x), by Simpson's rule over the normal density.
    const erf = (z: number): number => {
      const steps = 200
      let sum = 1 + Math.exp(-z * z)
      for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * Math.exp(-(((z * i) / steps) ** 2))
      return ((2 / Math.sqrt(Math.PI)) * z * sum) / (3 * steps)
    }
    const sample = samples(() => gamma(0.5, draws)).slice(0, 10_000)
    assert.ok(distance(sample, (x) => erf(Math.sqrt(x))) < 0.02)
    assert.ok(distance(sample, erlang(1)) > 0.1)
  })

  it('give Beta(2, 3) and Beta(1, 1)', () => {
    const draws = drawsOf(300)
    const sample = samples(() => beta(2, 3, draws))
    const below = (x: number): number => x * x * (6 - 8 * x + 3 * x * x)
    assert.ok(distance(sample, below) < 0.01)
    assert.ok(distance(sample, (x) => x) > 0.1)
    assert.ok(
      distance(
        samples(() => beta(1, 1, draws)),
        (x) => x,
      ) < 0.01,
    )
    assert.throws(() => gamma(0, draws), RangeError)
  })
})

describe('thinning', () => {
  it('gives a Poisson number of points, in each cell by its weight, ascending', () => {
    const draws = drawsOf(400)
    const weights = [4, 0, 1, 3]
    const cells = [0, 0, 0, 0]
    const counts = new Array<number>(40).fill(0)
    for (let i = 0; i < 10_000; i++) {
      const points = thinned(6, weights, draws)
      counts[points.length]!++
      for (const [k, point] of points.entries()) {
        assert.ok(k === 0 || point > points[k - 1]!)
        cells[Math.floor(point)]!++
      }
    }
    assert.ok(variation(counts, poissonShares(6, 40)) < 0.03)
    assert.ok(variation(cells, [0.5, 0, 0.125, 0.375]) < 0.01)
    assert.ok(variation(cells, [0.25, 0.25, 0.25, 0.25]) > 0.1)
    assert.deepEqual(thinned(0, weights, draws), [])
    assert.deepEqual(thinned(3, [0, 0], draws), [])
  })
})
