/**
 * Simulated listeners against the event server: they log in, search, play, skip and rate as the simulator's kernel plans
 * it, each event at its planned moment, sped up. A real k6 script: `k6 run loadtests/scripts/listeners.ts`, or
 * `musicbox load`, which needs no k6.
 */
import { check } from 'k6'
import exec from 'k6/execution'
import type { Options } from 'k6/options'
import { liveSession } from '../../simulation/kernel/live.ts'
import { deliver } from './deliver.ts'
import { logIn, lookUp, newPlayer } from './player.ts'
import { DURATION_MS, LATE_MS, LISTENERS, RUN, SPEED, START_MS, WORLD } from './settings.ts'
import { step } from './step.ts'
import { wakeAt } from './wake-at.ts'

export const options: Options = {
  scenarios: {
    listeners: {
      executor: 'per-vu-iterations',
      vus: LISTENERS,
      iterations: 1,
      maxDuration: `${DURATION_MS + LATE_MS + 60_000}ms`,
    },
  },
  thresholds: {
    checks: ['rate>0.99'],
    http_req_failed: ['rate<0.01'],
    response_time: ['p(95)<500', 'p(99)<1500'],
  },
}

/** Before the first event, so that all can plan their first session in peace. */
const LEAD_MS = 500 + 2 * LISTENERS
/** Listeners join one after another over this time. */
const JOIN_MS = Math.min(1000, DURATION_MS / 10)

export default async function listener(): Promise<void> {
  const me = exec.scenario.iterationInTest
  const start = exec.scenario.startTime + LEAD_MS
  const giveUp = start + DURATION_MS + LATE_MS
  let simulated_ms = Math.round((me / LISTENERS) * JOIN_MS * SPEED)
  for (let ordinal = 0; ; ordinal++) {
    const { uid, events } = liveSession(WORLD, me, ordinal, RUN)
    const player = newPlayer(uid)
    for (const { after_ms, ...event } of events) {
      simulated_ms += after_ms
      const due = start + simulated_ms / SPEED
      if (due >= start + DURATION_MS || Date.now() > giveUp) return
      await wakeAt(due)
      await step(event.event, async () => {
        if (event.event === 'login') await logIn(player)
        const fate = await deliver({ ...event, ts: START_MS + simulated_ms }, player, due, giveUp)
        check(fate, { 'event is stored': (known) => known === 'accepted' || known === 'duplicate' })
        await lookUp(event)
      })
    }
  }
}
