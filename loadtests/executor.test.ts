import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ExecutorClock, planOf, type Runner, runScenario } from './executor.ts'
import { readOptions, type Scenario } from './options.ts'

describe('the plan of an executor', () => {
  it('per-vu-iterations: each user has its own share', () => {
    const plan = planOf(scenario({ executor: 'per-vu-iterations', vus: 2, iterations: 2 }))
    assert.deepEqual([0, 0, 0, 1].map(plan.take), [true, true, false, true])
    assert.equal(plan.left(), 1)
  })

  it('shared-iterations: users race for one number', () => {
    const plan = planOf(scenario({ executor: 'shared-iterations', vus: 2, iterations: 3 }))
    assert.deepEqual([0, 0, 1, 0, 1].map(plan.take), [true, true, true, false, false])
    assert.equal(plan.left(), 0)
  })

  it('constant-vus: there is always another, until the time is over', () => {
    const plan = planOf(scenario({ executor: 'constant-vus', vus: 1, duration: '2s' }))
    assert.ok(Array.from({ length: 100 }).every(() => plan.take(0)))
    assert.equal(plan.end_ms, 2000)
    assert.equal(plan.left(), 0)
  })
})

describe('a running executor', () => {
  it('starts constant-vus iterations back to back and none after the end', async () => {
    const { starts, dropped } = await simulated({ executor: 'constant-vus', vus: 2, duration: '1s' }, 300)
    assert.deepEqual(starts, [0, 0, 300, 300, 600, 600, 900, 900])
    assert.equal(dropped, 0)
  })

  it('lets the last iterations end within the graceful stop', async () => {
    const { ends } = await simulated({ executor: 'constant-vus', vus: 1, duration: '1s', gracefulStop: '1s' }, 700)
    assert.deepEqual(ends, [700, 1400])
  })

  it('cuts iterations that outlast the graceful stop', async () => {
    const { ends, interrupted } = await simulated(
      { executor: 'constant-vus', vus: 1, duration: '1s', gracefulStop: '100ms' },
      700,
    )
    assert.deepEqual(ends, [700])
    assert.deepEqual(interrupted, [1100])
  })

  it('counts what maxDuration left no time for as dropped', async () => {
    const { starts, dropped } = await simulated(
      { executor: 'per-vu-iterations', vus: 2, iterations: 5, maxDuration: '1s' },
      400,
    )
    assert.deepEqual(starts, [0, 0, 400, 400, 800, 800])
    assert.equal(dropped, 4)
  })

  it('waits for startTime', async () => {
    const { starts } = await simulated({ executor: 'shared-iterations', vus: 1, iterations: 2, startTime: '5s' }, 10)
    assert.deepEqual(starts, [5000, 5010])
  })

  it('stops at once when the run is ended', async () => {
    const { ends, interrupted } = await simulated({ executor: 'constant-vus', vus: 1, duration: '10s' }, 400, 1000)
    assert.deepEqual(ends, [400, 800])
    assert.deepEqual(interrupted, [1000])
  })
})

function scenario(config: Record<string, unknown>): Scenario {
  return readOptions({ scenarios: { main: config as never } }).scenarios[0]!
}

/** Runs a scenario of iterations that last `took_ms` each, on a clock that only moves when all is waiting. */
async function simulated(
  config: Record<string, unknown>,
  took_ms: number,
  abortAt?: number,
): Promise<{ starts: number[]; ends: number[]; interrupted: number[]; dropped: number }> {
  const clock = new VirtualClock()
  const abort = new AbortController()
  if (abortAt !== undefined) clock.at(abortAt, () => abort.abort())
  const starts: number[] = []
  const ends: number[] = []
  const interrupted: number[] = []
  const planned = scenario(config)
  const runners = Array.from({ length: planned.vus }, (): Runner => {
    let cut: (() => void) | undefined
    return {
      iterate: () =>
        new Promise((resolve) => {
          starts.push(clock.now())
          const cancel = clock.at(clock.now() + took_ms, () => {
            cut = undefined
            ends.push(clock.now())
            resolve()
          })
          cut = () => {
            cancel()
            interrupted.push(clock.now())
            resolve()
          }
        }),
      interrupt: () => cut?.(),
    }
  })
  const { dropped } = await clock.runUntil(runScenario(planned, runners, clock, abort.signal))
  return { starts, ends, interrupted, dropped }
}

class VirtualClock implements ExecutorClock {
  #now = 0
  #due: { at: number; callback: () => void }[] = []

  now(): number {
    return this.#now
  }

  at(at: number, callback: () => void): () => void {
    const entry = { at, callback }
    this.#due.push(entry)
    return () => {
      this.#due = this.#due.filter((other) => other !== entry)
    }
  }

  async runUntil<T>(work: Promise<T>): Promise<T> {
    let done = false
    void work.finally(() => {
      done = true
    })
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      if (done) return work
      const next = this.#due.toSorted((a, b) => a.at - b.at)[0]
      assert.ok(next, 'everything waits and nothing is due')
      this.#due = this.#due.filter((entry) => entry !== next)
      this.#now = next.at
      next.callback()
    }
  }
}
