/**
 * Which part of the system is at its limit: a rule over what the system's own metrics said during a step, read in this
 * order. The first that is at its limit is named, since what comes after it in the way of an event is only waiting for it.
 *
 * | part | at its limit when |
 * |---|---|
 * | collector | its lag grows: fewer events are collected than come in |
 * | event log | an append to disk takes half of the service time or more |
 * | a process | it uses 0.9 of a core: JavaScript runs on one thread |
 * | a process's event loop | its delay's p99 is half of the service time's p95, and over 20 ms |
 * | the machine | all processes and the generator use 0.95 of its cores |
 */
import type { Growth } from './backlog.ts'
import type { Saturated } from './search.ts'

/** Means over a step; what was not measured is left out. */
export interface SystemReadings {
  /** Cores used, by process. */
  cpu: Readonly<Record<string, number>>
  /** Event-loop delay p99, by process, ms. */
  loop_delay_ms: Readonly<Record<string, number>>
  log_append_ms?: number
  collector?: Growth
  service_mean_ms: number
  service_p95_ms: number
  /** Cores that the generator used. */
  generator_cores: number
  /** Of the machine. */
  cores: number
}

const THREAD_BUSY = 0.9
const MACHINE_BUSY = 0.95
const APPEND_SHARE = 0.5
const LOOP_SHARE = 0.5
const LOOP_MS_MIN = 20

/** @returns nothing when no part that is watched is at its limit */
export function saturated(seen: SystemReadings): Saturated | undefined {
  if (seen.collector?.grows) {
    const share = (100 * seen.collector.excess).toFixed(0)
    return { stage: 'collector', why: `its lag grows by ${share} % of what comes in` }
  }
  const { log_append_ms = 0, service_mean_ms, service_p95_ms } = seen
  if (log_append_ms > 0 && log_append_ms >= APPEND_SHARE * service_mean_ms) {
    const why = `an append takes ${log_append_ms.toFixed(1)} ms of a service time of ${service_mean_ms.toFixed(1)} ms`
    return { stage: 'event log', why }
  }
  const [busiest, cpu] = largest(seen.cpu)
  if (busiest !== undefined && cpu >= THREAD_BUSY) {
    return { stage: busiest, why: `it uses ${cpu.toFixed(2)} cores, of one that its thread can have` }
  }
  const [latest, delay_ms] = largest(seen.loop_delay_ms)
  if (latest !== undefined && delay_ms >= Math.max(LOOP_MS_MIN, LOOP_SHARE * service_p95_ms)) {
    return { stage: `${latest} (event loop)`, why: `its loop comes round ${delay_ms.toFixed(0)} ms late` }
  }
  const used = Object.values(seen.cpu).reduce((sum, each) => sum + each, seen.generator_cores)
  if (busiest !== undefined && used >= MACHINE_BUSY * seen.cores) {
    return { stage: 'machine', why: `system and generator use ${used.toFixed(2)} of its ${seen.cores} cores` }
  }
  return undefined
}

function largest(values: Readonly<Record<string, number>>): [string | undefined, number] {
  return Object.entries(values).reduce<[string | undefined, number]>(
    (best, [name, value]) => (value > best[1] ? [name, value] : best),
    [undefined, Number.NEGATIVE_INFINITY],
  )
}
