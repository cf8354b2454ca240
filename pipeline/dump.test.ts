import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { daysBetween } from '../datasets/day.ts'
import { TABLE_NAMES, type TableName } from '../datasets/tables.ts'
import { dumpDigest, dumpRows } from './dump.ts'
import { openWay, someEvents, type Way } from './way.suite.ts'

const DAYS = daysBetween('2026-03-01', '2026-03-02')
const EVENTS = someEvents(DAYS, 60)

describe('a dump', () => {
  it('has one digest for the same events, however they were cut into batches and nights', async () => {
    const digests: unknown[] = []
    for (const arrange of [
      async (way: Way) => {
        await way.feed(EVENTS)
        await way.night()
      },
      async (way: Way) => {
        await way.feed(EVENTS.slice(0, 70), 7)
        await way.night()
        await way.feed(EVENTS.slice(70), 13)
        await way.night()
      },
    ]) {
      digests.push(
        await inWay(async (way) => {
          await arrange(way)
          return dumpDigest(way)
        }),
      )
    }
    assert.deepEqual(digests[0], digests[1])
  })

  it('has another digest for one changed cell, one changed event, or one missing', async () => {
    await inWay(async (way) => {
      await way.feed(EVENTS)
      await way.night()
      const whole = await dumpDigest(way)
      assert.equal(whole.raw.events, EVENTS.length)
      assert.equal(whole.tables._published.rows, 3)
      const [row] = await way.tables.snapshot((view) => view.scan('song_info', { from: '', to: '~', limit: 1 }))
      await way.tables.put([{ table: 'song_info', ...row!, cells: { ...row!.cells, year: 1 } }])
      const changed = await dumpDigest(way)
      assert.deepEqual(changed.raw, whole.raw)
      const differing = TABLE_NAMES.filter((table) => changed.tables[table].sha256 !== whole.tables[table].sha256)
      assert.deepEqual(differing, ['song_info'])
      assert.notEqual(changed.digest, whole.digest)
      for (const events of [
        EVENTS.slice(1),
        EVENTS.map((event, at) => (at === 5 ? { ...event, session: 'x' } : event)),
      ]) {
        const other = await inWay(async (second) => {
          await second.feed(events)
          return dumpDigest(second)
        })
        assert.notEqual(other.raw.sha256, whole.raw.sha256)
      }
    })
  })

  it('gives every row of a table by key, as of the moment it began', async () => {
    await inWay(async (way) => {
      await way.feed(EVENTS)
      await way.night()
      const count = async (table: TableName): Promise<number> => {
        let rows = 0
        let before = ''
        for await (const { key } of dumpRows(way.tables, table)) {
          assert.ok(before < key)
          before = key
          // What changes meanwhile is not seen.
          if (rows++ === 0) await way.tables.put([{ table, key: '~~~', cells: { late: 1 } }])
        }
        return rows
      }
      const first = await count('period_log')
      assert.equal(await count('period_log'), first + 1)
      // A reader that leaves early lets go of the snapshot.
      for await (const _ of dumpRows(way.tables, 'song_event_log')) break
    })
  })
})

async function inWay<T>(use: (way: Way) => Promise<T>): Promise<T> {
  const way = await openWay()
  try {
    return await use(way)
  } finally {
    await way.close()
  }
}
