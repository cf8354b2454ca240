/** The report API over tables as a night leaves them: three days, of which the second is missing. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { dayKey, periodKey, topKey } from '../../datasets/keys.ts'
import type { Artist, Song } from '../../datasets/music.ts'
import { MEASURES, type Measure, type TableRow } from '../../datasets/tables.ts'
import { createMetrics } from '../../observability/metrics.ts'
import { openLmdbTableStore } from '../../pipeline/embedded/lmdb-table-store.ts'
import { lookupRows } from '../../pipeline/lookup.ts'
import type { TableStore } from '../../pipeline/table-store.ts'
import type { Application } from '../http/application.ts'
import { contractOf } from '../http/contract.ts'
import { newServerState } from '../http/guard.ts'
import { HTTP_LIMITS } from '../http/limits.ts'
import type { DayReport, Publications } from './day-report.ts'
import type { EntityReport } from './entity-report.ts'
import { reportApplication } from './server.ts'
import type { TopReport } from './top-report.ts'

const SONG: Song = {
  track_id: 'TRAAAAA0000000000A',
  song_id: 'SOAAAAA0000000000A',
  title: '=Sum of Parts',
  artist_id: 'ARAAAAA0000000000A',
  artist_name: 'The "Quoted", Band',
  album_id: 'ALAAAAA0000000000A',
  release: 'First',
  genre: 'folk',
  year: 2001,
  duration_ms: 200_000,
  tempo: 100,
  key: 3,
  energy: 0.4,
  song_hotttnesss: 0.3,
}
const ARTIST: Artist = {
  artist_id: SONG.artist_id,
  artist_name: SONG.artist_name,
  familiarity: 0.5,
  hotttnesss: 0.5,
  latitude: 0,
  longitude: 0,
  location: 'Nowhere',
  terms: [{ term: 'folk', weight: 1 }],
  similar: [],
}
const QUIET: Song = { ...SONG, track_id: 'TRQUIET000000000AA', title: 'Silence' }
const STRANGER = 'some_song %1'
const AS_OF_MS = Date.parse('2026-03-04T00:15:00.000Z')
const BIG = 2n ** 64n - 1n

const counts = (some: Partial<Record<Measure, number>>): Record<Measure, number> => ({
  ...(Object.fromEntries(MEASURES.map((name) => [name, 0])) as Record<Measure, number>),
  ...some,
})

function dayRows(day: string, plays: number): TableRow[] {
  const cells = counts({ plays, listeners: 2, tup: 1 })
  const hours = ['00', '23'].map((hour) => ({
    table: 'hour_event_log' as const,
    key: dayKey(hour, day),
    cells: { ...cells, events: plays + 1, logins: 1, searches: 0, exits: 0, checksum: String(BIG) },
  }))
  return [
    { table: 'song_event_log', key: dayKey(SONG.track_id, day), cells },
    { table: 'song_event_log', key: dayKey(STRANGER, day), cells: counts({ plays: 1, listeners: 1 }) },
    { table: 'artist_event_log', key: dayKey(SONG.artist_id, day), cells },
    { table: 'album_event_log', key: dayKey(SONG.album_id, day), cells },
    ...hours,
  ]
}

describe('the report API', () => {
  let folder: string
  let tables: TableStore
  let app: Application
  let check: ReturnType<typeof contractOf>
  let now_ms = Date.parse('2026-03-04T12:00:00.000Z')
  let snapshots = 0

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musicbox-reports-'))
    tables = await openLmdbTableStore(folder)
    await tables.put(lookupRows({ songs: [SONG, QUIET], artists: [ARTIST], users: [] }))
    const counted: TableStore = {
      snapshot: (read) => {
        snapshots++
        return tables.snapshot(read)
      },
      put: (rows) => tables.put(rows),
      publish: (publication, rows) => tables.publish(publication, rows),
      close: () => tables.close(),
    }
    app = reportApplication({
      tables: counted,
      clock: () => now_ms,
      state: newServerState(),
      limits: HTTP_LIMITS,
      metrics: createMetrics('test'),
      loopDelay_ms: () => 0,
      onFault: (error) => assert.fail(error as Error),
    })
    check = contractOf((await (await app.request('/openapi.json')).json()) as never)
  })
  after(async () => {
    await tables.close()
    await rm(folder, { recursive: true })
  })

  async function ask(path: string, headers: Record<string, string> = {}) {
    const response = await app.request(path, { headers })
    const body = await response.text()
    check({
      method: 'GET',
      path: path.split('?')[0]!,
      status: response.status,
      type: response.headers.get('content-type'),
      body,
    })
    return { status: response.status, headers: response.headers, body }
  }
  const json = async <T>(path: string): Promise<T> => JSON.parse((await ask(path)).body) as T

  it('answers before anything is published: zeros, and that they are not complete', async () => {
    const report = await json<EntityReport>(`/v1/reports/songs/${SONG.track_id}?period=last-7-days`)
    assert.deepEqual([report.meta.from, report.meta.to, report.meta.as_of], ['2026-02-25', '2026-03-03', null])
    assert.deepEqual([report.meta.complete, report.meta.days_published, report.meta.days_expected], [false, 0, 7])
    assert.equal(report.totals.plays, 0)
    assert.deepEqual(await json<Publications>('/v1/reports/days'), { first: null, last: null, publications: [] })
  })

  it('answers after a night', async () => {
    for (const [day, plays] of [
      ['2026-03-01', 5],
      ['2026-03-03', 7],
    ] as const) {
      const publication = {
        scope: day,
        generation: 4,
        hash: `h-${day}`,
        as_of_ms: AS_OF_MS - 1000,
        complete: true,
        events: 2 * (plays + 1),
      }
      await tables.publish(publication, dayRows(day, plays))
    }
    const list = (by: string, period: string) => ({ kind: 'songs', by, period })
    await tables.publish(
      { scope: 'periods', generation: 4, hash: 'p', as_of_ms: AS_OF_MS, complete: false, events: 20 },
      [
        {
          table: 'period_log',
          key: periodKey('songs', SONG.track_id, 'last-7-days'),
          cells: counts({ plays: 12, listeners: 3, tup: 2 }),
        },
        {
          table: 'top_log',
          key: topKey(list('plays', 'total'), '2026-03-03', 1),
          cells: {
            id: SONG.track_id,
            name: SONG.title,
            artist_name: SONG.artist_name,
            value: 12,
            previous: 20,
            change: -8,
          },
        },
        {
          table: 'top_log',
          key: topKey(list('plays', 'total'), '2026-03-03', 2),
          cells: { id: STRANGER, name: STRANGER, artist_name: 'UNKNOWN', value: 2, previous: 0, change: 2 },
        },
      ],
    )
    snapshots = 0
    const report = await json<EntityReport>(`/v1/reports/songs/${SONG.track_id}?period=last-7-days`)
    assert.equal(snapshots, 1, 'all reads of an answer go through one view')
    assert.deepEqual([report.name, report.artist_name, report.known], [SONG.title, SONG.artist_name, true])
    assert.deepEqual([report.totals.plays, report.totals.listeners], [12, 3])
    assert.deepEqual(
      report.series.map(({ day, published, plays }) => [day, published, plays]),
      [
        ['2026-02-25', false, 0],
        ['2026-02-26', false, 0],
        ['2026-02-27', false, 0],
        ['2026-02-28', false, 0],
        ['2026-03-01', true, 5],
        ['2026-03-02', false, 0],
        ['2026-03-03', true, 7],
      ],
    )
    assert.equal(report.meta.as_of, '2026-03-04T00:15:00.000Z')
    assert.deepEqual([report.meta.complete, report.meta.days_published, report.meta.days_expected], [false, 2, 7])
  })

  it('ends named periods at the last published day, however late the clock is', async () => {
    now_ms += 30 * 86_400_000
    const { meta } = await json<EntityReport>(`/v1/reports/songs/${SONG.track_id}?period=yesterday`)
    assert.deepEqual([meta.from, meta.to, meta.complete], ['2026-03-03', '2026-03-03', true])
    const total = await json<EntityReport>(`/v1/reports/songs/${SONG.track_id}?period=total`)
    assert.deepEqual([total.meta.from, total.meta.days_expected, total.meta.complete], ['2026-03-01', 3, false])
    assert.equal((await json<EntityReport>(`/v1/reports/songs/${SONG.track_id}`)).meta.period, 'last-28-days')
    const today = await json<EntityReport>(`/v1/reports/songs/${SONG.track_id}?period=today`)
    assert.deepEqual([today.meta.from, today.meta.complete, today.series.length], ['2026-03-04', false, 1])
  })

  it('adds up a range of its own, but never its listeners', async () => {
    const report = await json<EntityReport>(`/v1/reports/songs/${SONG.track_id}?from=2026-03-01&to=2026-03-03`)
    assert.deepEqual([report.meta.period, report.totals.plays, report.totals.listeners], ['custom', 12, null])
    assert.match(report.note!, /days do not add up/)
    const oneDay = await json<EntityReport>(`/v1/reports/songs/${SONG.track_id}?from=2026-03-03&to=2026-03-03`)
    assert.deepEqual([oneDay.totals.plays, oneDay.totals.listeners, oneDay.note], [7, 2, undefined])
  })

  it('reports artists and albums, and a song that only events know', async () => {
    const artist = await json<EntityReport>(`/v1/reports/artists/${SONG.artist_id}?from=2026-03-01&to=2026-03-03`)
    assert.deepEqual([artist.name, artist.totals.plays], [SONG.artist_name, 12])
    const album = await json<EntityReport>(`/v1/reports/albums/${SONG.album_id}?from=2026-03-01&to=2026-03-03`)
    assert.deepEqual([album.name, album.totals.plays], ['First', 12])
    const stranger = await json<EntityReport>(
      `/v1/reports/songs/${encodeURIComponent(STRANGER)}?from=2026-03-01&to=2026-03-03`,
    )
    assert.deepEqual([stranger.known, stranger.name, stranger.totals.plays], [false, STRANGER, 2])
    const quiet = await json<EntityReport>(`/v1/reports/songs/${QUIET.track_id}?from=2026-03-01&to=2026-03-03`)
    assert.deepEqual([quiet.known, quiet.totals.plays], [true, 0])
    assert.equal((await ask('/v1/reports/songs/TRNOBODY')).status, 404)
    // A prefix of an id with data is another id.
    assert.equal((await ask('/v1/reports/songs/some')).status, 404)
  })

  it('gives top lists in order, as many as asked for', async () => {
    const report = await json<TopReport>('/v1/reports/top/songs?period=total')
    assert.deepEqual(
      report.rows.map(({ rank, id, value, previous, change }) => [rank, id, value, previous, change]),
      [
        [1, SONG.track_id, 12, 20, -8],
        [2, STRANGER, 2, 0, 2],
      ],
    )
    assert.equal((await json<TopReport>('/v1/reports/top/songs?period=total&limit=1')).rows.length, 1)
    assert.deepEqual((await json<TopReport>('/v1/reports/top/albums?period=total&by=rising')).rows, [])
  })

  it('shows a day hour by hour, and sums checksums modulo 2^64', async () => {
    const report = await json<DayReport>('/v1/reports/days/2026-03-03')
    assert.equal(report.hours.length, 24)
    assert.deepEqual([report.hours[0]!.plays, report.hours[1]!.plays, report.hours[23]!.events], [7, 0, 8])
    assert.deepEqual([report.totals.plays, report.totals.events, report.totals.logins], [14, 16, 2])
    assert.equal(report.totals.checksum, String(BigInt.asUintN(64, BIG + BIG)))
    assert.deepEqual([report.publication.hash, report.publication.complete], ['h-2026-03-03', true])
    assert.equal((await ask('/v1/reports/days/2026-03-02')).status, 404)
    const days = await json<Publications>('/v1/reports/days')
    assert.deepEqual([days.first, days.last, days.publications.length], ['2026-03-01', '2026-03-03', 3])
  })

  it('gives each report as CSV: by Accept or format, named by its dates, with no cell that runs', async () => {
    const top = await ask('/v1/reports/top/songs?period=total', { accept: 'text/csv' })
    assert.equal(
      top.headers.get('content-disposition'),
      'attachment; filename="musicbox-top-songs-by-plays_2026-03-01_2026-03-03.csv"',
    )
    assert.deepEqual(top.body.split('\r\n'), [
      'rank,id,name,artist_name,value,previous,change',
      `1,${SONG.track_id},'=Sum of Parts,"The ""Quoted"", Band",12,20,-8`,
      `2,${STRANGER},${STRANGER},UNKNOWN,2,0,2`,
      '',
    ])
    const curve = await ask(`/v1/reports/songs/${SONG.track_id}?from=2026-03-02&to=2026-03-03&format=csv`)
    assert.deepEqual(curve.body.split('\r\n').slice(0, 3), [
      `day,published,${MEASURES.join(',')}`,
      '2026-03-02,false,0,0,0,0,0,0,0,0,0,0,0',
      '2026-03-03,true,7,2,0,1,0,0,0,0,0,0,0',
    ])
    assert.equal((await ask('/v1/reports/days/2026-03-03?format=csv')).body.split('\r\n').length, 26)
    assert.match((await ask('/v1/reports/days', { accept: 'text/csv' })).body, /^scope,generation,/)
    const json = await ask('/v1/reports/days?format=json', { accept: 'text/csv' })
    assert.match(json.headers.get('content-type')!, /json/)
  })

  it('says what is wrong with a question', async () => {
    const wrong: [string, RegExp, string][] = [
      ['/v1/reports/songs/x?period=always', /one of total, .*got "always"/, '#/period'],
      ['/v1/reports/songs/x?from=2026-01-01', /to beside from/, '#/to'],
      ['/v1/reports/songs/x?to=2026-01-01', /from beside to/, '#/from'],
      ['/v1/reports/songs/x?from=2026-01-02&to=2026-01-01', /not to precede/, '#/to'],
      ['/v1/reports/songs/x?from=2026-01-02&to=2026-01-03&period=total', /either/, '#/period'],
      ['/v1/reports/songs/x?from=2026-02-30&to=2026-03-01', /a day like 2026-01-31; got "2026-02-30"/, '#/from'],
      ['/v1/reports/songs/x?from=1990-01-01&to=2026-03-01', /at most 3660 days/, '#/to'],
      ['/v1/reports/songs/x?from=9999-12-31&to=9999-12-31', /a day like/, '#/from'],
      ['/v1/reports/songs/x?perido=total', /got "perido"/, '#'],
      ['/v1/reports/bands/x', /one of songs, artists, albums; got "bands"/, '#/kind'],
      ['/v1/reports/top/songs?limit=0', /at least 1; got "0"/, '#/limit'],
      ['/v1/reports/top/songs?limit=101', /at most 100/, '#/limit'],
      ['/v1/reports/top/songs?by=fame', /one of plays/, '#/by'],
      ['/v1/reports/days/today', /a day like/, '#/day'],
      ['/v1/search/songs?q=', /at least 1 characters/, '#/q'],
    ]
    for (const [path, detail, pointer] of wrong) {
      const { status, body } = await ask(path)
      assert.equal(status, 400, path)
      const [error] = (JSON.parse(body) as { errors: { detail: string; pointer: string }[] }).errors
      assert.match(error!.detail, detail)
      assert.equal(error!.pointer, pointer, path)
    }
  })

  it('documents every route', async () => {
    const { paths } = (await (await app.request('/openapi.json')).json()) as { paths: Record<string, object> }
    const documented = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    )
    // The pages and their assets are for browsers; everything else is the API's.
    const routes = app.routes
      .filter(({ method, path }) => method !== 'ALL' && path !== '/' && !path.startsWith('/assets/'))
      .map(({ method, path }) => `${method} ${path}`)
    assert.deepEqual([...new Set(routes)].sort(), documented.sort())
  })
})
