/** Settings of outputs that come from the environment. */
import { MusicboxError } from '../../datasets/failure.ts'
import { durationMs } from '../options/duration.ts'

export type Env = Readonly<Record<string, string | undefined>>

/** A setting that would silently be without effect is an error. @throws MusicboxError `input.invalid` */
export function refuseOthers(env: Env, prefix: string, known: readonly (string | RegExp)[]): void {
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(prefix) || !value) continue
    const end = name.slice(prefix.length)
    if (known.some((each) => (typeof each === 'string' ? each === end : each.test(end)))) continue
    if (end === 'TREND_AS_NATIVE_HISTOGRAM' && value === 'false') continue
    throw new MusicboxError(
      'input.invalid',
      `${name} is not supported by this engine`,
      end === 'TREND_AS_NATIVE_HISTOGRAM'
        ? 'MUSICBOX_PROMETHEUS_RW_HISTOGRAMS=true sends histograms with buckets, which every Prometheus reads.'
        : `It knows ${known.map((each) => prefix + (typeof each === 'string' ? each : 'HEADERS_NAME')).join(', ')}.`,
    )
  }
}

/** Milliseconds. @throws MusicboxError `input.invalid` */
export function readInterval(name: string, env: Env, fallback: string): number {
  const ms = durationMs(env[name] || fallback, name)
  if (ms >= 100) return ms
  throw new MusicboxError('input.invalid', `expected ${name} to be 100ms at least, got ${env[name]}`)
}

/** @throws MusicboxError `input.invalid` */
export function readSwitch(name: string, env: Env): boolean {
  const text = env[name] || 'false'
  if (text === 'true' || text === 'false') return text === 'true'
  throw new MusicboxError('input.invalid', `expected ${name} to be true or false, got "${text}"`)
}
