import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { benchSimulate } from './bench.ts'

describe('the simulator’s benchmark', () => {
  it('measures every figure, on a small world in a short time', async () => {
    const figures = await benchSimulate({ seconds: 0.05, users: 300 })
    for (const [name, value] of Object.entries(figures))
      assert.ok(Number.isFinite(value) && value > 0, `${name}: ${value}`)
  })
})
