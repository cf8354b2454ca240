import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startTarget } from '../target-process.ts'
import { PEERS, peerRate } from './peers.ts'

describe('a generator that ours is measured beside', () => {
  for (const name of ['wrk', 'locust', 'tsung'] as const satisfies (keyof typeof PEERS)[]) {
    it(`${name}: sends what ours sends, and its processor time is counted`, async (test) => {
      await using target = await startTarget()
      const rate = await peerRate(name, target, 1)
      if (rate === null) {
        assert.ok(process.env['MUSICBOX_REQUIRE_PEERS'] !== '1', `MUSICBOX_REQUIRE_PEERS=1, but ${name} did not work`)
        test.skip(`${PEERS[name].package} is not installed`)
        return
      }
      assert.ok(rate.requests_per_s > 0)
      assert.ok(rate.requests_per_s_per_core > 0)
    })
  }
})
