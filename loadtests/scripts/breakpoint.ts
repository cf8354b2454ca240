/**
 * More and more events until the server breaks: where is its limit?
 *
 * An open model that climbs without end; the run stops by itself once answers are too slow or fail, and what it had
 * reached by then is the limit. `musicbox capacity` finds the same by search, and says which part is at its limit.
 *
 * Settings: RATE, BATCH, DURATION, VUS.
 */
import { check } from 'k6'
import exec from 'k6/execution'
import type { Options } from 'k6/options'
import { keptBatch } from './batch.ts'
import { deliver, isStored } from './deliver.ts'
import { newPlayer } from './player.ts'
import { duration_ms, whole } from './settings.ts'

/** Events a second that are reached after DURATION, if nothing breaks before. */
const RATE = whole('RATE', 20_000, 1, 1_000_000)
/** Events in a request. */
const BATCH = whole('BATCH', 50, 1, 500)
const DURATION_MS = duration_ms('DURATION', '2m')
/** How many batches may be under way. */
const VUS = whole('VUS', 500, 1, 10_000)

const stopAt = (threshold: string): { threshold: string; abortOnFail: true; delayAbortEval: string } => ({
  threshold,
  abortOnFail: true,
  delayAbortEval: '5s',
})

export const options: Options = {
  scenarios: {
    climb: {
      executor: 'ramping-arrival-rate',
      startRate: 0,
      timeUnit: '1s',
      stages: [{ duration: `${DURATION_MS}ms`, target: Math.max(1, Math.round(RATE / BATCH)) }],
      preAllocatedVUs: Math.ceil(VUS / 4),
      maxVUs: VUS,
      gracefulStop: '10s',
    },
  },
  thresholds: {
    checks: [stopAt('rate>0.95')],
    http_req_failed: [stopAt('rate<0.05')],
  },
}

/** The last five seconds decide: over the whole run, the easy beginning would hide the end. */
export const musicbox = { thresholds: { response_time: [stopAt('p(95)<2000 over 5s')] } }

export default async function gateway(): Promise<void> {
  const { uid, events } = keptBatch(exec.scenario.iterationInTest, BATCH)
  const due = Date.now()
  // One try and no more: asking again would add to the load that is measured.
  for (const fate of await deliver(events, newPlayer(uid), due, due)) check(fate, { 'event is stored': isStored })
}
