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
  /** One line for the operator. */
  log: (line: string) => void
}

/** Runs the jobs until the signal. A failed run is logged, counted and tried again at the next tick. */
export async function runJobs(options: JobsOptions): Promise<void> {
  const { clock, signal } = options
  // At the start at once: what came in while nobody collected should not wait for the next hour.
  await run('collector', options, () => collectOnce(options))
  let collectAt = nextTick(clock(), options.collect_every_ms)
  let nightAt = nextDaily(clock(), options.night_at_ms)
  while (!signal.aborted) {
    await sleepUntil(Math.min(collectAt, nightAt), clock, signal)
    if (signal.aborted) return
    if (clock() >= collectAt) {
      await run('collector', options, () => collectOnce(options))
      collectAt = nextTick(clock(), options.collect_every_ms)
    }
    if (clock() >= nightAt) {
      await run('night', options, () => nightOnce(options))
      nightAt = nextDaily(clock(), options.night_at_ms)
    }
  }
}

async function collectOnce({ backend, clock, metrics, signal, log }: JobsOptions): Promise<Stage[]> {
  const result = await collect({ log: await backend.log(), raw: await backend.raw(), clock, metrics, signal })
  log(`collector: ${result.events} events in ${result.files} files`)
  return ['raw']
}

async function nightOnce(options: JobsOptions): Promise<Stage[]> {
  const { backend, clock, metrics, signal, log } = options
  // The day that ended must be wholly in raw files first.
  await collectOnce(options)
  const stores = { raw: await backend.raw(), warehouse: await backend.warehouse(), tables: await backend.tables() }
  const night = await runNight(stores, { through: addDays(dayOf(clock()), -1), metrics, signal })
  const report = await audit({ log: await backend.log(), ...stores }, { metrics })
  const built = night.days.filter((day) => day.outcome === 'built').length
  log(`night: ${built} days built, ${night.rows} rows; audit: ${report.mismatches.length} mismatches`)
  return ['warehouse', 'report']
}

async function run(job: string, { metrics, clock, log }: JobsOptions, work: () => Promise<Stage[]>): Promise<void> {
  const start_ms = clock()
  const observe = (outcome: string): void =>
    metrics.job_duration_seconds.observe({ job, outcome }, (clock() - start_ms) / 1000)
  try {
    for (const stage of await work()) metrics.stage_last_success_timestamp_seconds.set({ stage }, clock() / 1000)
    observe('ok')
  } catch (error) {
    observe('failed')
    if (!(error instanceof MusicboxError)) throw error
    log(`${job} failed: ${error.message} ${error.hint}`)
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
