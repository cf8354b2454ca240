/** A small way from log to report, in a folder of its own, for tests of what runs along it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoreChoice } from '../datasets/command.ts'
import type { Day } from '../datasets/day.ts'
import { dayStartMs } from '../datasets/day.ts'
import { EVENT_KINDS, type StoredEvent } from '../datasets/event.ts'
import type { Artist, Song, User } from '../datasets/music.ts'
import { sfc32 } from '../datasets/random.ts'
import { type Backend, openBackend } from './backend.ts'
import { collect } from './collector.ts'
import type { EventLog } from './event-log.ts'
import { lookupRows } from './lookup.ts'
import { type NightOptions, type NightResult, runNight } from './night-job.ts'
import type { RawStore } from './raw-store.ts'
import type { TableStore } from './table-store.ts'
import type { Warehouse } from './warehouse.ts'

export interface Way {
  folder: string
  backend: Backend
  log: EventLog
  raw: RawStore
  warehouse: Warehouse
  tables: TableStore
  /** Appends events, and collects them at an instant at which all of their days are over. */
  feed(events: readonly StoredEvent[], maxBatchEvents?: number): Promise<void>
  night(options?: Partial<NightOptions>): Promise<NightResult>
  close(): Promise<void>
}

/** After every event that {@link someEvents} makes. */
export const LATER_MS = Date.parse('2026-12-01T00:00:00Z')
export const THROUGH: Day = '2026-11-30'

/** @param stores default: the embedded ones */
export async function openWay(stores: Omit<StoreChoice, 'data'> = {}): Promise<Way> {
  const folder = await mkdtemp(join(tmpdir(), 'musicbox-way-'))
  const backend = openBackend({ ...stores, data: folder })
  const [log, raw] = [await backend.log(), await backend.raw()]
  const [warehouse, tables] = [await backend.warehouse(), await backend.tables()]
  const catalogue = { songs: SONGS, artists: ARTISTS, users: USERS }
  await tables.put(lookupRows(catalogue))
  await warehouse.setDimensions(catalogue)
  return {
    folder,
    backend,
    log,
    raw,
    warehouse,
    tables,
    feed: async (events, maxBatchEvents = 10_000) => {
      await log.append(events.map((event) => ({ eid: event.eid, key: event.uid, line: JSON.stringify(event) })))
      await collect({ log, raw, clock: () => LATER_MS, maxBatchEvents })
    },
    night: (options = {}) => runNight({ raw, warehouse, tables }, { through: THROUGH, ...options }),
    close: async () => {
      await backend.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Events in four hours of each day, the same for the same arguments. */
export function someEvents(days: readonly Day[], perDay: number, series = 0): StoredEvent[] {
  return days.flatMap((day) => {
    const draws = sfc32([dayStartMs(day) / 86_400_000, series, 7, 7])
    return Array.from({ length: perDay }, (_, at): StoredEvent => {
      const ts = dayStartMs(day) + (at % 4) * 7 * 3_600_000 + at * 1000
      const event = draws.below(4) === 0 ? EVENT_KINDS[draws.below(EVENT_KINDS.length)]! : 'play'
      return {
        eid: [draws.u32(), draws.u32(), draws.u32(), draws.u32()].map((u) => u.toString(16).padStart(8, '0')).join(''),
        ts,
        uid: `user-${draws.below(30)}`,
        session: `s${at}`,
        event,
        ...(event !== 'login' && { songid: `TR${draws.below(60)}` }),
        ...(event === 'rate' && { stars: 1 + draws.below(10) }),
        ...(event === 'tag' && { tags: ['x'] }),
        ...(event === 'comment' && { text: 'so' }),
        received_ms: ts + 5,
      }
    })
  })
}

const SONGS = Array.from({ length: 50 }, (_, at): Song => {
  const [artist, album] = [at % 9, at % 20]
  const names = {
    title: `Song ${at}`,
    artist_name: `Artist ${artist}`,
    release: `Album ${album}`,
    genre: `g${artist % 3}`,
  }
  const ids = { track_id: `TR${at}`, song_id: `SO${at}`, artist_id: `AR${artist}`, album_id: `AL${album}` }
  return { ...ids, ...names, year: 2000, duration_ms: 2e5, tempo: 100, key: 0, energy: 0.5, song_hotttnesss: 0.5 }
})

const ARTISTS = Array.from({ length: 9 }, (_, at): Artist => {
  const artist = { artist_id: `AR${at}`, artist_name: `Artist ${at}`, familiarity: 0.5, hotttnesss: 0.5 }
  return { ...artist, latitude: 0, longitude: 0, location: '', terms: [{ term: 'g', weight: 1 }], similar: [] }
})

const USERS = Array.from({ length: 28 }, (_, at): User => {
  const user = { uid: `user-${at}`, fname: 'A', lname: 'B', email: '', created: '2020-01-01', last_login: '' }
  return { ...user, zip: `${10_000 + at * 500}`, birth: '', gender: '', active: true, ip4: '' }
})
