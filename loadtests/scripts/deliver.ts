/** Sends one event until its fate is known, and writes every answer to the ledger: the metric `event_fate`. */
import exec from 'k6/execution'
import http, { type Response } from 'k6/http'
import { Counter, Trend } from 'k6/metrics'
import { logIn, type Player } from './player.ts'
import { EVENT_API } from './settings.ts'

/** `unknown`: no answer came, or one that leaves open whether the event is stored. */
export type Fate = 'accepted' | 'duplicate' | 'refused' | 'unknown'

const fates = new Counter('event_fate')
/** From the moment the listener meant to act to the answer: what waiting in line costs is in it. */
const responseTime = new Trend('response_time', true)

const ATTEMPTS = 6
const BACKOFF_MS = 100
const BACKOFF_MS_MAX = 3000

/**
 * Posts the event, and again under the same `eid` while its fate is unknown: the server counts it once all the same.
 * @param due      the intended moment, Unix ms
 * @param giveUp   when to stop trying, Unix ms
 * @returns the last fate; the best of all that were written is the one that counts
 */
export async function deliver(
  event: { eid: string; ts: number },
  player: Player,
  due: number,
  giveUp: number,
): Promise<Fate> {
  const body = JSON.stringify(event)
  const params = { headers: player.headers, timeout: '10s', tags: { name: 'POST /v1/events' } }
  for (let attempt = 1; ; attempt++) {
    const sent = Date.now()
    const answer = await http.asyncRequest('POST', `${EVENT_API}/v1/events`, body, params)
    const fate = fateOf(answer)
    note(event, fate)
    // A server that was started anew may know no token of before.
    const signedOut = answer.status === 401
    const wait = fate === 'unknown' ? waitBefore(attempt + 1, answer) : 0
    if ((wait === 0 && !signedOut) || attempt === ATTEMPTS || Date.now() + wait > giveUp) {
      responseTime.add(Math.max(0, sent - due) + answer.timings.blocked + answer.timings.duration)
      return fate
    }
    if (signedOut) await logIn(player)
    else await new Promise<void>((wake) => setTimeout(wake, wait))
  }
}

function fateOf(answer: Response): Fate {
  // A server that failed or was too busy may have stored the event before it said so; 408 is a request cut short.
  if (answer.status === 0 || answer.status >= 500 || answer.status === 408 || answer.status === 429) return 'unknown'
  if (answer.status !== 202) return 'refused'
  try {
    const state = answer.json('results.0.state')
    return state === 'accepted' || state === 'duplicate' || state === 'refused' ? state : 'unknown'
  } catch {
    return 'unknown'
  }
}

function note(event: { eid: string; ts: number }, fate: Fate): void {
  const { metadata } = exec.vu.metrics
  metadata.eid = event.eid
  metadata.ts = String(event.ts)
  fates.add(1, { fate })
  delete metadata.eid
  delete metadata.ts
}

/** Milliseconds until the next attempt: what the server asks for, or twice as long each time. */
function waitBefore(attempt: number, answer: Response): number {
  const asked_ms = 1000 * (Number(answer.headers['Retry-After']) || 0)
  return Math.min(BACKOFF_MS_MAX, Math.max(asked_ms, BACKOFF_MS * 2 ** (attempt - 2)))
}
