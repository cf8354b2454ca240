/** Durations as k6 writes them: `90s`, `1m30s`, `2h`, `250ms`, `1.5s`, or a plain number of milliseconds. */
import { MusicboxError } from '../../datasets/failure.ts'

const UNIT_MS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 0.001,
  µs: 0.001,
}

/**
 * Milliseconds of a duration.
 * @param what where it stands, for the error: `scenario "listeners", maxDuration`
 * @throws MusicboxError `input.invalid`
 */
export function durationMs(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  const text = typeof value === 'string' ? value.trim() : ''
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  if (/^(\d+(\.\d+)?(d|h|ms|m|s|us|µs))+$/.test(text)) {
    let total = 0
    for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(d|h|ms|m|s|us|µs)/g)) {
      total += Number(count) * UNIT_MS[unit!]!
    }
    return total
  }
  throw new MusicboxError('input.invalid', `expected ${what} to be a duration like 90s or 1m30s, got ${show(value)}`)
}

/** `1m30s`, `10m0s`, `250ms`: a form that {@link durationMs} reads back, to the millisecond, as k6 prints it. */
export function durationText(ms: number): string {
  const whole = Math.round(ms)
  if (whole === 0) return '0s'
  if (whole < 1000) return `${whole}ms`
  const hours = Math.floor(whole / 3_600_000)
  const minutes = Math.floor(whole / 60_000) % 60
  const seconds = `${(whole % 60_000) / 1000}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
