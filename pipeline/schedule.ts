/** When the hourly and the nightly job are due: pure arithmetic on UTC, so that tests need no clock. */
import { DAY_MS } from '../datasets/day.ts'

/**
 * The first instant after `now_ms` that is a multiple of `every_ms` since midnight UTC, so that an hourly job runs on the
 * hour whenever its process started.
 */
export function nextTick(now_ms: number, every_ms: number): number {
  return (Math.floor(now_ms / every_ms) + 1) * every_ms
}

/** The first instant after `now_ms` at which the UTC clock shows `at_ms` past midnight. */
export function nextDaily(now_ms: number, at_ms: number): number {
  const today = Math.floor(now_ms / DAY_MS) * DAY_MS + at_ms
  return today > now_ms ? today : today + DAY_MS
}
