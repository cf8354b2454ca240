/**
 * Report readers: promoters, accountants and advertisers ask, and every answer is held against what the simulator knows
 * to be true. A fast wrong answer fails.
 *
 * In k6 itself, run `musicbox load reports` once before: it leaves the questions with their answers in a file and says
 * where. Then `k6 run -e ORACLE=FILE loadtests/scripts/reports.ts`.
 *
 * Settings: READERS, DURATION, THINK.
 */
import exec from 'k6/execution'
import type { Options } from 'k6/options'
import { readReports } from './read-reports.ts'
import { duration_ms, whole } from './settings.ts'

/** How many read at once: a third of them promoters, accountants and advertisers each. */
const READERS = whole('READERS', 30, 1, 10_000)
const DURATION_MS = duration_ms('DURATION', '30s')
/** Between two questions of a reader, on average. */
const THINK_MS = duration_ms('THINK', '1s')

export const options: Options = {
  scenarios: {
    readers: { executor: 'per-vu-iterations', vus: READERS, iterations: 1, maxDuration: `${DURATION_MS + 60_000}ms` },
  },
  thresholds: {
    answers_right: ['rate==1'],
    checks: ['rate>0.99'],
    http_req_failed: ['rate<0.01'],
    response_time: ['p(95)<500', 'p(99)<1500'],
  },
}

export default async function reader(): Promise<void> {
  await readReports(exec.scenario.iterationInTest, DURATION_MS, THINK_MS)
}
