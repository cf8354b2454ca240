/**
 * The event log: where an event becomes durable. Embedded: LMDB. Cluster: Kafka.
 */
import { MusicboxError } from '../datasets/failure.ts'

/** One event on its way into the log. */
export interface LogEntry {
  /** Idempotency key, 32 hex digits. */
  eid: string
  /** What decides the partition, so that one user's events keep their order: the user id. */
  key: string
  /** The event as one line of JSON without its newline ({@link import('../datasets/event.ts').eventLine}). */
  line: string
}

export interface Position {
  partition: number
  /** From 0, dense within a partition. */
  offset: number
}

/** `duplicate`: the log already held an event of this `eid`; it keeps the first one, at the position given. */
export type Appended = { state: 'stored' | 'duplicate'; position: Position }

export interface StoredLine {
  offset: number
  line: string
}

/** Durable, ordered, partitioned log of events. */
export interface EventLog {
  readonly partitionCount: number

  /**
   * Resolves once every event is durable, with one outcome an entry, in the order given. Entries of one key keep
   * their order. Concurrent calls may share one commit.
   * @throws MusicboxError `backend.unreachable` or `backend.full`: none, some or all may then be stored; send the same
   *   entries again, their `eid` makes that safe. `input.invalid` as {@link checkEntry}, or when an event is larger than
   *   the log takes: none are stored. Only when the log learns of its limit as it writes, because the limit was lowered since
   *   it was opened, may others of the call be stored: send them again without the large one.
   */
  append(entries: readonly LogEntry[]): Promise<readonly Appended[]>

  /**
   * Up to `max` lines of a partition, from offset `from` on, ascending; empty at the end of the log.
   * @throws MusicboxError `data.corrupt` when the log has lost events from `from` on; `backend.unreachable`
   */
  read(partition: number, from: number, max: number): Promise<readonly StoredLine[]>

  /** For each partition, by index, the offset that the next event will get. */
  ends(): Promise<readonly number[]>

  close(): Promise<void>
}

/** @throws MusicboxError `input.invalid` on an id that is none, or a line that would become two in a raw file */
export function checkEntry({ eid, line }: LogEntry): void {
  if (!/^[0-9a-f]{32}$/.test(eid)) {
    throw new MusicboxError('input.invalid', `expected an event id of 32 lower-case hex digits, got "${eid}"`)
  }
  if (line.includes('\n')) {
    throw new MusicboxError('input.invalid', `expected one line for event ${eid}, got a line break within it`)
  }
}
