/** What `--fail-on` says: which figures must not have become worse, and by how much. */
import { MusicboxError } from '../../datasets/failure.ts'

export interface FailOn {
  /** Whether a figure that is worse fails the comparison. */
  fails(key: string): boolean
  /** Limits of single figures, as a share of the baseline's value. */
  limits: Readonly<Record<string, number>>
}

export const FIGURE_KEYS: readonly string[] = [
  ...['service', 'response'].flatMap((name) => ['p50', 'p90', 'p95', 'p99'].map((percent) => `${name}_${percent}`)),
  'throughput',
  'errors',
  'accepted',
  'checks',
]

/**
 * `any`, `none`, or figures parted by commas, each with a limit of its own if need be: `service_p95>10%,errors`. A part
 * of a name stands for all that end in it: `p95` for the service time's and the response time's.
 * @throws MusicboxError `input.invalid`
 */
export function parseFailOn(spec: string): FailOn {
  if (spec === 'any') return { fails: () => true, limits: {} }
  if (spec === 'none') return { fails: () => false, limits: {} }
  const chosen = new Set<string>()
  const limits: Record<string, number> = {}
  for (const part of spec.split(',')) {
    const [, name, percent] = /^\s*([a-z0-9_]+)\s*(?:>\s*(\d+(?:\.\d+)?)\s*%\s*)?$/.exec(part) ?? []
    const keys = FIGURE_KEYS.filter((key) => key === name || key.endsWith(`_${name}`))
    if (keys.length === 0) {
      throw new MusicboxError(
        'input.invalid',
        `expected --fail-on to be any, none, or figures like service_p95>10%,errors, got "${part.trim()}"`,
        `Figures: ${FIGURE_KEYS.join(', ')}; p95 stands for both times.`,
      )
    }
    for (const key of keys) {
      chosen.add(key)
      if (percent !== undefined) limits[key] = Number(percent) / 100
    }
  }
  return { fails: (key) => chosen.has(key), limits }
}
