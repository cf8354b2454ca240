import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { WireEvent } from '../datasets/event.ts'
import type { Cells } from '../datasets/tables.ts'
import { cachedArtistOf } from './artist-lookup.ts'
import { openLmdbEventLog } from './embedded/lmdb-event-log.ts'
import type { EventLog } from './event-log.ts'
import { ingest } from './ingest.ts'
import type { TableReader, TableStore } from './table-store.ts'

describe('ingest', () => {
  let folder: string
  let log: EventLog

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musicbox-ingest-'))
    log = await openLmdbEventLog(folder, { partitionCount: 1 })
  })
  after(async () => {
    await log.close()
    await rm(folder, { recursive: true })
  })

  it('stores each event as one line with its reception and its artist, once', async () => {
    const events = [play(1, 'TR1'), play(2, 'TR-unknown'), login(3), play(1, 'TR1')]
    for (const late of [false, true]) {
      const artistOf = (songid: string) => {
        const artist = songid === 'TR1' ? 'AR1' : undefined
        return late ? Promise.resolve(artist) : artist
      }
      const outcomes = await ingest(events, { log, artistOf, receivedMs: ({ ts }) => ts + 5 })
      assert.deepEqual(
        outcomes.map(({ state }) => state),
        late ? ['duplicate', 'duplicate', 'duplicate', 'duplicate'] : ['stored', 'stored', 'stored', 'duplicate'],
      )
    }
    assert.deepEqual(
      (await log.read(0, 0, 10)).map(({ line }) => line),
      [
        `{"eid":"${idOf(1)}","ts":1000,"uid":"u","session":"s","event":"play","songid":"TR1","artistid":"AR1","received_ms":1005}`,
        `{"eid":"${idOf(2)}","ts":1000,"uid":"u","session":"s","event":"play","songid":"TR-unknown","received_ms":1005}`,
        `{"eid":"${idOf(3)}","ts":1000,"uid":"u","session":"s","event":"login","received_ms":1005}`,
      ],
    )
  })
})

describe('a cached artist look-up', () => {
  it('reads each song once, unknown ones too, also when many ask at once', async () => {
    const { tables, reads } = tablesOf({ TR1: { artist_id: 'AR1' }, TR2: { artist_id: '' } })
    const artistOf = cachedArtistOf(tables)
    assert.deepEqual(await Promise.all(['TR1', 'TR1', 'TR2', 'TR9'].map(artistOf)), [
      'AR1',
      'AR1',
      undefined,
      undefined,
    ])
    assert.equal(artistOf('TR1'), 'AR1')
    assert.equal(artistOf('TR9'), undefined)
    assert.deepEqual(reads, ['TR1', 'TR2', 'TR9'])
  })

  it('holds no more than it may', async () => {
    const { tables, reads } = tablesOf({ TR1: { artist_id: 'AR1' } })
    const artistOf = cachedArtistOf(tables, 2)
    for (const songid of ['TR1', 'a', 'b', 'b', 'TR1']) await artistOf(songid)
    assert.deepEqual(reads, ['TR1', 'a', 'b', 'TR1'])
  })

  it('asks again after a read that failed', async () => {
    const { tables } = tablesOf({ TR1: { artist_id: 'AR1' } })
    const { snapshot } = tables
    tables.snapshot = () => Promise.reject(new Error('away'))
    const artistOf = cachedArtistOf(tables)
    await assert.rejects(async () => artistOf('TR1'), /away/)
    tables.snapshot = snapshot
    assert.equal(await artistOf('TR1'), 'AR1')
  })

  it('finds ids that are escaped in keys', async () => {
    const { tables } = tablesOf({ 'a%5Fb': { artist_id: 'AR1' } })
    assert.equal(await cachedArtistOf(tables)('a_b'), 'AR1')
  })
})

function tablesOf(songs: Record<string, Cells>): { tables: TableStore; reads: string[] } {
  const reads: string[] = []
  const view = {
    get: async (_: string, key: string) => {
      reads.push(key)
      return songs[key]
    },
  } as unknown as TableReader
  const tables = { snapshot: <T>(read: (view: TableReader) => Promise<T>) => read(view) } as TableStore
  return { tables, reads }
}

function idOf(at: number): string {
  return String(at).padStart(32, '0')
}

function play(at: number, songid: string): WireEvent {
  return { eid: idOf(at), ts: 1000, uid: 'u', session: 's', event: 'play', songid }
}

function login(at: number): WireEvent {
  return { eid: idOf(at), ts: 1000, uid: 'u', session: 's', event: 'login' }
}
