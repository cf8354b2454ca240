import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { drawsAt } from '../../../datasets/random.ts'
import { normalQuantile } from '../../kernel/elementary.ts'
import { burstiness } from './burstiness.ts'
import { chiSquare, chiSquareQuantile } from './chi-square.ts'
import { pearson, spearman } from './correlation.ts'
import { fitDecay } from './decay-fit.ts'
import { fitGaps } from './gap-law.ts'
import { gini } from './gini.ts'
import { greedyCover } from './greedy-cover.ts'
import { kMeans } from './k-means.ts'
import { survival } from './kaplan-meier.ts'
import { distanceOfBins, distanceToLaw } from './kolmogorov.ts'
import { minimize, minimizeOn } from './minimize.ts'
import { normalCdf } from './normal.ts'
import { fitPowerLaw, zeta } from './power-law.ts'
import { exponent, slope } from './slope.ts'
import { topPoint, topShare } from './top-point.ts'
import { totalVariation } from './total-variation.ts'

const near = (value: number, expected: number, within: number): void =>
  assert.ok(Math.abs(value - expected) <= within, `expected ${expected} ± ${within}, got ${value}`)

/** n numbers of a law, by its quantiles at evenly spaced probabilities: a sample without noise. */
const evenly = (n: number, quantile: (p: number) => number): number[] =>
  Array.from({ length: n }, (_, i) => quantile((i + 0.5) / n))

describe('statistics of the scorecard', () => {
  it('give the top point of equal, of lognormal and of 80–20 counts', () => {
    near(topPoint([3, 3, 3, 3]), 0.5, 1e-12)
    near(topPoint([80, 5, 5, 5, 5]), 0.2, 1e-12)
    // For a lognormal law the top point is the normal tail beyond half its sigma.
    near(topPoint(evenly(20_000, (p) => Math.exp(1.97 * normalQuantile(p)))), 1 - normalCdf(0.985), 0.002)
    near(topShare([90, 4, 3, 2, 1], 0.2), 0.9, 1e-12)
  })

  it('give the Gini coefficient of equal, of uniform and of single-handed counts', () => {
    near(gini([5, 5, 5]), 0, 1e-12)
    near(gini(evenly(10_000, (p) => p)), 1 / 3, 1e-4)
    near(gini([0, 0, 0, 1]), 0.75, 1e-12)
  })

  it('find exponent and start of a discrete power law, and not of a wrong one', () => {
    near(zeta(2, 1), Math.PI ** 2 / 6, 1e-8)
    near(zeta(4, 1), Math.PI ** 4 / 90, 1e-10)
    const draws = drawsAt([1, 2, 3, 4], 0x6000, 0)
    const counts = Array.from({ length: 20_000 }, () => Math.floor(9.5 * (1 - draws.unit()) ** (-1 / 0.9) + 0.5))
    const fit = fitPowerLaw([...counts, ...Array.from({ length: 20_000 }, () => 1 + draws.below(10))])!
    near(fit.alpha, 1.9, 0.04)
    assert.ok(fit.xmin >= 8 && fit.distance < 0.02)
    assert.ok(fitPowerLaw(evenly(5_000, (p) => Math.floor(100 + 100 * p)))!.alpha > 3)
    assert.equal(fitPowerLaw([1, 2, 3]), undefined)
  })

  it('give Kolmogorov–Smirnov distances and total variations', () => {
    near(
      distanceToLaw(
        evenly(1000, (p) => p),
        (x) => x,
      ),
      0.0005,
      1e-9,
    )
    near(
      distanceToLaw([0.5, 0.5], (x) => x),
      0.5,
      1e-12,
    )
    near(distanceOfBins([1, 1, 2], [2, 1, 1]), 0.25, 1e-12)
    near(totalVariation([1, 1, 2], [20, 10, 10]), 0.25, 1e-12)
  })

  it('give chi-square and its quantiles', () => {
    assert.deepEqual(chiSquare([12, 8, 100], [10, 10, 1]), { value: 0.8, cells: 2 })
    near(chiSquareQuantile(0.95, 10), 18.307, 0.05)
    near(chiSquareQuantile(0.95, 3), 7.815, 0.05)
  })

  it('give correlations, of ranks too', () => {
    near(pearson([1, 2, 3], [2, 4, 6]), 1, 1e-12)
    near(pearson([1, 2, 3, 4], [1, 3, 2, 4]), 0.8, 1e-12)
    near(spearman([1, 10, 100, 1000], [2, 3, 4, 5]), 1, 1e-12)
    near(spearman([1, 1, 2], [3, 3, 1]), -1, 1e-12)
  })

  it('find slopes, exponents and valleys', () => {
    near(slope([0, 1, 2], [1, 3, 5]), 2, 1e-12)
    near(exponent([1, 10, 100], [3, 3 * 10 ** 0.7, 3 * 10 ** 1.4]), 0.7, 1e-9)
    near(
      minimizeOn((x) => (x - 2) ** 2, 0, 5),
      2,
      1e-5,
    )
    const { x } = minimize(([a, b]) => (1 - a!) ** 2 + 100 * (b! - a! * a!) ** 2, [-1.2, 1])
    near(x[0]!, 1, 1e-3)
  })

  it('tell a clock, chance and bursts apart', () => {
    near(burstiness(10, 50, 250), -1, 1e-9)
    const gaps = evenly(100_000, (p) => -Math.log(1 - p))
    near(
      burstiness(
        gaps.length,
        gaps.reduce((a, b) => a + b, 0),
        gaps.reduce((a, b) => a + b * b, 0),
      ),
      0,
      0.01,
    )
  })

  it('give Kaplan–Meier survival with censoring', () => {
    assert.deepEqual([...survival([1, 0, 1], [0, 1, 1])], [0.75, 0.75, 0.375])
  })

  it('find clusters that are there', () => {
    const draws = drawsAt([1, 2, 3, 4], 0x6000, 1)
    const points = Array.from({ length: 400 }, (_, i) =>
      Float64Array.of((i % 4) + 0.2 * draws.unit(), (i % 2) + 0.2 * draws.unit()),
    )
    const { of } = kMeans(points, 4)
    for (let i = 4; i < 400; i++) assert.equal(of[i], of[i % 4])
    assert.equal(new Set(of).size, 4)
  })

  it('cover listeners with few songs', () => {
    assert.equal(greedyCover([[1, 2], [1, 3], [1], [4, -1]]), 2)
    assert.equal(greedyCover([[1], [2], [3]]), 3)
    assert.equal(greedyCover([[-1]]), 0)
  })

  it('tell a bi-exponential decline from an exponential and a lognormal one, with its times', () => {
    const ages = Array.from({ length: 120 }, (_, i) => (i + 0.5) / 12)
    const noise = drawsAt([1, 2, 3, 4], 0x6000, 2)
    const blurred = (level: number): number => level * (1 + 0.02 * (noise.unit() - 0.5))
    const two = fitDecay(
      ages,
      ages.map((a) => blurred(0.9 * Math.exp(-a / 0.25) + 0.1 * Math.exp(-a / 5.6))),
    )
    assert.ok(two.biexponential.bic < two.exponential.bic && two.biexponential.bic < two.lognormal.bic)
    near(two.biexponential.slow, 5.6, 0.2)
    near(two.biexponential.fast, 0.25, 0.02)
    near(two.biexponential.slowShare, 0.1, 0.01)
    near(two.biexponential.knee, Math.log(9) / (4 - 1 / 5.6), 0.05)
    const one = fitDecay(
      ages,
      ages.map((a) => blurred(Math.exp(-a / 3))),
    )
    assert.ok(one.exponential.bic < one.biexponential.bic)
  })

  it('tell a cut-off power law from an exponential one', () => {
    const gaps = Array.from({ length: 500 }, (_, i) => i + 1)
    const widths = gaps.map(() => 1)
    const cut = fitGaps(
      gaps,
      widths,
      gaps.map((g) => Math.round(1e5 * g ** -1.2 * Math.exp(-g / 100))),
    )
    assert.ok(cut.cutoff.bic < cut.exponential && cut.cutoff.bic < cut.uniform)
    near(cut.cutoff.alpha, 1.2, 0.02)
    const plain = fitGaps(
      gaps,
      widths,
      gaps.map((g) => Math.round(1e5 * Math.exp(-g / 60))),
    )
    assert.ok(plain.exponential < plain.cutoff.bic)
  })
})
