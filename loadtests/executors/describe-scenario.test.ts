import assert from 'node:assert/strict'
import { it } from 'node:test'
import { describeScenario } from './describe-scenario.ts'
import { readScenario } from './read-scenario.ts'

it('a scenario is described in k6’s words', () => {
  const stages = [
    { duration: '30s', target: 10 },
    { duration: '1m', target: 0 },
  ]
  const rate = { preAllocatedVUs: 2, maxVUs: 5, timeUnit: '1m' }
  const table: [Record<string, unknown>, string][] = [
    [
      { executor: 'per-vu-iterations', vus: 2, iterations: 3, exec: 'browse', startTime: '5s' },
      '3 iterations for each of 2 VUs (maxDuration: 10m0s, exec: browse, startTime: 5s, gracefulStop: 30s)',
    ],
    [
      { executor: 'ramping-vus', startVUs: 0, stages, gracefulRampDown: '5s', gracefulStop: '0s' },
      'Up to 10 looping VUs for 1m30s over 2 stages (gracefulRampDown: 5s, gracefulStop: 0s)',
    ],
    [
      { executor: 'constant-arrival-rate', rate: 90, duration: '10s', ...rate },
      '1.50 iterations/s for 10s (maxVUs: 2-5, gracefulStop: 30s)',
    ],
    [
      { executor: 'ramping-arrival-rate', startRate: 30, stages, ...rate, maxVUs: 2 },
      'Up to 0.50 iterations/s for 1m30s over 2 stages (maxVUs: 2, gracefulStop: 30s)',
    ],
  ]
  for (const [config, words] of table) assert.equal(describeScenario(readScenario('main', config)), words)
})
