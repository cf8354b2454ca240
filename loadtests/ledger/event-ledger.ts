/**
 * The ledger as an output: it listens to the metric `event_fate`, whose samples say what became of an event (tag `fate`)
 * and which one (metadata `eid`, `ts` and `sum`). A script that runs in k6 emits the same samples, so they can be had
 * from `--out json` there.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { MusicboxError } from '../../datasets/failure.ts'
import { FATES, type Fate, type LedgerEntry } from '../../datasets/ledger.ts'
import type { Output, Sample } from '../metrics/metric.ts'
import { TrafficDigest } from './traffic-digest.ts'

const FATE_METRIC = 'event_fate'

export type FateCounts = Record<Fate, number>

/** Lines go to the file when there are this many characters, and at least so often: a killed run leaves what it knew. */
const BUFFER_CHARACTERS = 64 * 1024
const FLUSH_MS = 200

/**
 * Events remembered whose fate may yet change: about 25 MB. In an outage every event that was given up stays open, so
 * there is no bound but one of ours; but an event is sent again within seconds or never, so the one that was spoken of
 * longest ago can be forgotten.
 */
export const OPEN_EVENTS_MAX = 200_000

/**
 * Writes one line for each answer, as it comes, and counts each event once, by the best of its fates. In memory are only
 * the events that are not durable (yet): nobody asks again about one that is.
 *
 * Processes of one run may write to one file: it is opened for appending, and whole lines go out in one call.
 */
export class EventLedger implements Output {
  readonly only = FATE_METRIC
  readonly counts: FateCounts = { accepted: 0, duplicate: 0, refused: 0, unknown: 0 }
  readonly traffic = new TrafficDigest()
  /** Samples that name no event or no known fate: a fault of the script. */
  malformed = 0
  /** Some open event was forgotten; were it sent again, it would count as another one. The file is whole all the same. */
  approximate = false
  readonly #open = new Map<string, Fate>()
  readonly #openMax: number
  readonly #path: string | undefined
  readonly #file: number | undefined
  readonly #timer: NodeJS.Timeout | undefined
  #lines = ''
  #failure: unknown

  /**
   * @param path where to append; nothing is written without it
   * @throws MusicboxError `backend.unreachable`
   */
  constructor(path?: string, openMax = OPEN_EVENTS_MAX) {
    this.#openMax = openMax
    this.#path = path
    if (path === undefined) return
    this.#file = opened(path, 'a')
    this.#timer = setInterval(() => this.#flush(), FLUSH_MS).unref()
  }

  sample({ tags, time_ms, metadata }: Sample): void {
    const eid = metadata?.['eid']
    const ts = Number(metadata?.['ts'])
    const fate = tags['fate'] as Fate
    const sum = metadata?.['sum']
    if (
      eid === undefined ||
      !/^[0-9a-f]{32}$/.test(eid) ||
      !Number.isSafeInteger(ts) ||
      !FATES.includes(fate) ||
      (sum !== undefined && !/^[0-9a-f]{16}$/.test(sum))
    ) {
      this.malformed++
      return
    }
    const entry: LedgerEntry = { eid, ts, fate, ...(sum !== undefined && { sum }), answered_ms: Math.round(time_ms) }
    this.#count(entry)
    if (this.#file === undefined) return
    this.#lines += `${JSON.stringify(entry)}\n`
    if (this.#lines.length >= BUFFER_CHARACTERS) this.#flush()
  }

  /** Resolves once every line is durable. @throws MusicboxError `backend.unreachable` when some are not */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    if (this.#file === undefined) return
    this.#flush()
    try {
      fsyncSync(this.#file)
    } catch (cause) {
      this.#failure ??= cause
    } finally {
      closeSync(this.#file)
    }
    if (this.#failure !== undefined) throw unwritable(this.#path!, this.#failure)
  }

  #count({ eid, ts, fate, sum }: LedgerEntry): void {
    const before = this.#open.get(eid)
    if (before === undefined) this.traffic.add(eid, ts, sum)
    else this.counts[before]--
    const best = before !== undefined && FATES.indexOf(before) > FATES.indexOf(fate) ? before : fate
    this.counts[best]++
    // Set anew, it is the last to be forgotten.
    if (before !== undefined) this.#open.delete(eid)
    if (best === 'accepted' || best === 'duplicate') return
    this.#open.set(eid, best)
    if (this.#open.size <= this.#openMax) return
    this.#open.delete(this.#open.keys().next().value!)
    this.approximate = true
  }

  /** What cannot be written is told when the ledger is closed: the run goes on, but its ledger proves nothing. */
  #flush(): void {
    // Written at once rather than queued: memory stays bounded, and to the page cache it takes microseconds.
    const bytes = Buffer.from(this.#lines)
    this.#lines = ''
    if (bytes.length === 0 || this.#failure !== undefined) return
    try {
      const written = writeSync(this.#file!, bytes)
      // The rest could come between lines of another process.
      if (written !== bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes were written`)
    } catch (cause) {
      this.#failure = cause
    }
  }
}

/** Makes an empty ledger, in the place of one that is there: once a run, before its processes append. */
export function createLedger(path: string): void {
  closeSync(opened(path, 'w'))
}

function opened(path: string, flags: 'a' | 'w'): number {
  try {
    mkdirSync(dirname(path), { recursive: true })
    return openSync(path, flags)
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

function unwritable(path: string, cause: unknown): MusicboxError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new MusicboxError(
    'backend.unreachable',
    `expected to write the ledger ${path}, but ${reason}`,
    'Name a file in a folder that can be written, on a disk with room.',
    { cause },
  )
}
