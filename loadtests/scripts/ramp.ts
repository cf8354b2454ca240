/**
 * An ordinary evening: listeners come, stay, and go.
 *
 * A quarter of the time to come, half of it at full number, a quarter to go. Each virtual user is one listener after
 * another, a session each; how many sessions there are depends on how long the server takes, what is in each does not.
 *
 * Settings: LISTENERS, DURATION, SPEED.
 */
import exec from 'k6/execution'
import type { Options } from 'k6/options'
import { listenOnce } from './listen.ts'
import { duration_ms, whole } from './settings.ts'

/** How many listen at once at the height of the evening. */
const LISTENERS = whole('LISTENERS', 200, 1, 10_000)
const DURATION_MS = duration_ms('DURATION', '2m')

export const options: Options = {
  scenarios: {
    evening: {
      executor: 'ramping-vus',
      startVUs: 0,
      stages: [
        { duration: `${Math.round(DURATION_MS / 4)}ms`, target: LISTENERS },
        { duration: `${Math.round(DURATION_MS / 2)}ms`, target: LISTENERS },
        { duration: `${Math.round(DURATION_MS / 4)}ms`, target: 0 },
      ],
      gracefulRampDown: '30s',
    },
  },
  thresholds: {
    checks: ['rate>0.99'],
    http_req_failed: ['rate<0.01'],
    response_time: ['p(95)<500', 'p(99)<1500'],
  },
}

/** The full number must be served as well as the whole; `stage` counts from 0. */
export const musicbox = { thresholds: { 'response_time{stage:1}': ['p(95)<500 over 10s'] } }

export default async function listener(): Promise<void> {
  await listenOnce(exec.scenario.iterationInTest)
}
