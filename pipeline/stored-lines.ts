/** The events that stand in the log and in raw files, read again by whoever checks them. */
import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { MusicboxError } from '../datasets/failure.ts'
import type { EventLog } from './event-log.ts'
import { judgeRecord } from './log-record.ts'
import type { Manifest, RawFile } from './manifest.ts'
import type { RawStore } from './raw-store.ts'

export interface EventLine {
  eid: string
  ts: number
  line: string
}

export interface LoggedEventLine extends EventLine {
  /** Whether a manifest covers it; if not, the collector has yet to come by. */
  collected: boolean
}

const READ_EVENTS = 5000

/**
 * The log's events, partition by partition. Records that are no event stand in reject files and are left out.
 * @param through `collected`: only as far as the collector has come; `end`: all that is there when it is read
 */
export async function* loggedLines(
  log: EventLog,
  manifests: readonly Manifest[],
  through: 'collected' | 'end',
): AsyncGenerator<LoggedEventLine> {
  const collectedEnds = manifests.at(-1)?.end ?? []
  const ends = through === 'end' ? await log.ends() : collectedEnds
  // Judging each record costs more than all else here, and can tell nothing where the collector has rejected none.
  const someRejected = manifests.some(({ rejects }) => rejects !== undefined)
  for (const [partition, end] of ends.entries()) {
    const collectedEnd = collectedEnds[partition] ?? 0
    for (let from = 0; from < end; ) {
      const records = await log.read(partition, from, Math.min(READ_EVENTS, end - from))
      if (records.length === 0) break
      for (const { offset, line } of records) {
        const collected = offset < collectedEnd
        if ((someRejected || !collected) && judgeRecord(line).state === 'reject') continue
        const event = idAndTime(line)
        if (event) yield { ...event, line, collected }
      }
      from = records.at(-1)!.offset + 1
    }
  }
}

/** An event's id and time; undefined for a record that is none. */
export function idAndTime(line: string): { eid: string; ts: number } | undefined {
  // Our own lines start with both, and need not be parsed.
  const start = /^\{"eid":"([0-9a-f]{32})","ts":(\d{1,15}),"/.exec(line)
  if (start) return { eid: start[1]!, ts: Number(start[2]) }
  if (judgeRecord(line).state === 'reject') return undefined
  const { eid, ts } = JSON.parse(line) as { eid: string; ts: number }
  return { eid, ts }
}

/**
 * The lines of a file that is what its manifest says; none for any other.
 * @param fault told what is wrong with the file
 */
export async function rawLines(raw: RawStore, file: RawFile, fault: (what: string) => void): Promise<string[]> {
  let bytes: Uint8Array
  try {
    bytes = await raw.read(file.path)
  } catch (error) {
    if (!(error instanceof MusicboxError && error.code === 'not.found')) throw error
    fault(`${file.path} is missing`)
    return []
  }
  if (createHash('sha256').update(bytes).digest('hex') !== file.sha256) {
    fault(`${file.path} is not what its manifest says: its SHA-256 differs`)
    return []
  }
  const lines = gunzipSync(bytes).toString().split('\n')
  if (lines.at(-1) === '') lines.pop()
  if (lines.length !== file.count) {
    fault(`${file.path} holds ${lines.length} lines, its manifest says ${file.count}`)
  }
  return lines
}
