/** A prepared script in the embedded engine, with all that is done around it: faults, live view, capsule, report. */
import type { Options } from 'k6/options'
import { FAILURES, MusicboxError } from '../../datasets/failure.ts'
import { formatCount, type Host } from '../../datasets/host.ts'
import { type RunControls, type RunProgress, type RunSpec, runScript } from '../engine/runner.ts'
import { type FaultRunner, planFaults } from '../faults/fault-runner.ts'
import { readFaults } from '../faults/read-fault.ts'
import { recoveryOf } from '../faults/recovery.ts'
import { liveLine } from '../live/live-line.ts'
import { type LiveControl, type LiveView, openLiveView } from '../live/live-view.ts'
import { readConfigFile } from '../options/config-file.ts'
import { parseStages } from '../options/options.ts'
import { readOut } from '../outputs/out-option.ts'
import type { RunResult } from '../run-result.ts'
import type { PreparedRun } from './choose-engine.ts'
import { keepRun } from './keep-run.ts'
import type { LoadOptions } from './load-options.ts'
import { LoadProgress } from './load-progress.ts'
import { metricsOf } from './servers.ts'

export async function runEmbedded(host: Host, options: LoadOptions, prepared: PreparedRun): Promise<RunResult> {
  const { script, run } = prepared
  using line = new LoadProgress(host)
  const steering = new Steering()
  const faults = await plannedFaults(options, prepared)
  // Behind the proxies of network faults.
  const env = { ...prepared.env, EVENT_API: faults.eventApi, REPORT_API: faults.reportApi }
  let view: LiveView | undefined
  try {
    if (options.live !== undefined) {
      const port = options.live === true ? 0 : options.live
      view = await openLiveView({ port, run: { script, label: run }, control: steering })
      host.stderr.write(`live        ${view.url}\n`)
    }
    const spec = await specOf(host, options, { ...prepared, env })
    const result = await runScript({
      ...spec,
      faults,
      log: (level, text) => line.say(`${level}: ${text}`),
      onPlan: (lines) => line.plan(lines),
      onStart: (controls) => steering.give(controls),
      onMark: (mark) => view?.mark(mark),
      onProgress: (progress) => {
        const { elapsed_ms, planned_ms, bucket } = progress
        view?.push(bucket)
        line.show(elapsed_ms, Math.min(planned_ms, options.duration ?? planned_ms), figuresOf(progress))
      },
    })
    const whole = withFaults(result, faults)
    view?.done(whole)
    await keepRun(host, options, { ...prepared, env }, whole)
    return whole
  } finally {
    await faults.stop()
    await view?.close()
  }
}

async function plannedFaults(options: LoadOptions, { env }: PreparedRun): Promise<FaultRunner> {
  return await planFaults(readFaults(options.fault ?? []), {
    data: options.data,
    eventApi: env['EVENT_API']!,
    reportApi: env['REPORT_API']!,
  })
}

async function specOf(host: Host, options: LoadOptions, prepared: PreparedRun): Promise<RunSpec> {
  const { script, env, ledger, summary } = prepared
  const given = { ...host.env, ...env }
  return {
    script,
    env,
    ...(options.config !== undefined && { config: await readConfigFile(options.config) }),
    options: k6Options(options, prepared),
    ...(options.threshold && { thresholds: options.threshold }),
    noThresholds: options.thresholds === false,
    workers: options.workers ?? 1,
    out: {
      ...(ledger !== undefined && { ledger }),
      ...(options.summaryExport !== undefined && { summary: options.summaryExport }),
      samples: (options.out ?? []).map((out) => readOut(out, given)),
    },
    system: await metricsOf(options),
    ...(summary && { stdout: summary }),
    isTerminal: host.isTerminal,
    signal: host.signal,
  }
}

/** What flags say, as k6's options. */
function k6Options({ iterations, stage, tag }: LoadOptions, { vus, duration_ms }: PreparedRun): Options {
  return {
    ...(vus !== undefined && { vus }),
    ...(duration_ms !== undefined && { duration: `${duration_ms}ms` }),
    ...(iterations !== undefined && { iterations }),
    ...(stage !== undefined && { stages: parseStages(stage.join(','), '--stage') }),
    ...(tag !== undefined && { tags: { ...tag } }),
  }
}

function figuresOf({ iterations, fates, bucket }: RunProgress): string {
  const events = fates.accepted + fates.duplicate + fates.refused + fates.unknown
  const known = `${formatCount(fates.accepted)} accepted, ${formatCount(fates.refused)} refused, ${formatCount(fates.unknown)} unknown`
  return `${liveLine(bucket)}  ${events > 0 ? known : `${formatCount(iterations)} iterations`}`
}

/** What each fault has cost; and a run whose faults could not be done has not tested what it was to test. */
function withFaults(result: RunResult, { failures }: FaultRunner): RunResult {
  const { timeline, marks } = result
  const faults = marks.filter(({ kind, text }) => kind === 'fault' && !text.includes(' failed: '))
  const recoveries = faults.map(({ text, at_s }) => ({ fault: text, at_s, ...recoveryOf(timeline, { at_s }, marks) }))
  const whole = recoveries.length > 0 ? { ...result, recoveries } : result
  if (failures.length === 0 || result.exitCode !== 0) return whole
  const problem = `a fault could not be done: ${failures.join('; ')}`
  return { ...whole, exitCode: FAILURES['backend.unreachable'].exit, problem }
}

/** Controls that can be had before the run has begun: until then they say so. */
class Steering implements LiveControl {
  #controls: RunControls | undefined

  give(controls: RunControls): void {
    this.#controls = controls
  }

  pause(): void {
    this.#begun.pause()
  }
  resume(): void {
    this.#begun.resume()
  }
  scale(users: number, scenario?: string): void {
    this.#begun.scale(users, scenario)
  }
  stop(): void {
    this.#begun.stop()
  }

  get #begun(): RunControls {
    if (this.#controls) return this.#controls
    throw new MusicboxError('not.found', 'the run has not begun yet', 'Try again in a moment.')
  }
}
