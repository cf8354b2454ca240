/**
 * Listeners who act at planned moments, a fixed time apart, however long the answers take. What waits behind a slow answer
 * leaves late, and its response time counts from the moment it was planned for.
 */
import { check } from 'k6'
import exec from 'k6/execution'
import http from 'k6/http'
import { Trend } from 'k6/metrics'
import type { Options } from 'k6/options'
import { wakeAt } from '../../scripts/wake-at.ts'

const VUS = Number(__ENV.VUS)
const PERIOD_MS = Number(__ENV.PERIOD_MS)
const DURATION_MS = Number(__ENV.DURATION_MS)
/** Before the first action, so that all can begin in peace. */
const LEAD_MS = Number(__ENV.LEAD_MS ?? 0)

export const options: Options = {
  scenarios: {
    paced: { executor: 'per-vu-iterations', vus: VUS, iterations: 1, maxDuration: `${DURATION_MS + 60_000}ms` },
  },
  thresholds: { checks: ['rate>0.99'], http_req_failed: ['rate<0.01'] },
}

const responseTime = new Trend('response_time', true)
/** From the scenario's start to each listener's own beginning. */
const began = new Trend('began', true)
const params = { headers: { 'Content-Type': 'application/json' }, tags: { name: 'POST /v1/events', kind: 'play' } }

export default async function listener(): Promise<void> {
  const start = exec.scenario.startTime
  began.add(Date.now() - start)
  const me = exec.scenario.iterationInTest
  const first = start + LEAD_MS + Math.round((me * PERIOD_MS) / VUS)
  for (let due = first; due < start + LEAD_MS + DURATION_MS; due += PERIOD_MS) {
    await wakeAt(due)
    const sent = Date.now()
    const answer = await http.asyncRequest('POST', `${__ENV.URL}`, __ENV.BODY, params)
    const { blocked, duration } = answer.timings
    // What a generator does that leaves the waiting out: the clock starts when the request leaves.
    responseTime.add(__ENV.COUNT_FROM === 'send' ? duration : Math.max(0, sent - due) + blocked + duration)
    check(answer, { 'event is stored': ({ status }) => status === 202 })
  }
}
