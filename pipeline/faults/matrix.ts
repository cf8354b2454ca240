/** The rows of the fault matrix that concern the pipeline and its services, by number. */
import { BROKER_ROWS } from './broker-rows.ts'
import { COLLECTOR_ROWS } from './collector-rows.ts'
import type { FaultRow } from './fault-row.ts'
import { NIGHT_ROWS } from './night-rows.ts'

export const FAULT_ROWS: readonly FaultRow[] = [...BROKER_ROWS, ...COLLECTOR_ROWS, ...NIGHT_ROWS]
