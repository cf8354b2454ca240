/**
 * More than an ordinary evening, in four steps: up to which number of listeners is the server quick?
 *
 * Each step is held long enough to be judged for itself, and has a threshold of its own: the first one that is missed
 * says where it begins to hurt. `breakpoint` goes on until it breaks.
 *
 * Settings: LISTENERS, DURATION, SPEED.
 */
import exec from 'k6/execution'
import type { Options } from 'k6/options'
import { listenOnce } from './listen.ts'
import { duration_ms, whole } from './settings.ts'

/** How many listen at once in the last step. */
const LISTENERS = whole('LISTENERS', 1000, 4, 10_000)
const DURATION_MS = duration_ms('DURATION', '2m')

const STEPS = [0.25, 0.5, 0.75, 1]

export const options: Options = {
  scenarios: {
    stress: {
      executor: 'ramping-vus',
      startVUs: 0,
      stages: STEPS.flatMap((share) => {
        const target = Math.round(LISTENERS * share)
        return [
          { duration: `${Math.round(DURATION_MS * 0.05)}ms`, target },
          { duration: `${Math.round(DURATION_MS * 0.2)}ms`, target },
        ]
      }),
      gracefulRampDown: '30s',
    },
  },
  thresholds: {
    checks: ['rate>0.95'],
    http_req_failed: ['rate<0.05'],
  },
}

/** One for each step that is held: `stage` counts from 0, and each step has a stage to rise and one to stay. */
export const musicbox = {
  thresholds: Object.fromEntries(STEPS.map((_, step) => [`response_time{stage:${2 * step + 1}}`, ['p(95)<500']])),
}

export default async function listener(): Promise<void> {
  await listenOnce(exec.scenario.iterationInTest)
}
