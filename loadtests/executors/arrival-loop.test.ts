import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VirtualClock, type VirtualRun, virtualRun } from './virtual-run.suite.ts'

const constant = { executor: 'constant-arrival-rate', rate: 10, duration: '1s', preAllocatedVUs: 2 }
const times = (events: { at: number }[]): number[] => events.map(({ at }) => at)

describe('arrivals', () => {
  it('start when they are due, by users that take turns, and the scenario lasts as long as was asked for', async () => {
    const run = await virtualRun(constant, { took_ms: 50 })
    assert.deepEqual(times(run.starts), [0, 100, 200, 300, 400, 500, 600, 700, 800, 900])
    assert.deepEqual(
      run.starts.map(({ user }) => user),
      [0, 1, 0, 1, 0, 1, 0, 1, 0, 1],
    )
    assert.deepEqual([run.dropped, run.held, run.over], [0, 0, 1000])
  })

  it('are dropped when no user is free: none waits, and no gap is left in the numbers of those that start', async () => {
    const run = await virtualRun(constant, { took_ms: 250 })
    assert.deepEqual(times(run.starts), [0, 100, 300, 400, 600, 700, 900])
    assert.deepEqual(
      run.starts.map(({ iterationInTest }) => iterationInTest),
      [0, 1, 2, 3, 4, 5, 6],
    )
    assert.deepEqual([run.droppedAt, run.dropped, run.over], [[200, 500, 800], 3, 1150])
  })

  it('have one more user made for each that is dropped, up to maxVUs, while others go on', async () => {
    const run = await virtualRun({ ...constant, maxVUs: 4 }, { took_ms: 10_000, making_ms: () => 150 })
    assert.deepEqual(run.made, [0, 1, 2, 3])
    // 200 is dropped and has the third user made, ready at 350; 500 is dropped and has the fourth made, ready at 650.
    assert.deepEqual(times(run.starts), [0, 100, 400, 700])
    assert.deepEqual(run.droppedAt, [200, 300, 500, 600, 800, 900])
    assert.deepEqual(run.tooFew, [4], 'told once, when no more may be made')
  })

  it('may end within the graceful stop, and are cut after it', async () => {
    const run = await virtualRun({ ...constant, gracefulStop: '200ms' }, { took_ms: 600 })
    assert.deepEqual(times(run.starts), [0, 100, 600, 700])
    assert.deepEqual([times(run.interrupted), run.over], [[1200, 1200], 1200])
  })

  it('keep their moment however late timers are: lateness is told and does not add up', async () => {
    const config = { executor: 'constant-arrival-rate', rate: 1000, duration: '2s', preAllocatedVUs: 50 }
    const run = await virtualRun(config, { took_ms: 1, clock: new VirtualClock(7) })
    assert.equal(run.starts.length, 2000)
    assert.deepEqual([run.dropped, Math.max(...run.lateness_ms)], [0, 7])
    for (const [number, { due, at }] of run.starts.entries()) {
      assert.equal(due, number)
      assert.ok(at - due >= 0 && at - due <= 7)
    }
  })

  it('that are due at the very end of the last stage still start', async () => {
    const stages = [
      { duration: '1s', target: 4 },
      { duration: '1s', target: 0 },
    ]
    const config = { executor: 'ramping-arrival-rate', startRate: 0, stages, preAllocatedVUs: 3 }
    const run = await virtualRun(config, { took_ms: 10 })
    assert.deepEqual(
      run.starts.map(({ at, stage }) => [Math.round(at), stage]),
      [
        [707, 0],
        [1000, 0],
        [1293, 1],
        [2000, 1],
      ],
    )
    assert.equal(run.over, 2010)
  })

  it('that fall due in a pause are held: not started later, and not counted as dropped', async () => {
    const changes = [
      { at: 250, paused: true },
      { at: 650, paused: false },
    ]
    const run = await virtualRun(constant, { took_ms: 50, changes })
    assert.deepEqual(times(run.starts), [0, 100, 200, 700, 800, 900])
    assert.deepEqual([run.held, run.dropped], [4, 0])
  })

  it('stop at once when the run is ended', async () => {
    const run = await virtualRun({ ...constant, duration: '9s' }, { took_ms: 250, abortAt: 420 })
    assert.deepEqual([times(run.interrupted), run.over], [[420, 420], 420])
  })

  it('end the scenario with the fault when a user cannot be made, and those at work are cut', async () => {
    const clock = new VirtualClock()
    const unmade = (user: number): number => {
      if (user === 2) throw new Error('the third user cannot be made')
      return 0
    }
    const spec = { took_ms: Number.POSITIVE_INFINITY, making_ms: unmade, clock }
    await assert.rejects(virtualRun({ ...constant, maxVUs: 3 }, spec), /the third user cannot be made/)
    assert.equal(clock.now(), 200)
  })
})

describe('arrivals of several stripes', () => {
  const parts = async (config: Record<string, unknown>, count: number): Promise<VirtualRun[]> => {
    const runs: VirtualRun[] = []
    for (let index = 0; index < count; index++) {
      runs.push(await virtualRun(config, { took_ms: 10, stripe: { index, count } }))
    }
    return runs
  }

  it('start together as those of one do, each number once', async () => {
    const config = { ...constant, rate: 37, preAllocatedVUs: 5 }
    const whole = await virtualRun(config, { took_ms: 10 })
    for (const count of [2, 3, 8]) {
      const starts = (await parts(config, count)).flatMap(({ starts }) => starts)
      const placed = (of: VirtualRun['starts']) =>
        of.map(({ iterationInTest, due }) => ({ iterationInTest, due })).sort((a, b) => a.due - b.due)
      assert.deepEqual(placed(starts), placed(whole.starts))
      assert.deepEqual([...new Set(starts.map(({ user }) => user))].sort(), [0, 1, 2, 3, 4])
    }
  })

  it('leave stripes without a user out, so that none of their arrivals is lost', async () => {
    const runs = await parts({ ...constant, preAllocatedVUs: 1, maxVUs: 9 }, 4)
    assert.deepEqual(
      runs.map(({ starts, dropped }) => [starts.length, dropped]),
      [
        [10, 0],
        [0, 0],
        [0, 0],
        [0, 0],
      ],
    )
  })
})
