/**
 * The ledger as an output: it listens to the metric `event_fate`, whose samples say what became of an event (tag `fate`)
 * and which one (metadata `eid` and `ts`). A script that runs in k6 emits the same samples, so they can be had from
 * `--out json` there.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { MusicboxError } from '../datasets/failure.ts'
import { FATES, type Fate, type LedgerEntry } from '../datasets/ledger.ts'
import type { Output, Sample } from './metric.ts'
import { TrafficDigest } from './traffic-digest.ts'

const FATE_METRIC = 'event_fate'

export type FateCounts = Record<Fate, number>

/** Lines go to the file when there are this many bytes, and at least so often: a killed run leaves what it knew. */
const BUFFER_BYTES = 64 * 1024
const FLUSH_MS = 200

/**
 * Writes one line for each answer, as it comes, and counts each event once, by the best of its fates. In memory are only
 * the events that are not accepted (yet).
 */
export class EventLedger implements Output {
  readonly only = FATE_METRIC
  readonly counts: FateCounts = { accepted: 0, duplicate: 0, refused: 0, unknown: 0 }
  readonly traffic = new TrafficDigest()
  /** Samples that name no event or no known fate: a fault of the script. */
  malformed = 0
  readonly #best = new Map<string, Fate>()
  readonly #file: number | undefined
  readonly #timer: NodeJS.Timeout | undefined
  #lines = ''

  /** @param path where to write; nothing is written without it. @throws MusicboxError `backend.unreachable` */
  constructor(path?: string) {
    if (path === undefined) return
    try {
      mkdirSync(dirname(path), { recursive: true })
      this.#file = openSync(path, 'w')
    } catch (cause) {
      throw new MusicboxError(
        'backend.unreachable',
        `cannot write the ledger ${path}: ${(cause as Error).message}`,
        '',
        {
          cause,
        },
      )
    }
    this.#timer = setInterval(() => this.#flush(), FLUSH_MS).unref()
  }

  sample({ tags, metadata }: Sample): void {
    const eid = metadata?.['eid']
    const ts = Number(metadata?.['ts'])
    const fate = tags['fate'] as Fate
    if (eid === undefined || !/^[0-9a-f]{32}$/.test(eid) || !Number.isSafeInteger(ts) || !FATES.includes(fate)) {
      this.malformed++
      return
    }
    this.#count(eid, fate)
    if (this.#file === undefined) return
    const entry: LedgerEntry = { eid, ts, fate }
    this.#lines += `${JSON.stringify(entry)}\n`
    if (this.#lines.length >= BUFFER_BYTES) this.#flush()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    if (this.#file === undefined) return
    this.#flush()
    fsyncSync(this.#file)
    closeSync(this.#file)
  }

  #count(eid: string, fate: Fate): void {
    const before = this.#best.get(eid)
    if (before === undefined) this.traffic.add(eid)
    const best = before !== undefined && FATES.indexOf(before) > FATES.indexOf(fate) ? before : fate
    if (before !== undefined) this.counts[before]--
    this.counts[best]++
    if (best === 'accepted') this.#best.delete(eid)
    else this.#best.set(eid, best)
  }

  #flush(): void {
    if (this.#lines === '') return
    // Written at once rather than queued: memory stays bounded, and to the page cache it takes microseconds.
    const bytes = Buffer.from(this.#lines)
    this.#lines = ''
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file!, bytes, at)
  }
}
