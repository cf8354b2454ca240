/**
 * The pipeline's two jobs on their clocks: the collector every hour, and each night the aggregation and the audit.
 * They run one after the other in one process, so they never compete for a small machine.
 */
import { addDays, dayOf } from '../datasets/day.ts'
import { MusicboxError } from '../datasets/failure.ts'
import type { Metrics, Stage } from '../observability/metrics.ts'
import { audit } from './audit.ts'
import type { Backend } from './backend.ts'
import { collect } from './collector.ts'
import { JobHealth } from './job-health.ts'
import { runNight } from './night-job.ts'
import { nextDaily, nextTick } from './schedule.ts'

export interface JobsOptions {
  backend: Backend
  clock: () => number
  metrics: Metrics
  /** From one collector run to the next, ms. */
  collect_every_ms: number
  /** When the night job starts, ms past midnight UTC. */
  night_at_ms: number
  signal: AbortSignal
  health: JobsHealth
  /** Called when nothing has moved for so long that only a new process can help: whatever hangs here cannot be stopped. */
  onHopeless: (reason: string) => void
  /** One line for the operator. */
  log: (line: string) => void
}

/** How each job gets on: one that is well says nothing of the other. */
export type JobsHealth = Record<Job, JobHealth>
type Job = 'collector' | 'night'

/** The collector moves with each batch; a step of the night may be a large day, or the audit of a whole log. */
const PATIENCE_MS: Record<Job, number> = { collector: 120_000, night: 1_800_000 }

export function jobsHealth(clock: () => number): JobsHealth {
  return { collector: new JobHealth(clock, PATIENCE_MS.collector), night: new JobHealth(clock, PATIENCE_MS.night) }
}

/** Why the jobs cannot do their work, if they cannot. */
export function unreadyJobs(health: JobsHealth): string | undefined {
  const reasons = Object.entries(health).flatMap(([job, each]) => {
    const reason = each.unready()
    return reason === undefined ? [] : [`${job}: ${reason}`]
  })
  return reasons.length > 0 ? reasons.join('; ') : undefined
}

/** A run that failed is tried again so soon: an hour or a day is long for a server that was only restarted. */
const RETRY_AFTER_MS = 60_000
const LOOK_EVERY_MS = 1000

/** Runs the jobs until the signal. A failed run is logged, counted and tried again. */
export async function runJobs(options: JobsOptions): Promise<void> {
  const looking = setInterval(() => {
    const reason = options.health.collector.hopeless() ?? options.health.night.hopeless()
    if (reason !== undefined) options.onHopeless(reason)
  }, LOOK_EVERY_MS)
  looking.unref()
  try {
    await runOnClocks(options)
  } finally {
    clearInterval(looking)
  }
}

async function runOnClocks(options: JobsOptions): Promise<void> {
  const { clock, signal } = options
  const next = (ok: boolean, at_ms: number): number => (ok ? at_ms : Math.min(at_ms, clock() + RETRY_AFTER_MS))
  const runCollector = async (): Promise<number> => {
    const ok = await run('collector', options, () => collectOnce(options))
    return next(ok, nextTick(clock(), options.collect_every_ms))
  }
  // At the start at once: what came in while nobody collected should not wait for the next hour.
  let collectAt = await runCollector()
  let nightAt = nextDaily(clock(), options.night_at_ms)
  while (!signal.aborted) {
    await sleepUntil(Math.min(collectAt, nightAt), clock, signal)
    if (signal.aborted) return
    if (clock() >= collectAt) collectAt = await runCollector()
    if (clock() >= nightAt) {
      const ok = await run('night', options, () => nightOnce(options))
      nightAt = next(ok, nextDaily(clock(), options.night_at_ms))
    }
  }
}

async function collectOnce({ backend, clock, metrics, signal, health, log }: JobsOptions): Promise<Stage[]> {
  const moved = (): void => {
    health.collector.moved()
    // The night collects first.
    health.night.moved()
  }
  const stores = { log: await backend.log(), raw: await backend.raw() }
  const result = await collect({ ...stores, clock, metrics, signal, onProgress: moved })
  log(`collector: ${result.events} events in ${result.files} files`)
  return ['raw']
}

async function nightOnce(options: JobsOptions): Promise<Stage[]> {
  const { backend, clock, metrics, signal, health, log } = options
  // The day that ended must be wholly in raw files first.
  await collectOnce(options)
  const stores = { raw: await backend.raw(), warehouse: await backend.warehouse(), tables: await backend.tables() }
  const night = await runNight(stores, {
    through: addDays(dayOf(clock()), -1),
    metrics,
    signal,
    failPoint: () => health.night.moved(),
  })
  const report = await audit({ log: await backend.log(), ...stores }, { metrics })
  const built = night.days.filter((day) => day.outcome === 'built').length
  log(`night: ${built} days built, ${night.rows} rows; audit: ${report.mismatches.length} mismatches`)
  return ['warehouse', 'report']
}

/** @returns whether the run ended well */
async function run(job: Job, options: JobsOptions, work: () => Promise<Stage[]>): Promise<boolean> {
  const { metrics, clock, log } = options
  const health = options.health[job]
  const start_ms = clock()
  health.begun()
  const observe = (outcome: string): void =>
    metrics.job_duration_seconds.observe({ job, outcome }, (clock() - start_ms) / 1000)
  try {
    for (const stage of await work()) metrics.stage_last_success_timestamp_seconds.set({ stage }, clock() / 1000)
    observe('ok')
    health.ended()
    return true
  } catch (error) {
    // Being told to stop is no failure of the job.
    if (error instanceof MusicboxError && error.code === 'interrupted') return true
    observe('failed')
    if (!(error instanceof MusicboxError)) throw error
    log(`${job} failed: ${error.message} ${error.hint}`)
    health.failed(error.message)
    return false
  }
}

/** Sleeps until the clock shows `at_ms`, looking at it often enough that a changed clock is noticed within a minute. */
async function sleepUntil(at_ms: number, clock: () => number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && clock() < at_ms) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, Math.min(60_000, Math.max(1, at_ms - clock())))
      signal.addEventListener('abort', done, { once: true })
      function done(): void {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
    })
  }
}
