/** Sends events until their fate is known, and writes every answer to the ledger: the metric `event_fate`. */
import exec from 'k6/execution'
import http, { type Response } from 'k6/http'
import { Counter, Trend } from 'k6/metrics'
import { canonicalEvent } from '../../datasets/canonical-event.ts'
import { contentSum } from '../../datasets/content-sum.ts'
import { logIn, type Player } from './player.ts'
import { EVENT_API } from './settings.ts'

/** `unknown`: no answer came, or one that leaves open whether the event is stored. */
export type Fate = 'accepted' | 'duplicate' | 'refused' | 'unknown'

/** Whether the event is durable: this time, or before. */
export const isStored = (fate: Fate | undefined): boolean => fate === 'accepted' || fate === 'duplicate'

const fates = new Counter('event_fate')
/** From the moment the listener meant to act to the answer: what waiting in line costs is in it. */
const responseTime = new Trend('response_time', true)

/** Some twenty seconds of trying: longer than a server takes to start anew. */
const ATTEMPTS = 10
const BACKOFF_MS = 100
const BACKOFF_MS_MAX = 3000

interface Parcel {
  readonly event: { eid: string; ts: number }
  readonly text: string
  /** Of what it says, in a form that outlasts its way through the system. */
  readonly sum: string
  fate: Fate
}

/**
 * Posts the events in one request, and those whose fate is unknown again under the same `eid`: the server counts each
 * once all the same.
 * @param due      the intended moment, Unix ms
 * @param giveUp   when to stop trying, Unix ms
 * @returns the last fate of each; the best of all that were written is the one that counts
 */
export async function deliver(
  events: readonly { eid: string; ts: number }[],
  player: Player,
  due: number,
  giveUp: number,
): Promise<Fate[]> {
  const parcels = events.map(parcelOf)
  const params = { headers: player.headers, timeout: '10s', tags: { name: 'POST /v1/events' } }
  let open = parcels
  for (let attempt = 1; ; attempt++) {
    const body = open.length === 1 ? open[0]!.text : `[${open.map(({ text }) => text).join(',')}]`
    const sent = Date.now()
    const answer = await http.asyncRequest('POST', `${EVENT_API}/v1/events`, body, params)
    const told = fatesIn(answer)
    for (const [index, parcel] of open.entries()) {
      parcel.fate = told[index] ?? fateOf(answer.status)
      note(parcel)
    }
    // A server that was started anew may know no token of before.
    const signedOut = answer.status === 401
    if (!signedOut) open = open.filter(({ fate }) => fate === 'unknown')
    const wait = signedOut || open.length === 0 ? 0 : waitBefore(attempt + 1, answer)
    if (open.length === 0 || attempt === ATTEMPTS || Date.now() + wait > giveUp) {
      responseTime.add(Math.max(0, sent - due) + answer.timings.blocked + answer.timings.duration)
      return parcels.map(({ fate }) => fate)
    }
    if (signedOut) await logIn(player)
    else await new Promise<void>((wake) => setTimeout(wake, wait))
  }
}

function parcelOf(event: { eid: string; ts: number }): Parcel {
  return { event, text: JSON.stringify(event), sum: contentSum(canonicalEvent(event)), fate: 'unknown' }
}

/** What the server says of each event, in the order in which they were sent; empty when it says nothing that counts. */
function fatesIn(answer: Response): (Fate | undefined)[] {
  if (answer.status !== 202) return []
  try {
    const { results } = answer.json() as unknown as { results: { state: Fate }[] }
    return results.map(({ state }) =>
      state === 'accepted' || state === 'duplicate' || state === 'refused' ? state : undefined,
    )
  } catch {
    return []
  }
}

/** What a status leaves open when the server says nothing of each event. */
function fateOf(status: number): Fate {
  // A server that failed or was too busy may have stored the events before it said so; 408 is a request cut short.
  return status === 0 || status === 202 || status === 408 || status === 429 || status >= 500 ? 'unknown' : 'refused'
}

function note({ event, sum, fate }: Parcel): void {
  const { metadata } = exec.vu.metrics
  metadata.eid = event.eid
  metadata.ts = String(event.ts)
  metadata.sum = sum
  fates.add(1, { fate })
  delete metadata.eid
  delete metadata.ts
  delete metadata.sum
}

/** Milliseconds until the next attempt: what the server asks for, or twice as long each time. */
function waitBefore(attempt: number, answer: Response): number {
  const asked_ms = 1000 * (Number(answer.headers['Retry-After']) || 0)
  return Math.min(BACKOFF_MS_MAX, Math.max(asked_ms, BACKOFF_MS * 2 ** (attempt - 2)))
}
