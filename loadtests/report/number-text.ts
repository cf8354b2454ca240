/** Numbers as people read them, three digits where more would say nothing. */

export type Unit = 'ms' | 's' | '/s' | '%' | 'bytes' | 'cores' | ''

export function numberText(value: number, unit: Unit): string {
  switch (unit) {
    case 'ms':
      return value >= 10_000 ? `${threeDigits(value / 1000)} s` : `${threeDigits(value)} ms`
    case 'bytes':
      return bytesText(value)
    case '%':
      return `${value !== 0 && Math.abs(value) < 0.01 ? value.toPrecision(1) : Number(value.toFixed(2))} %`
    case '/s':
      return `${threeDigits(value)}/s`
    case 's':
    case 'cores':
      return `${threeDigits(value)} ${unit}`
    case '':
      return threeDigits(value)
  }
}

/** `1,234,567`. */
export function countText(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 })
}

/** Of a moment in a run: `1:05`, `1:02:05`. */
export function clockText(at_s: number): string {
  const seconds = Math.floor(at_s)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const shown = parts[0] === 0 ? parts.slice(1) : parts
  return shown.map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}

function threeDigits(value: number): string {
  return Math.abs(value) >= 1000 ? countText(value) : String(Number(value.toPrecision(3)))
}

function bytesText(bytes: number): string {
  const steps = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let step = 0
  while (Math.abs(value) >= 999.5 && step < steps.length - 1) {
    value /= 1000
    step++
  }
  return `${threeDigits(value)} ${steps[step]}`
}
