/**
 * Every event of some ledgers with the best of its fates, in flat memory: 42 to 84 bytes an event (30 to 60 in the map of
 * ids, 12 to 24 beside it), half as much again while it grows. Ten million events take about 600 MB.
 */
import { type Day, dayOf, HOUR_MS, hourOf } from '../datasets/day.ts'
import { MusicboxError } from '../datasets/failure.ts'
import { FATES, type Fate, type LedgerEntry } from '../datasets/ledger.ts'
import { EidMap } from './eid-map.ts'

/** An hour of event time. */
export interface LedgerHour {
  day: Day
  hour: string
}

export interface LedgerEvent {
  eid: string
  fate: Fate
  hour: LedgerHour
  /** Of its content as sent; absent in ledgers without sums. */
  sum?: string
}

export class LedgerFates {
  /** Place of each id in the columns. */
  readonly #places = new EidMap()
  readonly #hours: LedgerHour[] = []
  readonly #hourIndex = new Map<number, number>()
  /** A row an event: `hour × 16 + met × 8 + fate × 2 + whether there is a sum`, and the two words of the sum. */
  #rows = new Uint32Array(3 * 1024)

  /** Reads entries in any order. @throws MusicboxError `input.invalid` for an entry of another form */
  static async read(entries: AsyncIterable<LedgerEntry>): Promise<LedgerFates> {
    const fates = new LedgerFates()
    for await (const entry of entries) fates.#add(checked(entry))
    return fates
  }

  /** Distinct events. */
  get size(): number {
    return this.#places.size
  }

  /** Every day that has an event, ascending. */
  days(): Day[] {
    return [...new Set(this.#hours.map(({ day }) => day))].sort()
  }

  get(eid: string): LedgerEvent | undefined {
    const place = this.#places.get(eid)
    return place === undefined ? undefined : this.#eventAt(eid, place)
  }

  /** Notes that a known event was met. @returns whether for the first time */
  meet(eid: string): boolean {
    const at = 3 * this.#places.get(eid)!
    const isFirst = (this.#rows[at]! & MET) === 0
    this.#rows[at]! |= MET
    return isFirst
  }

  *events(): Generator<LedgerEvent> {
    for (const [eid, place] of this.#places.entries()) yield this.#eventAt(eid, place)
  }

  #add({ eid, ts, fate, sum }: LedgerEntry): void {
    const known = this.#places.get(eid)
    if (known !== undefined && FATES.indexOf(fate) <= FATES.indexOf(this.#fateAt(known))) return
    const place = known ?? this.#places.size
    if (known === undefined) this.#places.set(eid, place)
    if (3 * place + 3 > this.#rows.length) {
      const rows = new Uint32Array(2 * this.#rows.length)
      rows.set(this.#rows)
      this.#rows = rows
    }
    const hasSum = sum === undefined ? this.#rows[3 * place]! & 1 : 1
    this.#rows[3 * place] = this.#hourOf(ts) * 16 + FATES.indexOf(fate) * 2 + hasSum
    if (sum === undefined) return
    this.#rows[3 * place + 1] = Number.parseInt(sum.slice(0, 8), 16)
    this.#rows[3 * place + 2] = Number.parseInt(sum.slice(8), 16)
  }

  #fateAt(place: number): Fate {
    return FATES[(this.#rows[3 * place]! >>> 1) & 3]!
  }

  #eventAt(eid: string, place: number): LedgerEvent {
    const row = this.#rows[3 * place]!
    const event = { eid, fate: this.#fateAt(place), hour: this.#hours[row >>> 4]! }
    if ((row & 1) === 0) return event
    return { ...event, sum: hex(this.#rows[3 * place + 1]!) + hex(this.#rows[3 * place + 2]!) }
  }

  #hourOf(ts: number): number {
    const number = Math.floor(ts / HOUR_MS)
    let index = this.#hourIndex.get(number)
    if (index === undefined) {
      index = this.#hours.push({ day: dayOf(ts), hour: hourOf(ts) }) - 1
      this.#hourIndex.set(number, index)
    }
    return index
  }
}

const MET = 8

function hex(word: number): string {
  return word.toString(16).padStart(8, '0')
}

function checked(entry: LedgerEntry): LedgerEntry {
  const { eid, ts, fate, sum } = entry ?? {}
  const wellFormed =
    /^[0-9a-f]{32}$/.test(eid) &&
    Number.isInteger(ts) &&
    ts >= 0 &&
    ts <= 8.64e15 &&
    FATES.includes(fate) &&
    (sum === undefined || /^[0-9a-f]{16}$/.test(sum))
  if (wellFormed) return entry
  throw new MusicboxError(
    'input.invalid',
    `expected a ledger entry with eid, ts and fate (${FATES.join(', ')}), got ${JSON.stringify(entry).slice(0, 200)}`,
    'is the file a ledger of `musicbox load`?',
  )
}
