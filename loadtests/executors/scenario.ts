/** A scenario: one executor with its numbers, and the function that each of its iterations runs. */
import type { Tags } from '../metrics/metric.ts'
import { type Stage, stagesMs } from './stage.ts'
import { ownNumbers, type Stripe, takingPart } from './stripe.ts'

export type Scenario = Iterations | ConstantVus | RampingVus | ConstantArrivalRate | RampingArrivalRate

interface Base {
  name: string
  /** Name of the exported function. */
  exec: string
  /** From the start of the scenarios. */
  start_ms: number
  /** How long iterations under way at the end may still take. */
  gracefulStop_ms: number
  env: Readonly<Record<string, string>>
  tags: Tags
}

export interface Iterations extends Base {
  executor: 'shared-iterations' | 'per-vu-iterations'
  vus: number
  /** Of all users together, or of each. */
  iterations: number
  maxDuration_ms: number
}

export interface ConstantVus extends Base {
  executor: 'constant-vus'
  vus: number
  duration_ms: number
}

export interface RampingVus extends Base {
  executor: 'ramping-vus'
  startVUs: number
  stages: readonly Stage[]
  /** How long the iteration of a user that is no longer wanted may still take. */
  gracefulRampDown_ms: number
}

interface Arrivals extends Base {
  /** Rates are iterations in this time. */
  timeUnit_ms: number
  preAllocatedVUs: number
  maxVUs: number
}

export interface ConstantArrivalRate extends Arrivals {
  executor: 'constant-arrival-rate'
  rate: number
  duration_ms: number
}

export interface RampingArrivalRate extends Arrivals {
  executor: 'ramping-arrival-rate'
  startRate: number
  stages: readonly Stage[]
}

export type ExecutorName = Scenario['executor']

/** How long the scenario may start iterations, without its start time and its graceful stop. */
export function plannedMs(scenario: Scenario): number {
  switch (scenario.executor) {
    case 'shared-iterations':
    case 'per-vu-iterations':
      return scenario.maxDuration_ms
    case 'constant-vus':
    case 'constant-arrival-rate':
      return scenario.duration_ms
    case 'ramping-vus':
    case 'ramping-arrival-rate':
      return stagesMs(scenario.stages)
  }
}

/** The most users that the scenario has at once, over all stripes. */
export function maxUsers(scenario: Scenario): number {
  switch (scenario.executor) {
    case 'ramping-vus':
      return Math.max(scenario.startVUs, ...scenario.stages.map(({ target }) => target))
    case 'constant-arrival-rate':
    case 'ramping-arrival-rate':
      return scenario.maxVUs
    default:
      return scenario.vus
  }
}

/** Numbers of the users that are made before the start: the stripe's own. */
export function plannedUsers(scenario: Scenario, stripe: Stripe): number[] {
  const part = partOf(scenario, stripe)
  return part ? ownNumbers(part, 0, usersAtStart(scenario)) : []
}

/** The stripe among those that have a part in this scenario. */
export function partOf(scenario: Scenario, stripe: Stripe): Stripe | undefined {
  return takingPart(stripe, usersAtStart(scenario) || maxUsers(scenario))
}

function usersAtStart(scenario: Scenario): number {
  return 'preAllocatedVUs' in scenario ? scenario.preAllocatedVUs : maxUsers(scenario)
}
