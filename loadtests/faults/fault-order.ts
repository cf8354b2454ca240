/** What a run asks of the process that does its faults, and what that answers; plain data over an IPC channel. */
import type { FailureCode } from '../../datasets/failure.ts'
import type { Key } from '../../datasets/random.ts'
import type { Effect, Server } from './fault.ts'

export type FaultOrder =
  /** Opens a proxy before a server; done with its port. */
  | { do: 'open'; server: Server; target_port: number; seed: Key }
  /** Begins a fault under a number of its own. */
  | { do: 'begin'; fault: number; effect: Effect; data: string }
  /** Ends the fault of that number, if it lasts. */
  | { do: 'end'; fault: number }

export type FaultRequest = FaultOrder & { id: number }

export interface FaultDone {
  /** Of an opened proxy. */
  port?: number
  /** Of the part that was signalled. */
  pid?: number
}

export type FaultReply = { id: number } & (
  | { done: FaultDone }
  | { failed: { code: FailureCode | undefined; message: string; hint: string } }
)
