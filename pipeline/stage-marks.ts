/** The events of single hours at each stage, read again where two stages differ. */
import { dayOf, hourOf } from '../datasets/day.ts'
import { MusicboxError } from '../datasets/failure.ts'
import type { Stage } from '../observability/metrics.ts'
import type { AuditedStores, Mismatch } from './audit.ts'
import { lineChecksum } from './checksum.ts'
import { EidMap } from './eid-map.ts'
import type { Manifest, RawFile } from './manifest.ts'
import type { StoredDay } from './stored-day.ts'
import { idAndTime, loggedLines, rawLines } from './stored-lines.ts'
import type { EventMark } from './warehouse.ts'

/** Events of the log held in memory at once, about. */
const LOG_MARKS_MAX = 500_000

export class StageMarks {
  readonly #stores: AuditedStores
  readonly #manifests: readonly Manifest[]
  readonly #days: ReadonlyMap<string, StoredDay>
  /** Those of which the log's events may be asked for, in the order in which they will be. */
  readonly #ofLog: readonly Mismatch[]
  /** By day and hour. */
  #logged = new Map<string, EventMark[]>()

  constructor(
    stores: AuditedStores,
    manifests: readonly Manifest[],
    days: readonly StoredDay[],
    mismatches: readonly Mismatch[],
  ) {
    this.#stores = stores
    this.#manifests = manifests
    this.#days = new Map(days.map((stored) => [stored.day, stored]))
    this.#ofLog = mismatches.filter(({ from }) => from === 'log')
  }

  /** The distinct events of the mismatch's hour at one of its two stages; a report has only counts and none to give. */
  async of(mismatch: Mismatch, stage: Stage): Promise<readonly EventMark[]> {
    const { day, hour, to } = mismatch
    const stored = this.#days.get(day)
    if (stage === 'log') return await this.#logMarks(mismatch)
    if (stage === 'raw') {
      return await this.#rawMarks((to === 'raw' ? stored?.files : stored?.published?.files) ?? [], hour)
    }
    try {
      return await this.#stores.warehouse.marks(stored!.published!.version, hour)
    } catch (error) {
      if (error instanceof MusicboxError && error.code === 'not.found') return []
      throw error
    }
  }

  async #logMarks(mismatch: Mismatch): Promise<readonly EventMark[]> {
    const marks = this.#logged.get(nameOf(mismatch))
    if (marks) return marks
    await this.#readLog(mismatch)
    return this.#logged.get(nameOf(mismatch))!
  }

  /** Reads the log once for as many of the next hours as may be held in memory. */
  async #readLog(first: Mismatch): Promise<void> {
    this.#logged = new Map()
    const seen = new Map<string, EidMap>()
    let count = 0
    for (const mismatch of this.#ofLog.slice(Math.max(0, this.#ofLog.indexOf(first)))) {
      if (count > 0 && count + mismatch.from_count > LOG_MARKS_MAX) break
      count += mismatch.from_count
      this.#logged.set(nameOf(mismatch), [])
      seen.set(mismatch.day, new EidMap())
    }
    for await (const { eid, ts, line } of loggedLines(this.#stores.log, this.#manifests, 'collected')) {
      const day = dayOf(ts)
      if (!seen.get(day)?.set(eid, 0)) continue
      this.#logged.get(nameOf({ day, hour: hourOf(ts) }))?.push({ eid, checksum: lineChecksum(line) })
    }
  }

  async #rawMarks(files: readonly RawFile[], hour: string): Promise<EventMark[]> {
    const seen = new EidMap()
    const marks: EventMark[] = []
    for (const file of files) {
      for (const line of await rawLines(this.#stores.raw, file, () => undefined)) {
        const event = idAndTime(line)
        if (!event || !seen.set(event.eid, 0) || hourOf(event.ts) !== hour) continue
        marks.push({ eid: event.eid, checksum: lineChecksum(line) })
      }
    }
    return marks
  }
}

function nameOf({ day, hour }: { day: string; hour: string }): string {
  return `${day} ${hour}`
}
