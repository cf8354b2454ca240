/**
 * Events in batches at a set rate, as a gateway sends what players have kept: first steady, then more and more.
 *
 * An open model: the next batch leaves when its time has come, whether or not the one before is answered, so a slow server
 * cannot slow down what is measured. What could not be sent in time is in `dropped_iterations`.
 *
 * Settings: RATE, BATCH, DURATION, VUS.
 */
import { check } from 'k6'
import exec from 'k6/execution'
import type { Options } from 'k6/options'
import { keptBatch } from './batch.ts'
import { deliver, isStored } from './deliver.ts'
import { newPlayer } from './player.ts'
import { duration_ms, LATE_MS, whole } from './settings.ts'

/** Events a second of the steady half; the other half climbs from there to twice as many. */
const RATE = whole('RATE', 1000, 1, 100_000)
/** Events in a request. */
const BATCH = whole('BATCH', 50, 1, 500)
const DURATION_MS = duration_ms('DURATION', '30s')
/** How many batches may be under way. */
const VUS = whole('VUS', 100, 1, 10_000)

const HALF_MS = Math.round(DURATION_MS / 2)
const half = `${HALF_MS}ms`
/** Batches in ten seconds, so that rates below one batch a second can be said in whole numbers. */
const batches = Math.max(1, Math.round((10 * RATE) / BATCH))
const arrivals = { timeUnit: '10s', preAllocatedVUs: Math.ceil(VUS / 4), maxVUs: VUS, gracefulStop: '15s' }

export const options: Options = {
  scenarios: {
    steady: { executor: 'constant-arrival-rate', rate: batches, duration: half, ...arrivals },
    climb: {
      executor: 'ramping-arrival-rate',
      startTime: half,
      startRate: batches,
      stages: [{ duration: half, target: 2 * batches }],
      ...arrivals,
    },
  },
  thresholds: {
    checks: ['rate>0.99'],
    http_req_failed: ['rate<0.01'],
    dropped_iterations: ['count<1'],
    'response_time{scenario:steady}': ['p(99)<1000'],
  },
}

export default async function gateway(): Promise<void> {
  const { name, iterationInTest } = exec.scenario
  // Batches of the climb go on where the steady half ends: no batch is sent twice.
  const steady = Math.ceil((batches * HALF_MS) / 10_000)
  const { uid, events } = keptBatch(name === 'climb' ? steady + iterationInTest : iterationInTest, BATCH)
  const due = Date.now()
  for (const fate of await deliver(events, newPlayer(uid), due, due + LATE_MS)) {
    check(fate, { 'event is stored': isStored })
  }
}
