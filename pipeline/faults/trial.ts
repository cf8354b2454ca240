/**
 * One row's own system, from listeners to reports: a fresh data folder or namespace, the event server in a process of its
 * own, listeners, and the stages as processes. What a row does with it is counted here; how it comes out is for the proof.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StoreChoice } from '../../datasets/command.ts'
import { addDays, type Day, dayOf } from '../../datasets/day.ts'
import { formatDuration } from '../../datasets/host.ts'
import { type Draws, drawsAt, hex128, type Key } from '../../datasets/random.ts'
import { withBackend } from '../backend.ts'
import type { CollectResult, FailPoint } from '../collector.ts'
import { lookupRows } from '../lookup.ts'
import type { NightFailPoint, NightResult } from '../night-job.ts'
import type { EventServer, ServeEvents } from './event-server.ts'
import type { FaultRow, Pace } from './fault-row.ts'
import type { Link, OpenLink } from './link.ts'
import { Listeners } from './listeners.ts'
import type { Services } from './services.ts'
import { SMALL_CATALOGUE } from './small-catalogue.ts'
import { Stage } from './stage.ts'
import type { Hold } from './stage-order.ts'

export interface TrialOptions {
  seed: Key
  pace: Pace
  /** How often each fault of the row is done. */
  points: number
  serveEvents: ServeEvents
  openLink: OpenLink
  /** Of the cluster; absent on the embedded backend. */
  services?: Services
  /** Told what is done, as it is done. */
  say: (line: string) => void
  /** Aborts when the user stops the work, or when the row takes too long. */
  signal: AbortSignal
}

/** Draws of the faults, and of the listeners: apart, so that how fast events flow does not move the faults. */
const FAULT_STREAM = 1
const LISTENER_STREAM = 2
const AGAIN_AFTER_MS = 500

export class Trial {
  readonly options: TrialOptions
  readonly stores: StoreChoice
  readonly folder: string
  /** The events' day: yesterday, since a day that is not over is not published. */
  readonly day: Day
  readonly draws: Draws
  readonly listeners: Listeners
  /** Ends of the network between which the row's link stands; empty without one. */
  readonly links: readonly Link[]
  /** Last day that a night was run for. */
  through: Day
  /** Faults done. */
  strikes = 0
  readonly #opened_ms = performance.now()
  /** Longest time from the end of a fault until the work went on. */
  recovery_ms: number | undefined
  /** What should have been so under the fault and was not, in words. */
  readonly broken: string[] = []
  readonly #server: EventServer
  readonly #stages = new Set<Stage>()
  #lastFailure: string | undefined

  private constructor(
    options: TrialOptions,
    row: FaultRow,
    made: { stores: StoreChoice; folder: string; links: readonly Link[]; server: EventServer; url: string },
  ) {
    this.options = options
    this.stores = made.stores
    this.folder = made.folder
    this.links = made.links
    this.#server = made.server
    this.day = addDays(dayOf(Date.now()), -1)
    this.through = this.day
    this.draws = drawsAt(options.seed, FAULT_STREAM, row.row)
    const draws = drawsAt(options.seed, LISTENER_STREAM, row.row)
    this.listeners = new Listeners({ url: made.url, day: this.day, draws, signal: options.signal })
  }

  /** @throws MusicboxError when the stores or the event server cannot be had */
  static async open(row: FaultRow, options: TrialOptions): Promise<Trial> {
    const folder = await mkdtemp(join(tmpdir(), `musicbox-faults-${row.row}-`))
    const links: Link[] = []
    const open = async (port: number): Promise<number> => {
      const link = await options.openLink(port)
      links.push(link)
      return link.port
    }
    try {
      const { services } = options
      const plain = { data: folder, ...(services && (await services.freshStores(folder, row.row))) }
      await withBackend(plain, async (backend) => {
        await (await backend.tables()).put(lookupRows(SMALL_CATALOGUE))
        await (await backend.warehouse()).setDimensions(SMALL_CATALOGUE)
      })
      // Only the server goes over the spoiled link: stages and the proof reach the broker as it is.
      const spoiled = row.link === 'server-to-broker' && services ? await services.routed(plain, open) : plain
      const server = await options.serveEvents(spoiled)
      let { url } = server
      if (row.link === 'listeners-to-server') url = `http://127.0.0.1:${await open(Number(new URL(url).port))}`
      return new Trial(options, row, { stores: plain, folder, links, server, url })
    } catch (error) {
      for (const link of links) await link.close()
      await rm(folder, { recursive: true, force: true })
      throw error
    }
  }

  get pace(): Pace {
    return this.options.pace
  }

  get points(): number {
    return this.options.points
  }

  /** @throws Error when the row has no cluster: it is a fault of the program to run it there */
  get services(): Services {
    const { services } = this.options
    if (!services) throw new Error('expected a cluster, whose services this row strikes')
    return services
  }

  /** Waits for a time drawn from the seed, so that the fault comes at a random moment. */
  async untilRandomMoment(): Promise<void> {
    const { before_ms_max } = this.pace
    await this.wait(before_ms_max / 5 + this.draws.below((before_ms_max * 4) / 5))
  }

  async wait(duration_ms: number): Promise<void> {
    await sleep(duration_ms, undefined, { signal: this.options.signal })
  }

  /** Counts a fault that was done. */
  struck(what: string): void {
    this.strikes++
    this.say(what)
  }

  /** Notes how long the work took to go on after a fault; the longest counts. */
  recovered(duration_ms: number): void {
    this.recovery_ms = Math.max(this.recovery_ms ?? 0, duration_ms)
    this.say(`goes on after ${formatDuration(duration_ms)}`)
  }

  say(what: string): void {
    this.options.say(`${formatDuration(performance.now() - this.#opened_ms)}: ${what}`)
  }

  /** Does what makes the work go on after a fault, and notes how long it took. */
  async timeRecovery(work: () => Promise<unknown>): Promise<void> {
    const started_ms = performance.now()
    await work()
    this.recovered(performance.now() - started_ms)
  }

  /** @param promise in words, as it is told when it does not hold */
  expect(holds: boolean, promise: string): void {
    if (holds) return
    this.broken.push(promise)
    this.say(`not so: ${promise}`)
  }

  collector(hold?: Hold<FailPoint>, maxBatchEvents?: number): Stage {
    const { stores } = this
    return this.#started(
      new Stage({
        job: 'collect',
        stores,
        ...(hold && { hold }),
        ...(maxBatchEvents !== undefined && { maxBatchEvents }),
      }),
    )
  }

  night(hold?: Hold<NightFailPoint>): Stage {
    return this.#started(new Stage({ job: 'night', stores: this.stores, through: this.through, ...(hold && { hold }) }))
  }

  /** Runs the collector until it succeeds, as the hourly schedule would. @returns its result */
  async collectAll(): Promise<CollectResult> {
    for (;;) {
      const outcome = await this.collector().outcome
      if (outcome.state === 'done' && 'collected' in outcome) {
        this.say(`${outcome.collected.events} events collected`)
        return outcome.collected
      }
      await this.#beforeRetry(outcome)
    }
  }

  /** Runs the night job until it succeeds. */
  async nightAll(): Promise<NightResult> {
    for (;;) {
      const outcome = await this.night().outcome
      if (outcome.state === 'done' && 'night' in outcome) {
        this.say(`${outcome.night.rows} rows published`)
        return outcome.night
      }
      await this.#beforeRetry(outcome)
    }
  }

  /** A log record that is no event, as a foreign writer might leave one. */
  async appendGarbage(): Promise<void> {
    await withBackend(this.stores, async (backend) => {
      const eid = hex128([this.draws.u32(), this.draws.u32(), this.draws.u32(), this.draws.u32()])
      await (await backend.log()).append([{ eid, key: eid, line: 'no event' }])
    })
  }

  async close(): Promise<void> {
    for (const stage of this.#stages) await stage.kill()
    await this.#server.stop()
    for (const link of this.links) await link.close()
  }

  /** Once the services are there again: what the trial has left on them, and its folder. */
  async removeStores(): Promise<void> {
    try {
      await this.options.services?.removeStores(this.stores)
    } catch (error) {
      // The row is judged by then; what is left costs room, and is told.
      this.say(`left behind: ${(error as Error).message}`)
    }
    await rm(this.folder, { recursive: true, force: true })
  }

  /** Where the ledger goes. */
  async ledgerPath(): Promise<string> {
    const folder = join(this.folder, 'ledgers')
    await mkdir(folder, { recursive: true })
    return join(folder, 'faults.ndjson')
  }

  /** A stage that fails for lack of a store may succeed in a moment; any other failure is what the row is to find. */
  async #beforeRetry(outcome: { state: string; code?: string | undefined; message?: string }): Promise<void> {
    this.options.signal.throwIfAborted()
    // Once, however often it is the same.
    if (outcome.message !== this.#lastFailure) this.say(`${outcome.code ?? outcome.state}: ${outcome.message ?? ''}`)
    this.#lastFailure = outcome.message
    if (outcome.code !== 'backend.unreachable') {
      throw new Error(
        `expected the stage to succeed, got ${outcome.state}: ${outcome.code ?? ''} ${outcome.message ?? ''}`,
      )
    }
    await this.wait(AGAIN_AFTER_MS)
  }

  #started(stage: Stage): Stage {
    this.#stages.add(stage)
    stage.outcome.then(
      () => this.#stages.delete(stage),
      () => this.#stages.delete(stage),
    )
    return stage
  }
}
