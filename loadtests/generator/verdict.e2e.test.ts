/** A few trials of the verdict on real processes; `musicbox bench load` makes twenty of each kind. */
import assert from 'node:assert/strict'
import { availableParallelism, loadavg } from 'node:os'
import { after, before, describe, it } from 'node:test'
import { startTarget, type Target } from '../bench/target-process.ts'
import { STARVATIONS, trial } from '../bench/verdict-trials.ts'
import { judge } from './generator-health.ts'

const TRIES = 4

describe('the verdict on a real generator', () => {
  let target: Target
  before(async () => {
    target = await startTarget()
  })
  after(() => target[Symbol.asyncDispose]())

  for (const starvation of STARVATIONS) {
    it(`is INVALID when it is starved by ${starvation}`, async () => {
      const { verdict, reasons, ...health } = await trial({ target, duration_ms: 1500, starvation })
      assert.equal(verdict, 'INVALID', JSON.stringify(health))
      assert.ok(reasons.length > 0)
      // Looking at processor time alone, as generators do that look at all, sees none of these.
      const { cpu_share } = health
      assert.equal(judge({ loop_delay_ms_p99: 0, start_lateness_ms_p99: 0, cpu_share }).verdict, 'VALID')
    })
  }

  it('is VALID when it has all that it needs', async (test) => {
    const seen: string[] = []
    for (let i = 0; i < TRIES; i++) {
      const { verdict, reasons } = await trial({ target, duration_ms: 1000 })
      if (verdict === 'VALID') return
      seen.push(`${verdict}: ${reasons.join('; ')}`)
    }
    // Where other programs want all processors, it has not what it needs, and is right to say so.
    if (loadavg()[0]! > availableParallelism()) return test.skip(`the machine is busy: ${seen.at(-1)}`)
    assert.fail(seen.join('\n'))
  })
})
