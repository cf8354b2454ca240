import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readScenario } from './read-scenario.ts'
import { maxUsers, plannedUsers } from './scenario.ts'
import { numberAt, ownNumbers, shareOf, takingPart } from './stripe.ts'

const counts = fc.integer({ min: 1, max: 12 })
const totals = fc.integer({ min: 0, max: 60 })

describe('stripes', () => {
  it('share all numbers among them, each once', () => {
    fc.assert(
      fc.property(counts, totals, totals, (count, from, length) => {
        const stripes = Array.from({ length: count }, (_, index) => ({ index, count }))
        const shared = stripes.flatMap((stripe) => ownNumbers(stripe, from, from + length)).sort((a, b) => a - b)
        assert.deepEqual(
          shared,
          Array.from({ length }, (_, i) => from + i),
        )
      }),
    )
  })

  it('count their own as a plain count does', () => {
    fc.assert(
      fc.property(counts, totals, (count, total) => {
        for (let index = 0; index < count; index++) {
          const own = Array.from({ length: total }, (_, n) => n).filter((n) => n % count === index)
          assert.equal(shareOf({ index, count }, total), own.length)
          assert.deepEqual(
            own.map((_, ordinal) => numberAt({ index, count }, ordinal)),
            own,
          )
        }
      }),
    )
  })

  it('take part as many as there are users', () => {
    assert.deepEqual(takingPart({ index: 1, count: 4 }, 2), { index: 1, count: 2 })
    assert.equal(takingPart({ index: 2, count: 4 }, 2), undefined)
    assert.deepEqual(takingPart({ index: 3, count: 4 }, 9), { index: 3, count: 4 })
  })

  it('plan together the users of the whole', () => {
    const scenarios = [
      { executor: 'constant-vus', vus: 5, duration: '1s' },
      { executor: 'ramping-vus', startVUs: 2, stages: [{ duration: '1s', target: 3 }] },
      { executor: 'ramping-arrival-rate', stages: [{ duration: '1s', target: 3 }], preAllocatedVUs: 4, maxVUs: 9 },
    ].map((config) => readScenario('main', config))
    assert.deepEqual(scenarios.map(maxUsers), [5, 3, 9])
    for (const scenario of scenarios) {
      const whole = plannedUsers(scenario, { index: 0, count: 1 })
      for (const count of [2, 3, 8]) {
        const parts = Array.from({ length: count }, (_, index) => plannedUsers(scenario, { index, count })).flat()
        assert.deepEqual(
          parts.sort((a, b) => a - b),
          whole,
        )
      }
    }
  })
})
