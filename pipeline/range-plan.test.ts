import assert from 'node:assert/strict'
import { it } from 'node:test'
import { planRanges } from './range-plan.ts'

const range = (first: string, last: string): { first: string; last: string } => ({ first, last })

it('ranges of the same days are counted once; a period without days has no rows, a range without days no counts', () => {
  const days = ['2026-01-02', '2026-01-04']
  const plan = planRanges(
    [
      { period: 'total', range: range('2026-01-02', '2026-01-04'), before: range('2025-12-30', '2026-01-01') },
      { period: 'this-month', range: range('2026-01-01', '2026-01-31'), before: range('2025-12-01', '2025-12-31') },
      { period: 'yesterday', range: range('2026-01-04', '2026-01-04'), before: range('2026-01-02', '2026-01-03') },
      { period: 'today', range: range('2026-01-05', '2026-01-05'), before: range('2026-01-04', '2026-01-04') },
    ],
    days,
  )
  assert.deepEqual(plan.ranges, [
    range('2026-01-02', '2026-01-04'),
    range('2026-01-04', '2026-01-04'),
    range('2026-01-02', '2026-01-02'),
  ])
  assert.deepEqual(plan.periods, [
    { period: 'total', range: 0, before: undefined },
    { period: 'this-month', range: 0, before: undefined },
    { period: 'yesterday', range: 1, before: 2 },
  ])
})
