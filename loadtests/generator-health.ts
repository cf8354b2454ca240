/**
 * Whether the generator itself was fit to measure. A load generator that is starved reports its own delays as the
 * server's; then the numbers must not be believed, however good or bad they look.
 */
import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks'

export interface GeneratorHealth {
  /** How late the event loop came round, 99th percentile. */
  loop_delay_ms_p99: number
  /** How late timers of the script fired after the moment they were set for, 99th percentile; 0 when it set none. */
  start_lateness_ms_p99: number
  /** Processor time over wall time; 1 is one core, which is all that a thread can have. */
  cpu_share: number
}

export interface Verdict {
  verdict: 'VALID' | 'SUSPECT' | 'INVALID'
  /** Why it is not VALID, each with what was measured and the limit. */
  reasons: string[]
}

interface Limit {
  what: string
  unit: string
  suspect: number
  invalid: number
  remedy: string
}

/**
 * Up to `suspect` the generator adds less than people notice and less than thresholds are set at; from `invalid` on it
 * adds as much as the latencies that are measured. Of one core, a fifth must stay free (k6's own advice for its host).
 */
const LIMITS: Readonly<Record<keyof GeneratorHealth, Limit>> = {
  loop_delay_ms_p99: {
    what: 'event-loop delay p99',
    unit: ' ms',
    suspect: 25,
    invalid: 100,
    remedy: 'other work held the thread',
  },
  start_lateness_ms_p99: {
    what: 'start lateness p99',
    unit: ' ms',
    suspect: 25,
    invalid: 100,
    remedy: 'requests left later than they were meant to',
  },
  cpu_share: { what: 'processor share', unit: ' cores', suspect: 0.8, invalid: 0.95, remedy: 'use fewer listeners' },
}

export function judge(health: GeneratorHealth): Verdict {
  let verdict: Verdict['verdict'] = 'VALID'
  const reasons: string[] = []
  for (const [name, { what, unit, suspect, invalid, remedy }] of Object.entries(LIMITS)) {
    const value = health[name as keyof GeneratorHealth]
    if (value <= suspect) continue
    const broken = value > invalid
    if (broken) verdict = 'INVALID'
    else if (verdict === 'VALID') verdict = 'SUSPECT'
    const limit = broken ? invalid : suspect
    reasons.push(`${what} was ${Number(value.toPrecision(3))}${unit}, over ${limit}${unit}: ${remedy}`)
  }
  return { verdict, reasons }
}

/** Resolution of the loop monitor: its timer's own period is part of what it reads, and is taken off. */
const RESOLUTION_MS = 10

/** Watches this process from {@link start} to {@link stop}. */
export class GeneratorMonitor {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  /** Microseconds. */
  readonly #lateness = createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 3 })
  #watching = false
  #cpu = process.cpuUsage()
  #started = 0

  start(): void {
    this.#watching = true
    this.#cpu = process.cpuUsage()
    this.#started = performance.now()
    this.#delay.enable()
  }

  /** Told how late a timer of the script fired, ms. */
  readonly timerLateness = (ms: number): void => {
    if (this.#watching) this.#lateness.record(Math.max(1, Math.round(ms * 1000)))
  }

  stop(): GeneratorHealth {
    this.#watching = false
    this.#delay.disable()
    const { user, system } = process.cpuUsage(this.#cpu)
    const wall_ms = performance.now() - this.#started
    const delay_ms = this.#delay.count > 0 ? this.#delay.percentile(99) / 1e6 - RESOLUTION_MS : 0
    return {
      loop_delay_ms_p99: Math.max(0, delay_ms),
      start_lateness_ms_p99: this.#lateness.count > 0 ? this.#lateness.percentile(99) / 1000 : 0,
      cpu_share: wall_ms > 0 ? (user + system) / 1000 / wall_ms : 0,
    }
  }
}
