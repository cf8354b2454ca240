/** Reads a scenario as a script writes it. */
import { MusicboxError } from '../../datasets/failure.ts'
import { durationMs } from '../options/duration.ts'
import { wholeNumber } from '../options/option-form.ts'
import type { ExecutorName, Scenario } from './scenario.ts'
import type { Stage } from './stage.ts'

/** Where the embedded engine stops: each user is an instance of the script. */
export const USERS_MAX = 10_000

const COMMON_KEYS = ['executor', 'startTime', 'gracefulStop', 'exec', 'env', 'tags']
const OWN_KEYS: Readonly<Record<ExecutorName, readonly string[]>> = {
  'shared-iterations': ['vus', 'iterations', 'maxDuration'],
  'per-vu-iterations': ['vus', 'iterations', 'maxDuration'],
  'constant-vus': ['vus', 'duration'],
  'ramping-vus': ['startVUs', 'stages', 'gracefulRampDown'],
  'constant-arrival-rate': ['rate', 'timeUnit', 'duration', 'preAllocatedVUs', 'maxVUs'],
  'ramping-arrival-rate': ['startRate', 'timeUnit', 'stages', 'preAllocatedVUs', 'maxVUs'],
}

type Config = Readonly<Record<string, unknown>>

/** @throws MusicboxError `input.invalid` naming the scenario and the key, what was expected and what came */
export function readScenario(name: string, given: unknown): Scenario {
  const where = `scenario "${name}"`
  if (!/^[0-9A-Za-z_-]+$/.test(name)) {
    throw invalid(`expected a scenario name of letters, digits, "_" and "-", got "${name}"`)
  }
  if (typeof given !== 'object' || given === null) {
    throw invalid(`expected ${where} to be an object with an executor, got ${JSON.stringify(given)}`)
  }
  const config = given as Config
  const executor = executorOf(where, config)
  const base = {
    name,
    exec: textOf(config['exec'] ?? 'default', `${where}, exec`),
    start_ms: durationMs(config['startTime'] ?? 0, `${where}, startTime`),
    gracefulStop_ms: durationMs(config['gracefulStop'] ?? '30s', `${where}, gracefulStop`),
    env: textsOf(config['env'], `${where}, env`),
    tags: textsOf(config['tags'], `${where}, tags`),
  }
  switch (executor) {
    case 'shared-iterations':
    case 'per-vu-iterations':
      return { ...base, executor, ...readIterations(executor, config, where) }
    case 'constant-vus':
      return { ...base, executor, vus: usersOf(config, 'vus', where), duration_ms: lengthOf(config, 'duration', where) }
    case 'ramping-vus':
      return { ...base, executor, ...readRamp(config, where) }
    case 'constant-arrival-rate':
      return {
        ...base,
        executor,
        rate: wholeNumber(config['rate'], `${where}, rate`, 1),
        duration_ms: lengthOf(config, 'duration', where),
        ...readArrivals(config, where),
      }
    case 'ramping-arrival-rate':
      return {
        ...base,
        executor,
        startRate: wholeNumber(config['startRate'] ?? 0, `${where}, startRate`, 0),
        stages: readStages(config['stages'], `${where}, stages`),
        ...readArrivals(config, where),
      }
  }
}

/** @throws MusicboxError `input.invalid` */
export function readStages(given: unknown, where: string, target_max = Number.MAX_SAFE_INTEGER): Stage[] {
  if (!Array.isArray(given) || given.length === 0) {
    throw invalid(`expected ${where} to be a list of { duration, target }, got ${JSON.stringify(given)}`)
  }
  return given.map((stage: unknown, index) => {
    const { duration, target, ...others } = Object(stage) as Config
    const which = `${where}[${index}]`
    const other = Object.keys(others)[0]
    if (other !== undefined) throw invalid(`${which}: "${other}" is not known to a stage`)
    return {
      duration_ms: durationMs(duration, `${which}, duration`),
      target: wholeNumber(target, `${which}, target`, 0, target_max),
    }
  })
}

function executorOf(where: string, config: Config): ExecutorName {
  const executor = config['executor'] as ExecutorName
  const own = Object.hasOwn(OWN_KEYS, executor) ? OWN_KEYS[executor] : undefined
  if (!own) {
    throw invalid(
      `${where}: expected one of the executors ${Object.keys(OWN_KEYS).join(', ')}, got ${JSON.stringify(executor)}`,
    )
  }
  for (const key of Object.keys(config)) {
    if (COMMON_KEYS.includes(key) || own.includes(key)) continue
    const hint =
      key === 'options'
        ? 'In a scenario, options are for a browser, which this engine does not drive. Leave them out.'
        : `It takes ${[...COMMON_KEYS, ...own].join(', ')}.`
    throw invalid(`${where}: "${key}" is not known to ${executor}`, hint)
  }
  return executor
}

function readIterations(executor: ExecutorName, config: Config, where: string) {
  const vus = usersOf(config, 'vus', where)
  const iterations = wholeNumber(config['iterations'] ?? 1, `${where}, iterations`, 1)
  if (executor === 'shared-iterations' && iterations < vus) {
    throw invalid(`expected ${where} to have at least as many iterations as VUs, got ${iterations} for ${vus}`)
  }
  return { vus, iterations, maxDuration_ms: durationMs(config['maxDuration'] ?? '10m', `${where}, maxDuration`) }
}

function readRamp(config: Config, where: string) {
  const startVUs = wholeNumber(config['startVUs'] ?? 1, `${where}, startVUs`, 0, USERS_MAX)
  const stages = readStages(config['stages'], `${where}, stages`, USERS_MAX)
  if (startVUs === 0 && stages.every(({ target }) => target === 0)) {
    throw invalid(`expected startVUs or a target of ${where} to be 1 or more, got only 0`)
  }
  const gracefulRampDown_ms = durationMs(config['gracefulRampDown'] ?? '30s', `${where}, gracefulRampDown`)
  return { startVUs, stages, gracefulRampDown_ms }
}

function readArrivals(config: Config, where: string) {
  const timeUnit_ms = durationMs(config['timeUnit'] ?? '1s', `${where}, timeUnit`)
  if (timeUnit_ms === 0) throw invalid(`expected ${where}, timeUnit to be more than 0`)
  const preAllocatedVUs = wholeNumber(config['preAllocatedVUs'], `${where}, preAllocatedVUs`, 0, USERS_MAX)
  const maxVUs = wholeNumber(
    config['maxVUs'] ?? preAllocatedVUs,
    `${where}, maxVUs`,
    Math.max(1, preAllocatedVUs),
    USERS_MAX,
  )
  return { timeUnit_ms, preAllocatedVUs, maxVUs }
}

function usersOf(config: Config, key: string, where: string): number {
  return wholeNumber(config[key] ?? 1, `${where}, ${key}`, 1, USERS_MAX)
}

/** Of a whole scenario: a second or more. */
function lengthOf(config: Config, key: string, where: string): number {
  const length_ms = durationMs(config[key], `${where}, ${key}`)
  if (length_ms >= 1000) return length_ms
  throw invalid(`expected ${where}, ${key} to be 1s or more, got ${length_ms} ms`)
}

function textOf(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw invalid(`expected ${what} to be a text, got ${JSON.stringify(value)}`)
}

function textsOf(value: unknown, what: string): Record<string, string> {
  const entries = Object.entries((value ?? {}) as object)
  if (typeof (value ?? {}) === 'object' && entries.every(([, text]) => typeof text === 'string')) {
    return Object.fromEntries(entries)
  }
  throw invalid(`expected ${what} to be texts by name, got ${JSON.stringify(value)}`)
}

function invalid(message: string, hint = ''): MusicboxError {
  return new MusicboxError('input.invalid', message, hint)
}
