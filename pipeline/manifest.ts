/**
 * The manifest: one file a batch, whose appearance is the only commit point of the collector.
 *
 * A batch moves a range of every partition into raw files, one a partition and event hour. The files are written first;
 * then the manifest that names them is published under the next sequence number. Publishing is write-once, so of two
 * collectors only one can take a number: the other is fenced. What no manifest names does not exist.
 */
import type { Day } from '../datasets/day.ts'

export interface RawFile {
  /** `dt=YYYY-MM-DD/hr=HH/events-pPP-<first>-<last>.jsonl.gz`: event day and hour, partition, offsets included. */
  path: string
  day: Day
  hour: string
  partition: number
  /** First and last offset of the batch's range in this partition; the hour's events are among them. */
  first: number
  last: number
  /** Lines. */
  count: number
  /** Sum of the lines' checksums modulo 2^64, decimal; see `audit.ts`. */
  checksum: string
  sha256: string
  size_bytes: number
}

export interface Manifest {
  version: 1
  /** From 1, without gaps. */
  sequence: number
  /** SHA-256 of the manifest before, empty for the first: altering an old one breaks the chain. */
  previous: string
  /** Offset at which each partition starts in this batch, by index. */
  begin: number[]
  /** Offset at which each partition goes on: the next batch's `begin`. */
  end: number[]
  /** The log was read to its end as it was at this instant (ms UTC): everything received before is in. Absent when
   *  more was left to read. */
  drained_ms?: number
  files: RawFile[]
  /** Log records that are no event, kept in a reject file with partition, offset and reason. */
  rejects?: { path: string; count: number; sha256: string }
}
