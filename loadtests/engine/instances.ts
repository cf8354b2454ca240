/** Instances of the script: one for each virtual user, each with module state of its own. */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { MusicboxError } from '../../datasets/failure.ts'
import type { UserPool } from '../executors/run-scenario.ts'
import { maxUsers, plannedMs, plannedUsers } from '../executors/scenario.ts'
import type { Stripe } from '../executors/stripe.ts'
import type { Scenario } from '../options/options.ts'
import type { Script, ScriptExports } from './bundle.ts'
import { requireFor, timers } from './modules.ts'
import { scriptConsole } from './script-log.ts'
import { type ActiveScenario, type Run, Vu } from './vu.ts'

export type Env = Readonly<Record<string, string>>

/** Loads the script for one user. @throws MusicboxError `script.failed` with the place where it threw */
export function instantiate(script: Script, vu: Vu, env: Env): ScriptExports {
  vu.context = 'init'
  try {
    return script.instantiate(requireFor(vu), {
      ...timers(vu),
      console: scriptConsole(vu.run.log),
      open: (path: string, mode?: string) => openFile(vu, script, path, mode),
      crypto: { getRandomValues: crypto.getRandomValues.bind(crypto), randomUUID: crypto.randomUUID.bind(crypto) },
      __ENV: env,
      __k6: {
        get vu() {
          return vu.id
        },
        get iteration() {
          return vu.iteration
        },
      },
    })
  } catch (error) {
    throw scriptFailure(script, 'while it was loaded', error)
  } finally {
    vu.context = 'vu'
  }
}

/** A user outside the scenarios, for setup, teardown and handleSummary: `__VU` is 0 there. */
export function standalone(script: Script, run: Run, env: Env): { vu: Vu; exports: ScriptExports } {
  const vu = new Vu(0, run, run.options)
  return { vu, exports: instantiate(script, vu, env) }
}

/** The users of one scenario in this process, made when they are needed. */
export class ScenarioUsers implements UserPool {
  readonly scenario: Scenario
  readonly active: ActiveScenario
  readonly #script: Script
  readonly #run: Run
  readonly #env: Env
  readonly #stripe: Stripe
  /** What `__VU` of the user with this number is. */
  readonly #idOf: (index: number) => number
  readonly #made = new Map<number, Vu>()
  #data: () => unknown = () => undefined

  /**
   * Those of all scenarios; `__VU` counts on from one scenario to the next, from 1. Users beyond the plan, which a person
   * may ask for, come after all that are planned.
   */
  static all(script: Script, run: Run, env: Env, stripe: Stripe): ScenarioUsers[] {
    const { scenarios } = run.options
    const planned = scenarios.reduce((sum, scenario) => sum + maxUsers(scenario), 0)
    let before = 0
    return scenarios.map((scenario, place) => {
      const own = maxUsers(scenario)
      const first = 1 + before
      before += own
      const idOf = (index: number): number =>
        index < own ? first + index : 1 + planned + (index - own) * scenarios.length + place
      return new ScenarioUsers(scenario, { script, run, env: { ...env, ...scenario.env }, stripe, idOf })
    })
  }

  private constructor(
    scenario: Scenario,
    {
      script,
      run,
      env,
      stripe,
      idOf,
    }: { script: Script; run: Run; env: Env; stripe: Stripe; idOf: (index: number) => number },
  ) {
    this.scenario = scenario
    this.#script = script
    this.#run = run
    this.#env = env
    this.#stripe = stripe
    this.#idOf = idOf
    const { name, executor, tags } = scenario
    this.active = { name, executor, tags, startTime: 0, planned_ms: plannedMs(scenario) }
  }

  /** Makes those that the plan needs from the start. @throws MusicboxError `script.failed` */
  initialise(): void {
    for (const index of plannedUsers(this.scenario, this.#stripe)) this.get(index)
  }

  /** Sets what every user, also one that is made later, gets from setup. */
  give(data: () => unknown): void {
    this.#data = data
    for (const vu of this.#made.values()) vu.data = data()
  }

  get made(): Vu[] {
    return [...this.#made.values()]
  }

  get ready(): number {
    return this.#made.size
  }

  get(index: number): Vu {
    return this.#made.get(index) ?? this.#make(index)
  }

  #make(index: number): Vu {
    const { exec, name } = this.scenario
    const vu = new Vu(this.#idOf(index), this.#run, this.#run.options)
    const body = instantiate(this.#script, vu, this.#env)[exec]
    if (typeof body !== 'function') {
      throw new MusicboxError(
        'script.failed',
        `scenario "${name}" runs the function "${exec}", which the script does not export`,
      )
    }
    vu.scenario = this.active
    vu.body = body as (data: unknown) => unknown
    vu.data = this.#data()
    this.#made.set(index, vu)
    this.#run.counts.vusInitialized++
    return vu
  }
}

/** What a user is told of an error in the script; one that names its remedy keeps it. */
export function scriptFailure(script: Script, when: string, error: unknown): MusicboxError {
  const hint = error instanceof MusicboxError ? error.hint : ''
  return new MusicboxError('script.failed', `the script threw ${when}: ${script.describe(error)}`, hint, {
    cause: error,
  })
}

/** `open()`: a file beside the script, or at an absolute path. */
function openFile(vu: Vu, script: Script, path: string, mode?: string): string | ArrayBuffer {
  vu.require('init', 'open()')
  const bytes = readFileSync(resolve(dirname(script.path), path))
  return mode === 'b' ? new Uint8Array(bytes).buffer : bytes.toString('utf8')
}
