/**
 * A fault: what is done to a part of the system under load, and when. `describeFault` writes it as `--fault` takes it, so
 * that a description can be run again.
 */
import type { Part } from '../../datasets/serving.ts'
import { durationText } from '../options/duration.ts'

export const TARGETS = {
  'event-api': 'events',
  'report-api': 'reports',
  pipeline: 'pipeline',
} as const satisfies Record<string, Part>
export type Target = keyof typeof TARGETS

/** Targets that are reached over the network, so that a proxy can stand before them. */
export type Server = 'event-api' | 'report-api'

/** Which way data goes: `up` from the client to the server, `down` back. */
export type Direction = 'up' | 'down'

/**
 * What can be wrong with a connection; names and parameters are toxiproxy's
 * (https://github.com/Shopify/toxiproxy#toxics), whose eighth, `down`, is a state of the server and no toxic of a link.
 */
export type Toxic =
  | { toxic: 'latency'; latency_ms: number; jitter_ms: number }
  | { toxic: 'bandwidth'; rate_kb_per_s: number }
  | { toxic: 'slow_close'; delay_ms: number }
  | { toxic: 'timeout'; timeout_ms: number }
  | { toxic: 'reset_peer'; timeout_ms: number }
  | { toxic: 'slicer'; average_size_bytes: number; size_variation_bytes: number; delay_us: number }
  | { toxic: 'limit_data'; limit_bytes: number }

export type ToxicName = Toxic['toxic']

/** What is done, without when. */
export type Effect =
  /** SIGKILL and SIGTERM: moments. `musicbox serve` starts the part again. */
  | { action: 'kill' | 'stop'; target: Target }
  /** SIGSTOP, then SIGCONT. */
  | { action: 'pause'; target: Target }
  /** Nothing passes either way, as with a pulled cable; what was held goes on afterwards, as TCP would send it again. */
  | { action: 'cut'; target: Server }
  /** Connections are closed and new ones are refused. */
  | { action: 'down'; target: Server }
  | {
      action: 'toxic'
      target: Server
      toxic: Toxic
      stream: Direction /** Share of connections, 0 to 1. */
      toxicity: number
    }

export interface Fault {
  /** Since the scenarios began. */
  at_ms: number
  /** How long it lasts; absent for a moment, and for what lasts until the end of the run. */
  for_ms?: number
  effect: Effect
}

interface Parameter {
  /** Field of {@link Toxic}. */
  field: string
  unit: 'ms' | 'us' | 'bytes' | 'kb_per_s'
  min: number
  /** Taken when it is not given; a parameter without one is asked for. */
  otherwise?: number
}

/** A plain number is of toxiproxy's unit: milliseconds, microseconds for the slicer's delay, bytes, KB a second. */
export const PARAMETERS: Readonly<Record<ToxicName, Readonly<Record<string, Parameter>>>> = {
  latency: {
    latency: { field: 'latency_ms', unit: 'ms', min: 0 },
    jitter: { field: 'jitter_ms', unit: 'ms', min: 0, otherwise: 0 },
  },
  bandwidth: { rate: { field: 'rate_kb_per_s', unit: 'kb_per_s', min: 1 } },
  slow_close: { delay: { field: 'delay_ms', unit: 'ms', min: 0 } },
  timeout: { timeout: { field: 'timeout_ms', unit: 'ms', min: 0, otherwise: 0 } },
  reset_peer: { timeout: { field: 'timeout_ms', unit: 'ms', min: 0, otherwise: 0 } },
  slicer: {
    average_size: { field: 'average_size_bytes', unit: 'bytes', min: 1 },
    size_variation: { field: 'size_variation_bytes', unit: 'bytes', min: 0, otherwise: 0 },
    delay: { field: 'delay_us', unit: 'us', min: 0, otherwise: 0 },
  },
  limit_data: { bytes: { field: 'limit_bytes', unit: 'bytes', min: 0 } },
}

/** `at=20s for=10s latency event-api latency=200ms jitter=50ms`. */
export function describeFault({ at_ms, for_ms, effect }: Fault): string {
  const lasting = for_ms === undefined ? '' : ` for=${durationText(for_ms)}`
  return `at=${durationText(at_ms)}${lasting} ${describeEffect(effect)}`
}

/** `latency event-api latency=200ms jitter=50ms`. */
export function describeEffect(effect: Effect): string {
  if (effect.action !== 'toxic') return `${effect.action} ${effect.target}`
  const { toxic, target, stream, toxicity } = effect
  const words: string[] = [toxic.toxic, target]
  for (const [name, { field, unit, otherwise }] of Object.entries(PARAMETERS[toxic.toxic])) {
    const value = (toxic as unknown as Record<string, number>)[field]!
    if (value !== otherwise) words.push(`${name}=${unit === 'ms' ? durationText(value) : value}`)
  }
  if (stream !== 'down') words.push(`stream=${stream}`)
  if (toxicity !== 1) words.push(`toxicity=${toxicity}`)
  return words.join(' ')
}

/** Whether a proxy must stand before the target. */
export function isNetworkEffect(
  effect: Effect,
): effect is Extract<Effect, { target: Server; action: 'cut' | 'down' | 'toxic' }> {
  return effect.action === 'cut' || effect.action === 'down' || effect.action === 'toxic'
}
