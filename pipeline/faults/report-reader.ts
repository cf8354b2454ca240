/**
 * A reader who looks at a day's report again and again while it is published, its stores fail and the job is killed: what
 * it sees must always be one publication as a whole. The control row says how many events the day has; the day's hour
 * rows must add up to it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Day } from '../../datasets/day.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { dayKey } from '../../datasets/keys.ts'
import type { TableReader, TableStore } from '../table-store.ts'

const GAP_MS = 50

export class ReportReader {
  /** Answers, failures that said so, and mixtures of two publications. */
  reads = 0
  failures = 0
  mixed = 0
  readonly #reading: Promise<void>
  #stopped = false

  constructor(tables: TableStore, day: Day) {
    this.#reading = this.#readOn(tables, day)
    this.#reading.catch(() => {})
  }

  /** @throws what no store may throw */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#reading
  }

  async #readOn(tables: TableStore, day: Day): Promise<void> {
    while (!this.#stopped) {
      try {
        const isWhole = await tables.snapshot((view) => isWholeDay(view, day))
        this.reads++
        if (!isWhole) this.mixed++
      } catch (error) {
        if (!(error instanceof MusicboxError)) throw error
        this.failures++
      }
      await sleep(GAP_MS)
    }
  }
}

export async function isWholeDay(view: TableReader, day: Day): Promise<boolean> {
  const published = await view.published(day)
  let events = 0
  for (let number = 0; number < 24; number++) {
    const cells = await view.get('hour_event_log', dayKey(String(number).padStart(2, '0'), day))
    events += Number(cells?.['events'] ?? 0)
  }
  return events === (published?.events ?? 0)
}
