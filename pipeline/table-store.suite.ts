/** The table store's contract as tests, for every adapter. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { MusicboxError } from '../datasets/failure.ts'
import { afterPrefix, dayKey, escapeId, searchKey } from '../datasets/keys.ts'
import type { TableRow } from '../datasets/tables.ts'
import type { Publication, TableReader, TableStore } from './table-store.ts'

/** @param open gives a store over the same data at each call; a suite's data starts empty */
export function tableStoreSuite(name: string, open: () => Promise<TableStore>): void {
  describe(`a table store (${name})`, () => {
    let store: TableStore
    before(async () => {
      store = await open()
    })
    after(async () => {
      await store.close()
    })
    const read = <T>(use: (view: TableReader) => Promise<T>): Promise<T> => store.snapshot(use)

    it('gives nothing for a key that is not there', async () => {
      assert.equal(await read((view) => view.get('song_info', 'TRNONE')), undefined)
      assert.deepEqual(await read((view) => view.scan('song_info', { from: '', to: afterPrefix('') })), [])
      assert.equal(await read((view) => view.published('2026-01-01')), undefined)
    })

    it('puts rows, replaces them whole, and keeps tables apart', async () => {
      await store.put([
        { table: 'user_info', key: 'u1', cells: { uid: 'u1', zip: '00501', weight: 3 } },
        { table: 'artist_info', key: 'u1', cells: { artist_name: 'Ütopia "::" %' } },
      ])
      await store.put([{ table: 'user_info', key: 'u1', cells: { uid: 'u1', active: 0 } }])
      assert.deepEqual(await read((view) => view.get('user_info', 'u1')), { uid: 'u1', active: 0 })
      assert.deepEqual(await read((view) => view.get('artist_info', 'u1')), { artist_name: 'Ütopia "::" %' })
    })

    it('keeps text and numbers as they are', async () => {
      const cells = { a: '', b: 0, c: -1.5, d: 2 ** 53 - 1, e: '007', f: 'line\nbreak\t\u0000"\\', g: '😀' }
      await store.put([{ table: 'artist_info', key: 'exact', cells }])
      assert.deepEqual(await read((view) => view.get('artist_info', 'exact')), cells)
    })

    for (const count of [999, 1000, 1001, 10_000]) {
      it(`scans ${count} rows in order, with limits and in reverse`, async () => {
        const keys = Array.from({ length: count }, (_, at) => `S${count}.${String(at).padStart(6, '0')}`)
        // Written from both ends to the middle, so that insertion order is no help.
        const shuffled = keys.map((_, at) => keys[at % 2 ? count - 1 - (at >> 1) : at >> 1]!)
        await store.put(shuffled.map((key) => ({ table: 'song_search', key, cells: { key } })))
        const range = { from: `S${count}.`, to: afterPrefix(`S${count}.`) }
        const all = await read((view) => view.scan('song_search', range))
        assert.deepEqual(
          all.map((row) => row.key),
          keys,
        )
        assert.deepEqual(
          all.map((row) => row.cells),
          keys.map((key) => ({ key })),
        )
        const last = await read((view) => view.scan('song_search', { ...range, reverse: true, limit: 7 }))
        assert.deepEqual(
          last.map((row) => row.key),
          keys.slice(-7).reverse(),
        )
        const part = { from: keys[10]!, to: keys[20]! }
        const up = await read((view) => view.scan('song_search', part))
        assert.deepEqual(
          up.map((row) => row.key),
          keys.slice(10, 20),
        )
        const down = await read((view) => view.scan('song_search', { ...part, reverse: true }))
        assert.deepEqual(down, up.toReversed())
        const none = await read((view) => view.scan('song_search', { ...range, limit: 0 }))
        assert.deepEqual(none, [])
      })
    }

    it('gives no row for a range that ends before it starts', async () => {
      await store.put([{ table: 'artist_search', key: 'b::1', cells: { x: 1 } }])
      for (const [from, to] of [
        ['c', 'a'],
        ['b::1', 'b::1'],
      ] as const) {
        for (const reverse of [false, true]) {
          assert.deepEqual(await read((view) => view.scan('artist_search', { from, to, reverse })), [])
        }
      }
    })

    it('finds any name by its exact key and orders as UTF-8 does', async () => {
      const names = fc.array(fc.tuple(fc.string({ unit: 'binary', maxLength: 60 }), fc.constantFrom('A', '::', "%'")), {
        minLength: 1,
        maxLength: 20,
      })
      await fc.assert(
        fc.asyncProperty(names, async (pairs) => {
          const keys = [...new Set(pairs.map(([text, id]) => `fuzz ${searchKey(text, id)}`))]
          await store.put(keys.map((key, at) => ({ table: 'artist_search', key, cells: { at } })))
          for (const [at, key] of keys.entries()) {
            assert.deepEqual(await read((view) => view.get('artist_search', key)), { at })
          }
          const rows = await read((view) => view.scan('artist_search', { from: 'fuzz ', to: afterPrefix('fuzz ') }))
          const found = rows.map((row) => row.key)
          assert.deepEqual(found, [...found].sort(byUtf8))
          for (const key of keys) assert.ok(found.includes(key))
        }),
        { numRuns: 50 },
      )
    })

    it('takes keys of a thousand bytes', async () => {
      const key = searchKey('名'.repeat(250), 'ñ'.repeat(50))
      assert.ok(Buffer.byteLength(key) > 850)
      await store.put([{ table: 'song_search', key, cells: { long: 1 } }])
      assert.deepEqual(await read((view) => view.get('song_search', key)), { long: 1 })
      const [row] = await read((view) => view.scan('song_search', { from: '名', to: afterPrefix('名') }))
      assert.equal(row?.key, key)
    })

    it('shows a publication with all its rows, and drops the rows it no longer has', async () => {
      await store.publish(publication('2026-02-01', 1), songDay('2026-02-01', { A: 3, B: 2, C: 1 }))
      await store.publish(publication('2026-02-02', 1), songDay('2026-02-02', { A: 9 }))
      await store.publish(publication('2026-02-01', 2, { events: 5 }), songDay('2026-02-01', { A: 4, C: 1 }))
      await read(async (view) => {
        assert.deepEqual(await view.published('2026-02-01'), publication('2026-02-01', 2, { events: 5 }))
        assert.equal((await view.get('song_event_log', dayKey('A', '2026-02-01')))?.['plays'], 4)
        assert.equal(await view.get('song_event_log', dayKey('B', '2026-02-01')), undefined)
        assert.equal(await view.get('artist_event_log', dayKey('all', '2026-02-01')).then((row) => row?.['plays']), 5)
        assert.equal((await view.get('song_event_log', dayKey('A', '2026-02-02')))?.['plays'], 9)
        const scopes = (await view.publications()).map((found) => found.scope)
        assert.deepEqual(scopes, ['2026-02-01', '2026-02-02'])
      })
    })

    it('keeps every field of a publication', async () => {
      const full = publication('periods', 3, { complete: true, as_of_ms: 1_770_000_000_123 })
      await store.publish(full, [])
      assert.deepEqual(await read((view) => view.published('periods')), full)
    })

    it('refuses an older generation, lets an equal one replace, and leaves no trace of the refused', async () => {
      const day = '2026-02-03'
      await store.publish(publication(day, 7), songDay(day, { A: 1 }))
      await assert.rejects(
        store.publish(publication(day, 6), songDay(day, { A: 100, Z: 1 })),
        (error: unknown) => error instanceof MusicboxError && error.code === 'writer.fenced',
      )
      await read(async (view) => {
        assert.equal((await view.published(day))?.generation, 7)
        assert.equal((await view.get('song_event_log', dayKey('A', day)))?.['plays'], 1)
        assert.equal(await view.get('song_event_log', dayKey('Z', day)), undefined)
      })
      await store.publish(publication(day, 7, { events: 2 }), songDay(day, { A: 2 }))
      assert.equal((await read((view) => view.published(day)))?.events, 2)
    })

    it('leaves the old publication when its rows fail half way', async () => {
      const day = '2026-02-04'
      await store.publish(publication(day, 1), songDay(day, { A: 1, B: 1 }))
      function* broken(): Generator<TableRow> {
        yield* songDay(day, { A: 50, New: 1 })
        throw new Error('the warehouse went away')
      }
      await assert.rejects(store.publish(publication(day, 2), broken()), /went away/)
      await read(async (view) => {
        assert.equal((await view.published(day))?.generation, 1)
        assert.equal((await view.get('song_event_log', dayKey('A', day)))?.['plays'], 1)
        assert.equal(await view.get('song_event_log', dayKey('New', day)), undefined)
      })
      await store.publish(publication(day, 2), songDay(day, { A: 51 }))
      assert.equal(await read((view) => view.get('song_event_log', dayKey('B', day))), undefined)
    })

    it('refuses two rows of one key in a publication', async () => {
      const row = { table: 'song_event_log', key: dayKey('A', '2026-02-05'), cells: { plays: 1 } } as const
      await assert.rejects(store.publish(publication('2026-02-05', 1), [row, row]), /twice/)
    })

    it('holds a snapshot over awaits while others publish', async () => {
      const day = '2026-02-06'
      await store.publish(publication(day, 1), songDay(day, { A: 1 }))
      await read(async (view) => {
        assert.equal((await view.published(day))?.generation, 1)
        await store.publish(publication(day, 2), songDay(day, { A: 2 }))
        await new Promise((resolve) => setTimeout(resolve, 20))
        assert.equal((await view.get('song_event_log', dayKey('A', day)))?.['plays'], 1)
        assert.equal((await view.published(day))?.generation, 1)
        // A snapshot that begins now sees the new publication, though the old one is still held.
        assert.equal(await read((now) => now.published(day)).then((found) => found?.generation), 2)
      })
    })

    it('never shows a mixture to readers that loop during 300 publications', async () => {
      const day = '2026-02-07'
      await store.publish(publication(day, 1, { events: total(1) }), songDay(day, songsOf(1)))
      const seen = await loopWhile(store, day, async () => {
        for (let generation = 2; generation <= 300; generation++) {
          await store.publish(
            publication(day, generation, { events: total(generation) }),
            songDay(day, songsOf(generation)),
          )
          await new Promise(setImmediate)
        }
      })
      assert.deepEqual(seen.mixed, [])
      assert.ok(seen.generations.size > 10, `expected readers to see many generations, got ${seen.generations.size}`)
    })

    it('would notice a mixture: a store that publishes in two steps fails the same check', async () => {
      const day = '2026-02-08'
      await store.publish(publication(day, 1, { events: total(1) }), songDay(day, songsOf(1)))
      const seen = await loopWhile(store, day, async () => {
        for (let generation = 2; generation <= 40; generation++) {
          await store.put(songDay(day, songsOf(generation)))
          // One turn or two, so that the readers do not fall into step with the gap.
          for (let turn = 0; turn <= generation % 2; turn++) await new Promise(setImmediate)
          await store.publish(
            publication(day, generation, { events: total(generation) }),
            songDay(day, songsOf(generation)),
          )
          await new Promise(setImmediate)
        }
      })
      assert.notDeepEqual(seen.mixed, [])
    })

    it('has everything after it is opened again', async () => {
      const day = '2026-02-09'
      await store.publish(publication(day, 1), songDay(day, { A: 1, B: 2 }))
      await store.close()
      store = await open()
      assert.equal((await read((view) => view.get('song_event_log', dayKey('B', day))))?.['plays'], 2)
      await store.publish(publication(day, 2), songDay(day, { A: 1 }))
      assert.equal(await read((view) => view.get('song_event_log', dayKey('B', day))), undefined)
    })
  })
}

function publication(scope: string, generation: number, more: Partial<Publication> = {}): Publication {
  return { scope, generation, hash: `h${generation}`, as_of_ms: 1000, complete: false, events: 0, ...more }
}

/** Song rows, and one artist row that holds their sum. */
function* songDay(day: string, plays: Record<string, number>): Generator<TableRow> {
  for (const [id, count] of Object.entries(plays)) {
    yield { table: 'song_event_log', key: dayKey(id, day), cells: { plays: count } }
  }
  const sum = Object.values(plays).reduce((all, count) => all + count, 0)
  yield { table: 'artist_event_log', key: dayKey('all', day), cells: { plays: sum } }
}

/** Songs come and go with the generation, so that stale rows would show in the sum. */
function songsOf(generation: number): Record<string, number> {
  const count = 5 + (generation % 7)
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`M${escapeId(String(at))}`, generation + at]))
}

function total(generation: number): number {
  return Object.values(songsOf(generation)).reduce((all, count) => all + count, 0)
}

interface Seen {
  mixed: string[]
  generations: Set<number>
}

/** Two readers check, again and again while `work` runs, that songs, artists and control row tell one total. */
async function loopWhile(store: TableStore, day: string, work: () => Promise<void>): Promise<Seen> {
  const seen: Seen = { mixed: [], generations: new Set() }
  let running = true
  const reader = async (): Promise<void> => {
    while (running) {
      await store.snapshot(async (view) => {
        const control = await view.published(day)
        await new Promise(setImmediate)
        const songs = await view.scan('song_event_log', { from: 'M', to: afterPrefix('M') })
        const sum = songs
          .filter((row) => row.key.endsWith(day.replaceAll('-', '')))
          .reduce((all, row) => all + Number(row.cells['plays']), 0)
        await new Promise(setImmediate)
        const artist = await view.get('artist_event_log', dayKey('all', day))
        seen.generations.add(control!.generation)
        if (sum !== control!.events || artist?.['plays'] !== control!.events) {
          seen.mixed.push(`control ${control!.events}, songs ${sum}, artist ${artist?.['plays']}`)
        }
      })
    }
  }
  const readers = [reader(), reader()]
  try {
    await work()
  } finally {
    running = false
  }
  await Promise.all(readers)
  return seen
}

function byUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
