/**
 * A few listeners for a few seconds: does every request that a player makes work at all?
 *
 * Run it first, and after every change. It forgives nothing: one failed check and it fails.
 *
 * Settings: LISTENERS, DURATION, SPEED.
 */
import { check } from 'k6'
import exec from 'k6/execution'
import http from 'k6/http'
import type { Options } from 'k6/options'
import { listen, withinOneDay } from './listen.ts'
import { duration_ms, EVENT_API, whole } from './settings.ts'

const LISTENERS = whole('LISTENERS', 3, 1, 100)
const DURATION_MS = withinOneDay(duration_ms('DURATION', '5s'))
const LEAD_MS = 500

export const options: Options = {
  scenarios: {
    smoke: { executor: 'per-vu-iterations', vus: LISTENERS, iterations: 1, maxDuration: `${DURATION_MS + 60_000}ms` },
  },
  thresholds: {
    checks: ['rate==1'],
    http_req_failed: ['rate==0'],
    listeners_cut_short: ['count<1'],
  },
}

/** Before the listeners come: is the server there, and does it say so? */
export async function setup(): Promise<void> {
  const answer = await http.asyncRequest('GET', `${EVENT_API}/health/ready`, null, { timeout: '5s' })
  const isReady = check(answer, { 'server is ready': ({ status }) => status === 200 })
  if (!isReady) throw new Error(`expected a ready event server at ${EVENT_API}, got status ${answer.status}`)
}

export default async function listener(): Promise<void> {
  await listen(exec.scenario.iterationInTest, DURATION_MS, LEAD_MS)
}
