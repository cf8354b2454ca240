/** The module `k6/execution`: where in the run the script is. */
import { MusicboxError } from '../../../datasets/failure.ts'
import type { ActiveScenario, Vu } from '../vu.ts'

export function executionModule(vu: Vu): Record<string, unknown> {
  const { run } = vu
  const scenario = (): ActiveScenario => {
    if (vu.scenario && vu.context === 'vu') return vu.scenario
    throw new MusicboxError('script.failed', 'exec.scenario is only known inside an iteration')
  }
  const elapsed = (): number => (run.started ? performance.now() - run.started : 0)
  return {
    scenario: {
      get name() {
        return scenario().name
      },
      get executor() {
        return scenario().executor
      },
      get startTime() {
        return scenario().startTime
      },
      get progress() {
        return Math.min(1, (Date.now() - scenario().startTime) / scenario().planned_ms)
      },
      get iterationInInstance() {
        scenario()
        return vu.iterationInInstance
      },
      get iterationInTest() {
        scenario()
        return vu.iterationInTest
      },
    },
    instance: {
      get currentTestRunDuration() {
        return elapsed()
      },
      get iterationsCompleted() {
        return run.counts.iterationsCompleted
      },
      get iterationsInterrupted() {
        return run.counts.iterationsInterrupted
      },
      get vusActive() {
        return run.counts.vusActive
      },
      get vusInitialized() {
        return run.counts.vusInitialized
      },
    },
    test: {
      get options() {
        return run.options.given
      },
      abort(message = ''): never {
        run.abort(message)
        throw new MusicboxError('script.failed', `exec.test.abort() was called${message ? `: ${message}` : ''}`)
      },
      fail(message = ''): void {
        run.fail(message)
      },
    },
    vu: {
      get idInInstance() {
        return vu.id
      },
      get idInTest() {
        return vu.id
      },
      get iterationInInstance() {
        return vu.iteration
      },
      get iterationInScenario() {
        return vu.iteration
      },
      tags: vu.tags,
      metrics: { tags: vu.tags, metadata: vu.metadata },
    },
  }
}
