/**
 * A stripe: which numbers are one process's share of a run; the share at work is a segment (engine/segment.ts). Users and
 * iterations are numbered over the whole run, from 0, and belong to the stripe whose index is their number modulo the
 * number of stripes. So the stripes of any plan are, together, that plan, and which process does something says nothing
 * about what is done.
 */
export interface Stripe {
  /** From 0. */
  index: number
  count: number
}

/** The share of a run in one process: all of it. */
export const WHOLE: Stripe = { index: 0, count: 1 }

/**
 * The stripe among those that take part. A stripe without a user could start none of its iterations, so with fewer
 * users than stripes only the first stripes share the work.
 * @returns nothing when this stripe has no part in it
 */
export function takingPart({ index, count }: Stripe, users: number): Stripe | undefined {
  return index < users ? { index, count: Math.min(count, users) } : undefined
}

/** The number of the stripe's own thing with this ordinal, from 0. */
export function numberAt({ index, count }: Stripe, ordinal: number): number {
  return index + ordinal * count
}

/** How many of the numbers 0 … total - 1 are the stripe's own. */
export function shareOf({ index, count }: Stripe, total: number): number {
  return total > index ? Math.floor((total - 1 - index) / count) + 1 : 0
}

/** The stripe's own numbers from `from` to before `to`, rising. */
export function ownNumbers(stripe: Stripe, from: number, to: number): number[] {
  const before = shareOf(stripe, from)
  return Array.from({ length: Math.max(0, shareOf(stripe, to) - before) }, (_, i) => numberAt(stripe, before + i))
}
