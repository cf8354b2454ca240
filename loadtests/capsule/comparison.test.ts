import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Draws, drawsAt, type Key } from '../../datasets/random.ts'
import { blockLength } from './block-length.ts'
import { type Compared, compare } from './comparison.ts'
import type { RunSeries } from './run-series.ts'

const KEY: Key = [1, 2, 3, 4]

interface Law {
  seconds?: number
  /** How much of a second's level stays in the next: 0 for independent seconds. */
  persistence: number
  /** Spread of the level, as a logarithm. */
  swing: number
  slower?: number
  errors?: number
}

/** A run by a law with slow and fast spells, of some 100 requests a second. */
function runOf(seed: number, { seconds = 180, persistence, swing, slower = 1, errors = 0.001 }: Law): RunSeries {
  const draws = drawsAt(KEY, 0, seed)
  let level = normal(draws)
  const requests: number[] = []
  const bad: number[] = []
  const service = Array.from({ length: seconds }, () => {
    level = persistence * level + Math.sqrt(1 - persistence ** 2) * normal(draws)
    const here_ms = 10 * slower * Math.exp(swing * level)
    const counts = new Map<number, number>()
    for (let i = 0; i < 50; i++) {
      const ms = Number((here_ms * Math.exp(0.4 * normal(draws))).toPrecision(3))
      counts.set(ms, (counts.get(ms) ?? 0) + 1)
    }
    requests.push(95 + draws.below(11))
    bad.push(Array.from({ length: 100 }, () => draws.unit()).filter((unit) => unit < errors).length)
    const sorted = [...counts].sort(([a], [b]) => a - b)
    return {
      values: Float64Array.from(sorted, ([value]) => value),
      counts: Float64Array.from(sorted, ([, count]) => count),
    }
  })
  return {
    width_s: requests.map(() => 1),
    counts: { requests },
    shares: { errors: { total: requests, bad } },
    times: { service },
  }
}

function normal(draws: Draws): number {
  return Math.sqrt(-2 * Math.log(1 - draws.unit())) * Math.cos(2 * Math.PI * draws.unit())
}

const TRIALS = 40
const ROUNDS = 150

/** Of so many pairs of runs, how many are called the same in every figure. */
function calledSame(law: Law, block?: number): number {
  let same = 0
  for (let trial = 0; trial < TRIALS; trial++) {
    const compared = compare(runOf(2 * trial, law), runOf(2 * trial + 1, law), {
      limit: 0.05,
      rounds: ROUNDS,
      ...(block !== undefined && { block }),
    })
    if (compared.every(({ verdict }) => verdict === 'same')) same++
  }
  return same
}

function find(compared: readonly Compared[], key: string): Compared {
  return compared.find((each) => each.key === key)!
}

/** Slow and fast spells of some five seconds. */
const SPELLS: Law = { persistence: 0.8, swing: 0.2 }

describe('a comparison of two runs', () => {
  it('calls two runs of one law the same in more than nine of ten cases, though slow spells last for seconds', () => {
    const same = calledSame(SPELLS)
    assert.ok(same > 0.9 * TRIALS, `${same} of ${TRIALS}`)
  })

  it('would cry wolf if seconds were taken for independent of each other (mutant)', () => {
    const same = calledSame(SPELLS, 1)
    assert.ok(same < 0.8 * TRIALS, `${same} of ${TRIALS}`)
  })

  it('finds every slowdown of 10 % of an even system, in the figures that it touches', () => {
    const law = { persistence: 0.3, swing: 0.03 }
    for (let trial = 0; trial < 10; trial++) {
      const before = runOf(2 * trial, law)
      const after = runOf(2 * trial + 1, { ...law, slower: 1.1 })
      const compared = compare(before, after, { limit: 0.05, rounds: ROUNDS })
      for (const key of ['service_p50', 'service_p90', 'service_p95']) {
        const { verdict, interval } = find(compared, key)
        assert.equal(verdict, 'worse', `${key} of trial ${trial}`)
        assert.ok(interval[0] < 10 && 10 < interval[1], `10 % lies in ${interval}`)
      }
      assert.equal(find(compared, 'throughput').verdict, 'same')
      const back = compare(after, before, { limit: 0.05, rounds: ROUNDS })
      assert.equal(find(back, 'service_p50').verdict, 'better')
    }
  })

  it('leaves alone what is certain but does not matter, and says when it cannot tell', () => {
    const law = { persistence: 0, swing: 0.01 }
    const options = { limit: 0.1, rounds: ROUNDS }
    const small = find(compare(runOf(1, law), runOf(2, { ...law, slower: 1.04 }), options), 'service_p50')
    assert.ok(small.interval[0] > 0, 'the difference is certain')
    assert.deepEqual([small.verdict, small.certain], ['same', true])
    const strict = { ...options, limits: { service_p50: 0.01 } }
    assert.equal(
      find(compare(runOf(1, law), runOf(2, { ...law, slower: 1.04 }), strict), 'service_p50').verdict,
      'worse',
    )
    const wild = { persistence: 0.8, swing: 0.5, seconds: 40 }
    const unsure = find(compare(runOf(3, wild), runOf(4, wild), options), 'service_p95')
    assert.deepEqual([unsure.verdict, unsure.certain], ['same', false])
  })

  it('finds errors where there were none, and is not moved by one in a thousand more', () => {
    const law = { persistence: 0, swing: 0.01 }
    const options = { limit: 0.05, rounds: ROUNDS }
    const clean = runOf(1, { ...law, errors: 0 })
    assert.equal(find(compare(clean, runOf(2, { ...law, errors: 0.01 }), options), 'errors').verdict, 'worse')
    assert.equal(find(compare(clean, runOf(2, { ...law, errors: 0.0005 }), options), 'errors').verdict, 'same')
    assert.equal(find(compare(clean, clean, options), 'errors').certain, true)
  })

  it('is the same each time', () => {
    const [a, b] = [runOf(5, SPELLS), runOf(6, SPELLS)]
    const options = { limit: 0.05, rounds: 50 }
    assert.deepEqual(compare(a, b, options), compare(a, b, options))
  })
})

describe('the length of blocks', () => {
  /** A series in which a value keeps a share of the one before. */
  function series(seed: number, length: number, persistence: number): number[] {
    const draws = drawsAt(KEY, 1, seed)
    let level = 0
    return Array.from({ length }, () => {
      level = persistence * level + normal(draws)
      return level
    })
  }
  const typical = (length: number, persistence: number): number =>
    Array.from({ length: 31 }, (_, seed) => blockLength(series(seed, length, persistence))).sort((a, b) => a - b)[15]!

  it('follows how long spells last, and grows with the series', () => {
    assert.ok(typical(300, 0) <= 4)
    assert.ok(typical(300, 0.8) >= 10)
    assert.ok(typical(2000, 0.8) > typical(300, 0.8))
  })

  it('is near the optimum for a series whose law is known', () => {
    // Of a first-order autoregression: the cube root of 1.5 n (2 ρ / (1 − ρ²))².
    const optimum = Math.cbrt(1.5 * 2000 * ((2 * 0.5) / (1 - 0.25)) ** 2)
    const found = typical(2000, 0.5)
    assert.ok(Math.abs(found - optimum) < 0.25 * optimum, `${found}, expected ${optimum}`)
  })

  it('is 1 for what never changes, and leaves three blocks at least', () => {
    assert.equal(blockLength([5, 5, 5, 5, 5, 5]), 1)
    assert.ok(blockLength(Array.from({ length: 30 }, (_, at) => at)) <= 10)
  })
})
