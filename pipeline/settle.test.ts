import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { StoredEvent } from '../datasets/event.ts'
import { MusicboxError } from '../datasets/failure.ts'
import { dayKey } from '../datasets/keys.ts'
import type { Fate, LedgerEntry } from '../datasets/ledger.ts'
import { type Settlement, settle } from './settle.ts'
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
    assert.deepEqual(settlement, { ...NOTHING, ...wanted })
    const many = await settled(...ABSENT.map((event) => entry(event, 'accepted')))
    assert.deepEqual([many.lost, many.lost_eids.length], [30, 20])
  })

  it('finds a refused event that is there, and leaves an unknown one to the store', async () => {
    const settlement = await settled(
      entry(EVENTS[0]!, 'refused'),
      entry(ABSENT[0]!, 'refused'),
      entry(EVENTS[1]!, 'unknown'),
      entry(ABSENT[1]!, 'unknown'),
    )
    const refused = { refused: 2, refused_but_present: 1, refused_but_present_eids: [EVENTS[0]!.eid] }
    assert.deepEqual(settlement, { ...NOTHING, sent: 4, ...refused, unknown: 2, unknown_landed: 1, verdict: 'FAILED' })
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
    const lost = { accepted: 1, lost: 1, lost_eids: [only!.eid] }
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
    const settlement = await settle(each(entries), { warehouse, tables: way.tables })
    assert.deepEqual([settlement.doubled, settlement.doubled_eids, settlement.verdict], [1, [twice], 'FAILED'])
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
      const { doubled, verdict } = await settleWith(2)
      assert.deepEqual([doubled, verdict], [2, 'FAILED'])
      const short = await settleWith(-3)
      assert.deepEqual([short.lost, short.reported, short.verdict], [3, 117, 'FAILED'])
      assert.equal((await settleWith(0)).verdict, 'PROVEN')
    } finally {
      await other.close()
    }
  })

  it('refuses what is no ledger entry', async () => {
    const good = entry(EVENTS[0]!, 'accepted')
    for (const bad of [{ ...good, eid: 'x' }, { ...good, ts: 1.5 }, { ...good, fate: 'lost' }, {}]) {
      await assert.rejects(
        settled(bad as LedgerEntry),
        (error: unknown) => error instanceof MusicboxError && error.code === 'input.invalid',
      )
    }
  })
})

const NOTHING: Settlement = {
  sent: 0,
  accepted: 0,
  reported: 0,
  lost: 0,
  doubled: 0,
  refused: 0,
  refused_but_present: 0,
  unknown: 0,
  unknown_landed: 0,
  unpublished: 0,
  unpublished_days: [],
  lost_eids: [],
  doubled_eids: [],
  refused_but_present_eids: [],
  verdict: 'PROVEN',
}

function entry({ eid, ts }: StoredEvent, fate: Fate): LedgerEntry {
  return { eid, ts, fate }
}

async function* each(entries: readonly LedgerEntry[]): AsyncGenerator<LedgerEntry> {
  yield* entries
}
