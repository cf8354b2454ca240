import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HOUR_MS } from '../datasets/day.ts'
import { nextDaily, nextTick } from './schedule.ts'

const at = (text: string): number => Date.parse(text)

describe('the schedule', () => {
  it('runs an hourly job on the hour, whenever the process started', () => {
    assert.equal(nextTick(at('2026-01-31T10:20:00Z'), HOUR_MS), at('2026-01-31T11:00:00Z'))
    assert.equal(nextTick(at('2026-01-31T11:00:00Z'), HOUR_MS), at('2026-01-31T12:00:00Z'))
    assert.equal(nextTick(at('2026-12-31T23:59:59.999Z'), HOUR_MS), at('2027-01-01T00:00:00Z'))
  })

  it('runs a nightly job once a day', () => {
    assert.equal(nextDaily(at('2026-01-31T00:10:00Z'), HOUR_MS / 4), at('2026-01-31T00:15:00Z'))
    assert.equal(nextDaily(at('2026-01-31T00:15:00Z'), HOUR_MS / 4), at('2026-02-01T00:15:00Z'))
  })
})
