/**
 * Settling a ledger: what became of each event that a sender knows of? An acknowledged event must be in the reports exactly
 * once and say what it said when it was sent; a refused one must not be there; and one whose fate is unknown may be there
 * once or not at all: the store decides.
 *
 * In the reports means: in the version of its day that is published, and the day's rows count what that version holds.
 * All events are looked up there; their content is compared in the raw files that the version was made of. Only those with
 * which something is wrong are followed from the log on, to the first stage that lacks, doubles or alters them.
 *
 * Memory: 42 to 84 bytes an event of the ledgers (`ledger-fates.ts`), and 30 to 60 more for each with which something is
 * wrong; stores are read in pieces.
 */
import { canonicalEvent } from '../datasets/canonical-event.ts'
import { contentSum } from '../datasets/content-sum.ts'
import type { Day } from '../datasets/day.ts'
import { dayKey } from '../datasets/keys.ts'
import type { LedgerEntry } from '../datasets/ledger.ts'
import type { AuditedStores, Difference } from './audit.ts'
import { type LedgerEvent, LedgerFates, type LedgerHour } from './ledger-fates.ts'
import { type Manifest, readManifests } from './manifest.ts'
import { emptySettlement, type Finding, FOUND_MAX, type Settlement } from './settlement.ts'
import { type StoredDay, storedDays } from './stored-day.ts'
import { idAndTime, loggedLines, rawLines } from './stored-lines.ts'
import { Suspects } from './suspects.ts'
import type { DayVersion } from './warehouse.ts'

const NAMED_MAX = 20
/** Ids looked up at once. */
const LOOK_UP = 50_000
/** Ids waiting to be looked up, over all days: bounds memory where a ledger has many days. */
const WAITING_MAX = 500_000

/**
 * Settles the entries of any number of ledgers. The best fate of an event counts: a retry may have been answered.
 * @param differences what an audit of the same stores found between stages, event by event
 * @throws MusicboxError `input.invalid` for an entry of another form; `not.found` when a published day is not in the
 *   warehouse (a night job was killed half way: run it again)
 */
export async function settle(
  entries: AsyncIterable<LedgerEntry>,
  stores: AuditedStores,
  differences: readonly Difference[] = [],
): Promise<Settlement> {
  const fates = await LedgerFates.read(entries)
  const manifests = await readManifests(stores.raw)
  const days = new Map((await storedDays(manifests, stores.tables)).map((stored) => [stored.day, stored]))
  return await new Settling(stores, fates, manifests, days, differences).run()
}

class Settling {
  readonly #stores: AuditedStores
  readonly #fates: LedgerFates
  readonly #manifests: readonly Manifest[]
  readonly #days: ReadonlyMap<Day, StoredDay>
  readonly #lastPublished: Day | undefined
  readonly #suspects = new Suspects()
  readonly #ledgerDays: ReadonlySet<Day>
  /** Days of which the audit found something wrong. */
  readonly #differingDays: ReadonlySet<Day>
  /** Events that the raw files hold otherwise than the log. */
  readonly #rewritten = new Set<string>()
  /** By day and hour, copies of the ledgers' events that the warehouse lacks, less those that it has too often. */
  readonly #shortOf = new Map<string, number>()
  /** Suspects that are in no ledger, with their hour. */
  readonly #strangers = new Map<string, LedgerHour>()
  readonly #settlement: Settlement

  constructor(
    stores: AuditedStores,
    fates: LedgerFates,
    manifests: readonly Manifest[],
    days: ReadonlyMap<Day, StoredDay>,
    differences: readonly Difference[],
  ) {
    this.#stores = stores
    this.#fates = fates
    this.#manifests = manifests
    this.#days = days
    this.#lastPublished = [...days.values()].findLast(({ published }) => published)?.day
    this.#ledgerDays = new Set(fates.days())
    this.#differingDays = new Set(differences.map(({ day }) => day))
    this.#settlement = emptySettlement()
    this.#settlement.sent = fates.size
    this.#settlement.unpublished_days = [...this.#ledgerDays].filter((day) => this.#isOpen(day))
    for (const difference of differences) this.#suspect(difference)
  }

  async run(): Promise<Settlement> {
    for (const { day, events } of this.#batches()) await this.#lookUp(day, events)
    await this.#lookUpStrangers()
    for (const stored of this.#days.values()) await this.#readRaw(stored)
    if (this.#suspects.size > 0) await this.#readLog()
    for (const eid of this.#suspects.ids()) this.#conclude(eid)
    for (const day of this.#ledgerDays) {
      const version = this.#days.get(day)?.published?.version
      if (version) await this.#compareWithReport(version)
    }
    return this.#concluded()
  }

  /** Before the last published day, a day without a publication is one from which nothing is in any report. */
  #isOpen(day: Day): boolean {
    return this.#lastPublished === undefined || day > this.#lastPublished
  }

  #suspect({ eid, day, hour, fault, to }: Difference): void {
    const known = this.#fates.get(eid)
    if (!known) this.#strangers.set(eid, { day, hour })
    this.#suspects.add(eid)
    if (fault !== 'altered') return
    if (to === 'warehouse') this.#suspects.alter(eid, to)
    else this.#rewritten.add(eid)
  }

  /** All events, in batches of one day each. */
  *#batches(): Generator<{ day: Day; events: LedgerEvent[] }> {
    const waiting = new Map<Day, LedgerEvent[]>()
    let count = 0
    for (const event of this.#fates.events()) {
      const { day } = event.hour
      const events = waiting.get(day) ?? []
      waiting.set(day, events)
      count++
      if (events.push(event) >= LOOK_UP) {
        count -= LOOK_UP
        waiting.delete(day)
        yield { day, events }
      } else if (count >= WAITING_MAX) {
        count = 0
        for (const [other, theirs] of waiting) yield { day: other, events: theirs }
        waiting.clear()
      }
    }
    for (const [day, events] of waiting) yield { day, events }
  }

  async #lookUp(day: Day, events: readonly LedgerEvent[]): Promise<void> {
    if (this.#isOpen(day)) {
      this.#settlement.unpublished += events.length
      return
    }
    const found = await this.#occurrences(
      day,
      events.map(({ eid }) => eid),
    )
    for (const event of events) this.#take(event, found.get(event.eid) ?? 0)
  }

  #take({ eid, fate }: LedgerEvent, times: number): void {
    const settlement = this.#settlement
    const isStored = fate === 'accepted' || fate === 'duplicate'
    if (isStored) {
      settlement.accepted++
      if (times > 0) settlement.reported++
    } else if (fate === 'refused') {
      settlement.refused++
      if (times > 0) settlement.refused_but_present++
    } else {
      settlement.unknown++
      if (times > 0) settlement.unknown_landed++
    }
    if (times > 1) settlement.doubled += times - 1
    if (times > 1 || (isStored && times === 0) || (fate === 'refused' && times > 0)) this.#suspects.add(eid)
    if (this.#suspects.has(eid)) this.#suspects.saw(eid, 'warehouse', times)
  }

  async #lookUpStrangers(): Promise<void> {
    const byDay = Map.groupBy(this.#strangers, ([, { day }]) => day)
    for (const [day, strangers] of byDay) {
      for (let from = 0; from < strangers.length; from += LOOK_UP) {
        const eids = strangers.slice(from, from + LOOK_UP).map(([eid]) => eid)
        for (const [eid, times] of await this.#occurrences(day, eids)) this.#suspects.saw(eid, 'warehouse', times)
      }
    }
  }

  async #occurrences(day: Day, eids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const version = this.#days.get(day)?.published?.version
    return version ? await this.#stores.warehouse.occurrences(eids, [version]) : new Map()
  }

  /** Compares the content of a published day's events, and counts the copies of suspects. */
  async #readRaw({ day, files, published }: StoredDay): Promise<void> {
    const isSettled = this.#ledgerDays.has(day) && !this.#isOpen(day)
    if (!isSettled && !this.#differingDays.has(day)) return
    const visible = new Set((this.#isOpen(day) ? files : (published?.files ?? [])).map(({ path }) => path))
    for (const file of files) {
      const where = visible.has(file.path) ? 'raw' : 'later'
      // A damaged file is for the audit to report; here its events are not there.
      for (const line of await rawLines(this.#stores.raw, file, () => undefined)) {
        const eid = idAndTime(line)?.eid
        if (eid === undefined) continue
        if (isSettled && where === 'raw') this.#checkContent(eid, line)
        if (this.#suspects.has(eid)) this.#suspects.saw(eid, where)
      }
    }
  }

  /** Of copies, the first is the one that the warehouse takes. */
  #checkContent(eid: string, line: string): void {
    const event = this.#fates.get(eid)
    if (event?.sum === undefined || event.fate === 'refused' || !this.#fates.meet(eid)) return
    this.#settlement.content_checked++
    if (!isAltered(event, line)) return
    if (!this.#suspects.has(eid)) {
      this.#suspects.add(eid)
      // What is there never or twice is a suspect already.
      this.#suspects.saw(eid, 'warehouse')
    }
    this.#suspects.alter(eid, 'raw')
  }

  async #readLog(): Promise<void> {
    for await (const { eid, line, collected } of loggedLines(this.#stores.log, this.#manifests, 'end')) {
      if (!this.#suspects.has(eid)) continue
      const isFirst = this.#suspects.copies(eid, 'log') === 0
      this.#suspects.saw(eid, collected ? 'log' : 'later')
      const event = this.#fates.get(eid)
      if (event && collected && isFirst && isAltered(event, line)) this.#suspects.alter(eid, 'log')
    }
  }

  #conclude(eid: string): void {
    const event = this.#fates.get(eid)
    const suspects = this.#suspects
    if (!event) {
      this.#concludeStranger(eid)
      return
    }
    const { fate, hour } = event
    if (fate === 'refused') {
      const stage = suspects.firstPresence(eid)
      if (!stage) return
      this.#name(this.#settlement.refused_but_present_eids, eid)
      this.#find({ eid, fault: 'refused_but_present', stage, ...hour, fate, events: 1 })
      return
    }
    // Sums tell which of log and raw files is wrong; without one, or where both say what was sent, it is the later stage.
    if (this.#rewritten.has(eid) && !suspects.isAltered(eid)) suspects.alter(eid, 'raw')
    if (suspects.isAltered(eid)) {
      this.#settlement.altered++
      this.#name(this.#settlement.altered_eids, eid)
    }
    if (suspects.copies(eid, 'warehouse') > 1) this.#name(this.#settlement.doubled_eids, eid)
    if (suspects.copies(eid, 'warehouse') === 0 && fate !== 'unknown' && !this.#isOpen(hour.day)) {
      if (suspects.copies(eid, 'raw') === 0 && suspects.copies(eid, 'later') > 0 && !suspects.isAltered(eid)) {
        this.#settlement.pending++
        return
      }
      this.#settlement.lost++
      this.#name(this.#settlement.lost_eids, eid)
    }
    const first = suspects.firstFault(eid)
    if (first?.stage === 'warehouse' && first.fault !== 'altered') {
      const short = (this.#shortOf.get(`${hour.day} ${hour.hour}`) ?? 0) + 1 - suspects.copies(eid, 'warehouse')
      this.#shortOf.set(`${hour.day} ${hour.hour}`, short)
    }
    if (first && !(first.stage === 'warehouse' && this.#isOpen(hour.day))) {
      this.#find({ eid, ...first, ...hour, fate, events: 1 })
    }
  }

  /** What the audit found of an event that no ledger knows: it should be at each stage or at none. */
  #concludeStranger(eid: string): void {
    const hour = this.#strangers.get(eid)!
    if (this.#rewritten.has(eid)) this.#suspects.alter(eid, 'raw')
    const first = this.#suspects.firstFault(eid)
    const presence = this.#suspects.firstPresence(eid)
    if (!first || !presence) return
    if (first.fault === 'lost' && first.stage === 'log') {
      this.#find({ eid, fault: 'invented', stage: presence, ...hour, events: 1 })
    } else if (!(first.stage === 'warehouse' && !this.#days.get(hour.day)?.published)) {
      this.#find({ eid, ...first, ...hour, events: 1 })
    }
  }

  /**
   * Holds the day's hour rows to the distinct events they were made from. Which events a report counts too often or not
   * at all, a count does not tell, so a shortfall is charged to the accepted ones.
   */
  async #compareWithReport(version: DayVersion): Promise<void> {
    const settlement = this.#settlement
    const { day } = version
    const held = new Map((await this.#stores.warehouse.tallies(version)).map(({ hour, count }) => [hour, count]))
    await this.#stores.tables.snapshot(async (view) => {
      for (let number = 0; number < 24; number++) {
        const hour = String(number).padStart(2, '0')
        const cells = await view.get('hour_event_log', dayKey(hour, day))
        const excess = Number(cells?.['events'] ?? 0) - (held.get(hour) ?? 0)
        // A report may have been made before the warehouse lost or doubled what it now has wrong.
        if (excess === 0 || excess === this.#shortOf.get(`${day} ${hour}`)) continue
        const fault = excess > 0 ? 'doubled' : 'lost'
        this.#find({ fault, stage: 'report', day, hour, events: Math.abs(excess) })
        if (excess > 0) settlement.doubled += excess
        else {
          const missing = Math.min(-excess, settlement.reported)
          settlement.reported -= missing
          settlement.lost += missing
        }
      }
    })
  }

  #find(finding: Finding): void {
    this.#settlement.found_total++
    if (this.#settlement.found.length < FOUND_MAX) this.#settlement.found.push(finding)
  }

  #name(eids: string[], eid: string): void {
    if (eids.length < NAMED_MAX) eids.push(eid)
  }

  #concluded(): Settlement {
    const settlement = this.#settlement
    settlement.found.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
    const { lost_eids, doubled_eids, altered_eids, refused_but_present_eids } = settlement
    for (const eids of [lost_eids, doubled_eids, altered_eids, refused_but_present_eids]) eids.sort()
    const { lost, doubled, altered, refused_but_present, found_total, pending, unpublished } = settlement
    if (lost + doubled + altered + refused_but_present + found_total > 0) settlement.verdict = 'FAILED'
    else if (pending + unpublished > 0) settlement.verdict = 'OPEN'
    return settlement
  }
}

function isAltered({ sum }: LedgerEvent, line: string): boolean {
  return sum !== undefined && contentSum(canonicalEvent(JSON.parse(line))) !== sum
}

function placeOf({ day, hour, eid = '' }: Finding): string {
  return `${day} ${hour} ${eid}`
}
