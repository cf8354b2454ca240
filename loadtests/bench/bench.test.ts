import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { benchLoad } from './bench.ts'

describe('the benchmark of the generator', () => {
  it('runs small and gives every figure, with null for a generator that is not there', async () => {
    const bench = await benchLoad({ seconds: 1, trials: 1, peers: [] })
    assert.deepEqual(bench.peers, { wrk: null, locust: null, tsung: null, k6: null })
    assert.equal(bench.ratio_to_wrk, null)
    const { requests_per_s, requests_per_s_per_core, kb_per_listener, start_ms_1000, lateness_ms_p99 } = bench
    for (const figure of [requests_per_s, requests_per_s_per_core, kb_per_listener, start_ms_1000, lateness_ms_p99]) {
      assert.ok(Number.isFinite(figure) && figure > 0, JSON.stringify(bench))
    }
    assert.equal(bench.verdicts.starved_invalid, 1)
  })
})
