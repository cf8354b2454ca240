import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ownSteps, rampingUsers, type UserStep } from './ramping-vus.ts'
import type { Stage } from './stage.ts'

const ramps = fc.record({
  startVUs: fc.integer({ min: 0, max: 20 }),
  stages: fc.array(
    fc.record({ duration_ms: fc.integer({ min: 0, max: 3000 }), target: fc.integer({ min: 0, max: 20 }) }),
    { minLength: 1, maxLength: 5 },
  ),
})

describe('the steps of users that come and go', () => {
  it('are one user each, spread evenly; a stage without length jumps', () => {
    const stages = [
      { duration_ms: 3000, target: 4 },
      { duration_ms: 0, target: 1 },
      { duration_ms: 500, target: 1 },
      { duration_ms: 1000, target: 0 },
    ]
    assert.deepEqual(rampingUsers({ startVUs: 1, stages }), [
      { at_ms: 0, users: 1 },
      { at_ms: 1000, users: 2 },
      { at_ms: 2000, users: 3 },
      { at_ms: 3000, users: 4 },
      { at_ms: 3000, users: 1 },
      { at_ms: 4500, users: 0 },
    ])
  })

  it('follow the line: rounded down as it rises, rounded up as it falls', () => {
    fc.assert(fc.property(ramps, (ramp) => expectBesideLine(ramp, rampingUsers(ramp))))
  })

  it('would not with users that go one step early', () => {
    const early = ({ startVUs, stages }: { startVUs: number; stages: Stage[] }): UserStep[] => {
      const [{ duration_ms, target }] = stages as [Stage]
      const distance = startVUs - target
      return Array.from({ length: distance + 1 }, (_, step) => ({
        at_ms: (duration_ms * Math.max(0, step - 1)) / distance,
        users: startVUs - step,
      }))
    }
    const ramp = { startVUs: 4, stages: [{ duration_ms: 1000, target: 0 }] }
    assert.throws(() => expectBesideLine(ramp, early(ramp)), /expected 4 users/)
    expectBesideLine(ramp, rampingUsers(ramp))
  })

  it('of several stripes are together those of one, at any moment', () => {
    fc.assert(
      fc.property(ramps, fc.integer({ min: 1, max: 25 }), (ramp, count) => {
        const whole = rampingUsers(ramp)
        const parts = Array.from({ length: count }, (_, index) => ownSteps(whole, { index, count }))
        for (const { at_ms } of whole) {
          const together = parts.reduce((sum, steps) => sum + usersAt(steps, at_ms), 0)
          assert.equal(together, usersAt(whole, at_ms))
        }
      }),
    )
  })
})

function usersAt(steps: readonly UserStep[], at_ms: number): number {
  return steps.findLast((step) => step.at_ms <= at_ms)?.users ?? 0
}

/** Looks at moments between the steps, where no rounding decides. */
function expectBesideLine({ startVUs, stages }: { startVUs: number; stages: Stage[] }, steps: UserStep[]): void {
  let begin = 0
  let from = startVUs
  for (const { duration_ms, target } of stages) {
    const distance = Math.abs(target - from)
    for (let step = 0; step < distance && duration_ms > 0; step++) {
      const at_ms = begin + (duration_ms * (step + 0.5)) / distance
      const line = from + ((target - from) * (step + 0.5)) / distance
      const expected = target > from ? Math.floor(line) : Math.ceil(line)
      assert.equal(usersAt(steps, at_ms), expected, `expected ${expected} users at ${at_ms}`)
    }
    begin += duration_ms
    from = target
  }
  assert.equal(usersAt(steps, begin), from)
}
