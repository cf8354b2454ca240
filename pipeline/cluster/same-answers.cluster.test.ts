/** The whole way on the embedded stores and on the cluster: the same events give the same bytes and the same answers. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { addDays, dayStartMs } from '../../datasets/day.ts'
import type { StoredEvent } from '../../datasets/event.ts'
import { audit } from '../audit.ts'
import { type DumpDigest, dumpDigest } from '../dump.ts'
import { readManifests } from '../manifest.ts'
import { openWay, someEvents, type Way } from '../way.suite.ts'
import { clusterFile, describeOnCluster } from './test-cluster.suite.ts'

const DAYS = ['2026-11-27', '2026-11-28', '2026-11-30']

describeOnCluster('the whole way, on both backends', (cluster) => {
  let embedded: Way
  let real: Way
  const both = async <T>(work: (way: Way) => Promise<T>): Promise<[T, T]> => [await work(embedded), await work(real)]

  before(async () => {
    embedded = await openWay()
    real = await openWay({ backend: 'cluster', config: await clusterFile(await cluster()) })
  })
  after(async () => {
    await embedded?.close()
    await real?.close()
  })

  it('gives the same raw files to the byte, and equal tables, for the same events', async () => {
    await both((way) => way.feed(someEvents(DAYS, 300), 500))
    const [nights, realNights] = await both((way) => way.night())
    assert.deepEqual(realNights, nights)
    assert.deepEqual(...(await both(rawFiles)))
    const [ours, theirs] = await both(digestOf)
    assert.deepEqual(theirs, ours)
    assert.ok(ours.tables.song_event_log.rows > 100 && ours.tables.top_log.rows > 100, JSON.stringify(ours))
  })

  it('rebuilds exactly the day that a late event touches, and nothing when nothing is new', async () => {
    const [again, realAgain] = await both((way) => way.night())
    assert.deepEqual([again.rows, realAgain.rows], [0, 0])
    const late = someEvents([DAYS[0]!], 3, 5)
    await both((way) => way.feed(late))
    const [night, realNight] = await both((way) => way.night())
    assert.deepEqual(realNight, night)
    assert.deepEqual(
      realNight.days.filter(({ outcome }) => outcome === 'built').map(({ day }) => day),
      [DAYS[0]],
    )
    assert.deepEqual(...(await both(digestOf)))
  })

  it('counts an event once that was sent again, whether the log or the night finds it out', async () => {
    const fresh = someEvents([DAYS[1]!], 40, 6)
    // Sent again with another instant of receipt, as after an answer that was lost.
    const again = fresh.slice(10).map((event): StoredEvent => ({ ...event, received_ms: event.received_ms + 9 }))
    await both(async (way) => {
      await way.feed(fresh)
      await way.feed(again)
    })
    const [night, realNight] = await both((way) => way.night())
    const built = (way: typeof night) => way.days.find(({ outcome }) => outcome === 'built')
    assert.equal(built(night)?.duplicates, 0)
    assert.equal(built(realNight)?.duplicates, again.length)
    const [ours, theirs] = await both(digestOf)
    assert.deepEqual(theirs.tables, ours.tables)
    assert.equal(theirs.raw.events, ours.raw.events + again.length)
  })

  it('balances at every stage, event by event', async () => {
    const [report, realReport] = await both((way) => audit(way, { ids: true }))
    assert.equal(realReport.verdict, 'BALANCED')
    assert.equal(realReport.events.report, report.events.report)
    assert.deepEqual(realReport.mismatches, [])
  })

  it('would notice a difference: one event more on one side', async () => {
    await real.feed([{ ...someEvents([DAYS[2]!], 1, 7)[0]!, ts: dayStartMs(addDays(DAYS[2]!, 1)) - 1 }])
    await real.night()
    const [ours, theirs] = await both(digestOf)
    assert.notEqual(theirs.digest, ours.digest)
    assert.notEqual(theirs.tables.hour_event_log.sha256, ours.tables.hour_event_log.sha256)
  })
})

async function rawFiles({ raw }: Way): Promise<unknown> {
  return (await readManifests(raw)).map(({ begin, end, files }) => ({ begin, end, files }))
}

function digestOf({ raw, tables }: Way): Promise<DumpDigest> {
  return dumpDigest({ raw, tables })
}
