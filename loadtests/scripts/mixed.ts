/**
 * Listeners and report readers together, as in production: do the ones slow the others down, and are the reports still
 * right while new events come in?
 *
 * Settings: LISTENERS, READERS, DURATION, SPEED, THINK.
 */
import exec from 'k6/execution'
import type { Options } from 'k6/options'
import { listen, withinOneDay } from './listen.ts'
import { readReports } from './read-reports.ts'
import { duration_ms, whole } from './settings.ts'

const LISTENERS = whole('LISTENERS', 200, 1, 10_000)
const READERS = whole('READERS', 20, 1, 10_000)
const DURATION_MS = withinOneDay(duration_ms('DURATION', '30s'))
/** Between two questions of a reader, on average. */
const THINK_MS = duration_ms('THINK', '1s')
/** Before the first event, so that all can plan their first session in peace. */
const LEAD_MS = 500 + 2 * LISTENERS

const each = {
  executor: 'per-vu-iterations',
  iterations: 1,
  maxDuration: `${DURATION_MS + LEAD_MS + 60_000}ms`,
} as const

export const options: Options = {
  scenarios: {
    listeners: { ...each, vus: LISTENERS, exec: 'listener' },
    readers: { ...each, vus: READERS, exec: 'reader' },
  },
  thresholds: {
    answers_right: ['rate==1'],
    checks: ['rate>0.99'],
    http_req_failed: ['rate<0.01'],
    'response_time{scenario:listeners}': ['p(95)<500', 'p(99)<1500'],
    'response_time{scenario:readers}': ['p(95)<500', 'p(99)<1500'],
  },
}

export async function listener(): Promise<void> {
  await listen(exec.scenario.iterationInTest, DURATION_MS, LEAD_MS)
}

export async function reader(): Promise<void> {
  await readReports(exec.scenario.iterationInTest, DURATION_MS, THINK_MS)
}
