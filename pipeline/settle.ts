/**
 * Settling a ledger: what became of each event that a sender knows of? An acknowledged event must be in the reports exactly
 * once, a refused one must not be there, and one whose fate is unknown may be there once or not at all: the store decides.
 *
 * In the reports means: in the version of its day that is published, and the day's rows count what that version holds.
 */
import { type Day, dayOf } from '../datasets/day.ts'
import { MusicboxError } from '../datasets/failure.ts'
import { dayKey } from '../datasets/keys.ts'
import { FATES, type LedgerEntry } from '../datasets/ledger.ts'
import { EidMap } from './eid-map.ts'
import { publishedVersions } from './published-versions.ts'
import type { TableStore } from './table-store.ts'
import type { DayVersion, Warehouse } from './warehouse.ts'

export interface Settlement {
  /** Distinct events in the ledger. */
  sent: number
  /** Acknowledged as durable (accepted, or duplicate of an accepted one), of published days. */
  accepted: number
  /** Of the accepted: in the published reports. */
  reported: number
  /** Of the accepted: not there. */
  lost: number
  /** Counted more often than once: in the warehouse, or by the report beyond what the warehouse holds. */
  doubled: number
  /** Refused by every answer, of published days. */
  refused: number
  refused_but_present: number
  /** No answer ever came, or none but refusals; of published days. */
  unknown: number
  unknown_landed: number
  /** Of days that are not published yet, whatever their fate: nothing can be said of these. */
  unpublished: number
  unpublished_days: Day[]
  /** The first few of each kind of failure. */
  lost_eids: string[]
  doubled_eids: string[]
  refused_but_present_eids: string[]
  /** `OPEN`: nothing is wrong, but events of unpublished days are left. */
  verdict: 'PROVEN' | 'OPEN' | 'FAILED'
}

const NAMED_MAX = 20
/** Ids looked up at once. */
const LOOK_UP = 50_000
/** Ids waiting to be looked up, over all days: bounds memory where a ledger has many days. */
const WAITING_MAX = 500_000

/**
 * Settles the entries of any number of ledgers. The best fate of an event counts: a retry may have been answered.
 * @throws MusicboxError `input.invalid` for an entry of another form; `not.found` when a published day is not in the
 *   warehouse (a night job was killed half way: run it again)
 */
export async function settle(
  entries: AsyncIterable<LedgerEntry>,
  { warehouse, tables }: { warehouse: Warehouse; tables: TableStore },
): Promise<Settlement> {
  const { fates, days } = await bestFates(entries)
  const published = await publishedVersions(tables)
  const versions = new Map(published.map((version) => [version.day, version]))
  const last = published.at(-1)?.day
  // Before the last published day, a day without a publication is one from which nothing is in any report.
  const isOpen = (day: Day): boolean => last === undefined || day > last
  const settlement: Settlement = {
    sent: fates.size,
    accepted: 0,
    reported: 0,
    lost: 0,
    doubled: 0,
    refused: 0,
    refused_but_present: 0,
    unknown: 0,
    unknown_landed: 0,
    unpublished: 0,
    unpublished_days: days.filter(isOpen).sort(),
    lost_eids: [],
    doubled_eids: [],
    refused_but_present_eids: [],
    verdict: 'PROVEN',
  }
  for (const { day, events } of batchesByDay(fates, days)) {
    const version = versions.get(day)
    if (isOpen(day)) {
      settlement.unpublished += events.length
      continue
    }
    const found = await warehouse.occurrences(
      events.map(({ eid }) => eid),
      version === undefined ? [] : [version],
    )
    for (const { eid, fate } of events) settleOne(settlement, eid, fate, found.get(eid) ?? 0)
  }
  for (const day of days) {
    const version = versions.get(day)
    if (version) await compareWithReport(settlement, version, warehouse, tables)
  }
  for (const eids of [settlement.lost_eids, settlement.doubled_eids, settlement.refused_but_present_eids]) eids.sort()
  const { lost, doubled, refused_but_present, unpublished } = settlement
  if (lost > 0 || doubled > 0 || refused_but_present > 0) settlement.verdict = 'FAILED'
  else if (unpublished > 0) settlement.verdict = 'OPEN'
  return settlement
}

function settleOne(settlement: Settlement, eid: string, fate: number, times: number): void {
  if (times > 1) {
    settlement.doubled += times - 1
    name(settlement.doubled_eids, eid)
  }
  switch (FATES[fate]) {
    case 'accepted':
    case 'duplicate':
      settlement.accepted++
      if (times > 0) settlement.reported++
      else {
        settlement.lost++
        name(settlement.lost_eids, eid)
      }
      return
    case 'refused':
      settlement.refused++
      if (times > 0) {
        settlement.refused_but_present++
        name(settlement.refused_but_present_eids, eid)
      }
      return
    default:
      settlement.unknown++
      if (times > 0) settlement.unknown_landed++
  }
}

function name(eids: string[], eid: string): void {
  if (eids.length < NAMED_MAX) eids.push(eid)
}

/** Each event's day and best fate in one number: `day index × fates + fate`, with `FATES` ordered worst to best. */
async function bestFates(entries: AsyncIterable<LedgerEntry>): Promise<{ fates: EidMap; days: Day[] }> {
  const fates = new EidMap()
  const days: Day[] = []
  const indexOf = new Map<Day, number>()
  for await (const entry of entries) {
    const { eid, ts, fate } = checked(entry)
    const day = dayOf(ts)
    let index = indexOf.get(day)
    if (index === undefined) {
      index = days.push(day) - 1
      indexOf.set(day, index)
    }
    const value = index * FATES.length + FATES.indexOf(fate)
    const present = fates.get(eid)
    if (present === undefined || present % FATES.length < value % FATES.length) fates.set(eid, value)
  }
  return { fates, days }
}

function checked(entry: LedgerEntry): LedgerEntry {
  const { eid, ts, fate } = entry
  const wellFormed =
    /^[0-9a-f]{32}$/.test(eid) && Number.isInteger(ts) && ts >= 0 && ts <= 8.64e15 && FATES.includes(fate)
  if (wellFormed) return entry
  throw new MusicboxError(
    'input.invalid',
    `expected a ledger entry with eid, ts and fate (${FATES.join(', ')}), got ${JSON.stringify(entry).slice(0, 200)}`,
    'is the file a ledger of `musicbox load`?',
  )
}

interface DayBatch {
  day: Day
  events: { eid: string; fate: number }[]
}

/** All events, in batches of one day each. */
function* batchesByDay(fates: EidMap, days: readonly Day[]): Generator<DayBatch> {
  const waiting = days.map((day): DayBatch => ({ day, events: [] }))
  const take = (index: number): DayBatch => {
    const batch = waiting[index]!
    waiting[index] = { day: batch.day, events: [] }
    return batch
  }
  let count = 0
  for (const [eid, value] of fates.entries()) {
    const index = Math.floor(value / FATES.length)
    count++
    if (waiting[index]!.events.push({ eid, fate: value % FATES.length }) >= LOOK_UP) {
      count -= LOOK_UP
      yield take(index)
    } else if (count >= WAITING_MAX) {
      count = 0
      for (const other of days.keys()) yield take(other)
    }
  }
  for (const index of days.keys()) if (waiting[index]!.events.length > 0) yield take(index)
}

/**
 * Holds the day's hour rows to the distinct events they were made from. Which events a report counts too often or not at
 * all, a count does not tell, so a shortfall is charged to the accepted ones.
 */
async function compareWithReport(
  settlement: Settlement,
  version: DayVersion,
  warehouse: Warehouse,
  tables: TableStore,
): Promise<void> {
  const held = new Map((await warehouse.tallies(version)).map(({ hour, count }) => [hour, count]))
  await tables.snapshot(async (view) => {
    for (let hour = 0; hour < 24; hour++) {
      const text = String(hour).padStart(2, '0')
      const cells = await view.get('hour_event_log', dayKey(text, version.day))
      const excess = Number(cells?.['events'] ?? 0) - (held.get(text) ?? 0)
      if (excess > 0) settlement.doubled += excess
      if (excess < 0) {
        const missing = Math.min(-excess, settlement.reported)
        settlement.reported -= missing
        settlement.lost += missing
      }
    }
  })
}
