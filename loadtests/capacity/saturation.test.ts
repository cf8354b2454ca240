import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type SystemReadings, saturated } from './saturation.ts'

const IDLE: SystemReadings = {
  cpu: { 'event-api': 0.3, pipeline: 0.1 },
  loop_delay_ms: { 'event-api': 3, pipeline: 40 },
  log_append_ms: 1,
  service_mean_ms: 5,
  service_p95_ms: 200,
  generator_cores: 0.2,
  cores: 4,
}
const growth = { grows: true, slope_per_s: 50, excess: 0.25, p: 0.001 }

describe('the part that is at its limit', () => {
  it('is none where nothing that is watched is', () => {
    assert.equal(saturated(IDLE), undefined)
    assert.equal(saturated({ ...IDLE, cpu: {}, loop_delay_ms: {}, generator_cores: 4 }), undefined)
  })

  it('is each of the parts, with what was measured', () => {
    const table: [Partial<SystemReadings>, string, RegExp][] = [
      [{ collector: growth }, 'collector', /25 %/],
      [{ log_append_ms: 4 }, 'event log', /4\.0 ms of a service time of 5\.0 ms/],
      [{ cpu: { 'event-api': 0.97 } }, 'event-api', /0\.97 cores/],
      [{ loop_delay_ms: { 'event-api': 150 } }, 'event-api (event loop)', /150 ms late/],
      [{ generator_cores: 0.85, cpu: { 'event-api': 0.6, pipeline: 0.5 }, cores: 2 }, 'machine', /1\.95 of its 2/],
    ]
    for (const [change, stage, why] of table) {
      const found = saturated({ ...IDLE, ...change })
      assert.equal(found?.stage, stage)
      assert.match(found.why, why)
    }
  })

  it('is the first on the way of an event when several are', () => {
    const all = { ...IDLE, log_append_ms: 4, cpu: { 'event-api': 1 }, loop_delay_ms: { 'event-api': 500 } }
    assert.equal(saturated(all)?.stage, 'event log')
    assert.equal(saturated({ ...all, collector: growth })?.stage, 'collector')
  })
})
