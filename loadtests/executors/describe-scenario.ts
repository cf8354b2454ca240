import { durationText } from '../options/duration.ts'
import { maxUsers, plannedMs, type Scenario } from './scenario.ts'

/** A scenario in k6's words: `200 looping VUs for 30s (gracefulStop: 30s)`. */
export function describeScenario(scenario: Scenario): string {
  return `${whatOf(scenario)} (${termsOf(scenario).join(', ')})`
}

function whatOf(scenario: Scenario): string {
  const during = `for ${durationText(plannedMs(scenario))}`
  switch (scenario.executor) {
    case 'shared-iterations':
      return `${scenario.iterations} iterations shared among ${scenario.vus} VUs`
    case 'per-vu-iterations':
      return `${scenario.iterations} iterations for each of ${scenario.vus} VUs`
    case 'constant-vus':
      return `${scenario.vus} looping VUs ${during}`
    case 'ramping-vus':
      return `Up to ${maxUsers(scenario)} looping VUs ${during} over ${scenario.stages.length} stages`
    case 'constant-arrival-rate':
      return `${perSecond(scenario.rate, scenario)} iterations/s ${during}`
    case 'ramping-arrival-rate': {
      const most = Math.max(scenario.startRate, ...scenario.stages.map(({ target }) => target))
      return `Up to ${perSecond(most, scenario)} iterations/s ${during} over ${scenario.stages.length} stages`
    }
  }
}

function perSecond(rate: number, { timeUnit_ms }: { timeUnit_ms: number }): string {
  return ((rate * 1000) / timeUnit_ms).toFixed(2)
}

function termsOf(scenario: Scenario): string[] {
  const terms: string[] = []
  if ('maxDuration_ms' in scenario) terms.push(`maxDuration: ${durationText(scenario.maxDuration_ms)}`)
  if ('gracefulRampDown_ms' in scenario) terms.push(`gracefulRampDown: ${durationText(scenario.gracefulRampDown_ms)}`)
  if ('preAllocatedVUs' in scenario) {
    const { preAllocatedVUs, maxVUs } = scenario
    terms.push(`maxVUs: ${preAllocatedVUs === maxVUs ? maxVUs : `${preAllocatedVUs}-${maxVUs}`}`)
  }
  if (scenario.exec !== 'default') terms.push(`exec: ${scenario.exec}`)
  if (scenario.start_ms > 0) terms.push(`startTime: ${durationText(scenario.start_ms)}`)
  return [...terms, `gracefulStop: ${durationText(scenario.gracefulStop_ms)}`]
}
