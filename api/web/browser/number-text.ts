/** Numbers, days and times as a person reads them: one form everywhere, whatever the reader's machine is set to. */
const counts = new Intl.NumberFormat('en-GB')
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** `12,345` */
export function countText(count: number): string {
  return counts.format(count)
}

/** `14 Oct 2026` for `2026-10-14`; the text itself when it is no day. */
export function dayText(day: string): string {
  const ms = Date.parse(`${day}T00:00:00Z`)
  return Number.isNaN(ms) ? day : longDayText(ms)
}

/** `14 Oct`, UTC. */
export function shortDayText(ms: number): string {
  const date = new Date(ms)
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`
}

/** `14 Oct 2026, 03:20 UTC` */
export function instantText(ms: number): string {
  return `${longDayText(ms)}, ${new Date(ms).toISOString().slice(11, 16)} UTC`
}

function longDayText(ms: number): string {
  return `${shortDayText(ms)} ${new Date(ms).getUTCFullYear()}`
}

/** `3:07`, or `1:02:03` from an hour on. */
export function durationText(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000)
  const tail = String(seconds % 60).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}:${tail}`
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${tail}`
}

/** `38 %` from a fraction; below 10 % with one decimal, and never a rounded-away `0 %` for something that changed. */
export function percentText(fraction: number): string {
  const percent = Math.abs(fraction) * 100
  if (percent > 0 && percent < 0.1) return '< 0.1 %'
  return `${percent < 9.95 ? Number(percent.toFixed(1)) : countText(Math.round(percent))} %`
}

/** `4.2 ms`, `41 ms`, `1.3 s` */
export function latencyText(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}
