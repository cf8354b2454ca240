/** Watches this process while it makes load. */
import { readFileSync } from 'node:fs'
import { createHistogram, type EventLoopUtilization, PerformanceObserver, performance } from 'node:perf_hooks'
import type { GeneratorHealth } from './generator-health.ts'
import { LoopDelay } from './loop-delay.ts'

/** How often the loop is asked to come round. */
const BEAT_MS = 10

export class GeneratorMonitor {
  readonly #awaits: () => boolean
  #delay = new LoopDelay()
  /** Microseconds. */
  readonly #lateness = createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 3 })
  readonly #collections = new PerformanceObserver((list) => this.#addCollections(list.getEntries()))
  #watching = false
  #planning = true
  #timer: NodeJS.Timeout | undefined
  #beat_ms = 0
  #start: Readings | undefined
  #end: Readings | undefined
  #gc_ms = 0

  /**
   * @param awaits whether a request is under way. Until the first one is, and before the script's first timer or arrival,
   *   listeners only plan what they will do: that holds the loop for a while, and nothing is late by it.
   */
  constructor(awaits: () => boolean = () => true) {
    this.#awaits = awaits
  }

  start(): void {
    this.#planning = true
    this.#delay = new LoopDelay()
    this.#lateness.reset()
    this.#gc_ms = 0
    this.#end = undefined
    this.#start = read()
    this.#beat_ms = this.#start.wall_ms
    this.#watching = true
    this.#collections.observe({ entryTypes: ['gc'] })
    this.#timer = setInterval(() => this.#beat(), BEAT_MS).unref()
  }

  /** Told how long after its moment a timer of the script fired or a planned arrival started, ms. */
  readonly timerLateness = (ms: number): void => {
    if (this.#watching) this.#lateness.record(Math.max(1, Math.round(ms * 1000)))
  }

  /** From {@link start} until now. */
  sample(): GeneratorHealth {
    return this.#health(this.#end ?? read())
  }

  stop(): GeneratorHealth {
    if (this.#watching) {
      // A stall that has not ended yet counts too.
      if (performance.now() - this.#beat_ms > 2 * BEAT_MS) this.#beat()
      this.#addCollections(this.#collections.takeRecords())
      this.#end = read()
      this.#watching = false
      this.#collections.disconnect()
      clearInterval(this.#timer)
    }
    return this.sample()
  }

  #beat(): void {
    const now_ms = performance.now()
    const passed_ms = now_ms - this.#beat_ms
    this.#beat_ms = now_ms
    this.#planning &&= this.#lateness.count === 0 && !this.#awaits()
    this.#delay.record(now_ms, passed_ms, this.#planning ? passed_ms : BEAT_MS)
  }

  #addCollections(entries: readonly { duration: number }[]): void {
    for (const { duration } of entries) this.#gc_ms += duration
  }

  #health(end: Readings): GeneratorHealth {
    const start = this.#start ?? end
    const wall_ms = end.wall_ms - start.wall_ms
    const share = (ms: number): number => (wall_ms > 0 ? ms / wall_ms : 0)
    return {
      loop_delay_ms_p99: this.#delay.percentile(99),
      loop_delay_ms_p90: this.#delay.percentile(90),
      loop_delay_ms_max: this.#delay.max_ms,
      late_share_worst_10s: this.#delay.worstWindow,
      start_lateness_ms_p99: this.#lateness.count > 0 ? this.#lateness.percentile(99) / 1000 : 0,
      cpu_share: share(end.cpu_ms - start.cpu_ms),
      loop_busy_share: performance.eventLoopUtilization(end.loop, start.loop).utilization,
      gc_share: share(this.#gc_ms),
      ...(end.run_delay_ms !== undefined &&
        start.run_delay_ms !== undefined && { run_delay_share: share(end.run_delay_ms - start.run_delay_ms) }),
      loop_samples: this.#delay.samples,
    }
  }
}

interface Readings {
  wall_ms: number
  cpu_ms: number
  loop: EventLoopUtilization
  run_delay_ms: number | undefined
}

function read(): Readings {
  const { user, system } = process.cpuUsage()
  return {
    wall_ms: performance.now(),
    cpu_ms: (user + system) / 1000,
    loop: performance.eventLoopUtilization(),
    run_delay_ms: runDelay_ms(),
  }
}

/** How long the main thread has waited for a processor since it began: Linux, Documentation/scheduler/sched-stats. */
function runDelay_ms(): number | undefined {
  try {
    const [ran_ns, waited_ns] = readFileSync('/proc/self/schedstat', 'latin1').split(' ').map(Number)
    // A kernel that keeps no such figures says 0 to all.
    return ran_ns! > 0 && Number.isFinite(waited_ns) ? waited_ns! / 1e6 : undefined
  } catch {
    return undefined
  }
}
