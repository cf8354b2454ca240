/**
 * Executors: who starts an iteration, when, and until when. Which iterations there are is a plan, computed without
 * running anything; {@link runScenario} is a thin loop over it, on a clock that tests can move by hand.
 */
import type { Scenario } from './options.ts'

/** What is left to start. Asked each time that a virtual user is free. */
export interface IterationPlan {
  readonly vus: number
  /** No iteration starts from here on, ms from the scenario's start. */
  readonly end_ms: number
  /** Takes one iteration for the user of this index (from 0), or says that there is none left for it. */
  take(vu: number): boolean
  /** Iterations that were planned and not taken. */
  left(): number
}

export function planOf(scenario: Scenario): IterationPlan {
  switch (scenario.executor) {
    case 'constant-vus':
      return { vus: scenario.vus, end_ms: scenario.duration_ms, take: () => true, left: () => 0 }
    case 'shared-iterations': {
      let left = scenario.iterations
      const take = (): boolean => left > 0 && left-- > 0
      return { vus: scenario.vus, end_ms: scenario.maxDuration_ms, take, left: () => left }
    }
    case 'per-vu-iterations': {
      const left = new Array<number>(scenario.vus).fill(scenario.iterations)
      const take = (vu: number): boolean => left[vu]! > 0 && left[vu]!-- > 0
      const sum = (): number => left.reduce((total, n) => total + n, 0)
      return { vus: scenario.vus, end_ms: scenario.maxDuration_ms, take, left: sum }
    }
  }
}

/** Time as an executor sees it. */
export interface ExecutorClock {
  now(): number
  /** Calls back once at `at` (same scale as {@link now}); the result cancels it. */
  at(at: number, callback: () => void): () => void
}

/** A virtual user as an executor sees it. */
export interface Runner {
  /** Runs one iteration; resolves when it has ended or was interrupted. */
  iterate(): Promise<void>
  /** Cuts the iteration under way, if there is one: its {@link iterate} resolves and none of its code runs again. */
  interrupt(): void
}

export interface ScenarioEnd {
  /** Iterations that never started. */
  dropped: number
}

/**
 * Runs a scenario to its end: until the plan is used up, or until its time and then the graceful stop have passed.
 * @param signal ends it before: nothing more starts, and what runs is cut
 */
export async function runScenario(
  scenario: Scenario,
  runners: readonly Runner[],
  clock: ExecutorClock,
  signal: AbortSignal,
): Promise<ScenarioEnd> {
  const plan = planOf(scenario)
  if (scenario.start_ms > 0) await waitUntil(clock, clock.now() + scenario.start_ms, signal)
  const started = clock.now()
  const end = started + plan.end_ms
  const cut = (): void => {
    for (const runner of runners) runner.interrupt()
  }
  const cancel = clock.at(end + scenario.gracefulStop_ms, cut)
  signal.addEventListener('abort', cut, { once: true })
  const work = async (vu: number): Promise<void> => {
    while (!signal.aborted && clock.now() < end && plan.take(vu)) await runners[vu]!.iterate()
  }
  await Promise.all(Array.from({ length: plan.vus }, (_, vu) => work(vu)))
  cancel()
  signal.removeEventListener('abort', cut)
  return { dropped: plan.left() }
}

function waitUntil(clock: ExecutorClock, at: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const cancel = clock.at(at, () => done())
    const done = (): void => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
  })
}

/** The real clock: monotonic milliseconds. */
export const monotonicClock: ExecutorClock = {
  now: () => performance.now(),
  at(at, callback) {
    // Longer timers than this overflow in Node and would fire at once.
    const timer = setTimeout(callback, Math.min(2_147_483_647, Math.max(0, at - performance.now())))
    return () => clearTimeout(timer)
  },
}
