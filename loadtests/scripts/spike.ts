/**
 * A song is on television: within seconds there are ten times as many listeners, and soon they are gone.
 *
 * Does the server take the rush, and is it as quick as before when the rush is over?
 *
 * Settings: LISTENERS, DURATION, SPEED.
 */
import exec from 'k6/execution'
import type { Options } from 'k6/options'
import { listenOnce } from './listen.ts'
import { duration_ms, whole } from './settings.ts'

/** How many listen at once in the rush; a tenth of them listen before and after. */
const LISTENERS = whole('LISTENERS', 500, 10, 10_000)
const CALM = Math.ceil(LISTENERS / 10)
const DURATION_MS = duration_ms('DURATION', '1m')

const lasting = (share: number): string => `${Math.round(DURATION_MS * share)}ms`

export const options: Options = {
  scenarios: {
    spike: {
      executor: 'ramping-vus',
      startVUs: CALM,
      stages: [
        { duration: lasting(0.3), target: CALM },
        { duration: lasting(0.05), target: LISTENERS },
        { duration: lasting(0.2), target: LISTENERS },
        { duration: lasting(0.05), target: CALM },
        { duration: lasting(0.4), target: CALM },
      ],
      gracefulRampDown: '10s',
    },
  },
  // Nothing may be lost in the rush; being slow in it is allowed.
  thresholds: {
    checks: ['rate>0.99'],
    http_req_failed: ['rate<0.02'],
    response_time: ['p(99)<5000'],
  },
}

/** Before the rush, and again when it is over (`stage` counts from 0). */
export const musicbox = {
  thresholds: { 'response_time{stage:0}': ['p(95)<500'], 'response_time{stage:4}': ['p(95)<500'] },
}

export default async function listener(): Promise<void> {
  await listenOnce(exec.scenario.iterationInTest)
}
