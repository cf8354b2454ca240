import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { canonicalEvent } from '../datasets/canonical-event.ts'
import { contentSum } from '../datasets/content-sum.ts'
import { dayOf, hourOf } from '../datasets/day.ts'
import type { StoredEvent } from '../datasets/event.ts'
import { MusicboxError } from '../datasets/failure.ts'
import { dayKey } from '../datasets/keys.ts'
import type { Fate, LedgerEntry } from '../datasets/ledger.ts'
import { settle } from './settle.ts'
import { emptySettlement, type Finding, type Settlement } from './settlement.ts'
import type { Warehouse } from './warehouse.ts'
import { openWay, someEvents, type Way } from './way.suite.ts'

const DAYS = ['2026-03-01', '2026-03-02']
const EVENTS = someEvents(DAYS, 60)
const ABSENT = someEvents([DAYS[0]!], 30, 99)

describe('settling a ledger', () => {
  let way: Way
  before(async () => {
    way = await openWay()
    await way.feed(EVENTS)
    await way.night()
  })
  after(() => way.close())
  const settled = (...entries: LedgerEntry[]): Promise<Settlement> => settle(each(entries), way)

  it('proves that each acknowledged event is reported exactly once', async () => {
    const settlement = await settled(
      ...EVENTS.map((event, at) => entry(event, at % 3 === 0 ? 'duplicate' : 'accepted')),
    )
    assert.deepEqual(settlement, { ...NOTHING, sent: 120, accepted: 120, reported: 120 })
  })

  it('counts the best fate of an event, in whatever order its answers came', async () => {
    const [event, absent] = [EVENTS[0]!, ABSENT[0]!]
    for (const fates of [
      ['unknown', 'accepted'],
      ['accepted', 'unknown', 'refused'],
      ['refused', 'unknown', 'duplicate'],
    ] as Fate[][]) {
      const { sent, accepted, unknown, refused } = await settled(...fates.map((fate) => entry(event, fate)))
      assert.deepEqual({ sent, accepted, unknown, refused }, { sent: 1, accepted: 1, unknown: 0, refused: 0 })
    }
    // No answer to one attempt: the refusal of another says nothing about it.
    const { unknown, refused, verdict } = await settled(entry(absent, 'refused'), entry(absent, 'unknown'))
    assert.deepEqual({ unknown, refused, verdict }, { unknown: 1, refused: 0, verdict: 'PROVEN' })
  })

  it('finds an acknowledged event that is not there, and names it', async () => {
    const settlement = await settled(entry(EVENTS[0]!, 'accepted'), entry(ABSENT[0]!, 'accepted'))
    const wanted = { sent: 2, accepted: 2, reported: 1, lost: 1, lost_eids: [ABSENT[0]!.eid], verdict: 'FAILED' }
    const found = [finding(ABSENT[0]!, 'lost', 'log', 'accepted')]
    assert.deepEqual(settlement, { ...NOTHING, ...wanted, found, found_total: 1 })
    const many = await settled(...ABSENT.map((event) => entry(event, 'accepted')))
    assert.deepEqual([many.lost, many.lost_eids.length, many.found_total], [30, 20, 30])
  })

  it('finds a refused event that is there, and leaves an unknown one to the store', async () => {
    const settlement = await settled(
      entry(EVENTS[0]!, 'refused'),
      entry(ABSENT[0]!, 'refused'),
      entry(EVENTS[1]!, 'unknown'),
      entry(ABSENT[1]!, 'unknown'),
    )
    const refused = { refused: 2, refused_but_present: 1, refused_but_present_eids: [EVENTS[0]!.eid] }
    const found = [finding(EVENTS[0]!, 'refused_but_present', 'log', 'refused')]
    const rest = { found, found_total: 1, verdict: 'FAILED' }
    assert.deepEqual(settlement, { ...NOTHING, sent: 4, ...refused, unknown: 2, unknown_landed: 1, ...rest })
  })

  it('says what it cannot settle yet', async () => {
    const later = someEvents(['2026-03-09'], 3).map((event) => entry(event, 'accepted'))
    const settlement = await settled(entry(EVENTS[0]!, 'accepted'), ...later)
    const open = { unpublished: 3, unpublished_days: ['2026-03-09'], verdict: 'OPEN' }
    assert.deepEqual(settlement, { ...NOTHING, sent: 4, accepted: 1, reported: 1, ...open })
  })

  it('calls the only event of an otherwise quiet day lost, and not unpublished', async () => {
    // Long before the days with data, so that no night bridges the gap.
    const [only] = someEvents(['2025-06-01'], 1)
    const settlement = await settled(entry(only!, 'accepted'))
    const found = [finding(only!, 'lost', 'log', 'accepted')]
    const lost = { accepted: 1, lost: 1, lost_eids: [only!.eid], found, found_total: 1 }
    assert.deepEqual(settlement, { ...NOTHING, sent: 1, ...lost, verdict: 'FAILED' })
  })

  it('finds an event that the warehouse holds twice', async () => {
    const twice = EVENTS[3]!.eid
    const warehouse = Object.assign(Object.create(way.warehouse) as Warehouse, {
      tallies: (version: never) => way.warehouse.tallies(version),
      occurrences: async (eids: string[], versions: never) => {
        const found = new Map(await way.warehouse.occurrences(eids, versions))
        return found.has(twice) ? found.set(twice, 2) : found
      },
    })
    const entries = EVENTS.map((event) => entry(event, 'accepted'))
    const settlement = await settle(each(entries), { ...way, warehouse })
    assert.deepEqual([settlement.doubled, settlement.doubled_eids, settlement.verdict], [1, [twice], 'FAILED'])
    assert.deepEqual(settlement.found, [finding(EVENTS[3]!, 'doubled', 'warehouse', 'accepted')])
  })

  it('finds a report that counts more than there is, or less', async () => {
    const other = await openWay()
    try {
      await other.feed(EVENTS)
      await other.night()
      const entries = EVENTS.map((event) => entry(event, 'accepted'))
      const key = dayKey('07', DAYS[0]!)
      const cells = (await other.tables.snapshot((view) => view.get('hour_event_log', key)))!
      const settleWith = async (change: number): Promise<Settlement> => {
        const events = Number(cells['events']) + change
        await other.tables.put([{ table: 'hour_event_log', key, cells: { ...cells, events } }])
        return settle(each(entries), other)
      }
      const { doubled, found, verdict } = await settleWith(2)
      assert.deepEqual([doubled, verdict], [2, 'FAILED'])
      assert.deepEqual(found, [{ fault: 'doubled', stage: 'report', day: DAYS[0], hour: '07', events: 2 }])
      const short = await settleWith(-3)
      assert.deepEqual([short.lost, short.reported, short.verdict], [3, 117, 'FAILED'])
      assert.equal((await settleWith(0)).verdict, 'PROVEN')
    } finally {
      await other.close()
    }
  })

  it('says of what came after its day was published that it is on its way, wherever it is, and not lost', async () => {
    const other = await openWay()
    try {
      await other.feed(EVENTS)
      await other.night()
      const [collected, logged] = [ABSENT[0]!, ABSENT[1]!]
      await other.feed([collected])
      await other.log.append([{ eid: logged.eid, key: logged.uid, line: JSON.stringify(logged) }])
      const entries = [...EVENTS, collected, logged].map((event) => entry(event, 'accepted'))
      const settlement = await settle(each(entries), other)
      assert.deepEqual(settlement, {
        ...NOTHING,
        sent: 122,
        accepted: 122,
        reported: 120,
        pending: 2,
        verdict: 'OPEN',
      })
      await other.feed([])
      await other.night()
      assert.deepEqual(await settle(each(entries), other), { ...NOTHING, sent: 122, accepted: 122, reported: 122 })
    } finally {
      await other.close()
    }
  })

  it('compares content by the sums of a ledger, and takes ledgers of before that have none', async () => {
    const [one, two] = [EVENTS[0]!, EVENTS[1]!]
    const right = { ...entry(one, 'accepted'), sum: sumOf(one) }
    const settlement = await settled(right, { ...entry(one, 'unknown'), sum: sumOf(one) }, entry(two, 'accepted'))
    assert.deepEqual(settlement, { ...NOTHING, sent: 2, accepted: 2, reported: 2, content_checked: 1 })
    const wrong = await settled({ ...right, sum: sumOf({ ...one, session: 'other' }) }, entry(two, 'accepted'))
    assert.deepEqual([wrong.altered, wrong.altered_eids, wrong.verdict], [1, [one.eid], 'FAILED'])
    assert.deepEqual(wrong.found, [finding(one, 'altered', 'log', 'accepted')])
  })

  it('refuses what is no ledger entry', async () => {
    const good = entry(EVENTS[0]!, 'accepted')
    for (const bad of [
      { ...good, eid: 'x' },
      { ...good, ts: 1.5 },
      { ...good, fate: 'lost' },
      { ...good, sum: 'x' },
      {},
      null,
    ]) {
      await assert.rejects(
        settled(bad as unknown as LedgerEntry),
        (error: unknown) => error instanceof MusicboxError && error.code === 'input.invalid',
      )
    }
  })
})

const NOTHING = emptySettlement()

function finding({ eid, ts }: StoredEvent, fault: Finding['fault'], stage: Finding['stage'], fate: Fate): Finding {
  return { eid, fault, stage, day: dayOf(ts), hour: hourOf(ts), fate, events: 1 }
}

function sumOf(event: StoredEvent): string {
  return contentSum(canonicalEvent(event))
}

function entry({ eid, ts }: StoredEvent, fate: Fate): LedgerEntry {
  return { eid, ts, fate }
}

async function* each(entries: readonly LedgerEntry[]): AsyncGenerator<LedgerEntry> {
  yield* entries
}
