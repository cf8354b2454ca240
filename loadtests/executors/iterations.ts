/** Which iterations there are for users that begin the next one as soon as the last has ended. */
import { numberAt, type Stripe, shareOf } from './stripe.ts'

export interface IterationPlan {
  /** Takes an iteration for this user: its number in the scenario; nothing when there is none left for it. */
  take(user: number): number | undefined
  /** Iterations that nobody has taken; without a limit, infinitely many. */
  left(): number
}

/** Users race for a common number of iterations. */
export function sharedIterations(total: number, stripe: Stripe): IterationPlan {
  const own = shareOf(stripe, total)
  let taken = 0
  return {
    take: () => (taken < own ? numberAt(stripe, taken++) : undefined),
    left: () => own - taken,
  }
}

/**
 * Each user has iterations of its own. Their numbers go round the users, so that they are the same whoever is faster
 * and in whichever process a user lives.
 */
export function iterationsPerUser(each: number, users: number, stripe: Stripe): IterationPlan {
  const taken = new Map<number, number>()
  let left = each * shareOf(stripe, users)
  return {
    take(user) {
      const round = taken.get(user) ?? 0
      if (round >= each || user >= users) return undefined
      taken.set(user, round + 1)
      left--
      return user + round * users
    },
    left: () => left,
  }
}

/** There is always another. */
export function endlessIterations(stripe: Stripe): IterationPlan {
  let taken = 0
  return { take: () => numberAt(stripe, taken++), left: () => Number.POSITIVE_INFINITY }
}
