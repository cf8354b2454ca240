/** What a run asks of the process that does its faults, and what that answers; plain data over an IPC channel. */
import type { FailureCode } from '../../datasets/failure.ts'
import type { Key } from '../../datasets/random.ts'
import type { Effect, Server } from './fault.ts'

export type FaultOrder =
  /** Opens a proxy before a server; done with its port. */
  | { do: 'open'; server: Server; target_port: number; seed: Key }
  /** Checks that a part can be found, and leaves it alone. */
  | { do: 'find'; target: Effect['target']; data: string }
  /** Begins a fault under a number of its own. */
  | { do: 'begin'; fault: number; effect: Effect; data: string }
  /** Ends the fault of that number, if it lasts. */
  | { do: 'end'; fault: number }

export type FaultRequest = FaultOrder & { id: number }

export interface FaultDone {
  /** Of an opened proxy. */
  port?: number
  /** Where the part that was found or signalled answers. */
  url?: string
  /** Of the part that was found or signalled. */
  pid?: number
}

export type FaultReply = { id: number } & (
  | { done: FaultDone }
  | { failed: { code: FailureCode | undefined; message: string; hint: string } }
)
