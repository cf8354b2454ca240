/** Whether two runs can be compared at all, and what a reader of the comparison must know. */
import { isDeepStrictEqual } from 'node:util'
import type { Capsule } from './capsule.ts'

export interface Comparability {
  /** Why no figure may be shown: a generator that was no fit to measure has measured itself. */
  invalid: string[]
  /** Why the two are not runs of the same thing. */
  refused: string[]
  /** What else differs, and may be why the figures do. */
  warnings: string[]
}

export function comparability(baseline: Capsule, candidate: Capsule): Comparability {
  const both = [
    ['baseline', baseline],
    ['candidate', candidate],
  ] as const
  const invalid: string[] = []
  const warnings: string[] = []
  for (const [which, { result }] of both) {
    const { verdict, reasons } = result.generator
    const why = `the generator of the ${which} was ${verdict}${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}`
    if (verdict === 'INVALID') invalid.push(why)
    else if (verdict === 'SUSPECT') warnings.push(why)
    if (result.exitCode !== 0 && result.exitCode !== 99) {
      warnings.push(`the ${which} ended early or failed: ${result.problem ?? `exit code ${result.exitCode}`}`)
    }
  }
  const refused =
    baseline.script_hash === candidate.script_hash
      ? []
      : [`they ran different scripts: ${scriptOf(baseline)} and ${scriptOf(candidate)}`]
  const options = differing(baseline.options, candidate.options)
  if (options.length > 0) warnings.push(`other options: ${options.join(', ')}`)
  const settings = differing(baseline.env, candidate.env).filter((name) => !OF_EACH_RUN.has(name))
  if (settings.length > 0) warnings.push(`other settings: ${settings.join(', ')}`)
  const { machine: a } = baseline
  const { machine: b } = candidate
  if (!isDeepStrictEqual(a, b)) {
    warnings.push(`another machine: ${a.cores} × ${a.cpu}, ${a.os}; and ${b.cores} × ${b.cpu}, ${b.os}`)
  }
  const versions = differing(baseline.versions, candidate.versions)
  for (const name of versions as (keyof Capsule['versions'])[]) {
    warnings.push(`another version of ${name}: ${baseline.versions[name]} and ${candidate.versions[name]}`)
  }
  if (baseline.result.traffic.digest !== candidate.result.traffic.digest && baseline.run === candidate.run) {
    warnings.push('other traffic, though both runs have one label')
  }
  const marks = both.map(([, { marks }]) => marks.map(({ kind, text }) => `${kind} ${text}`))
  if (!isDeepStrictEqual(marks[0], marks[1])) warnings.push('other faults, pauses or changes of scale on the way')
  return { invalid, refused, warnings }
}

/** Settings that are another in each run, or that say where the system is. */
const OF_EACH_RUN: ReadonlySet<string> = new Set(['RUN', 'START_MS', 'EVENT_API', 'REPORT_API'])

function scriptOf({ script, script_hash }: Capsule): string {
  return `${script} (${script_hash.slice(0, 12)})`
}

function differing(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => !isDeepStrictEqual(a[name], b[name]))
}
