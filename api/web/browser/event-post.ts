/** Carries events to `POST /v1/events` and reads what became of each. */
import type { WireEvent } from '../../../datasets/event.ts'
import { ApiProblem, ApiUnreachable, problemText, request } from './json-api.ts'
import type { Outcome, PostResult } from './outbox.ts'

interface EventsAnswer {
  results: { index: number; state: string; problem?: unknown }[]
}

/** Statuses that say "not now" rather than "not this". */
const LATER = new Set([401, 408, 425, 429])

/**
 * Never rejects: a failure is a result that the outbox acts on.
 * @param token        the present token, if any
 * @param tokenRefused called when the server no longer takes the token, before the events are tried again; should it
 *   fail, the next attempt comes here again
 */
export async function postEvents(
  events: readonly WireEvent[],
  token: string | undefined,
  tokenRefused: () => Promise<unknown>,
): Promise<PostResult> {
  try {
    const { results } = await request<EventsAnswer>('/v1/events', { method: 'POST', body: events, token })
    return { state: 'answered', outcomes: readOutcomes(results) }
  } catch (error) {
    if (error instanceof ApiUnreachable) {
      return { state: 'failed', problem: error.message, retryAfter_ms: undefined }
    }
    // Were all of them refused, the answer is a problem that still says so one by one.
    if (error instanceof ApiProblem && error.status < 500 && hasResults(error.document)) {
      return { state: 'answered', outcomes: readOutcomes(error.document.results) }
    }
    if (!(error instanceof ApiProblem)) return { state: 'failed', problem: 'The answer has an unexpected form.' }
    if (error.status < 500 && !LATER.has(error.status)) return { state: 'rejected', problem: error.message }
    if (error.status === 401) await tokenRefused().catch(() => {})
    return { state: 'failed', problem: error.message, retryAfter_ms: error.retryAfter_ms }
  }
}

/** In the order sent; stops at the first gap, so that a short answer reads as one. */
export function readOutcomes(results: EventsAnswer['results']): Outcome[] {
  const outcomes: Outcome[] = []
  for (const { state, problem } of [...results].sort((a, b) => a.index - b.index)) {
    if (state === 'accepted' || state === 'duplicate') outcomes.push({ state })
    else if (state === 'refused') outcomes.push({ state, problem: problemText(problem) })
    else break
  }
  return outcomes
}

function hasResults(document: unknown): document is EventsAnswer {
  return document !== null && typeof document === 'object' && 'results' in document && Array.isArray(document.results)
}
