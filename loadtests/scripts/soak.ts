/**
 * The same listeners for a long time: does anything fill up, leak or slow down?
 *
 * Let it run for hours (`DURATION=8h`); its thresholds are on every minute of the run, since what grows slowly is small
 * beside the whole.
 *
 * Settings: LISTENERS, DURATION, SPEED.
 */
import exec from 'k6/execution'
import type { Options } from 'k6/options'
import { listenOnce } from './listen.ts'
import { duration_ms, whole } from './settings.ts'

/** How many listen at once, all of the time. */
const LISTENERS = whole('LISTENERS', 100, 1, 10_000)
const DURATION_MS = duration_ms('DURATION', '10m')

export const options: Options = {
  scenarios: {
    soak: { executor: 'constant-vus', vus: LISTENERS, duration: `${DURATION_MS}ms`, gracefulStop: '30s' },
  },
  thresholds: {
    checks: ['rate>0.999'],
    http_req_failed: ['rate<0.001'],
    response_time: ['p(95)<500', 'p(99)<1500'],
  },
}

/** Every minute of the run, the last as well as the first. */
export const musicbox = {
  thresholds: {
    response_time: ['p(99)<1500 over 60s after 10s'],
    http_req_failed: ['rate<0.01 over 60s'],
  },
}

export default async function listener(): Promise<void> {
  await listenOnce(exec.scenario.iterationInTest)
}
