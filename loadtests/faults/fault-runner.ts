/**
 * Faults at their times in a run. The plan is checked before the load begins: an address that cannot be proxied, a part
 * that does not run, a server that is another one than is loaded. What happens is marked when it has happened.
 */
import { MusicboxError } from '../../datasets/failure.ts'
import { seedKey } from '../../simulation/seed.ts'
import { type ExecutorClock, monotonicClock } from '../executors/clock.ts'
import type { Mark } from '../metrics/timeline.ts'
import {
  describeEffect,
  describeFault,
  type Fault,
  isNetworkEffect,
  type Server,
  TARGETS,
  type Target,
} from './fault.ts'
import { FaultProcess } from './fault-worker.ts'
import { findPart } from './serving-part.ts'

export type FaultMark = Mark & { kind: 'fault' }

export interface FaultOptions {
  /** Data folder of the `musicbox serve` whose parts are meant. */
  data: string
  /** Addresses of the servers under load. */
  eventApi: string
  reportApi: string
  /** Equal seeds give equal jitter. Default: always the same. */
  seed?: string
  clock?: ExecutorClock
}

export interface FaultRunner {
  /** Addresses for the script: a proxy's where a fault of the network is planned, otherwise as given. */
  readonly eventApi: string
  readonly reportApi: string
  /**
   * Faults that could not be done and, after {@link stop}, those whose time never came, in words. A run with one has not
   * tested what it was to test.
   */
  readonly failures: readonly string[]
  /**
   * @param startedAt when the scenarios began, ms on the clock
   * @param onMark gets each fault at the moment it has begun. `until_s` is when it is to end; once it has ended, the same
   *   object says when that was
   */
  start(startedAt: number, onMark: (mark: FaultMark) => void): void
  /** Ends what still lasts and takes the proxies away. */
  stop(): Promise<void>
}

/** @throws MusicboxError when a fault could not be done as things are */
export async function planFaults(faults: readonly Fault[], options: FaultOptions): Promise<FaultRunner> {
  if (faults.length === 0) return withoutFaults(options)
  const addresses: Record<Server, URL> = {
    'event-api': new URL(options.eventApi),
    'report-api': new URL(options.reportApi),
  }
  const proxied = new Set(
    faults
      .map(({ effect }) => effect)
      .filter(isNetworkEffect)
      .map(({ target }) => target),
  )
  for (const server of proxied) expectOwnMachine(server, addresses[server])

  for (const { effect } of faults) {
    if (!isNetworkEffect(effect)) await expectServed(effect.target, addresses, options.data)
  }

  const process = await FaultProcess.start()
  try {
    for (const server of proxied) {
      const target_port = Number(addresses[server].port || 80)
      const { port } = await process.ask({ do: 'open', server, target_port, seed: seedKey(options.seed ?? 'faults') })
      addresses[server].host = `127.0.0.1:${port}`
    }
  } catch (error) {
    await process.stop()
    throw error
  }
  const address = (server: Server, given: string): string =>
    proxied.has(server) ? addresses[server].href.replace(/\/$/, '') : given
  return new PlannedFaults(faults, options, process, {
    eventApi: address('event-api', options.eventApi),
    reportApi: address('report-api', options.reportApi),
  })
}

function withoutFaults({ eventApi, reportApi }: FaultOptions): FaultRunner {
  return { eventApi, reportApi, failures: [], start() {}, async stop() {} }
}

class PlannedFaults implements FaultRunner {
  readonly eventApi: string
  readonly reportApi: string
  readonly #failures: string[] = []
  readonly #faults: readonly Fault[]
  readonly #data: string
  readonly #clock: ExecutorClock
  readonly #process: FaultProcess
  /** Marks of what lasts, by the fault's number. */
  readonly #lasting = new Map<number, FaultMark>()
  readonly #timers = new Set<() => void>()
  /** Whose time has not come. */
  readonly #waiting = new Set<Fault>()
  #startedAt = 0
  #stopped: Promise<void> | undefined

  constructor(
    faults: readonly Fault[],
    { data, clock = monotonicClock }: FaultOptions,
    process: FaultProcess,
    addresses: { eventApi: string; reportApi: string },
  ) {
    this.#faults = faults
    this.#data = data
    this.#clock = clock
    this.#process = process
    this.eventApi = addresses.eventApi
    this.reportApi = addresses.reportApi
  }

  get failures(): readonly string[] {
    const { lost } = this.#process
    return lost === undefined ? this.#failures : [...this.#failures, lost]
  }

  start(startedAt: number, onMark: (mark: FaultMark) => void): void {
    this.#startedAt = startedAt
    for (const [number, fault] of this.#faults.entries()) {
      this.#waiting.add(fault)
      this.#at(startedAt + fault.at_ms, () => {
        this.#waiting.delete(fault)
        void this.#begin(number, fault, onMark)
      })
    }
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
    for (const fault of this.#waiting) {
      this.#failures.push(
        `${describeFault(fault)} did not happen: the run was over after ${this.#now_s().toFixed(1)} s`,
      )
    }
    this.#waiting.clear()
    // The process ends what lasts when it is let go.
    await this.#process.stop()
    for (const mark of this.#lasting.values()) mark.until_s = this.#now_s()
    this.#lasting.clear()
  }

  async #begin(number: number, { effect, for_ms }: Fault, onMark: (mark: FaultMark) => void): Promise<void> {
    const text = describeEffect(effect)
    try {
      await this.#process.ask({ do: 'begin', fault: number, effect, data: this.#data })
    } catch (error) {
      if (this.#stopped) return
      const failure = `${text} failed: ${(error as Error).message}`
      this.#failures.push(failure)
      onMark({ at_s: this.#now_s(), kind: 'fault', text: failure })
      return
    }
    const at_s = this.#now_s()
    const mark: FaultMark = {
      at_s,
      ...(for_ms !== undefined && { until_s: at_s + for_ms / 1000 }),
      kind: 'fault',
      text,
    }
    if (effect.action !== 'kill' && effect.action !== 'stop') this.#lasting.set(number, mark)
    onMark(mark)
    if (for_ms !== undefined && !this.#stopped) this.#at(this.#clock.now() + for_ms, () => void this.#end(number, mark))
  }

  async #end(number: number, mark: FaultMark): Promise<void> {
    try {
      await this.#process.ask({ do: 'end', fault: number })
      this.#lasting.delete(number)
      mark.until_s = this.#now_s()
    } catch (error) {
      if (!this.#stopped) this.#failures.push(`${mark.text} did not end: ${(error as Error).message}`)
    }
  }

  #at(at: number, act: () => void): void {
    const cancel = this.#clock.at(at, () => {
      this.#timers.delete(cancel)
      act()
    })
    this.#timers.add(cancel)
  }

  #now_s(): number {
    return (this.#clock.now() - this.#startedAt) / 1000
  }
}

/** @throws MusicboxError `input.invalid`: the proxy goes nowhere else than to this machine, and knows no TLS names */
function expectOwnMachine(server: Server, url: URL): void {
  if (url.protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(url.hostname)) return
  throw new MusicboxError(
    'input.invalid',
    `expected ${server} to be at http://127.0.0.1 for a fault of its network, got ${url.href}`,
    'load a server on this machine, or leave the network faults out',
  )
}

/**
 * @throws MusicboxError `not.found` when the target does not run, `input.invalid` when it is another server than the load
 *   goes to
 */
async function expectServed(target: Target, addresses: Readonly<Record<Server, URL>>, data: string): Promise<void> {
  const { url: served } = await findPart(data, TARGETS[target])
  if (target === 'pipeline' || served === undefined) return
  const loaded = addresses[target]
  if (portOf(loaded) === portOf(new URL(served)) && ['127.0.0.1', 'localhost'].includes(loaded.hostname)) return
  throw new MusicboxError(
    'input.invalid',
    `expected the load on ${target} to go to ${served}, which ${data} is served at, got ${loaded.href}`,
    `give --${target} ${served}, or the --data folder of the server that is loaded`,
  )
}

function portOf(url: URL): string {
  return url.port || '80'
}
