import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { MusicboxError } from '../../../datasets/failure.ts'
import { afterPrefix, dayKey, topKey } from '../../../datasets/keys.ts'
import type { TableName, TableRow } from '../../../datasets/tables.ts'
import type { Publication, TableReader, TableStore } from '../../table-store.ts'
import type { ClusterConfig } from '../cluster-config.ts'
import { describeOnCluster } from '../test-cluster.suite.ts'
import { writeRows } from './batch.ts'
import { HbaseClient } from './hbase-client.ts'
import { HbaseError } from './hbase-error.ts'
import { HbaseTableStore, type HbaseTableStoreOptions, openHbaseTableStore } from './hbase-table-store.ts'
import { dropHbaseTables } from './make-tables.ts'
import { Master } from './master.ts'
import { scanPages } from './scan.ts'
import { REVISIONS_KEPT } from './table-layout.ts'
import { decodeNewest, encodeRow } from './table-row.ts'

const SONGS = 12
const WHOLE = { from: '', to: afterPrefix('') }

describeOnCluster('publishing on HBase', (cluster) => {
  let config: ClusterConfig
  let client: HbaseClient
  let master: Master
  let store: TableStore
  const opened: TableStore[] = []
  const open = async (options: HbaseTableStoreOptions = {}): Promise<TableStore> => {
    const another = await openHbaseTableStore(config, options)
    opened.push(another)
    return another
  }
  before(async () => {
    config = await cluster()
    client = new HbaseClient(config.hbase)
    master = new Master(config.hbase)
    store = await open()
  })
  after(async () => {
    for (const each of opened) await each.close()
    await client.close()
    await master.close()
    await dropHbaseTables(config)
  })

  /** Makes HBase write a table's rows to files, where it keeps no more versions than it must. */
  const flush = async (table: TableName, key: string): Promise<void> => {
    await master.moveRegion(await client.locate(`${config.namespace}:${table}`, Buffer.from(key)))
  }

  describe('with readers looping during 200 publications', () => {
    it('shows mixtures 0 times, over regions and tables, to readers of other processes’ publications', async () => {
      const day = '2026-03-01'
      await store.publish(publication(day, 1), songDay(day, 1))
      const readers = await Promise.all([open({ readOnly: true }), open({ readOnly: true })])
      const seen = await loopWhile(
        readers.map((reader) => () => reader.snapshot((view) => look(view, day))),
        () => publishAll(store, day, 2, 200),
      )
      assert.deepEqual(seen.mixed, [])
      assert.ok(seen.generations.size > 10, `expected readers to see many generations, got ${seen.generations.size}`)
    })

    it('would show mixtures, were the newest cells taken and not those that the control row names', async () => {
      const day = '2026-03-02'
      await store.publish(publication(day, 1), songDay(day, 1))
      const newest: Pick<TableReader, 'get' | 'published'> = {
        async get(table, key) {
          const cells = await client.get(`${config.namespace}:${table}`, Buffer.from(key))
          return cells && decodeNewest(cells)
        },
        published: (scope) => store.snapshot((view) => view.published(scope)),
      }
      const seen = await loopWhile([() => look(newest, day)], () => publishAll(store, day, 2, 40))
      assert.notDeepEqual(seen.mixed, [])
    })
  })

  it('lets two publishers of one scope and one generation both end, each with its rows whole or fenced', async () => {
    const day = '2026-03-03'
    const other = await open()
    await store.publish(publication(day, 1), songDay(day, 1))
    const outcomes: string[] = []
    const publish = async (by: TableStore, name: string): Promise<void> => {
      for (let round = 0; round < 15; round++) {
        try {
          await by.publish(publication(day, 1, name), songDay(day, 1, name))
          outcomes.push('published')
        } catch (error) {
          if (!(error instanceof MusicboxError) || error.code !== 'writer.fenced') throw error
          outcomes.push('fenced')
        }
      }
    }
    const seen = await loopWhile([() => store.snapshot((view) => look(view, day))], () =>
      Promise.all([publish(store, 'one'), publish(other, 'two')]),
    )
    assert.deepEqual(seen.mixed, [])
    assert.ok(outcomes.includes('published'), outcomes.join())
    // What is there at the end is one publisher's as a whole.
    const { hash } = await store.snapshot(async (view) => (await view.published(day))!)
    const rows = await store.snapshot((view) => view.scan('song_event_log', WHOLE))
    const ofDay = rows.filter(({ key }) => key.endsWith('20260303'))
    assert.equal(ofDay.length, SONGS)
    assert.deepEqual([...new Set(ofDay.map(({ cells }) => cells['by']))], [hash])
  })

  it('lets publishers of different scopes at once all succeed', async () => {
    const stores = await Promise.all([open(), open(), open()])
    const days = Array.from({ length: 12 }, (_, at) => `2026-04-${String(at + 1).padStart(2, '0')}`)
    await Promise.all(days.map((day, at) => stores[at % 3]!.publish(publication(day, 1), songDay(day, 1))))
    const found = await store.snapshot((view) => view.publications())
    assert.deepEqual(
      days.filter((day) => !found.some(({ scope }) => scope === day)),
      [],
    )
  })

  it('refuses an older night that wakes up late, and nobody sees what it wrote', async () => {
    const day = '2026-03-04'
    const slow = await open({ publishRows: 2 })
    await store.publish(publication(day, 5), songDay(day, 5))
    const newer = (): Promise<void> => store.publish(publication(day, 7), songDay(day, 7))
    await assert.rejects(slow.publish(publication(day, 6), whileBusy(songDay(day, 6), newer)), fenced)
    assert.deepEqual(await store.snapshot((view) => look(view, day)), { generation: 7 })
  })

  it('shows nothing of a publisher that was killed in the middle, and lets the next one through', async () => {
    const day = '2026-03-05'
    await store.publish(publication(day, 1), songDay(day, 1))
    assert.equal(await publishAndDie(config, day), 'SIGKILL')
    const name = `${config.namespace}:song_event_log`
    const left = await client.get(name, Buffer.from(dayKey('TRA0', day)))
    assert.equal(decodeNewest(left!)?.['plays'], 666, 'expected the dead publisher to have left rows')
    assert.deepEqual(await store.snapshot((view) => look(view, day)), { generation: 1 })
    await store.publish(publication(day, 2), songDay(day, 2))
    assert.deepEqual(await store.snapshot((view) => look(view, day)), { generation: 2 })
  })

  it('keeps what is published, however many publishers in a row fail', async () => {
    const day = '2026-03-06'
    const failing = await open({ publishRows: 5 })
    await store.publish(publication(day, 1), songDay(day, 1))
    for (let failed = 0; failed < REVISIONS_KEPT + 2; failed++) {
      await assert.rejects(failing.publish(publication(day, 2), brokenDay(day)), /went away/)
    }
    await flush('song_event_log', dayKey('TRA0', day))
    assert.deepEqual(await store.snapshot((view) => look(view, day)), { generation: 1 })
    await store.publish(publication(day, 2), songDay(day, 2))
    assert.deepEqual(await store.snapshot((view) => look(view, day)), { generation: 2 })
  })

  it('fences a publisher that is slow, not dead, when its rows were removed as leftovers', async () => {
    const day = '2026-03-12'
    const slow = await open({ publishRows: 2 })
    await store.publish(publication(day, 1), songDay(day, 1))
    const failing = async (): Promise<void> => {
      for (let failed = 0; failed < REVISIONS_KEPT; failed++) {
        await assert.rejects(store.publish(publication(day, 2), brokenDay(day)), /went away/)
      }
    }
    await assert.rejects(slow.publish(publication(day, 2), whileBusy(songDay(day, 2), failing)), fenced)
    assert.deepEqual(await store.snapshot((view) => look(view, day)), { generation: 1 })
  })

  it('would lose it, were their leftovers not removed', async () => {
    const day = '2026-03-07'
    const key = dayKey('TRA0', day)
    await store.publish(publication(day, 1), songDay(day, 1))
    const { generation } = await store.snapshot((view) => look(view, day))
    assert.equal(generation, 1)
    for (let failed = 1; failed <= REVISIONS_KEPT; failed++) {
      await writeRows(client, `${config.namespace}:song_event_log`, [encodeRow(key, { plays: 0, by: '' }, 1 + failed)])
    }
    await flush('song_event_log', key)
    assert.equal(await store.snapshot((view) => view.get('song_event_log', key)), undefined)
  })

  it('fails loudly when a snapshot was overtaken so often that its rows may be gone', async () => {
    const day = '2026-03-08'
    await store.publish(publication(day, 1), songDay(day, 1))
    const overtaken = (times: number): Promise<unknown> =>
      store.snapshot(async (view) => {
        const before = await look(view, day)
        for (let again = 0; again < times; again++) {
          await store.publish(publication(day, 1 + again), songDay(day, 1 + again))
        }
        assert.deepEqual(before.mixed, undefined)
        return await view.get('song_event_log', dayKey('TRA0', day))
      })
    assert.notEqual(await overtaken(REVISIONS_KEPT - 1), undefined)
    await store.publish(publication(day, 50), songDay(day, 50))
    await assert.rejects(
      store.snapshot(async (view) => {
        await look(view, day)
        await publishAll(store, day, 51, 50 + REVISIONS_KEPT)
        await flush('song_event_log', dayKey('TRA0', day))
        return await view.get('song_event_log', dayKey('TRA0', day))
      }),
      (error: unknown) => error instanceof MusicboxError && /ask again/.test(error.hint),
    )
  })

  it('counts an answer that got lost as what it was, and does nothing twice', async () => {
    const day = '2026-03-09'
    let lost = 0
    /** Every other increment and check-and-put is carried out, or is not, and its answer lost either way. */
    const lossy: HbaseClient = new Proxy(client, {
      get(target, name) {
        const own = Reflect.get(target, name, target) as unknown
        if (typeof own !== 'function') return own
        const real = own.bind(target) as (...args: unknown[]) => Promise<unknown>
        if (name !== 'increment' && name !== 'checkAndPut') return real
        return async (...args: unknown[]) => {
          lost++
          if (lost % 4 === 0) return real(...args)
          if (lost % 4 !== 1) await real(...args)
          throw new HbaseError('unanswered', 'the answer was lost')
        }
      },
    })
    const unsure = new HbaseTableStore(lossy, config.namespace, {})
    for (let generation = 1; generation <= 10; generation++) {
      await unsure.publish(publication(day, generation), songDay(day, generation))
      assert.deepEqual(await store.snapshot((view) => look(view, day)), { generation })
    }
    assert.ok(lost > 20)
  })

  it('sweeps top lists of earlier days away, one publication late, and fails a reader that still needed them', async () => {
    const list = { kind: 'songs', by: 'plays', period: 'total' }
    const publish = (generation: number): Promise<void> => {
      const asOf = `2026-05-0${generation}`
      const rows = Array.from({ length: 10 }, (_, at): TableRow => {
        return { table: 'top_log', key: topKey(list, asOf, at + 1), cells: { id: `TR${at}`, value: generation } }
      })
      return store.publish(publication('periods', generation), rows)
    }
    const stored = async (): Promise<number> => {
      let count = 0
      const all = { from: Buffer.alloc(0), to: Buffer.alloc(0) }
      for await (const page of scanPages(client, `${config.namespace}:top_log`, all)) count += page.length
      return count
    }
    const scan = (view: TableReader): Promise<unknown> => view.scan('top_log', WHOLE)
    await publish(1)
    const first = await store.snapshot(async (view) => {
      await publish(2)
      return scan(view)
    })
    assert.equal((first as unknown[]).length, 10)
    await assert.rejects(
      store.snapshot(async (view) => {
        await publish(3)
        await publish(4)
        return scan(view)
      }),
      (error: unknown) => error instanceof MusicboxError && /ask again/.test(error.hint),
    )
    assert.equal(await stored(), 20)
    assert.equal(((await store.snapshot(scan)) as unknown[]).length, 10)
  })

  it('takes the last of two look-up rows with one key, whichever cells they have', async () => {
    const row = (cells: TableRow['cells']): TableRow => ({ table: 'song_info', key: 'TR1', cells })
    await store.put([row({ a: 1, b: 1 }), row({ b: 2 })])
    assert.deepEqual(await store.snapshot((view) => view.get('song_info', 'TR1')), { b: 2 })
    await store.put([row({ c: 3 })])
    assert.deepEqual(await store.snapshot((view) => view.get('song_info', 'TR1')), { c: 3 })
    await store.put([row({})])
    assert.deepEqual(await store.snapshot((view) => view.get('song_info', 'TR1')), {})
  })

  it('shows a put that resolved, whichever store wrote before and whatever its clock said', async (t) => {
    const clock = t.mock.method(Date, 'now', () => Date.UTC(2090, 1))
    const ahead = await open()
    await ahead.put([{ table: 'song_info', key: 'TR2', cells: { title: 'ahead' } }])
    clock.mock.mockImplementation(() => Date.UTC(2020, 1))
    const behind = await open()
    await behind.put([{ table: 'song_info', key: 'TR2', cells: { title: 'behind' } }])
    assert.deepEqual(await ahead.snapshot((view) => view.get('song_info', 'TR2')), { title: 'behind' })
    await ahead.put([{ table: 'song_info', key: 'TR2', cells: { title: 'again' } }])
    assert.deepEqual(await behind.snapshot((view) => view.get('song_info', 'TR2')), { title: 'again' })
  })

  it('reads look-up rows of earlier releases, which have times of a clock, and replaces them', async () => {
    const get = (): Promise<unknown> => store.snapshot((view) => view.get('song_info', 'TR3'))
    await writeRows(client, `${config.namespace}:song_info`, [encodeRow('TR3', { title: 'old', year: 1 }, Date.now())])
    assert.deepEqual(await get(), { title: 'old', year: 1 })
    await store.put([{ table: 'song_info', key: 'TR3', cells: { title: 'new' } }])
    assert.deepEqual(await get(), { title: 'new' })
  })

  it('opens read-only what is there, refuses to write to it, and says when nothing is', async () => {
    const code = (expected: string) => (error: unknown) => error instanceof MusicboxError && error.code === expected
    const nowhere = { ...config, namespace: `${config.namespace}_none` }
    await assert.rejects(openHbaseTableStore(nowhere, { readOnly: true }), code('not.found'))
    const reader = await open({ readOnly: true })
    await assert.rejects(reader.put([]), code('backend.unreachable'))
    await assert.rejects(reader.publish(publication('2026-01-01', 1), []), code('backend.unreachable'))
    await reader.close()
    await assert.rejects(
      reader.snapshot((view) => view.get('song_info', 'TR1')),
      code('backend.unreachable'),
    )
  })

  it('refuses what no reader could find', async () => {
    const day = '2026-03-10'
    const stray = { table: 'song_event_log', key: dayKey('TR1', '2026-03-11'), cells: { plays: 1 } } as const
    await assert.rejects(store.publish(publication(day, 1), [stray]), /expected a row of 2026-03-10/)
    await assert.rejects(store.put([{ ...stray, key: dayKey('TR1', '1999-01-01') }]), /expected a row of a publication/)
    await assert.rejects(store.put([{ table: '_published', key: 'a', cells: {} }]), /expected a row of one of/)
    await assert.rejects(store.put([{ table: 'song_info', key: '', cells: {} }]), /expected a row key/)
  })
})

function publication(scope: string, generation: number, hash = `h${generation}`): Publication {
  return { scope, generation, hash, as_of_ms: 1000, complete: false, events: generation * SONGS }
}

/** Song rows in all regions of their table, each with the generation's plays, and one artist row with their sum. */
function* songDay(day: string, generation: number, by = `h${generation}`): Generator<TableRow> {
  for (let at = 0; at < SONGS; at++) {
    yield { table: 'song_event_log', key: dayKey(songId(at), day), cells: { plays: generation, by } }
  }
  yield { table: 'artist_event_log', key: dayKey('all', day), cells: { plays: generation * SONGS, by } }
}

function* brokenDay(day: string): Generator<TableRow> {
  yield* [...songDay(day, 2)].slice(0, -1)
  throw new Error('the warehouse went away')
}

/** The rows of a day, and more of them until `others`, who begin when the day's rows are written, are done. */
function* whileBusy(rows: Generator<TableRow>, others: () => Promise<void>): Generator<TableRow> {
  const own = [...rows]
  yield* own
  let busy = true
  others().finally(() => {
    busy = false
  })
  for (let at = 0; busy; at++) {
    const key = own[0]!.key.replace('TR', `TRMORE${at}`)
    yield { table: 'song_event_log', key, cells: own[0]!.cells }
  }
}

function songId(at: number): string {
  return `TR${String.fromCharCode(65 + ((at * 7) % 26))}${at}`
}

interface Look {
  generation: number
  /** What did not fit together. */
  mixed?: string
}

/** Whether all that can be read of a day is of one generation. */
async function look(view: Pick<TableReader, 'get' | 'published'>, day: string): Promise<Look> {
  const { generation, events } = (await view.published(day))!
  await sleep(1)
  const artist = (await view.get('artist_event_log', dayKey('all', day)))?.['plays']
  const keys = Array.from({ length: SONGS }, (_, at) => dayKey(songId(at), day))
  const songs = await Promise.all(keys.map((key) => view.get('song_event_log', key)))
  const plays = [...new Set(songs.map((song) => song?.['plays']))]
  const mixed = artist !== events || plays.length !== 1 || plays[0] !== generation
  return { generation, ...(mixed && { mixed: `generation ${generation}, songs ${plays}, artist ${artist}` }) }
}

/** Looks with each reader, again and again while `work` runs. */
async function loopWhile(
  readers: (() => Promise<Look>)[],
  work: () => Promise<unknown>,
): Promise<{ mixed: string[]; generations: Set<number> }> {
  const seen = { mixed: [] as string[], generations: new Set<number>() }
  let running = true
  const loops = readers.map(async (read) => {
    while (running) {
      const { generation, mixed } = await read()
      seen.generations.add(generation)
      if (mixed) seen.mixed.push(mixed)
    }
  })
  try {
    await work()
  } finally {
    running = false
    await Promise.all(loops)
  }
  return seen
}

async function publishAll(store: TableStore, day: string, first: number, last: number): Promise<void> {
  for (let generation = first; generation <= last; generation++) {
    await store.publish(publication(day, generation), songDay(day, generation))
  }
}

function fenced(error: unknown): boolean {
  return error instanceof MusicboxError && error.code === 'writer.fenced'
}

/** Publishes from another process, which kills itself when half of the rows are written. */
async function publishAndDie(config: ClusterConfig, day: string): Promise<unknown> {
  const source = `
    import { openHbaseTableStore } from ${JSON.stringify(new URL('./hbase-table-store.ts', import.meta.url).href)}
    const store = await openHbaseTableStore(${JSON.stringify(config)}, { publishRows: 5 })
    function* rows() {
      for (let at = 0; at < ${SONGS}; at++) {
        const id = 'TR' + String.fromCharCode(65 + ((at * 7) % 26)) + at
        yield { table: 'song_event_log', key: id + '_${day.replaceAll('-', '')}', cells: { plays: 666, by: 'the dead' } }
        if (at === ${SONGS / 2}) process.kill(process.pid, 'SIGKILL')
      }
    }
    await store.publish({ scope: '${day}', generation: 9, hash: '', as_of_ms: 0, complete: true, events: 0 }, rows())`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'inherit' })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return signal ?? code
}
