import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Arrival } from './arrival.ts'
import { constantArrivals } from './constant-arrival-rate.ts'
import { rampingArrivals } from './ramping-arrival-rate.ts'
import { type Stage, stageAt, stagesMs } from './stage.ts'
import { type Stripe, WHOLE } from './stripe.ts'

interface Rates {
  startRate: number
  stages: Stage[]
  timeUnit_ms: number
}

const stages = fc.array(
  fc.record({ duration_ms: fc.integer({ min: 0, max: 5000 }), target: fc.integer({ min: 0, max: 300 }) }),
  { minLength: 1, maxLength: 6 },
)
const ramps: fc.Arbitrary<Rates> = fc.record({
  startRate: fc.integer({ min: 0, max: 300 }),
  stages,
  timeUnit_ms: fc.constantFrom(250, 1000, 60_000),
})

describe('arrivals at a constant rate', () => {
  it('are due at whole periods from the start, as long as that is before the end', () => {
    const due = dueTimes(constantArrivals({ rate: 4, timeUnit_ms: 1000, duration_ms: 1500 }, WHOLE))
    assert.deepEqual(due, [0, 250, 500, 750, 1000, 1250])
  })

  it('are as many as the rate says, without drift, after four hours at 3,333 a second', () => {
    const duration_ms = 4 * 3_600_000
    let count = 0
    let last = 0
    for (const { number, due_ms } of constantArrivals({ rate: 3333, timeUnit_ms: 1000, duration_ms }, far(3333))) {
      assert.equal(number, count++ * 3333)
      last = due_ms
    }
    assert.equal(count, duration_ms / 1000)
    assert.equal(last, duration_ms - 1000, 'the 3,333rd of each second is due on the second')
  })
})

describe('arrivals at a rate that follows stages', () => {
  it('are first due when the area under the rate is one', () => {
    const steady = { startRate: 2, stages: [{ duration_ms: 2000, target: 2 }], timeUnit_ms: 1000 }
    assert.deepEqual(dueTimes(rampingArrivals(steady, WHOLE)), [500, 1000, 1500, 2000])
    const rising = { startRate: 0, stages: [{ duration_ms: 2000, target: 2 }], timeUnit_ms: 1000 }
    // The area after t seconds is t² / 2.
    assert.deepEqual(dueTimes(rampingArrivals(rising, WHOLE)), [Math.sqrt(2) * 1000, 2000].map(near))
    const falling = { startRate: 2, stages: [{ duration_ms: 2000, target: 0 }], timeUnit_ms: 1000 }
    assert.deepEqual(dueTimes(rampingArrivals(falling, WHOLE)), [(2 - Math.sqrt(2)) * 1000, 2000].map(near))
  })

  it('jump with a stage that has no length, and wait while the rate is 0', () => {
    const jump = [
      { duration_ms: 1000, target: 0 },
      { duration_ms: 0, target: 4 },
      { duration_ms: 500, target: 4 },
    ]
    const arrivals = [...rampingArrivals({ startRate: 0, stages: jump, timeUnit_ms: 1000 }, WHOLE)]
    assert.deepEqual(
      arrivals.map(({ due_ms, stage }) => [due_ms, stage]),
      [
        [1250, 2],
        [1500, 2],
      ],
    )
  })

  it('are as many as the whole area holds, in order, each within its stage', () => {
    fc.assert(
      fc.property(ramps, (rates) => {
        const arrivals = [...rampingArrivals(rates, WHOLE)]
        assert.equal(arrivals.length, plannedCount(rates))
        const borders = rates.stages.map((_, stage) => [
          stagesMs(rates.stages.slice(0, stage)),
          stagesMs(rates.stages.slice(0, stage + 1)),
        ])
        for (const [i, { number, due_ms, stage }] of arrivals.entries()) {
          assert.equal(number, i)
          assert.ok(due_ms >= (arrivals[i - 1]?.due_ms ?? 0))
          assert.ok(due_ms >= borders[stage!]![0]! && due_ms <= borders[stage!]![1]!)
        }
      }),
    )
  })

  it('are due where a slow search finds them', () => {
    fc.assert(fc.property(ramps, (rates) => expectAsSearched(rates, rampingArrivals)))
  })

  it('are on their moment after hours at thousands a second, at a rate that hardly changes', () => {
    expectOnArea(LONG, rampingArrivals(LONG, far(100_000)))
  })

  it('would not be with the textbook root: the long check finds it out', () => {
    assert.throws(() => expectOnArea(LONG, textbookArrivals(LONG, far(100_000))), /iterations off/)
  })

  it('would not be with the first due at once: the search finds it out', () => {
    const rates = { startRate: 10, stages: [{ duration_ms: 2000, target: 20 }], timeUnit_ms: 1000 }
    const early = function* (of: Rates, stripe: Stripe): Generator<Arrival> {
      yield { number: 0, due_ms: 0 }
      for (const arrival of rampingArrivals(of, stripe)) yield { ...arrival, number: arrival.number + 1 }
    }
    assert.throws(() => expectAsSearched(rates, early), /expected arrival 0/)
  })
})

describe('arrivals of several stripes', () => {
  it('are together exactly those of one', () => {
    fc.assert(
      fc.property(ramps, fc.integer({ min: 1, max: 9 }), (rates, count) => {
        const constant = { rate: rates.startRate + 1, timeUnit_ms: 1000, duration_ms: 3000 }
        for (const arrivals of [
          (stripe: Stripe) => [...rampingArrivals(rates, stripe)],
          (stripe: Stripe) => [...constantArrivals(constant, stripe)],
        ]) {
          const parts = Array.from({ length: count }, (_, index) => arrivals({ index, count })).flat()
          assert.deepEqual(
            parts.sort((a, b) => a.number - b.number),
            arrivals(WHOLE),
          )
        }
      }),
    )
  })
})

/** 4 hours from 4,000 to 4,001 a second. */
const LONG: Rates = { startRate: 4000, stages: [{ duration_ms: 14_400_000, target: 4001 }], timeUnit_ms: 1000 }

/** A stripe that sees only every so-manieth arrival, to look at long runs quickly. */
function far(count: number): Stripe {
  return { index: 0, count }
}

function dueTimes(arrivals: Iterable<Arrival>): number[] {
  return [...arrivals].map(({ due_ms }) => near(due_ms))
}

/** To a millionth of a millisecond. */
function near(ms: number): number {
  return Math.round(ms * 1e6) / 1e6
}

/** Exact: twice the area in (iterations per unit) × ms, as a big whole number. */
function plannedCount({ startRate, stages, timeUnit_ms }: Rates): number {
  let area = 0n
  let from = startRate
  for (const { duration_ms, target } of stages) {
    area += BigInt(duration_ms) * BigInt(from + target)
    from = target
  }
  return Number(area / BigInt(2 * timeUnit_ms))
}

/** Iterations that should have begun by then. */
function areaAt({ startRate, stages, timeUnit_ms }: Rates, at_ms: number): number {
  const stage = stageAt(stages, at_ms)
  let area = 0
  let begin = 0
  let from = startRate
  for (const [index, { duration_ms, target }] of stages.entries()) {
    if (index > stage) break
    const t = Math.min(at_ms - begin, duration_ms)
    const rate = duration_ms === 0 ? target : from + ((target - from) * t) / duration_ms
    area += (t * (from + rate)) / 2
    begin += duration_ms
    from = target
  }
  return area / timeUnit_ms
}

/** Halves the time between too early and too late, for each arrival. */
function expectAsSearched(rates: Rates, arrivals: (rates: Rates, stripe: Stripe) => Iterable<Arrival>): void {
  const end = stagesMs(rates.stages)
  for (const { number, due_ms } of arrivals(rates, WHOLE)) {
    if (number % 7 > 0) continue
    let [early, late] = [0, end]
    for (let halving = 0; halving < 60; halving++) {
      const middle = (early + late) / 2
      if (areaAt(rates, middle) < number + 1 - 1e-9) early = middle
      else late = middle
    }
    // Where the rate is next to 0, a rounding of the area moves the moment a little.
    const close = Math.abs(late - due_ms) < 1e-3 || Math.abs(areaAt(rates, due_ms) - (number + 1)) < 1e-8
    assert.ok(close, `expected arrival ${number} at ${late}, got ${due_ms}`)
  }
}

/** Holds each moment to the area under the line of a single stage, in whole numbers as far as they go. */
function expectOnArea({ startRate, stages, timeUnit_ms }: Rates, arrivals: Iterable<Arrival>): void {
  const { duration_ms, target } = stages[0]!
  let count = 0
  for (const { number, due_ms } of arrivals) {
    const risen = ((target - startRate) * due_ms) / duration_ms
    const off = (due_ms * startRate) / timeUnit_ms - (number + 1) + (due_ms * risen) / 2 / timeUnit_ms
    assert.ok(Math.abs(off) < 1e-5, `arrival ${number} is ${off} iterations off`)
    count++
  }
  assert.equal(count, Math.ceil(plannedCount({ startRate, stages, timeUnit_ms }) / 100_000))
}

/** The mutant: (-a + √(a² + 2 s x)) / s cancels the digits that matter when s is small. */
function* textbookArrivals({ startRate, stages, timeUnit_ms }: Rates, { count }: Stripe): Generator<Arrival> {
  const { duration_ms, target } = stages[0]!
  const slope = (target - startRate) / duration_ms
  const total = plannedCount({ startRate, stages, timeUnit_ms })
  for (let number = 0; number < total; number += count) {
    const x = (number + 1) * timeUnit_ms
    yield { number, due_ms: (-startRate + Math.sqrt(startRate * startRate + 2 * slope * x)) / slope }
  }
}
