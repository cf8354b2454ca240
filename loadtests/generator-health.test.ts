import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GeneratorMonitor, judge } from './generator-health.ts'
import { VuLoop } from './vu-loop.ts'

const FIT = { loop_delay_ms_p99: 4, start_lateness_ms_p99: 6, cpu_share: 0.5 }

describe('the verdict on the generator', () => {
  it('is VALID without a reason when all is well', () => {
    assert.deepEqual(judge(FIT), { verdict: 'VALID', reasons: [] })
  })

  it('falls with each of the measures, and says which and by how much', () => {
    const table: [Partial<typeof FIT>, string, RegExp][] = [
      [{ loop_delay_ms_p99: 30 }, 'SUSPECT', /event-loop delay p99 was 30 ms, over 25 ms/],
      [{ loop_delay_ms_p99: 101 }, 'INVALID', /over 100 ms/],
      [{ start_lateness_ms_p99: 26 }, 'SUSPECT', /start lateness p99 was 26 ms/],
      [{ start_lateness_ms_p99: 150 }, 'INVALID', /start lateness/],
      [{ cpu_share: 0.81 }, 'SUSPECT', /processor share was 0.81 cores/],
      [{ cpu_share: 0.99 }, 'INVALID', /use fewer listeners/],
    ]
    for (const [change, verdict, words] of table) {
      const judged = judge({ ...FIT, ...change })
      assert.equal(judged.verdict, verdict)
      assert.equal(judged.reasons.length, 1)
      assert.match(judged.reasons[0]!, words)
    }
  })

  it('is the worst of them, with all reasons', () => {
    const { verdict, reasons } = judge({ loop_delay_ms_p99: 30, start_lateness_ms_p99: 500, cpu_share: 0.9 })
    assert.equal(verdict, 'INVALID')
    assert.equal(reasons.length, 3)
  })

  it('is INVALID for a generator whose loop is blocked again and again', async () => {
    const monitor = new GeneratorMonitor()
    monitor.start()
    const loop = new VuLoop(monitor.timerLateness)
    await loop.run(
      async () => {
        for (let i = 0; i < 5; i++) {
          await new Promise<void>((wake) => loop.setTimeout(() => wake(), 20))
          // Somebody's busy work in between, longer than the listener meant to wait.
          setTimeout(block, 1)
          setTimeout(block, 1)
        }
      },
      (error) => assert.ifError(error),
    )
    const health = monitor.stop()
    const { verdict, reasons } = judge(health)
    assert.equal(verdict, 'INVALID', JSON.stringify(health))
    assert.match(reasons.join(), /event-loop delay/)
    assert.match(reasons.join(), /start lateness/)
  })
})

function block(): void {
  const until = performance.now() + 80
  while (performance.now() < until);
}
