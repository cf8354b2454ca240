/**
 * When users come and go as their number follows stages.
 *
 * The wanted number is a whole one beside the straight line of its stage. Rising, it is the line rounded down: a user
 * comes when the line reaches it. Falling, it is the line rounded up: a user goes only when the line has reached the
 * number without it, one step later than it would have come.
 */
import type { RampingVus } from './scenario.ts'
import { type Stripe, shareOf } from './stripe.ts'

/** From here on so many users are wanted. */
export interface UserStep {
  /** From the scenario's start. */
  at_ms: number
  users: number
}

/** All steps in order of time, of all stripes together. */
export function rampingUsers({ startVUs, stages }: Pick<RampingVus, 'startVUs' | 'stages'>): UserStep[] {
  const steps: UserStep[] = [{ at_ms: 0, users: startVUs }]
  let from = startVUs
  let begin_ms = 0
  for (const { duration_ms, target } of stages) {
    const distance = Math.abs(target - from)
    const direction = Math.sign(target - from)
    if (duration_ms === 0 && distance > 0) steps.push({ at_ms: begin_ms, users: target })
    else {
      for (let step = 1; step <= distance; step++) {
        steps.push({ at_ms: begin_ms + (duration_ms * step) / distance, users: from + direction * step })
      }
    }
    begin_ms += duration_ms
    from = target
  }
  return steps
}

/** The same steps as one stripe sees them: how many of its own users are wanted. */
export function ownSteps(steps: readonly UserStep[], stripe: Stripe): UserStep[] {
  const own: UserStep[] = []
  for (const { at_ms, users } of steps) {
    const share = shareOf(stripe, users)
    if (share !== own.at(-1)?.users) own.push({ at_ms, users: share })
  }
  return own
}
