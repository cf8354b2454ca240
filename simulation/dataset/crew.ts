/** Worker threads, each with one task at a time. */
import { Worker } from 'node:worker_threads'
import type { Report, Task } from './dataset-worker.ts'
import type { Plan } from './plan.ts'

export interface Hand {
  /** @param onDay is told of each day that is ready while the task goes on */
  perform(task: Task, onDay?: (events: number, bytes: number) => void): Promise<Exclude<Report, { day: unknown }>>
  dismiss(): Promise<unknown>
}

/** Small young generations: the work allocates little, and each thread's garbage would count as memory used. */
const YOUNG_MEGABYTES = 6

export function hire(plan: Plan, out: string): Hand {
  const worker = new Worker(new URL('./dataset-worker.ts', import.meta.url), {
    workerData: { plan, out },
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
  })
  let current:
    | { taken: PromiseWithResolvers<Exclude<Report, { day: unknown }>>; onDay: (events: number, bytes: number) => void }
    | undefined
  let failure: Error | undefined
  const fail = (error: Error): void => {
    failure ??= error
    current?.taken.reject(failure)
  }
  worker.on('message', (report: Report) => {
    if ('day' in report) return current?.onDay(report.day.events, report.day.bytes)
    const { taken } = current!
    current = undefined
    taken.resolve(report)
  })
  worker.on('error', fail)
  worker.on('exit', (code) => fail(new Error(`a worker of the data set ended early, with code ${code}`)))
  return {
    perform: (task, onDay = () => {}) => {
      if (failure) return Promise.reject(failure)
      const taken = Promise.withResolvers<Exclude<Report, { day: unknown }>>()
      current = { taken, onDay }
      worker.postMessage(task)
      return taken.promise
    },
    dismiss: () => worker.terminate(),
  }
}
