/** One step of the search: a script at one load against the real system, and what it has shown. */
import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Options } from 'k6/options'
import type { Host } from '../../datasets/host.ts'
import type { WorldFile } from '../../simulation/world-file.ts'
import { type RunSpec, runScript } from '../engine/runner.ts'
import { expectReady } from '../load/ready.ts'
import { type ChosenScript, sendsEvents, settingsOf } from '../load/script-settings.ts'
import { metricsOf, serversOf } from '../load/servers.ts'
import { joinedThresholds } from '../thresholds/threshold-option.ts'
import type { StepResult } from './search.ts'
import { stepOf, WATCHED } from './step.ts'

/** What the load is counted in. */
export type Unit = 'listeners' | 'events/s'

export interface ProbeOptions {
  unit: Unit
  /** Folder of the history. */
  data: string
  /** How long each step lasts. */
  step_ms: number
  eventApi?: string
  speed?: number
  /** Events in a request, for {@link Unit} `events/s`. */
  batch: number
  env?: Readonly<Record<string, string>>
  threshold?: Readonly<Record<string, string[]>>
  /** Where the system's metrics are; default: where `musicbox serve` has them, as far as they are there. */
  metrics?: readonly string[]
  /** Processes that make the load. */
  workers: number
  /** Label of the search: each step is a run of its own with this before its number. */
  run: string
}

/** Listeners join one after another over this time; see ../scripts/listen.ts. */
const JOIN_MS = 1000
/** Requests under way at once that a rate may need. */
const USERS_MAX = 1000
const WARM_UP_S = 2

export function loadProbe(
  host: Host,
  script: ChosenScript,
  history: WorldFile | undefined,
  options: ProbeOptions,
): (load: number) => Promise<StepResult> {
  let ordinal = 0
  return async (load) => {
    // What the step before has left behind is not this one's.
    const servers = await serversOf(options)
    if (sendsEvents(script)) await expectReady('event', servers.eventApi)
    const run = `${options.run}-${++ordinal}`
    const plan = planOf(script, load, options)
    const env = settingsOf(
      script,
      { data: options.data, ...plan.settings, ...(options.env && { env: options.env }) },
      { run, world: history?.world, now_ms: host.now(), servers },
    )
    const spec: RunSpec = {
      script: script.path,
      env,
      ...(plan.options && { options: plan.options }),
      thresholds: joinedThresholds(WATCHED, options.threshold),
      workers: options.workers,
      system: await metricsOf(options),
      signal: host.signal,
      ...(history && { out: { ledger: await ledgerPath(options.data, run) } }),
    }
    return stepOf(load, await runScript(spec), { ...plan, cores: availableParallelism() })
  }
}

interface StepPlan {
  settings: { listeners?: number; speed?: number; duration?: number; batch?: number }
  /** Instead of the script's own. */
  options?: Options
  /** See ./step.ts. */
  warmUp_s: number
  load_s: number
}

/** What makes a script give this load, as far as it is one of ours: others find LISTENERS, DURATION and RATE. */
export function planOf(
  script: ChosenScript,
  load: number,
  { unit, step_ms, speed, batch }: Pick<ProbeOptions, 'unit' | 'step_ms' | 'speed' | 'batch'>,
): StepPlan {
  if (unit === 'events/s') {
    return {
      settings: { batch },
      options: { scenarios: { steady: arrivals(load / batch, step_ms) } },
      warmUp_s: WARM_UP_S,
      load_s: step_ms / 1000,
    }
  }
  // The listeners of our script plan in peace first; see LEAD_MS in ../scripts/listeners.ts.
  const lead_ms = 'name' in script ? 500 + 2 * load : 0
  return {
    settings: { listeners: load, duration: step_ms, ...(speed !== undefined && { speed }) },
    ...(!('name' in script) && { options: { vus: load, duration: `${step_ms}ms` } }),
    warmUp_s: Math.ceil((lead_ms + JOIN_MS) / 1000) + 1,
    load_s: Math.floor((lead_ms + step_ms) / 1000),
  }
}

/** An open model: requests leave at their time, whatever became of those before. */
function arrivals(requests_per_s: number, step_ms: number): NonNullable<Options['scenarios']>[string] {
  return {
    executor: 'constant-arrival-rate',
    // In ten seconds, so that rates below one request a second can be said in whole numbers.
    rate: Math.max(1, Math.round(10 * requests_per_s)),
    timeUnit: '10s',
    duration: `${step_ms}ms`,
    preAllocatedVUs: Math.min(USERS_MAX, Math.max(10, Math.ceil(requests_per_s / 4))),
    maxVUs: USERS_MAX,
    gracefulStop: '15s',
  }
}

/** So that `musicbox verify` can settle what a search has sent, too. */
async function ledgerPath(data: string, run: string): Promise<string> {
  const folder = join(data, 'ledgers')
  await mkdir(folder, { recursive: true })
  return join(folder, `${run}.ndjson`)
}
