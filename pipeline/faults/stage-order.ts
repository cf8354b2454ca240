/** What a stage's process is told to do, and what it tells; plain data over an IPC channel. */
import type { StoreChoice } from '../../datasets/command.ts'
import type { Day } from '../../datasets/day.ts'
import type { FailureCode } from '../../datasets/failure.ts'
import type { CollectResult, FailPoint } from '../collector.ts'
import type { NightFailPoint, NightResult } from '../night-job.ts'

/** Where a stage stops and waits: when it has come by this step for the n-th time, from 1. */
export interface Hold<Step> {
  step: Step
  nth: number
}

export type StageOrder = { stores: StoreChoice } & (
  | { job: 'collect'; hold?: Hold<FailPoint>; maxBatchEvents?: number }
  | { job: 'night'; hold?: Hold<NightFailPoint>; through: Day }
)

export type StageNews =
  | { state: 'held' }
  | { state: 'done'; collected: CollectResult }
  | { state: 'done'; night: NightResult }
  | { state: 'failed'; code: FailureCode | undefined; message: string }

export type StageOutcome = Exclude<StageNews, { state: 'held' }> | { state: 'killed' }
