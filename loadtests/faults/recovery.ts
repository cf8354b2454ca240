/**
 * What a fault has cost: how long until as many events were accepted again as before, and what became of others
 * meanwhile. Reads the series `event_fate{fate:accepted}`, `{fate:unknown}` and `{fate:refused}`.
 */
import type { Mark, TimelineBucket } from '../metrics/timeline.ts'

export interface Recovery {
  /** Events accepted a second before the fault, in the middle one of up to 30 seconds. */
  before_per_s: number
  /** In the worst bucket from the fault until the rate was back. */
  lowest_per_s: number
  /** From the fault's beginning until the rate was back, to the width of a bucket; absent when it did not come back. */
  back_after_s?: number
  /** Attempts whose outcome was not known, or was a no, from the fault until the rate was back. */
  unknown: number
  refused: number
}

const ACCEPTED = 'event_fate{fate:accepted}'
const UNKNOWN = 'event_fate{fate:unknown}'
const REFUSED = 'event_fate{fate:refused}'

/** What "before" is: long enough to be steady, short enough to be of the same load. */
const BEFORE_S = 30
/** A rate is back when it holds, not when one bucket is lucky. */
const HOLD_S = 3
const BACK = 0.9

/**
 * The rate is back from the first bucket on of which, with those after it, three seconds hold 90 % of the rate before; or
 * what there is until the next fault, if that comes sooner. No second counts for more than the rate before: what listeners
 * make up for after an outage does not undo the outage. Both sides are capped, so that a noisy rate is held to its own
 * measure.
 * @param mark of the fault
 * @param marks of the run; the next fault after this one ends what is this one's doing
 * @returns nothing when no events were accepted before the fault, or none were counted
 */
export function recoveryOf(
  timeline: readonly TimelineBucket[],
  { at_s }: Pick<Mark, 'at_s'>,
  marks: readonly Pick<Mark, 'at_s' | 'kind'>[] = [],
): Recovery | undefined {
  const before = timeline.filter((bucket) => endOf(bucket) <= at_s && bucket.at_s >= at_s - BEFORE_S)
  const before_per_s = median(before.map(acceptedPerS)) || mean(before, acceptedPerS)
  if (before_per_s <= 0) return undefined
  // An earlier fault may have left its outage in the time before this one.
  const steady = before.filter((bucket) => acceptedPerS(bucket) >= before_per_s / 2)
  const capped = (bucket: TimelineBucket): number => Math.min(acceptedPerS(bucket), before_per_s)
  const level = BACK * mean(steady, capped)

  const later = marks.filter((mark) => mark.kind === 'fault' && mark.at_s > at_s).map((mark) => mark.at_s)
  const next_s = Math.min(...later)
  const after = timeline.filter((bucket) => endOf(bucket) > at_s && endOf(bucket) <= next_s)
  const back = after.findIndex((first, index) => {
    const held = after.slice(index).filter((bucket) => bucket.at_s < first.at_s + HOLD_S)
    const complete = endOf(held.at(-1)!) - first.at_s >= HOLD_S || Number.isFinite(next_s)
    return complete && mean(held, capped) >= level
  })
  const meanwhile = back < 0 ? after : after.slice(0, back)
  return {
    before_per_s,
    lowest_per_s: Math.min(before_per_s, ...meanwhile.map(acceptedPerS)),
    ...(back >= 0 && { back_after_s: Math.max(0, after[back]!.at_s - at_s) }),
    unknown: sum(meanwhile, UNKNOWN),
    refused: sum(meanwhile, REFUSED),
  }
}

function endOf({ at_s, width_s }: TimelineBucket): number {
  return at_s + width_s
}

function acceptedPerS(bucket: TimelineBucket): number {
  return total(bucket, ACCEPTED) / bucket.width_s
}

function total({ series }: TimelineBucket, name: string): number {
  const point = series[name]
  return point?.type === 'counter' ? point.total : 0
}

function sum(buckets: readonly TimelineBucket[], name: string): number {
  return buckets.reduce((all, bucket) => all + total(bucket, name), 0)
}

/** 0 without values. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2
}

/** Over time: a wide bucket counts for more than a narrow one. 0 without buckets. */
function mean(buckets: readonly TimelineBucket[], rate: (bucket: TimelineBucket) => number): number {
  const seconds = buckets.reduce((all, { width_s }) => all + width_s, 0)
  return seconds === 0 ? 0 : buckets.reduce((all, bucket) => all + rate(bucket) * bucket.width_s, 0) / seconds
}
