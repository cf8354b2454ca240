/** The thread behind `writeDataset`: does the units that it is sent, and checks what an earlier run has done. */
import { parentPort, workerData } from 'node:worker_threads'
import type { FileRecord } from './part-file.ts'
import type { Plan, Unit } from './plan.ts'
import { doUnit, isIntact, type UnitRecord } from './unit.ts'

export type Task = { unit: Unit } | { check: readonly FileRecord[] }

export type Report = { day: { events: number; bytes: number } } | { done: UnitRecord } | { intact: boolean }

const { plan, out } = workerData as { plan: Plan; out: string }

const report = (message: Report): void => parentPort!.postMessage(message)

parentPort!.on('message', (task: Task) => {
  if ('check' in task) report({ intact: isIntact(out, task.check) })
  else report({ done: doUnit(plan, out, task.unit, (events, bytes) => report({ day: { events, bytes } })) })
})
