/**
 * Reads what `--fault` takes: words and settings in any order, one action and one target.
 * ```
 * at=20s kill event-api
 * at=20s for=5s pause pipeline
 * at=20s for=10s slow event-api latency=200ms jitter=50ms toxicity=0.5
 * ```
 */
import { MusicboxError } from '../../datasets/failure.ts'
import { durationMs } from '../options/duration.ts'
import {
  type Effect,
  type Fault,
  PARAMETERS,
  type Server,
  TARGETS,
  type Target,
  type Toxic,
  type ToxicName,
} from './fault.ts'

/** Actions by what else they are called. `slow` is what `latency` does, in a plain word. */
const TOXIC_OF: Readonly<Record<string, ToxicName>> = {
  slow: 'latency',
  ...Object.fromEntries(Object.keys(PARAMETERS).map((name) => [name, name as ToxicName])),
}
const PROCESS_ACTIONS = ['kill', 'stop', 'pause']
const ACTIONS = [...PROCESS_ACTIONS, 'cut', 'down', ...Object.keys(TOXIC_OF)]
/** A moment has no length: the part is started again when it has ended. */
const MOMENTS = ['kill', 'stop']

/**
 * Ordered by time.
 * @throws MusicboxError `input.invalid` that names every problem of every fault
 */
export function readFaults(texts: readonly string[]): Fault[] {
  const problems: string[] = []
  const faults: Fault[] = []
  for (const text of texts) {
    const read = new FaultReader(text)
    const fault = read.fault()
    if (fault === undefined) problems.push(...read.problems.map((problem) => `--fault "${text}": ${problem}`))
    else faults.push(fault)
  }
  if (problems.length > 0) {
    throw new MusicboxError(
      'input.invalid',
      problems.join('\n'),
      'write a fault as: at=20s for=10s ACTION TARGET SETTING=VALUE, e.g. at=20s kill event-api',
    )
  }
  return faults.sort((a, b) => a.at_ms - b.at_ms)
}

/** Gathers every problem of one fault rather than stop at the first. */
class FaultReader {
  readonly problems: string[] = []
  readonly #settings = new Map<string, string>()
  readonly #words: string[] = []
  /** Settings whose value could not be read: given, though of no use. */
  readonly #failed = new Set<string>()

  constructor(text: string) {
    for (const token of text.trim().split(/\s+/).filter(Boolean)) {
      const [, name, value] = /^([^=]+)=(.*)$/.exec(token) ?? []
      if (name === undefined) this.#words.push(token)
      else if (this.#settings.has(name)) this.#problem(`expected ${name}= once, got it again: ${token}`)
      else this.#settings.set(name, value!)
    }
  }

  /** Nothing when there are {@link problems}. */
  fault(): Fault | undefined {
    const action = this.#word('an action', ACTIONS)
    const target = this.#word('a target', Object.keys(TARGETS)) as Target | undefined
    if (action !== undefined && target !== undefined && this.#words.length > 0) {
      this.#problem(`expected one action and one target, got also "${this.#words.join(' ')}"`)
    }
    const at_ms = this.#take('at', (text) => durationMs(text, 'at='))
    if (at_ms === undefined && !this.#failed.has('at')) this.#problem('expected when it is to happen, like at=20s')
    const for_ms = this.#take('for', (text) => durationMs(text, 'for='))
    if (for_ms === 0) this.#problem('expected for= to be longer than 0, got 0')
    if (for_ms !== undefined && action !== undefined && MOMENTS.includes(action)) {
      this.#problem(
        `expected no for= beside ${action}, which is a moment: musicbox serve starts the part again; use pause`,
      )
    }
    if (target === 'pipeline' && action !== undefined && !PROCESS_ACTIONS.includes(action)) {
      this.#problem(`expected ${action} on event-api or report-api, got pipeline, which no client talks to; use pause`)
    }
    const effect = action === undefined ? undefined : this.#effect(action, target as Server)
    if (action !== undefined) {
      for (const name of this.#settings.keys()) this.#problem(`expected ${this.#taken(action)}, got ${name}=`)
    }
    if (this.problems.length > 0 || at_ms === undefined || effect === undefined) return undefined
    return { at_ms, ...(for_ms !== undefined && { for_ms }), effect }
  }

  #effect(action: string, target: Server): Effect | undefined {
    const name = TOXIC_OF[action]
    if (name === undefined) return { action, target } as Effect
    const toxic = this.#toxic(name)
    const stream = this.#take('stream', oneOf(STREAMS)) ?? 'down'
    const toxicity = this.#take('toxicity', share) ?? 1
    return toxic && { action: 'toxic', target, toxic, stream: STREAMS[stream], toxicity }
  }

  #toxic(name: ToxicName): Toxic {
    const fields: Record<string, number> = {}
    for (const [setting, { field, unit, min, otherwise }] of Object.entries(PARAMETERS[name])) {
      const given = this.#take(setting, (text) => amount(text, setting, unit, min))
      if (given === undefined && otherwise === undefined && !this.#failed.has(setting)) {
        this.#problem(`expected ${setting}=, which ${name} needs`)
      }
      fields[field] = given ?? otherwise ?? 0
    }
    const toxic = { toxic: name, ...fields } as unknown as Toxic
    if (toxic.toxic === 'slicer' && toxic.size_variation_bytes >= toxic.average_size_bytes) {
      this.#problem(`expected size_variation= to be smaller than average_size=, got ${toxic.size_variation_bytes}`)
    }
    return toxic
  }

  #word(what: string, known: readonly string[]): string | undefined {
    const at = this.#words.findIndex((word) => known.includes(word))
    if (at >= 0) return this.#words.splice(at, 1)[0]
    this.#problem(
      `expected ${what} of ${known.join(', ')}, got ${this.#words.length > 0 ? `"${this.#words.join(' ')}"` : 'none'}`,
    )
    return undefined
  }

  #take<T>(name: string, read: (text: string) => T): T | undefined {
    const text = this.#settings.get(name)
    if (text === undefined) return undefined
    this.#settings.delete(name)
    try {
      return read(text)
    } catch (error) {
      if (!(error instanceof MusicboxError)) throw error
      this.#failed.add(name)
      this.#problem(error.message)
      return undefined
    }
  }

  #taken(action: string): string {
    const toxic = TOXIC_OF[action]
    const own = toxic === undefined ? [] : [...Object.keys(PARAMETERS[toxic]), 'stream', 'toxicity']
    const all = ['at', ...(MOMENTS.includes(action) ? [] : ['for']), ...own]
    return `only ${all.map((name) => `${name}=`).join(', ')} beside ${action}`
  }

  #problem(text: string): void {
    if (!this.problems.includes(text)) this.problems.push(text)
  }
}

/** Ours and toxiproxy's words for the two directions. */
const STREAMS = { up: 'up', upstream: 'up', down: 'down', downstream: 'down' } as const

function oneOf<T extends Readonly<Record<string, string>>>(known: T): (text: string) => keyof T {
  return (text) => {
    if (Object.hasOwn(known, text)) return text
    throw new MusicboxError('input.invalid', `expected stream= to be up or down, got "${text}"`)
  }
}

function share(text: string): number {
  const value = Number(text)
  if (text !== '' && value >= 0 && value <= 1) return value
  throw new MusicboxError('input.invalid', `expected toxicity= to be a share of connections from 0 to 1, got "${text}"`)
}

function amount(text: string, name: string, unit: string, min: number): number {
  if (unit === 'ms') return durationMs(text, `${name}=`)
  if (unit === 'us') return /^\d+(\.\d+)?$/.test(text) ? Number(text) : durationMs(text, `${name}=`) * 1000
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= min && Number.isSafeInteger(value)) return value
  const what = unit === 'bytes' ? 'bytes' : 'KB a second'
  throw new MusicboxError(
    'input.invalid',
    `expected ${name}= to be a whole number of ${what} from ${min}, got "${text}"`,
  )
}
