/**
 * The options of a run: defaults, overridden by a config file, by what the script exports, by `K6_…` variables, by flags,
 * as in k6. What this engine does not do is refused by name, so that no option is silently without effect.
 */
import type { Options } from 'k6/options'
import { MusicboxError } from '../../datasets/failure.ts'
import { readScenario, readStages, USERS_MAX } from '../executors/read-scenario.ts'
import type { Scenario } from '../executors/scenario.ts'
import type { Tags } from '../metrics/metric.ts'
import { durationMs } from './duration.ts'
import { wholeNumber } from './option-form.ts'
import { type GivenOptions, mergeLayers, type OptionLayers } from './option-layers.ts'

export type { Scenario } from '../executors/scenario.ts'
export { parseStages } from './option-form.ts'
export type { GivenOptions, OptionLayers } from './option-layers.ts'

export interface RunOptions {
  scenarios: Scenario[]
  thresholds: NonNullable<Options['thresholds']>
  tags: Tags
  /** Tags that the engine itself puts on samples. */
  systemTags: readonly string[]
  setupTimeout_ms: number
  teardownTimeout_ms: number
  handleSummaryTimeout_ms: number
  noSetup: boolean
  noTeardown: boolean
  /** An iteration that ends sooner makes its user wait. */
  minIteration_ms: number
  summaryTrendStats: string[]
  /** Unit of all times in the summary; without it each is shown in the one that fits. */
  summaryTimeUnit?: TimeUnit
  userAgent: string
  /** Requests per second of all users together, at most; 0: no limit. */
  rps: number
  /** Addresses by name of host, or by `name:port`. */
  hosts: Readonly<Record<string, string>>
  insecureSkipTLSVerify: boolean
  discardResponseBodies: boolean
  noConnectionReuse: boolean
  /** Connections last for one iteration. */
  noVUConnectionReuse: boolean
  noCookiesReset: boolean
  maxRedirects: number
  throw: boolean
  /** As exported and overridden, for `exec.test.options` and the summary. */
  given: GivenOptions
  /** What a person should know of how the layers came together. */
  warnings: string[]
}

export type TimeUnit = 's' | 'ms' | 'us'

const USER_AGENT = 'musicbox-load/1'
const TREND_STATS = ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)']
const TIME_UNITS: readonly string[] = ['s', 'ms', 'us'] satisfies TimeUnit[]

/** Those that k6 sets when nothing is said. */
export const SYSTEM_TAGS = [
  'proto',
  'subproto',
  'status',
  'method',
  'url',
  'name',
  'group',
  'check',
  'error',
  'error_code',
  'tls_version',
  'scenario',
  'service',
  'expected_response',
] as const

/** @throws MusicboxError `input.invalid` naming the option, what was expected and what came */
export function readOptions(layers: OptionLayers): RunOptions {
  const { given, warnings } = mergeLayers(layers)
  return {
    scenarios: given.scenarios ? readScenarios(given.scenarios) : [shortcut(given)],
    thresholds: given.thresholds ?? {},
    tags: given.tags ?? {},
    systemTags: readSystemTags(given.systemTags),
    setupTimeout_ms: durationMs(given.setupTimeout ?? '60s', 'setupTimeout'),
    teardownTimeout_ms: durationMs(given.teardownTimeout ?? '60s', 'teardownTimeout'),
    handleSummaryTimeout_ms: durationMs(given.handleSummaryTimeout ?? '120s', 'handleSummaryTimeout'),
    noSetup: given.noSetup ?? false,
    noTeardown: given.noTeardown ?? false,
    minIteration_ms: durationMs(given.minIterationDuration ?? 0, 'minIterationDuration'),
    summaryTrendStats: readTrendStats(given.summaryTrendStats ?? TREND_STATS),
    ...(given.summaryTimeUnit !== undefined && { summaryTimeUnit: readTimeUnit(given.summaryTimeUnit) }),
    userAgent: given.userAgent ?? USER_AGENT,
    rps: given.rps ?? 0,
    hosts: given.hosts ?? {},
    insecureSkipTLSVerify: given.insecureSkipTLSVerify ?? false,
    discardResponseBodies: given.discardResponseBodies ?? false,
    noConnectionReuse: given.noConnectionReuse ?? false,
    noVUConnectionReuse: given.noVUConnectionReuse ?? false,
    noCookiesReset: given.noCookiesReset ?? false,
    maxRedirects: given.maxRedirects ?? 10,
    throw: given.throw ?? false,
    given,
    warnings,
  }
}

/** The scenario that `vus`, `iterations`, `duration` and `stages` stand for. */
function shortcut(given: GivenOptions): Scenario {
  const vus = wholeNumber(given.vus ?? 1, 'vus', 1, USERS_MAX)
  const base = { name: 'default', exec: 'default', start_ms: 0, gracefulStop_ms: 30_000, env: {}, tags: {} }
  if (given.iterations !== undefined) {
    const { iterations } = given
    const maxDuration_ms = durationMs(given.duration ?? '10m', 'duration')
    return { ...base, vus: Math.min(vus, iterations), executor: 'shared-iterations', iterations, maxDuration_ms }
  }
  if (given.duration !== undefined) {
    return { ...base, executor: 'constant-vus', vus, duration_ms: positive(given.duration, 'duration') }
  }
  if (given.stages !== undefined) {
    const stages = readStages(given.stages, 'stages', USERS_MAX)
    return { ...base, executor: 'ramping-vus', startVUs: vus, stages, gracefulRampDown_ms: 30_000 }
  }
  const executor = given.vus === undefined ? 'per-vu-iterations' : 'shared-iterations'
  return { ...base, executor, vus, iterations: vus, maxDuration_ms: 600_000 }
}

function readScenarios(scenarios: NonNullable<Options['scenarios']>): Scenario[] {
  const entries = Object.entries(scenarios)
  if (entries.length === 0) throw new MusicboxError('input.invalid', 'expected at least one scenario, got none')
  return entries.map(([name, value]) => readScenario(name, value))
}

function positive(duration: string, what: string): number {
  const length_ms = durationMs(duration, what)
  if (length_ms > 0) return length_ms
  throw new MusicboxError('input.invalid', `expected ${what} to be more than 0, got ${duration}`)
}

function readTrendStats(stats: readonly string[]): string[] {
  for (const stat of stats) {
    const percent = /^p\((\d+(?:\.\d+)?)\)$/.exec(stat)?.[1]
    if (/^(avg|min|med|max|count)$/.test(stat) || (percent !== undefined && Number(percent) <= 100)) continue
    throw new MusicboxError(
      'input.invalid',
      `expected summaryTrendStats to hold avg, min, med, max, count or p(N), got "${stat}"`,
    )
  }
  return [...stats]
}

function readTimeUnit(unit: string): TimeUnit {
  if (TIME_UNITS.includes(unit)) return unit as TimeUnit
  throw new MusicboxError('input.invalid', `expected summaryTimeUnit to be s, ms or us, got "${unit}"`)
}

function readSystemTags(tags: readonly string[] = SYSTEM_TAGS): readonly string[] {
  for (const tag of tags) {
    if ((SYSTEM_TAGS as readonly string[]).includes(tag)) continue
    throw new MusicboxError(
      'input.invalid',
      `expected systemTags to hold some of ${SYSTEM_TAGS.join(', ')}, got "${tag}"`,
      'What else a sample shall carry, the script sets in exec.vu.metrics.tags.',
    )
  }
  return tags
}
