/**
 * The options of a run: what the script exports, overridden by `K6_…` variables, overridden by flags, as in k6.
 * What this engine does not do is refused by name, so that no option is silently without effect.
 */
import type { Options } from 'k6/options'
import { MusicboxError } from '../datasets/failure.ts'
import { durationMs } from './duration.ts'
import type { Tags } from './metric.ts'

export type ExecutorName = 'per-vu-iterations' | 'shared-iterations' | 'constant-vus'

interface ScenarioBase {
  name: string
  /** Name of the exported function. */
  exec: string
  vus: number
  start_ms: number
  gracefulStop_ms: number
  env: Readonly<Record<string, string>>
  tags: Tags
}

export type Scenario =
  | (ScenarioBase & { executor: 'per-vu-iterations' | 'shared-iterations'; iterations: number; maxDuration_ms: number })
  | (ScenarioBase & { executor: 'constant-vus'; duration_ms: number })

export interface RunOptions {
  scenarios: Scenario[]
  thresholds: NonNullable<Options['thresholds']>
  tags: Tags
  setupTimeout_ms: number
  teardownTimeout_ms: number
  minIteration_ms: number
  summaryTrendStats: string[]
  userAgent: string
  discardResponseBodies: boolean
  noConnectionReuse: boolean
  noCookiesReset: boolean
  maxRedirects: number
  throw: boolean
  /** As exported and overridden, for `exec.test.options` and the summary. */
  given: Options
}

const USER_AGENT = 'musicbox-load/1'
const TREND_STATS = ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)']
const VUS_MAX = 10_000

const KNOWN = new Set([
  'discardResponseBodies',
  'duration',
  'iterations',
  'maxRedirects',
  'minIterationDuration',
  'noConnectionReuse',
  'noCookiesReset',
  'noUsageReport',
  'scenarios',
  'setupTimeout',
  'summaryTrendStats',
  'tags',
  'teardownTimeout',
  'thresholds',
  'throw',
  'userAgent',
  'vus',
])

/** Variables that override an option, and how their text is read. */
const FROM_ENV: Readonly<Record<string, readonly [keyof Options, 'text' | 'number' | 'boolean']>> = {
  K6_VUS: ['vus', 'number'],
  K6_ITERATIONS: ['iterations', 'number'],
  K6_DURATION: ['duration', 'text'],
  K6_USER_AGENT: ['userAgent', 'text'],
  K6_DISCARD_RESPONSE_BODIES: ['discardResponseBodies', 'boolean'],
  K6_NO_CONNECTION_REUSE: ['noConnectionReuse', 'boolean'],
  K6_SETUP_TIMEOUT: ['setupTimeout', 'text'],
  K6_TEARDOWN_TIMEOUT: ['teardownTimeout', 'text'],
  K6_THROW: ['throw', 'boolean'],
}

/**
 * Options that say how much is run. One given by a later layer, or `vus` alone, sets aside all of these from the layers
 * before it.
 */
const EXECUTION = ['scenarios', 'iterations', 'duration'] as const

/** @throws MusicboxError `input.invalid` naming the option, what was expected and what came */
export function readOptions(
  exported: Options,
  env: Readonly<Record<string, string | undefined>> = {},
  flags: Options = {},
): RunOptions {
  let given: Options = {}
  for (const layer of [exported, optionsFromEnv(env), flags]) {
    refuseUnknown(layer)
    const sets = EXECUTION.filter((name) => layer[name] !== undefined)
    if (sets.length > 1 && sets.includes('scenarios')) {
      throw new MusicboxError('input.invalid', `expected either scenarios or ${sets.at(-1)}, got both`)
    }
    const replaces = sets.length > 0 || (layer.vus !== undefined && layer !== exported)
    if (replaces) for (const name of EXECUTION) delete given[name]
    given = { ...given, ...layer }
  }
  return {
    scenarios: given.scenarios ? readScenarios(given.scenarios) : [shortcut(given)],
    thresholds: given.thresholds ?? {},
    tags: given.tags ?? {},
    setupTimeout_ms: durationMs(given.setupTimeout ?? '60s', 'setupTimeout'),
    teardownTimeout_ms: durationMs(given.teardownTimeout ?? '60s', 'teardownTimeout'),
    minIteration_ms: durationMs(given.minIterationDuration ?? 0, 'minIterationDuration'),
    summaryTrendStats: readTrendStats(given.summaryTrendStats ?? TREND_STATS),
    userAgent: given.userAgent ?? USER_AGENT,
    discardResponseBodies: given.discardResponseBodies ?? false,
    noConnectionReuse: given.noConnectionReuse ?? false,
    noCookiesReset: given.noCookiesReset ?? false,
    maxRedirects: given.maxRedirects ?? 10,
    throw: given.throw ?? false,
    given,
  }
}

function optionsFromEnv(env: Readonly<Record<string, string | undefined>>): Options {
  const options: Record<string, unknown> = {}
  for (const [variable, [name, form]] of Object.entries(FROM_ENV)) {
    const text = env[variable]
    if (text === undefined || text === '') continue
    options[name] =
      form === 'number' ? wholeNumber(Number(text), variable, 1) : form === 'boolean' ? text === 'true' : text
  }
  return options as Options
}

function refuseUnknown(layer: Options): void {
  for (const name of Object.keys(layer)) {
    if (KNOWN.has(name)) continue
    const stages = name === 'stages' ? ' (the ramping-vus executor)' : ''
    throw new MusicboxError(
      'input.invalid',
      `option "${name}"${stages} is not supported by this engine`,
      `Leave it out, or run the script with k6. Supported: ${[...KNOWN].join(', ')}.`,
    )
  }
}

/** The scenario that `vus`, `iterations` and `duration` stand for. */
function shortcut(given: Options): Scenario {
  const vus = wholeNumber(given.vus ?? 1, 'vus', 1, VUS_MAX)
  const base = { name: 'default', exec: 'default', vus, start_ms: 0, gracefulStop_ms: 30_000, env: {}, tags: {} }
  if (given.iterations !== undefined) {
    const iterations = wholeNumber(given.iterations, 'iterations', 1)
    const maxDuration_ms = durationMs(given.duration ?? '10m', 'duration')
    return { ...base, vus: Math.min(vus, iterations), executor: 'shared-iterations', iterations, maxDuration_ms }
  }
  if (given.duration !== undefined) {
    return { ...base, executor: 'constant-vus', duration_ms: durationMs(given.duration, 'duration') }
  }
  const executor = given.vus === undefined ? 'per-vu-iterations' : 'shared-iterations'
  return { ...base, executor, iterations: vus, maxDuration_ms: 600_000 }
}

function readScenarios(scenarios: NonNullable<Options['scenarios']>): Scenario[] {
  const entries = Object.entries(scenarios)
  if (entries.length === 0) throw new MusicboxError('input.invalid', 'expected at least one scenario, got none')
  return entries.map(([name, value]) => readScenario(name, value as unknown as Record<string, unknown>))
}

const SCENARIO_KEYS = ['executor', 'startTime', 'gracefulStop', 'exec', 'env', 'tags', 'vus']
const OWN_KEYS: Readonly<Record<ExecutorName, readonly string[]>> = {
  'per-vu-iterations': ['iterations', 'maxDuration'],
  'shared-iterations': ['iterations', 'maxDuration'],
  'constant-vus': ['duration'],
}

function readScenario(name: string, config: Record<string, unknown>): Scenario {
  const where = `scenario "${name}"`
  if (!/^[0-9A-Za-z_-]+$/.test(name)) {
    throw new MusicboxError('input.invalid', `expected a scenario name of letters, digits, "_" and "-", got "${name}"`)
  }
  const executor = config['executor'] as ExecutorName
  const own = Object.hasOwn(OWN_KEYS, executor) ? OWN_KEYS[executor] : undefined
  if (!own) {
    throw new MusicboxError(
      'input.invalid',
      `${where}: expected one of the executors ${Object.keys(OWN_KEYS).join(', ')}, got ${JSON.stringify(executor)}`,
      'The ramping and arrival-rate executors need k6 itself.',
    )
  }
  for (const key of Object.keys(config)) {
    if (SCENARIO_KEYS.includes(key) || own.includes(key)) continue
    throw new MusicboxError('input.invalid', `${where}: "${key}" is not known to ${executor}`)
  }
  const base = {
    name,
    exec: (config['exec'] as string | undefined) ?? 'default',
    vus: wholeNumber(config['vus'] ?? 1, `${where}, vus`, 1, VUS_MAX),
    start_ms: durationMs(config['startTime'] ?? 0, `${where}, startTime`),
    gracefulStop_ms: durationMs(config['gracefulStop'] ?? '30s', `${where}, gracefulStop`),
    env: (config['env'] as Record<string, string> | undefined) ?? {},
    tags: (config['tags'] as Record<string, string> | undefined) ?? {},
  }
  if (executor === 'constant-vus') {
    const duration_ms = durationMs(config['duration'], `${where}, duration`)
    if (duration_ms < 1000) {
      throw new MusicboxError('input.invalid', `expected ${where}, duration to be 1s or more, got ${duration_ms} ms`)
    }
    return { ...base, executor, duration_ms }
  }
  const iterations = wholeNumber(config['iterations'] ?? 1, `${where}, iterations`, 1)
  if (executor === 'shared-iterations' && iterations < base.vus) {
    throw new MusicboxError(
      'input.invalid',
      `expected ${where} to have at least as many iterations as VUs, got ${iterations} for ${base.vus}`,
    )
  }
  const maxDuration_ms = durationMs(config['maxDuration'] ?? '10m', `${where}, maxDuration`)
  return { ...base, executor, iterations, maxDuration_ms }
}

function readTrendStats(stats: readonly string[]): string[] {
  for (const stat of stats) {
    if (/^(avg|min|med|max|count|p\(\d+(\.\d+)?\))$/.test(stat)) continue
    throw new MusicboxError(
      'input.invalid',
      `expected summaryTrendStats to hold avg, min, med, max, count or p(N), got "${stat}"`,
    )
  }
  return [...stats]
}

function wholeNumber(value: unknown, what: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number
  const upTo = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`
  throw new MusicboxError(
    'input.invalid',
    `expected ${what} to be a whole number ${upTo}, got ${JSON.stringify(value)}`,
  )
}
