/**
 * The outbox: every event the page has made, what the server said of it, and the promise that it gets there.
 *
 * Events go in the order they were made, one request at a time; those that pile up while a request is under way or the
 * server is away go together in the next one. An event without an answer is sent again under the same `eid` until there
 * is one: the server keeps the first and calls the rest duplicates, so trying again can never count twice.
 */
import type { WireEvent } from '../../../datasets/event.ts'

export type Answer =
  | { state: 'accepted' | 'duplicate'; latency_ms: number }
  | { state: 'refused'; latency_ms: number; problem: string }
  /** No answer came; the event may or may not be stored. `tries` counts the attempts in a row that ended so. */
  | { state: 'unknown'; tries: number; problem: string }

export interface Sent {
  readonly event: WireEvent
  /** What the event was about, for people: a title, a query. */
  readonly label: string
  /** Oldest first. */
  readonly answers: readonly Answer[]
  /** Whether it is still to be sent, under way, or answered. */
  readonly stage: 'waiting' | 'sending' | 'settled'
}

/** The outcome of one event in the server's answer, in the order sent. */
export type Outcome = { state: 'accepted' | 'duplicate' } | { state: 'refused'; problem: string }

export type PostResult =
  | { state: 'answered'; outcomes: readonly Outcome[] }
  /** The server will not take this request, however often it comes. */
  | { state: 'rejected'; problem: string }
  /** No answer, or "not now". */
  | { state: 'failed'; problem: string; retryAfter_ms?: number | undefined }

/** The outside world: the network, the clock and a place that outlives a reload. */
export interface OutboxWorld {
  /** All of one user. Never rejects. */
  post(events: readonly WireEvent[]): Promise<PostResult>
  /** Milliseconds of any steady clock. */
  now_ms(): number
  /** Resolves after the delay, or as soon as the signal aborts. */
  wait(delay_ms: number, signal: AbortSignal): Promise<void>
  /** Called at each change with the entries, newest first, and when the next attempt is due (undefined: none is put off). */
  changed(entries: readonly Sent[], retryIn_ms: number | undefined): void
  /** Keeps what is not settled; called at each change. */
  keep(unsettled: readonly Kept[]): void
}

export interface Kept {
  event: WireEvent
  label: string
}

export interface Outbox {
  send(event: WireEvent, label: string): void
  /** Sends a settled event once more, same `eid`, to show what the server makes of it. */
  resend(eid: string): void
  /** Ends the pause before the next attempt. */
  retryNow(): void
}

/** Entries shown; unsettled ones are never dropped. */
const ENTRIES_MAX = 100
/** Well under the server's limit of 500 events a request. */
export const BATCH_MAX = 50

type Entry = { -readonly [K in keyof Sent]: Sent[K] } & { answers: Answer[]; alone: boolean }

/** @param kept what an earlier page left unsettled; it is sent first */
export function createOutbox(world: OutboxWorld, kept: readonly Kept[] = []): Outbox {
  const entries: Entry[] = []
  const queue: Entry[] = []
  let pumping = false
  let pausing: AbortController | undefined

  const add = ({ event, label }: Kept): void => {
    const entry: Entry = { event, label, answers: [], stage: 'waiting', alone: false }
    entries.unshift(entry)
    queue.push(entry)
  }
  const report = (retryIn_ms?: number): void => {
    for (let at = entries.length - 1; at >= 0 && entries.length > ENTRIES_MAX; at--) {
      if (entries[at]!.stage === 'settled') entries.splice(at, 1)
    }
    world.keep(queue.map(({ event, label }) => ({ event, label })))
    world.changed(entries, retryIn_ms)
  }
  const settle = (entry: Entry, answer: Answer): void => {
    entry.answers.push(answer)
    entry.stage = 'settled'
  }

  async function pump(): Promise<void> {
    if (pumping) return
    pumping = true
    for (let failures = 0; queue.length > 0; ) {
      const batch = nextBatch(queue)
      for (const entry of batch) entry.stage = 'sending'
      report()
      const started_ms = world.now_ms()
      const result = await world.post(batch.map(({ event }) => event))
      const latency_ms = world.now_ms() - started_ms
      if (result.state === 'failed' || (result.state === 'answered' && result.outcomes.length !== batch.length)) {
        failures++
        const problem = result.state === 'failed' ? result.problem : 'The answer does not cover every event sent.'
        for (const entry of batch) {
          entry.stage = 'waiting'
          noteUnknown(entry.answers, problem)
        }
        const delay_ms = retryDelay(failures, result.state === 'failed' ? result.retryAfter_ms : undefined)
        pausing = new AbortController()
        report(delay_ms)
        await world.wait(delay_ms, pausing.signal)
        pausing = undefined
        continue
      }
      failures = 0
      if (result.state === 'rejected' && batch.length > 1) {
        // One event must not take its neighbours with it: each goes alone and gets its own answer.
        for (const entry of batch) {
          entry.alone = true
          entry.stage = 'waiting'
        }
        continue
      }
      queue.splice(0, batch.length)
      for (const [at, entry] of batch.entries()) {
        const outcome: Outcome = result.state === 'answered' ? result.outcomes[at]! : { ...result, state: 'refused' }
        settle(entry, { ...outcome, latency_ms })
      }
      report()
    }
    pumping = false
  }

  for (const one of kept) add(one)
  if (kept.length > 0) void pump()

  return {
    send(event, label) {
      add({ event, label })
      report()
      void pump()
    },
    resend(eid) {
      const entry = entries.find(({ event }) => event.eid === eid)
      if (entry?.stage !== 'settled') return
      entry.stage = 'waiting'
      queue.push(entry)
      report()
      void pump()
    },
    retryNow() {
      pausing?.abort()
    },
  }
}

/** Doubles from half a second to half a minute; the server's own wish counts when it is longer, up to two minutes. */
export function retryDelay(failures: number, retryAfter_ms = 0): number {
  const own_ms = Math.min(30_000, 250 * 2 ** Math.min(failures, 10))
  return Math.max(own_ms, Math.min(retryAfter_ms, 120_000))
}

/**
 * The front of the queue that goes in one request; the queue keeps it until there is an answer. A token speaks for one
 * user, so a request holds the events of one.
 */
function nextBatch(queue: readonly Entry[]): Entry[] {
  const first = queue[0]!
  if (first.alone) return [first]
  const end = queue.slice(0, BATCH_MAX).findIndex(({ alone, event }) => alone || event.uid !== first.event.uid)
  return queue.slice(0, end === -1 ? BATCH_MAX : end)
}

/** Attempts without an answer that follow each other are one line with a count. */
function noteUnknown(answers: Answer[], problem: string): void {
  const last = answers.at(-1)
  const tries = last?.state === 'unknown' ? last.tries + 1 : 1
  if (tries > 1) answers.pop()
  answers.push({ state: 'unknown', tries, problem })
}
