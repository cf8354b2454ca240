/**
 * Whether the generator itself was fit to measure. A load generator that is starved reports its own delays as the
 * server's; then the numbers must not be believed, however good or bad they look.
 */
import { LATE_MS } from './loop-delay.ts'

export { GeneratorMonitor } from './generator-monitor.ts'

/** What {@link GeneratorMonitor} has seen. What is left out was not measured, and is not judged. */
export interface GeneratorHealth {
  /** How long something due at any moment would have waited for the event loop, 99th percentile over time. */
  loop_delay_ms_p99: number
  loop_delay_ms_p90?: number
  /** The longest time that the event loop stood still. */
  loop_delay_ms_max?: number
  /** Of the worst ten seconds, the share in which something due would have left more than 25 ms late. */
  late_share_worst_10s?: number
  /** How late timers of the script and planned arrivals came after their moment, 99th percentile; 0 without any. */
  start_lateness_ms_p99: number
  /** Processor time over wall time; 1 is one core, which is all that a thread can have. */
  cpu_share: number
  /** Of the time, in which the event loop had something to do, whether or not it was given a processor. */
  loop_busy_share?: number
  /** Of the time, in which garbage collection held the thread. */
  gc_share?: number
  /** Of the time, in which the thread could have run and had to wait for a processor. Linux alone tells it. */
  run_delay_share?: number
  /** How often the event loop was looked at. */
  loop_samples?: number
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

const HELD = 'other work held the thread, or the process was held'

/**
 * Up to `suspect` the generator adds less than people notice and less than thresholds are set at; from `invalid` on it
 * adds as much as the latencies that are measured, to their tail (p99) or to many of them (p90). Of one core, a fifth
 * must stay free (k6's own advice for its host).
 *
 * No measure alone sees every way to starve. A quota, or a process that is stopped and continued, leaves processor time
 * low and the loop late; other programs on the same core show in the wait for a processor; too many listeners in
 * processor time and in a loop that is never idle. And what lasts for a part of the run only is small in a percentile of
 * a long run, but not in its worst ten seconds.
 */
const LIMITS: Readonly<Partial<Record<keyof GeneratorHealth, Limit>>> = {
  loop_delay_ms_p99: { what: 'event-loop delay p99', unit: ' ms', suspect: LATE_MS, invalid: 100, remedy: HELD },
  loop_delay_ms_p90: { what: 'event-loop delay p90', unit: ' ms', suspect: 10, invalid: LATE_MS, remedy: HELD },
  late_share_worst_10s: {
    what: `share of the worst 10 s in which the event loop was over ${LATE_MS} ms late`,
    unit: '',
    suspect: 0.05,
    invalid: 0.25,
    remedy: 'the generator stood still for a part of the run',
  },
  start_lateness_ms_p99: {
    what: 'start lateness p99',
    unit: ' ms',
    suspect: LATE_MS,
    invalid: 100,
    remedy: 'requests left later than they were meant to',
  },
  cpu_share: { what: 'processor share', unit: ' cores', suspect: 0.8, invalid: 0.95, remedy: 'use fewer listeners' },
  loop_busy_share: {
    what: 'busy share of the event loop',
    unit: '',
    suspect: 0.8,
    invalid: 0.95,
    remedy: 'use fewer listeners, or more workers',
  },
  gc_share: {
    what: 'share of time in garbage collection',
    unit: '',
    suspect: 0.1,
    invalid: 0.25,
    remedy: 'use fewer listeners, or smaller answers',
  },
  run_delay_share: {
    what: 'share of time spent waiting for a processor',
    unit: '',
    suspect: 0.2,
    invalid: 0.4,
    remedy: 'other programs had the processor: use an idle machine',
  },
}

export function judge(health: GeneratorHealth): Verdict {
  // What nobody looked at is not fit; it is unknown, and a figure from it must not be believed.
  if (health.loop_samples === 0) return { verdict: 'INVALID', reasons: ['the event loop was never seen to come round'] }
  let verdict: Verdict['verdict'] = 'VALID'
  const reasons: string[] = []
  for (const [name, { what, unit, suspect, invalid, remedy }] of Object.entries(LIMITS)) {
    const value = health[name as keyof GeneratorHealth]
    if (value === undefined || value <= suspect) continue
    // Not a number is no proof of anything.
    const broken = !(value <= invalid)
    if (broken) verdict = 'INVALID'
    else if (verdict === 'VALID') verdict = 'SUSPECT'
    const limit = broken ? invalid : suspect
    reasons.push(`${what} was ${Number(value.toPrecision(3))}${unit}, over ${limit}${unit}: ${remedy}`)
  }
  return { verdict, reasons }
}

/**
 * Of a run over several processes, each with its own part of the load: the worst of each measure, since their figures
 * are merged and one late process is in all of them.
 * @throws RangeError for an empty list
 */
export function mergeHealth(list: readonly GeneratorHealth[]): GeneratorHealth {
  const [first, ...others] = list
  if (!first) throw new RangeError('expected the health of at least one process, got none')
  return others.reduce(worse, first)
}

function worse(a: GeneratorHealth, b: GeneratorHealth): GeneratorHealth {
  const merged: Record<string, number> = { ...a }
  for (const [name, value] of Object.entries(b) as [string, number][]) {
    const other = merged[name]
    if (other === undefined) merged[name] = value
    // The process that was seen least often is the worst known.
    else merged[name] = name === 'loop_samples' ? Math.min(other, value) : Math.max(other, value)
  }
  return merged as unknown as GeneratorHealth
}
