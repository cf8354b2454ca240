import assert from 'node:assert/strict'
import { it } from 'node:test'
import { benchSoak } from './soak.ts'

it('a soak, as short as it can be, sends its requests and says what became of memory', async () => {
  const soak = await benchSoak({ seconds: 1 })
  assert.equal(soak.seconds, 40)
  assert.equal(soak.failed, 0)
  assert.ok(soak.requests > 10_000, `${soak.requests} requests`)
  assert.ok(soak.rss_mb_first > 0 && soak.kept_mb_first > 0 && soak.kept_mb_last > 0)
  assert.ok(soak.rss_slope_kb_per_min_low <= soak.rss_slope_kb_per_min_high)
  assert.notEqual(soak.reason, '')
})
