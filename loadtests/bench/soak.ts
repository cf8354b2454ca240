/** A long run of the embedded generator: does its own memory stay as it is? */

import type { RunResult } from '../run-result.ts'
import { startGenerator } from './generator-process.ts'
import { memorySlope, VALUES_MIN } from './memory-slope.ts'
import { BODY } from './request.ts'
import { startTarget } from './target-process.ts'

export interface Soak {
  seconds: number
  requests: number
  failed: number
  verdict: RunResult['generator']['verdict']
  /** Resident memory at the end of the warm-up and at the end, MB. */
  rss_mb_first: number
  rss_mb_last: number
  /** Of resident memory after the warm-up; its 95 % interval. */
  rss_slope_kb_per_min: number
  rss_slope_kb_per_min_low: number
  rss_slope_kb_per_min_high: number
  /** What is in use after a collection: at the end of the warm-up, of 600 s, and at the end. */
  kept_mb_first: number
  kept_mb_last: number
  /** Whether the slope cannot be told from 0, or is too small to matter. */
  rss_flat: boolean
  reason: string
}

const LISTENERS = 200
const PERIOD_MS = 100
/**
 * Until code is compiled, the heap has the size that the load asks for, and the run over time has as many buckets as it
 * may ever have (timeline.ts): what is bounded grows too, until it is full.
 */
const WARM_UP_S_MAX = 300
const MB = 1024 * 1024

/** @param seconds at least 40; for a word on memory that counts, 600 */
export async function benchSoak({ seconds }: { seconds: number }): Promise<Soak> {
  const duration_s = Math.max(2 * VALUES_MIN, seconds)
  await using target = await startTarget()
  const env = { URL: target.url, BODY, VUS: String(LISTENERS), PERIOD_MS: String(PERIOD_MS) }
  const task = { script: 'paced', env: { ...env, DURATION_MS: String(duration_s * 1000) }, collects: true } as const
  const { result, rss_bytes, kept_bytes } = await startGenerator(task).report
  const warmUp_s = Math.min(WARM_UP_S_MAX, Math.floor(duration_s / 2))
  // After the run's end its connections are gone.
  const values = rss_bytes.slice(warmUp_s, duration_s)
  const slope = memorySlope(values)
  const perMinute = (bytes_per_s: number): number => (60 * bytes_per_s) / 1024
  return {
    seconds: duration_s,
    requests: result.requests.count,
    failed: result.requests.failed,
    verdict: result.generator.verdict,
    rss_mb_first: values[0]! / MB,
    rss_mb_last: values.at(-1)! / MB,
    rss_slope_kb_per_min: perMinute(slope.slope_bytes_per_s),
    rss_slope_kb_per_min_low: perMinute(slope.interval_bytes_per_s[0]),
    rss_slope_kb_per_min_high: perMinute(slope.interval_bytes_per_s[1]),
    kept_mb_first: kept_bytes[Math.floor(kept_bytes.length / 2)]! / MB,
    kept_mb_last: kept_bytes.at(-1)! / MB,
    rss_flat: slope.flat,
    reason: slope.reason,
  }
}
