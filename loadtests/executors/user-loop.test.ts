import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { VirtualClock, type VirtualRun, virtualRun } from './virtual-run.suite.ts'

const times = (events: { at: number }[]): number[] => events.map(({ at }) => at)
const numbers = (run: VirtualRun): number[] => run.starts.map(({ iterationInTest }) => iterationInTest)

describe('users with as many iterations as time allows', () => {
  it('begin the next iteration when the last has ended, and none after the end', async () => {
    const run = await virtualRun({ executor: 'constant-vus', vus: 2, duration: '1s' }, { took_ms: 300 })
    assert.deepEqual(times(run.starts), [0, 0, 300, 300, 600, 600, 900, 900])
    assert.deepEqual(numbers(run), [0, 1, 2, 3, 4, 5, 6, 7])
    assert.deepEqual([run.dropped, run.over], [0, 1200])
  })

  it('begin none after the end, also when the timer that tells of the end is late', async () => {
    const config = { executor: 'constant-vus', vus: 1, duration: '1s' }
    const run = await virtualRun(config, { took_ms: 450, clock: new VirtualClock(50) })
    assert.deepEqual(
      [times(run.starts), times(run.ends)],
      [
        [0, 500],
        [500, 1000],
      ],
    )
  })

  it('may end their last iteration within the graceful stop, and are cut after it', async () => {
    const config = { executor: 'constant-vus', vus: 1, duration: '1s' }
    const graceful = await virtualRun({ ...config, gracefulStop: '1s' }, { took_ms: 700 })
    assert.deepEqual(times(graceful.ends), [700, 1400])
    const cut = await virtualRun({ ...config, gracefulStop: '100ms' }, { took_ms: 700 })
    assert.deepEqual([times(cut.ends), times(cut.interrupted)], [[700], [1100]])
    const none = await virtualRun({ ...config, gracefulStop: 0 }, { took_ms: 700 })
    assert.deepEqual([times(none.ends), times(none.interrupted)], [[700], [1000]])
  })

  it('wait for the start time', async () => {
    const config = { executor: 'shared-iterations', vus: 1, iterations: 2, startTime: '5s' }
    assert.deepEqual(times((await virtualRun(config, { took_ms: 10 })).starts), [5000, 5010])
  })

  it('stop at once when the run is ended, also before the scenario has begun', async () => {
    const config = { executor: 'constant-vus', vus: 1, duration: '10s' }
    const run = await virtualRun(config, { took_ms: 400, abortAt: 1000 })
    assert.deepEqual([times(run.ends), times(run.interrupted), run.over], [[400, 800], [1000], 1000])
    const early = await virtualRun({ ...config, startTime: '5s' }, { took_ms: 400, abortAt: 1000 })
    assert.deepEqual([early.starts, early.over], [[], 1000])
  })

  it('end the scenario with the fault when one of them cannot be run, and the others are cut', async () => {
    const config = { executor: 'constant-vus', vus: 2, duration: '10s' }
    const broken = ({ iterationInTest }: { iterationInTest: number }): number => {
      if (iterationInTest === 5) throw new Error('a fault of ours')
      return iterationInTest === 4 ? Number.POSITIVE_INFINITY : 100
    }
    const clock = new VirtualClock()
    await assert.rejects(virtualRun(config, { took_ms: broken, clock }), /a fault of ours/)
    assert.equal(clock.now(), 200)
  })
})

describe('users with a number of iterations', () => {
  it('race for a common one', async () => {
    const config = { executor: 'shared-iterations', vus: 2, iterations: 5 }
    const run = await virtualRun(config, { took_ms: ({ iterationInTest }) => (iterationInTest === 0 ? 1000 : 100) })
    assert.deepEqual(
      run.starts.map(({ user, iterationInTest }) => [user, iterationInTest]),
      [
        [0, 0],
        [1, 1],
        [1, 2],
        [1, 3],
        [1, 4],
      ],
    )
    assert.equal(run.over, 1000, 'the scenario is over when all is done, not at its maxDuration')
  })

  it('have each their own, numbered by user and round whoever is faster', async () => {
    const config = { executor: 'per-vu-iterations', vus: 2, iterations: 3 }
    const run = await virtualRun(config, { took_ms: ({ iterationInTest }) => (iterationInTest % 2 ? 10 : 1000) })
    const of = (user: number) => run.starts.filter((start) => start.user === user).map((start) => start.iterationInTest)
    assert.deepEqual(
      [of(0), of(1)],
      [
        [0, 2, 4],
        [1, 3, 5],
      ],
    )
  })

  it('count as dropped what maxDuration left no time for', async () => {
    const each = { executor: 'per-vu-iterations', vus: 2, iterations: 5, maxDuration: '1s' }
    const shared = { executor: 'shared-iterations', vus: 2, iterations: 10, maxDuration: '1s' }
    for (const config of [each, shared]) {
      const run = await virtualRun(config, { took_ms: 400 })
      assert.deepEqual([times(run.starts), run.dropped], [[0, 0, 400, 400, 800, 800], 4])
      assert.deepEqual(run.droppedAt, [1200, 1200, 1200, 1200])
    }
  })
})

describe('users that come and go in stages', () => {
  const up = { duration: '4s', target: 4 }
  const down = { duration: '4s', target: 0 }

  it('come when the line reaches them and go one step late', async () => {
    const config = { executor: 'ramping-vus', startVUs: 0, stages: [up, down] }
    const run = await virtualRun(config, { took_ms: 10_000 })
    assert.deepEqual(
      run.starts.map(({ user, at, stage }) => [user, at, stage]),
      [
        [0, 1000, 0],
        [1, 2000, 0],
        [2, 3000, 0],
        [3, 4000, 1],
      ],
    )
    const short = await virtualRun(config, { took_ms: 500 })
    const last = (user: number) => short.ends.findLast((end) => end.user === user)!.at
    assert.deepEqual([3, 2, 1, 0].map(last), [5000, 6000, 7000, 8000])
  })

  it('may end their iteration within the graceful ramp-down, and are cut after it', async () => {
    const stages = [
      { duration: '1s', target: 2 },
      { duration: 0, target: 0 },
      { duration: '9s', target: 0 },
    ]
    const config = { executor: 'ramping-vus', startVUs: 2, stages, gracefulRampDown: '2s' }
    const run = await virtualRun(config, { took_ms: ({ iterationInTest }) => (iterationInTest ? 8000 : 2500) })
    assert.deepEqual(run.ends, [{ user: 0, at: 2500 }])
    assert.deepEqual(run.interrupted, [{ user: 1, at: 3000 }])
    assert.equal(run.over, 10_000, 'the scenario lasts as long as its stages, also without users')
  })

  it('go on uncut when they are wanted again within the graceful ramp-down', async () => {
    const stages = [
      { duration: '1s', target: 1 },
      { duration: 0, target: 0 },
      { duration: '1s', target: 0 },
      { duration: 0, target: 1 },
      { duration: '5s', target: 1 },
    ]
    const config = { executor: 'ramping-vus', startVUs: 1, stages, gracefulRampDown: '2s' }
    const run = await virtualRun(config, { took_ms: 4000 })
    assert.deepEqual([times(run.starts), times(run.ends), run.interrupted], [[0, 4000], [4000, 8000], []])
  })
})

describe('a person at the controls', () => {
  it('pauses: iterations under way end and none begins until the run goes on', async () => {
    const run = await virtualRun(
      { executor: 'constant-vus', vus: 2, duration: '3s' },
      {
        took_ms: 400,
        changes: [
          { at: 1000, paused: true },
          { at: 2000, paused: false },
        ],
      },
    )
    assert.deepEqual(times(run.starts), [0, 0, 400, 400, 800, 800, 2000, 2000, 2400, 2400, 2800, 2800])
    assert.equal(run.over, 3200)
  })

  it('scales up beyond the plan with new users, and down with a graceful end', async () => {
    const config = { executor: 'constant-vus', vus: 1, duration: '6s', gracefulStop: '500ms' }
    const changes = [
      { at: 1000, users: 3 },
      { at: 3500, users: 2 },
      { at: 4000, users: 0 },
      { at: 5200, users: undefined },
    ]
    const run = await virtualRun(config, { took_ms: 1000, changes })
    assert.deepEqual(run.made, [0, 1, 2])
    const of = (user: number) => times(run.starts.filter((start) => start.user === user))
    assert.deepEqual(
      [of(0), of(1), of(2)],
      [
        [0, 1000, 2000, 3000, 5200],
        [1000, 2000, 3000],
        [1000, 2000, 3000],
      ],
    )
    const long = await virtualRun(config, { took_ms: 5000, changes: [{ at: 1000, users: 0 }] })
    assert.deepEqual(long.interrupted, [{ user: 0, at: 1500 }])
  })

  it('takes users from a number of iterations, whose rest is left to the others, and adds none', async () => {
    const config = { executor: 'shared-iterations', vus: 2, iterations: 6 }
    const fewer = await virtualRun(config, { took_ms: 100, changes: [{ at: 50, users: 1 }] })
    assert.deepEqual(
      [times(fewer.starts), fewer.made],
      [
        [0, 0, 100, 200, 300, 400],
        [0, 1],
      ],
    )
    const more = await virtualRun(config, { took_ms: 100, changes: [{ at: 50, users: 9 }] })
    assert.deepEqual(more.made, [0, 1])
    const own = { executor: 'per-vu-iterations', vus: 2, iterations: 3, maxDuration: '1s' }
    const held = await virtualRun(own, { took_ms: 100, changes: [{ at: 50, users: 1 }] })
    assert.deepEqual([held.starts.length, held.dropped, held.over], [4, 2, 1000])
  })
})

describe('users of several stripes', () => {
  it('do together what one would: the same users, the same iterations', async () => {
    const executors = fc.constantFrom('shared-iterations', 'per-vu-iterations')
    const cases = fc.tuple(executors, fc.integer({ min: 1, max: 7 }), fc.integer({ min: 0, max: 9 }))
    await fc.assert(
      fc.asyncProperty(cases, fc.integer({ min: 1, max: 5 }), async ([executor, vus, extra], count) => {
        const config = { executor, vus, iterations: vus + extra }
        const whole = await virtualRun(config, { took_ms: 10 })
        const parts: VirtualRun[] = []
        for (let index = 0; index < count; index++) {
          const part = await virtualRun(config, { took_ms: 10, stripe: { index, count } })
          assert.deepEqual(
            part.starts.map(({ iterationInInstance }) => iterationInInstance),
            part.starts.map((_, ordinal) => ordinal),
          )
          parts.push(part)
        }
        const sorted = (of: (run: VirtualRun) => number[], runs: VirtualRun[]) => runs.flatMap(of).sort((a, b) => a - b)
        assert.deepEqual(sorted(numbers, parts), sorted(numbers, [whole]))
        assert.deepEqual(
          sorted(({ made }) => made, parts),
          sorted(({ made }) => made, [whole]),
        )
      }),
      { numRuns: 40 },
    )
  })

  it('are scaled by their number over all', async () => {
    const config = { executor: 'constant-vus', vus: 2, duration: '2s' }
    const changes = [{ at: 1000, users: 5 }]
    const made = async (index: number) =>
      (await virtualRun(config, { took_ms: 100, changes, stripe: { index, count: 2 } })).made
    assert.deepEqual(
      [await made(0), await made(1)],
      [
        [0, 2, 4],
        [1, 3],
      ],
    )
  })

  it('come and go at the same moments as those of one', async () => {
    const stages = [
      { duration: '3s', target: 5 },
      { duration: '1s', target: 5 },
      { duration: '2s', target: 0 },
    ]
    const config = { executor: 'ramping-vus', startVUs: 1, stages, gracefulRampDown: 0 }
    const moments = (runs: VirtualRun[]) =>
      runs
        .flatMap(({ starts, interrupted }) => [
          ...starts.map(({ user, at }) => `${user} comes at ${at}`),
          ...interrupted.map(({ user, at }) => `${user} goes at ${at}`),
        ])
        .sort()
    const whole = await virtualRun(config, { took_ms: Number.POSITIVE_INFINITY })
    assert.equal(moments([whole]).length, 10)
    for (const count of [2, 3, 7]) {
      const parts: VirtualRun[] = []
      for (let index = 0; index < count; index++) {
        parts.push(await virtualRun(config, { took_ms: Number.POSITIVE_INFINITY, stripe: { index, count } }))
      }
      assert.deepEqual(moments(parts), moments([whole]))
    }
  })
})
