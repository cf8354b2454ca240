/** Figures of a run as people read them: `212.4ms`, `1m30s`, `1.5 MB`, `99.50%`. */
import type { TimeUnit } from '../options/options.ts'

/** @param contains what the metric's values are, or `percent` for a share of 1 */
export function valueText(value: number, contains: string, unit: TimeUnit | ''): string {
  if (contains === 'time') return timeText(value, unit)
  if (contains === 'data') return bytesText(value)
  if (contains === 'percent') return percent(value)
  return String(Number(value.toFixed(6)))
}

/** A Counter's growth in a second. */
export function rateText(perSecond: number, contains = 'default'): string {
  const value = Number.isFinite(perSecond) ? perSecond : 0
  return contains === 'data' ? `${bytesText(value)}/s` : `${Number(value.toFixed(6))}/s`
}

function timeText(ms: number, unit: TimeUnit | ''): string {
  if (unit === 's') return `${(ms / 1000).toFixed(2)}s`
  if (unit === 'ms') return `${ms.toFixed(2)}ms`
  if (unit === 'us') return `${(ms * 1000).toFixed(2)}µs`
  if (ms === 0) return '0s'
  const size = Math.abs(ms)
  if (size < 1) return `${Number((ms * 1000).toFixed(2))}µs`
  if (size < 1000) return `${Number(ms.toFixed(2))}ms`
  if (size < 60_000) return `${Number((ms / 1000).toFixed(2))}s`
  const seconds = Math.round(size / 1000)
  const hours = Math.floor(seconds / 3600)
  return `${ms < 0 ? '-' : ''}${hours > 0 ? `${hours}h` : ''}${Math.floor(seconds / 60) % 60}m${seconds % 60}s`
}

function bytesText(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), BYTE_UNITS.length - 1)
  const value = bytes / 1000 ** power
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${BYTE_UNITS[power]}`
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** @param share of 1 */
export function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`
}
