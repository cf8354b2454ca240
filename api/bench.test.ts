import assert from 'node:assert/strict'
import { it } from 'node:test'
import { benchApi } from './bench.ts'

it('API benchmark: runs small, makes events durable one by one and in batches, and finds each once in the log', async () => {
  const result = await benchApi({ seconds: 0.4, connections: 4, batch: 10 })
  assert.equal(result.errors, 0)
  assert.deepEqual(Object.keys(result), [
    'events_per_s',
    'accept_ms_p50',
    'accept_ms_p99',
    'errors',
    'events_per_s_batched',
    'bare_hono_per_s',
    'ratio',
  ])
  for (const [name, value] of Object.entries(result)) if (name !== 'errors') assert.ok(value > 0, `${name} is ${value}`)
  assert.ok(result.accept_ms_p50 <= result.accept_ms_p99)
})
