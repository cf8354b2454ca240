/**
 * Simulated listeners, all at once or a few at a time: they log in, search, play, skip and rate as the simulator's kernel
 * plans it, each event at its planned moment, sped up.
 *
 * A real k6 script: `k6 run loadtests/scripts/listeners.ts`, or `musicbox load listeners`, which needs no k6. The same
 * seed, run and number of listeners send the same events, on any engine and with any number of virtual users.
 *
 * Settings: LISTENERS, VUS, DURATION, SPEED.
 */
import exec from 'k6/execution'
import type { Options } from 'k6/options'
import { listen, withinOneDay } from './listen.ts'
import { duration_ms, LATE_MS, whole } from './settings.ts'

/** How many listeners there are, and how many of them at once. */
const LISTENERS = whole('LISTENERS', 200, 1, 100_000)
const VUS = Math.min(LISTENERS, whole('VUS', LISTENERS, 1, 10_000))
/** How long each listens. */
const DURATION_MS = withinOneDay(duration_ms('DURATION', '30s'))
/** Before the first event, so that all can plan their first session in peace. */
const LEAD_MS = 500 + 2 * VUS

export const options: Options = {
  scenarios: {
    listeners: {
      executor: 'shared-iterations',
      vus: VUS,
      iterations: LISTENERS,
      maxDuration: `${Math.ceil(LISTENERS / VUS) * (LEAD_MS + DURATION_MS + LATE_MS) + 60_000}ms`,
    },
  },
  thresholds: {
    checks: ['rate>0.99'],
    http_req_failed: ['rate<0.01'],
    response_time: ['p(95)<500', 'p(99)<1500'],
    listeners_cut_short: ['count<1'],
  },
}

/** What k6 would refuse: a bad ten seconds must not hide in a long run. */
export const musicbox = {
  thresholds: { response_time: ['p(95)<1000 over 10s after 5s'], http_req_failed: ['rate<0.05 over 10s'] },
}

export default async function listener(): Promise<void> {
  await listen(exec.scenario.iterationInTest, DURATION_MS, LEAD_MS)
}
