import assert from 'node:assert/strict'
import { it } from 'node:test'
import { clientRate } from './client-rate.ts'

it('the benchmark of the HTTP client runs, and every figure is one', async () => {
  for (const [name, figure] of Object.entries(await clientRate({ seconds: 1 }))) assert.ok(figure > 0, name)
})
