/**
 * How often one client may ask: a token bucket an address. A bucket holds `burst` tokens and gains `per_s` a second; a
 * request takes as many as it costs, and one that finds too few is told when to come back.
 *
 * This machine's own addresses have no bucket: a load test from here is meant to find the server's limits, not this one.
 */
export interface RateLimits {
  readonly per_s: number
  readonly burst: number
}

export const RATE_LIMITS: RateLimits = { per_s: 100, burst: 300 }

/** A login costs more than a read, so that nobody tries ids by the thousand: five a second are left. */
export const LOGIN_COST = 20

/** Addresses remembered; the one longest silent is forgotten, and it would have a full bucket by then. */
const ADDRESSES_MAX = 10_000

interface Bucket {
  tokens: number
  at_ms: number
}

export class RateLimiter {
  readonly #limits: RateLimits
  /** By address, longest silent first. */
  readonly #buckets = new Map<string, Bucket>()

  constructor(limits: RateLimits = RATE_LIMITS) {
    this.#limits = limits
  }

  /** @returns 0 when the request may pass; else the seconds, at least 1, after which it may */
  take(address: string, cost: number, now_ms: number): number {
    const { per_s, burst } = this.#limits
    const last = this.#buckets.get(address)
    const gained = last ? (Math.max(0, now_ms - last.at_ms) / 1000) * per_s : burst
    const tokens = Math.min(burst, (last?.tokens ?? 0) + gained)
    const passes = tokens >= cost
    this.#buckets.delete(address)
    this.#buckets.set(address, { tokens: passes ? tokens - cost : tokens, at_ms: now_ms })
    if (this.#buckets.size > ADDRESSES_MAX) this.#buckets.delete(this.#buckets.keys().next().value!)
    return passes ? 0 : Math.max(1, Math.ceil((cost - tokens) / per_s))
  }
}

export function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address)
}
