/** Which engine runs a script, and how each is asked to. */
import { MusicboxError } from '../../datasets/failure.ts'
import { formatCount, type Host } from '../../datasets/host.ts'
import { runInK6 } from '../k6/engine-k6.ts'
import { findK6, type K6Binary, requireK6 } from '../k6/k6-binary.ts'
import { k6Result } from '../k6/k6-result.ts'
import type { RunResult } from '../run-result.ts'
import { runEmbedded } from './embedded-run.ts'
import { keepRun } from './keep-run.ts'
import type { LoadOptions } from './load-options.ts'

/** A script that is ready to be run. */
export interface PreparedRun {
  /** Path. */
  script: string
  /** What the script finds in `__ENV`. */
  env: Readonly<Record<string, string>>
  /** Label of the run. */
  run: string
  /** Path of the ledger that is written. */
  ledger?: string
  seed?: string
  /** As k6's flags of these names. */
  vus?: number | undefined
  duration_ms?: number | undefined
  /** Gets the summary as text. */
  summary?: Host['stdout']
}

export type ChosenEngine = { engine: 'embedded' } | { engine: 'k6'; binary: K6Binary }

/** What k6 itself has no means for. */
const EMBEDDED_ONLY: readonly (readonly [keyof LoadOptions, string])[] = [
  ['workers', '--workers'],
  ['live', '--live'],
  ['fault', '--fault'],
  ['metrics', '--metrics'],
]

/**
 * Says on standard error which engine `auto` has taken, and why.
 * @throws MusicboxError `not.found` when k6 is asked for and not there, `input.invalid` when it is asked for what it cannot
 */
export async function chooseEngine(host: Host, options: LoadOptions): Promise<ChosenEngine> {
  const { engine = 'embedded' } = options
  if (engine === 'embedded') return { engine }
  const needs = EMBEDDED_ONLY.filter(([name]) => isAsked(options[name])).map(([, flag]) => flag)
  const say = (line: string): void => {
    if (!host.args.includes('--quiet')) host.stderr.write(`engine: ${line}\n`)
  }
  if (engine === 'k6') {
    if (needs.length === 0) return { engine, binary: await requireK6(host.env) }
    throw new MusicboxError('input.invalid', `k6 has no ${needs.join(', ')}`, 'use --engine embedded, or leave it out')
  }
  if (needs.length > 0) {
    say(`embedded, since k6 has no ${needs.join(', ')}`)
    return { engine: 'embedded' }
  }
  const binary = await findK6(host.env)
  say(binary ? `k6 ${binary.version} at ${binary.path}` : 'embedded, since there is no k6 in K6_BIN or on PATH')
  return binary ? { engine: 'k6', binary } : { engine: 'embedded' }
}

function isAsked(value: LoadOptions[keyof LoadOptions]): boolean {
  return value !== undefined && value !== 1
}

export function runInEngine(
  host: Host,
  chosen: ChosenEngine,
  options: LoadOptions,
  prepared: PreparedRun,
): Promise<RunResult> {
  return chosen.engine === 'k6'
    ? runPreparedInK6(host, chosen.binary, options, prepared)
    : runEmbedded(host, options, prepared)
}

async function runPreparedInK6(
  host: Host,
  binary: K6Binary,
  options: LoadOptions,
  prepared: PreparedRun,
): Promise<RunResult> {
  const { script, env, ledger, vus, duration_ms, summary } = prepared
  const flags = [
    ...(vus === undefined ? [] : ['--vus', String(vus)]),
    ...(duration_ms === undefined ? [] : ['--duration', `${duration_ms}ms`]),
    ...(options.iterations === undefined ? [] : ['--iterations', String(options.iterations)]),
    ...(options.stage ?? []).flatMap((stage) => ['--stage', stage]),
    ...Object.entries(options.tag ?? {}).flatMap(([name, value]) => ['--tag', `${name}=${value}`]),
    ...(options.config === undefined ? [] : ['--config', options.config]),
    ...(options.out ?? []).flatMap((out) => ['--out', out]),
    ...(host.isTerminal ? [] : ['--quiet']),
  ]
  const outcome = await runInK6({
    binary,
    script,
    env,
    flags,
    ...(options.threshold && { thresholds: options.threshold }),
    noThresholds: options.thresholds === false,
    out: {
      ...(ledger !== undefined && { ledger }),
      ...(options.summaryExport !== undefined && { summary: options.summaryExport }),
    },
    ...(summary && { stdout: summary }),
    log: (_, line) => void host.stderr.write(`${line}\n`),
    signal: host.signal,
  })
  if (outcome.samples.malformed > 0) {
    host.stderr.write(`warn: ${formatCount(outcome.samples.malformed)} lines of k6’s samples could not be read\n`)
  }
  const result = k6Result(outcome, script, ledger)
  await keepRun(host, options, prepared, result)
  return result
}
