/**
 * One direction of one connection: what comes in goes through the toxics that are on it, one after the other, each with a
 * queue of its own, and out when its time has come. Only this class waits, on a clock that tests move by hand.
 */
import type { ExecutorClock } from '../executors/clock.ts'
import type { Item, Timed, ToxicStage } from './toxic-stage.ts'

interface Station {
  stage: ToxicStage
  /** In the order they came, which is the order they go. */
  queue: Timed[]
  /** What the toxic sends of itself. */
  own: readonly Timed[]
}

export class Link {
  readonly #clock: ExecutorClock
  readonly #deliver: (item: Item) => void
  readonly #stations: Station[] = []
  #cancelTimer: (() => void) | undefined
  #held_bytes = 0
  #ended = false

  /** @param deliver gets what comes out, in order; nothing after `close` or `reset` */
  constructor(clock: ExecutorClock, deliver: (item: Item) => void) {
    this.#clock = clock
    this.#deliver = deliver
  }

  /** What has come in and not gone out. */
  get held_bytes(): number {
    return this.#held_bytes
  }

  push(item: Item): void {
    if (this.#ended) return
    if (item.kind === 'data') this.#held_bytes += item.bytes.length
    this.#arrive(0, item)
    this.#run()
  }

  /** Puts a toxic on the link, behind those that are there. The result takes it off; what it holds goes on at once. */
  add(stage: ToxicStage): () => void {
    const own = stage.begin?.(this.#clock.now()) ?? []
    const station: Station = { stage, queue: [...own], own }
    this.#stations.push(station)
    this.#run()
    return () => this.#remove(station)
  }

  /** Lets go of everything: nothing comes out any more. */
  stop(): void {
    this.#ended = true
    this.#cancelTimer?.()
    this.#stations.length = 0
    this.#held_bytes = 0
  }

  #remove(station: Station): void {
    const at = this.#stations.indexOf(station)
    if (at < 0) return
    this.#stations.splice(at, 1)
    const held = station.queue.filter((item) => !station.own.includes(item))
    for (const item of [...held, ...(station.stage.leave?.() ?? [])]) this.#arrive(at, item)
    this.#run()
  }

  /** @param at number of the station that takes it; behind the last one is the way out */
  #arrive(at: number, item: Item): void {
    if (this.#ended) return
    const station = this.#stations[at]
    if (station === undefined) {
      this.#leave(item)
      return
    }
    const now_ms = this.#clock.now()
    const out = station.stage.take(item, now_ms)
    this.#held_bytes += bytesOf(out) - bytesOf([item])
    station.queue.push(...out)
  }

  #leave(item: Item): void {
    if (item.kind === 'data') this.#held_bytes -= item.bytes.length
    if (item.kind === 'close' || item.kind === 'reset') this.stop()
    this.#deliver(item)
  }

  /** Moves everything that is due, from the first station to the last, and wakes up for the next. */
  #run(): void {
    const now_ms = this.#clock.now()
    // A station may feed the next one, so they go in their order.
    for (let at = 0; at < this.#stations.length; at++) {
      const { queue } = this.#stations[at]!
      let due = 0
      while (due < queue.length && queue[due]!.at_ms <= now_ms) due++
      for (const item of queue.splice(0, due)) this.#arrive(at + 1, item)
    }
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    const next_ms = Math.min(...this.#stations.map(({ queue }) => queue[0]?.at_ms ?? Number.POSITIVE_INFINITY))
    if (Number.isFinite(next_ms)) this.#cancelTimer = this.#clock.at(next_ms, () => this.#run())
  }
}

function bytesOf(items: readonly Item[]): number {
  return items.reduce((sum, item) => sum + (item.kind === 'data' ? item.bytes.length : 0), 0)
}
