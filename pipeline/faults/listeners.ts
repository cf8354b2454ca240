/**
 * The listeners of a trial: they post events to the event API, send again what was not answered, and write every answer
 * down. What they know of an event is what the proof holds the reports to.
 */
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { canonicalEvent } from '../../datasets/canonical-event.ts'
import { contentSum } from '../../datasets/content-sum.ts'
import { type Day, dayStartMs, HOUR_MS } from '../../datasets/day.ts'
import type { WireEvent } from '../../datasets/event.ts'
import type { Fate, LedgerEntry } from '../../datasets/ledger.ts'
import { type Draws, hex128 } from '../../datasets/random.ts'
import { SONG_COUNT, songId, USER_COUNT, userId } from './small-catalogue.ts'

export interface ListenerOptions {
  url: string
  /** Day of the events. */
  day: Day
  draws: Draws
  signal: AbortSignal
}

const AT_ONCE = 8
const GAP_MS_MAX = 40
const EVENTS_PER_REQUEST_MAX = 4
/** A trial is bounded: listeners that have sent so much wait for the end. */
const EVENTS_MAX = 20_000
/** Shorter than an outage, so that requests are given up and sent again while it lasts. */
const ANSWER_WITHIN_MS = 3000
const AGAIN_AFTER_MS = 200
const AGAIN_AFTER_MS_MAX = 1000
/** One event in so many is never sent again: only the store knows what became of it. */
const FORGOTTEN_ONE_IN = 4

export class Listeners {
  /** Requests that were not answered, or with an answer that leaves open what was stored. */
  unanswered = 0
  /** Events that were sent again and are there: what a retry must not double. */
  storedAgain = 0
  readonly #options: ListenerOptions
  readonly #ledger: LedgerEntry[] = []
  readonly #waiting = new Set<Waiting>()
  #events = 0
  #playing: Promise<unknown> | undefined
  #stopped = false

  constructor(options: ListenerOptions) {
    this.#options = options
  }

  /** Lets them listen until {@link stop}. */
  start(): void {
    this.#stopped = false
    this.#playing = Promise.all(Array.from({ length: AT_ONCE }, () => this.#listen()))
    // Whoever stops them hears of it.
    this.#playing.catch(() => {})
  }

  /** Resolves when the last event that was sent is settled, or forgotten. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#playing
    this.#playing = undefined
  }

  /** Posts so many events of a day and waits until each is durable. */
  async post(count: number, day: Day = this.#options.day): Promise<void> {
    for (let left = count; left > 0; left -= EVENTS_PER_REQUEST_MAX) {
      const events = Array.from({ length: Math.min(left, EVENTS_PER_REQUEST_MAX) }, () => this.#event(day))
      await this.#deliver(events, { forget: false })
    }
  }

  /** When the first request that is sent after a moment is acknowledged; both on the clock of `performance.now`. */
  acknowledgedAfter(moment_ms: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const { signal } = this.#options
    if (signal.aborted) reject(signal.reason)
    this.#waiting.add({ moment_ms, resolve })
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    // It may be asked for before anybody waits for it.
    promise.catch(() => {})
    return promise
  }

  /** Writes the ledger, one answer a line. */
  async write(path: string): Promise<void> {
    await writeFile(path, this.#ledger.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
  }

  async #listen(): Promise<void> {
    const { draws, signal, day } = this.#options
    while (!this.#stopped) {
      signal.throwIfAborted()
      if (this.#events < EVENTS_MAX) {
        const count = 1 + draws.below(EVENTS_PER_REQUEST_MAX)
        const events = Array.from({ length: count }, () => this.#event(day))
        await this.#deliver(events, { forget: draws.below(FORGOTTEN_ONE_IN) === 0 })
      }
      await sleep(draws.below(GAP_MS_MAX))
    }
  }

  #event(day: Day): WireEvent {
    const { draws } = this.#options
    const number = this.#events++
    return {
      eid: hex128([draws.u32(), draws.u32(), draws.u32(), draws.u32()]),
      // Two hours of the day: enough to see that hours are told apart, few enough files to be quick.
      ts: dayStartMs(day) + (number % 2) * 5 * HOUR_MS + (number % HOUR_MS),
      uid: userId(draws.below(USER_COUNT)),
      session: `s${number % 50}`,
      event: draws.below(5) === 0 ? 'skip' : 'play',
      songid: songId(draws.below(SONG_COUNT)),
    }
  }

  async #deliver(events: readonly WireEvent[], { forget }: { forget: boolean }): Promise<void> {
    let open = events
    for (let attempt = 1; ; attempt++) {
      this.#options.signal.throwIfAborted()
      const sent_ms = performance.now()
      const fates = await this.#post(open)
      if (fates.includes('unknown')) this.unanswered++
      const unsettled: WireEvent[] = []
      for (const [at, event] of open.entries()) {
        const fate = fates[at]!
        this.#note(event, fate)
        if (fate === 'unknown') unsettled.push(event)
        else if (fate !== 'refused') this.#acknowledge(sent_ms, attempt)
      }
      open = unsettled
      if (open.length === 0 || forget) return
      await sleep(Math.min(AGAIN_AFTER_MS_MAX, AGAIN_AFTER_MS * attempt))
    }
  }

  async #post(events: readonly WireEvent[]): Promise<Fate[]> {
    try {
      const answer = await fetch(`${this.#options.url}/v1/events`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(events),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      })
      if (answer.status === 202) {
        const { results } = (await answer.json()) as { results: { state: Fate }[] }
        return results.map(({ state }) => state)
      }
      await answer.body?.cancel()
      // A server that failed or was too busy may have stored the events before it said so.
      const open = answer.status === 429 || answer.status >= 500
      return events.map(() => (open ? 'unknown' : 'refused'))
    } catch {
      return events.map(() => 'unknown')
    }
  }

  #note(event: WireEvent, fate: Fate): void {
    const sum = contentSum(canonicalEvent(event))
    this.#ledger.push({ eid: event.eid, ts: event.ts, fate, sum, answered_ms: Date.now() })
  }

  #acknowledge(sent_ms: number, attempt: number): void {
    if (attempt > 1) this.storedAgain++
    for (const waiting of this.#waiting) {
      if (sent_ms < waiting.moment_ms) continue
      this.#waiting.delete(waiting)
      waiting.resolve(performance.now())
    }
  }
}

interface Waiting {
  moment_ms: number
  resolve(at_ms: number): void
}
