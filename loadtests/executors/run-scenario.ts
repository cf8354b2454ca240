/**
 * Runs a scenario: a thin loop over its plan, on a clock that tests can move by hand. What there is to do and when is in
 * the plans beside this file; here is only who does it.
 */
import { ArrivalLoop } from './arrival-loop.ts'
import type { ExecutorClock } from './clock.ts'
import { constantArrivals } from './constant-arrival-rate.ts'
import { endlessIterations, iterationsPerUser, sharedIterations } from './iterations.ts'
import { rampingArrivals } from './ramping-arrival-rate.ts'
import { ownSteps, rampingUsers } from './ramping-vus.ts'
import { maxUsers, partOf, plannedMs, plannedUsers, type Scenario } from './scenario.ts'
import { type Stripe, shareOf } from './stripe.ts'
import { UserLoop, type UserPlan } from './user-loop.ts'

export { monotonicClock } from './clock.ts'
export { describeScenario } from './describe-scenario.ts'
export { type ExecutorClock, maxUsers, plannedMs, plannedUsers }

/** What an iteration knows of its place in the run. */
export interface IterationStart {
  /** Unique in the scenario over all stripes, from 0. */
  iterationInTest: number
  /** Of this stripe, from 0. */
  iterationInInstance: number
  /** When it was due on the clock, ms. Where the last iteration's end starts the next, that is now. */
  due: number
  /** Index of the stage it began in, for executors with stages. */
  stage?: number
}

/** A virtual user as an executor sees it. */
export interface VirtualUser {
  /** Runs one iteration; resolves when it has ended or was interrupted. */
  iterate(at: IterationStart): Promise<void>
  /** Cuts the iteration under way, if there is one: its {@link iterate} resolves and none of its code runs again. */
  interrupt(): void
}

export interface UserPool {
  /** The user with this number (from 0, over all stripes), already made or made now. */
  get(number: number): VirtualUser | Promise<VirtualUser>
  /** How many of this stripe are made. */
  readonly ready: number
}

/** What a person may change while a run goes on. */
export interface ExecutorControl {
  /** While it is, no iteration starts. Time goes on, and arrivals that fall due are not made up for. */
  readonly paused: boolean
  /** How many users, over all stripes, shall be at work; nothing: as planned. Arrivals follow their rate all the same. */
  scale(scenario: string): number | undefined
  /** @returns takes the listener off again */
  onChange(listener: () => void): () => void
}

export interface ScenarioWork {
  stripe: Stripe
  pool: UserPool
  clock: ExecutorClock
  control: ExecutorControl
  /** Ends the scenario before its time: nothing more starts, and what runs is cut. */
  signal: AbortSignal
  /** Told of iterations that were planned and never start, when that is known. */
  onDropped?: (count: number) => void
  /** Told once that an arrival found none free of as many users as this stripe may have. */
  onTooFewUsers?: (users: number) => void
  /** Told of every arrival that starts: how long after its moment, ms. */
  onLateness?: (ms: number) => void
}

export interface ScenarioEnd {
  /** Iterations that were planned and never started. */
  dropped: number
  /** Arrivals that fell due while the run was paused. */
  held: number
}

/**
 * Resolves when nothing more may start and nothing runs: when all is done, or when the scenario's time and then its
 * graceful stop have passed. Rejects with what a user's making, or a fault of ours, threw; all others are cut before.
 */
export async function runScenario(scenario: Scenario, work: ScenarioWork): Promise<ScenarioEnd> {
  const stripe = partOf(scenario, work.stripe)
  if (!stripe) return { dropped: 0, held: 0 }
  const began = work.clock.now() + scenario.start_ms
  if (scenario.start_ms > 0) await until(began, work)
  const times = { name: scenario.name, began, end: began + plannedMs(scenario), grace_ms: scenario.gracefulStop_ms }
  const share = { ...work, stripe }
  switch (scenario.executor) {
    case 'constant-arrival-rate':
    case 'ramping-arrival-rate': {
      const arrivals =
        scenario.executor === 'constant-arrival-rate'
          ? constantArrivals(scenario, stripe)
          : rampingArrivals(scenario, stripe)
      const made = shareOf(stripe, scenario.preAllocatedVUs)
      return await new ArrivalLoop({ ...times, arrivals, made, most: shareOf(stripe, scenario.maxVUs) }, share).run()
    }
    default:
      return await new UserLoop({ ...times, ...userPlan(scenario, stripe) }, share).run()
  }
}

/** Of executors whose users begin the next iteration when the last has ended. */
function userPlan(
  scenario: Exclude<Scenario, { preAllocatedVUs: number }>,
  stripe: Stripe,
): Pick<UserPlan, 'steps' | 'iterations' | 'leave_ms' | 'most' | 'stages'> {
  const leave_ms = scenario.gracefulStop_ms
  if (scenario.executor === 'ramping-vus') {
    const { stages, gracefulRampDown_ms } = scenario
    const iterations = endlessIterations(stripe)
    return { steps: ownSteps(rampingUsers(scenario), stripe), iterations, leave_ms: gracefulRampDown_ms, stages }
  }
  const steps = ownSteps([{ at_ms: 0, users: scenario.vus }], stripe)
  if (scenario.executor === 'constant-vus') return { steps, iterations: endlessIterations(stripe), leave_ms }
  const iterations =
    scenario.executor === 'shared-iterations'
      ? sharedIterations(scenario.iterations, stripe)
      : iterationsPerUser(scenario.iterations, scenario.vus, stripe)
  return { steps, iterations, leave_ms, most: shareOf(stripe, scenario.vus) }
}

function until(at: number, { clock, signal }: ScenarioWork): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.at(at, done)
    signal.addEventListener('abort', done, { once: true })
  })
}
