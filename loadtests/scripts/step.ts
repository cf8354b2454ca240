/** A named step around asynchronous work, which k6's own group() cannot hold: a tag on its samples, and its time. */
import exec from 'k6/execution'
import { Trend } from 'k6/metrics'

const duration = new Trend('step_duration', true)

/** Runs `work` with the tag `step` on all of its samples. One step at a time; a step inside a step has its own name. */
export async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const { tags } = exec.vu.metrics
  const outer = tags.step
  const started = Date.now()
  tags.step = name
  try {
    return await work()
  } finally {
    duration.add(Date.now() - started)
    if (outer === undefined) delete tags.step
    else tags.step = outer
  }
}
