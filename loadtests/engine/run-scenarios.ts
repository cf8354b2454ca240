/** A run from the start of its scenarios to the end of the last one. */
import { FAILURES } from '../../datasets/failure.ts'
import { maxUsers, plannedMs } from '../executors/scenario.ts'
import type { Mark, TimelineBucket } from '../metrics/timeline.ts'
import type { SystemProbe } from '../system/system-probe.ts'
import { describeMissed } from '../thresholds/thresholds.ts'
import type { Conductor } from './conductor.ts'
import type { Ending } from './ending.ts'
import { everySecond } from './every-second.ts'
import { LiveControl } from './live-control.ts'
import type { RunSpec } from './run-spec.ts'
import type { SegmentEnd, SegmentHandle } from './segment.ts'
import type { Run } from './vu.ts'

/** Segments in other processes report on the second; what they say is taken in when it has come. */
const REPORT_WAIT_MS = 200
/** For all processes to hear of the common start before it comes. */
const START_LEAD_MS = 100

export interface ScenariosRun {
  spec: RunSpec
  own: Run
  conductor: Conductor
  segments: readonly SegmentHandle[]
  /** What setup gave, as JSON. */
  data: string | undefined
  ending: Ending
  probe: SystemProbe | undefined
}

/** Runs the scenarios of all segments, and looks in once a second. */
export async function runScenarios({
  spec,
  own,
  conductor,
  segments,
  data,
  ending,
  probe,
}: ScenariosRun): Promise<{ ends: SegmentEnd[]; started_ms: number; duration_ms: number }> {
  await probe?.start()
  const apart = segments.length > 1
  const started_ms = Date.now() + (apart ? START_LEAD_MS : 0)
  const startedAt = performance.now() + (started_ms - Date.now())
  own.started = startedAt
  const elapsed = (): number => performance.now() - startedAt
  const onMark = (mark: Mark): void => {
    if (!conductor.marks.includes(mark)) conductor.marks.push(mark)
    spec.onMark?.(mark)
  }
  ending.signal.addEventListener('abort', () => {
    for (const segment of segments) segment.stop()
  })
  if (ending.signal.aborted) for (const segment of segments) segment.stop()
  const planned_ms = Math.max(...own.options.scenarios.map((scenario) => scenario.start_ms + plannedMs(scenario)))
  const tell = (bucket: TimelineBucket): void =>
    spec.onProgress?.({
      elapsed_ms: elapsed(),
      planned_ms,
      vus: bucket.vus,
      iterations: conductor.counts().iterationsCompleted,
      fates: conductor.fates(),
      bucket,
    })
  const stopTicking = everySecond(startedAt + (apart ? REPORT_WAIT_MS : 0), (second) => {
    tell(conductor.advance(second, elapsed()))
    const missed = conductor.aborting(elapsed())
    if (missed.length === 0 || ending.signal.aborted) return
    const problem = describeMissed(missed)
    onMark({ at_s: elapsed() / 1000, kind: 'abort', text: problem })
    ending.stop(FAILURES['threshold.missed'].exit, problem)
  })
  try {
    const work = segments.map((segment) => segment.start(data, started_ms))
    spec.faults?.start(startedAt, onMark)
    const scenarios = own.options.scenarios.map((scenario) => ({ name: scenario.name, users: maxUsers(scenario) }))
    spec.onStart?.(
      new LiveControl(
        segments,
        scenarios,
        () => elapsed() / 1000,
        onMark,
        () => ending.stop(FAILURES.interrupted.exit, 'the run was stopped before its end'),
      ),
    )
    const ends = await Promise.all(work)
    const duration_ms = elapsed()
    stopTicking()
    tell(conductor.finish(duration_ms))
    return { ends, started_ms, duration_ms }
  } finally {
    stopTicking()
    await spec.faults?.stop()
    await probe?.stop()
  }
}
