import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VuLoop } from '../engine/vu-loop.ts'
import { type GeneratorHealth, GeneratorMonitor, judge, mergeHealth } from './generator-health.ts'

const FIT: GeneratorHealth = {
  loop_delay_ms_p99: 4,
  loop_delay_ms_p90: 0,
  loop_delay_ms_max: 60,
  late_share_worst_10s: 0.004,
  start_lateness_ms_p99: 6,
  cpu_share: 0.5,
  loop_busy_share: 0.6,
  gc_share: 0.02,
  run_delay_share: 0.01,
  loop_samples: 1000,
}

describe('the verdict on the generator', () => {
  it('is VALID without a reason when all is well', () => {
    assert.deepEqual(judge(FIT), { verdict: 'VALID', reasons: [] })
  })

  it('falls with each of the measures, and says which and by how much', () => {
    const table: [Partial<GeneratorHealth>, string, RegExp][] = [
      [{ loop_delay_ms_p99: 30 }, 'SUSPECT', /event-loop delay p99 was 30 ms, over 25 ms/],
      [{ loop_delay_ms_p99: 101 }, 'INVALID', /over 100 ms/],
      [{ loop_delay_ms_p90: 11 }, 'SUSPECT', /event-loop delay p90 was 11 ms, over 10 ms/],
      [{ loop_delay_ms_p90: 26 }, 'INVALID', /p90 .* over 25 ms/],
      [{ late_share_worst_10s: 0.06 }, 'SUSPECT', /worst 10 s .* was 0.06, over 0.05/],
      [{ late_share_worst_10s: 0.4 }, 'INVALID', /a part of the run/],
      [{ start_lateness_ms_p99: 26 }, 'SUSPECT', /start lateness p99 was 26 ms/],
      [{ start_lateness_ms_p99: 150 }, 'INVALID', /start lateness/],
      [{ cpu_share: 0.81 }, 'SUSPECT', /processor share was 0.81 cores/],
      [{ cpu_share: 0.99 }, 'INVALID', /use fewer listeners/],
      [{ loop_busy_share: 0.9 }, 'SUSPECT', /busy share of the event loop was 0.9/],
      [{ loop_busy_share: 0.96 }, 'INVALID', /more workers/],
      [{ gc_share: 0.15 }, 'SUSPECT', /garbage collection was 0.15/],
      [{ gc_share: 0.3 }, 'INVALID', /garbage collection/],
      [{ run_delay_share: 0.21 }, 'SUSPECT', /waiting for a processor was 0.21/],
      [{ run_delay_share: 0.41 }, 'INVALID', /other programs/],
    ]
    for (const [change, verdict, words] of table) {
      const judged = judge({ ...FIT, ...change })
      assert.equal(judged.verdict, verdict, JSON.stringify(change))
      assert.equal(judged.reasons.length, 1)
      assert.match(judged.reasons[0]!, words)
    }
  })

  it('is the worst of them, with all reasons', () => {
    const { verdict, reasons } = judge({ ...FIT, loop_delay_ms_p99: 30, start_lateness_ms_p99: 500, cpu_share: 0.9 })
    assert.equal(verdict, 'INVALID')
    assert.equal(reasons.length, 3)
  })

  it('is never VALID because nothing was measured', () => {
    const monitor = new GeneratorMonitor()
    monitor.start()
    assert.equal(judge(monitor.stop()).verdict, 'INVALID')
    assert.equal(judge(new GeneratorMonitor().stop()).verdict, 'INVALID')
    assert.equal(judge({ ...FIT, cpu_share: Number.NaN }).verdict, 'INVALID')
  })

  it('on several processes is that on the worst of each measure', () => {
    const merged = mergeHealth([{ ...FIT, run_delay_share: 0.5 }, { ...FIT, cpu_share: 0.9, loop_samples: 3 }, FIT])
    assert.deepEqual(merged, { ...FIT, run_delay_share: 0.5, cpu_share: 0.9, loop_samples: 3 })
    assert.equal(judge(merged).verdict, 'INVALID')
    const { run_delay_share: _, ...unknown } = FIT
    assert.equal(mergeHealth([unknown, FIT]).run_delay_share, FIT.run_delay_share)
    assert.equal(judge(mergeHealth([FIT, { ...FIT, loop_samples: 0 }])).verdict, 'INVALID')
    assert.throws(() => mergeHealth([]), RangeError)
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
    assert.deepEqual(monitor.sample(), health, 'after the end it stays as it was')
  })

  it('does not count what holds the loop before anything was sent or due, and counts it from then on', async () => {
    const beat = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30))
    for (const begin of ['request', 'timer'] as const) {
      let underWay = false
      const monitor = new GeneratorMonitor(() => underWay)
      monitor.start()
      await beat()
      block()
      await beat()
      assert.ok(monitor.sample().loop_delay_ms_max! < 60, 'planning')
      if (begin === 'request') underWay = true
      else monitor.timerLateness(0)
      await beat()
      underWay = false
      block()
      await beat()
      assert.ok(monitor.stop().loop_delay_ms_max! >= 60, begin)
    }
  })

  it('sees a stall that has not ended when the run does', async () => {
    const monitor = new GeneratorMonitor()
    monitor.start()
    await new Promise((resolve) => setTimeout(resolve, 30))
    block()
    block()
    const { loop_delay_ms_max } = monitor.stop()
    assert.ok(loop_delay_ms_max! >= 150, String(loop_delay_ms_max))
  })
})

function block(): void {
  const until = performance.now() + 80
  while (performance.now() < until);
}
