/** Instances of the script: one for each virtual user, each with module state of its own. */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { MusicboxError } from '../datasets/failure.ts'
import type { Script, ScriptExports } from './bundle.ts'
import { maxUsers, plannedMs } from './executors/scenario.ts'
import { requireFor, timers } from './modules.ts'
import type { Scenario } from './options.ts'
import { scriptConsole } from './script-log.ts'
import { type ActiveScenario, type Run, Vu } from './vu.ts'

export type Env = Readonly<Record<string, string>>

export interface ScenarioVus {
  scenario: Scenario
  active: ActiveScenario
  vus: Vu[]
}

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

/** All users of all scenarios, `__VU` from 1. */
export function scenarioVus(script: Script, run: Run, env: Env): ScenarioVus[] {
  let id = 0
  return run.options.scenarios.map((scenario) => {
    const active: ActiveScenario = {
      name: scenario.name,
      executor: scenario.executor,
      tags: scenario.tags,
      startTime: 0,
      planned_ms: plannedMs(scenario),
      iterations: 0,
    }
    const vus = Array.from({ length: maxUsers(scenario) }, () => {
      const vu = new Vu(++id, run, run.options)
      const body = instantiate(script, vu, { ...env, ...scenario.env })[scenario.exec]
      if (typeof body !== 'function') {
        throw new MusicboxError(
          'script.failed',
          `scenario "${scenario.name}" runs the function "${scenario.exec}", which the script does not export`,
        )
      }
      vu.scenario = active
      vu.body = body as (data: unknown) => unknown
      run.counts.vusInitialized++
      return vu
    })
    return { scenario, active, vus }
  })
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
