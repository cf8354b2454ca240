/** The event API on a real log, in process: what it takes, what it refuses, and what it says of each event. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { type StoredEvent, wireEventSchema } from '../../datasets/event.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import type { Song, User } from '../../datasets/music.ts'
import { createMetrics, type Metrics } from '../../observability/metrics.ts'
import { openLmdbEventLog } from '../../pipeline/embedded/lmdb-event-log.ts'
import { openLmdbTableStore } from '../../pipeline/embedded/lmdb-table-store.ts'
import type { EventLog } from '../../pipeline/event-log.ts'
import { lookupRows } from '../../pipeline/lookup.ts'
import type { TableStore } from '../../pipeline/table-store.ts'
import type { Application } from '../http/application.ts'
import { contractOf } from '../http/contract.ts'
import { newServerState } from '../http/guard.ts'
import { BATCH_EVENTS_MAX, EVENT_BYTES_MAX, FUTURE_MS_MAX } from '../http/limits.ts'
import { eventApplication } from './server.ts'

const NOW_MS = Date.parse('2026-03-04T12:00:00.000Z')
const SONG: Song = {
  track_id: 'TRAAAAA0000000000A',
  song_id: 'SOAAAAA0000000000A',
  title: 'Sum of Parts',
  artist_id: 'ARAAAAA0000000000A',
  artist_name: 'The Addends',
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
const USER: User = {
  uid: 'user-1',
  fname: 'Ada',
  lname: 'Lind',
  email: 'ada@mail.invalid',
  created: '2013-01-01',
  last_login: '',
  zip: '00501',
  birth: '1980-05-05',
  gender: 'F',
  active: true,
  ip4: '192.0.2.77',
}

const DEEP = `${'['.repeat(100_000)}${']'.repeat(100_000)}`

let ids = 0
const eid = (): string => (++ids).toString(16).padStart(32, '0')
const play = (changes: object = {}) => ({
  eid: eid(),
  ts: NOW_MS - 1000,
  uid: USER.uid,
  session: 's1',
  event: 'play',
  songid: SONG.track_id,
  ...changes,
})

interface EventsAnswer {
  accepted: number
  duplicates: number
  refused: number
  results: {
    index: number
    state: string
    eid?: string
    problem?: { reason: string; detail: string; errors?: { pointer: string }[] }
  }[]
}

describe('the event API', () => {
  let folder: string
  let log: EventLog
  let tables: TableStore
  let metrics: Metrics
  let faults: unknown[]
  let check: ReturnType<typeof contractOf> | undefined
  let now_ms: number

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musicbox-events-'))
    log = await openLmdbEventLog(join(folder, 'log'))
    tables = await openLmdbTableStore(join(folder, 'tables'))
    await tables.put(lookupRows({ songs: [SONG], artists: [], users: [USER] }))
  })
  after(async () => {
    await log.close()
    await tables.close()
    await rm(folder, { recursive: true })
  })
  beforeEach(() => {
    metrics = createMetrics('test')
    faults = []
    now_ms = NOW_MS
  })

  function application(options: { log?: EventLog; requireToken?: boolean; secret?: string } = {}): Application {
    return eventApplication({
      log,
      tables,
      port: 0,
      clock: () => now_ms,
      state: newServerState(),
      metrics,
      loopDelay_ms: () => 0,
      onFault: (error) => faults.push(error),
      ...options,
    })
  }

  /** Every answer of these tests is held to the document. */
  async function send(
    app: Application,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) {
    const init: RequestInit = {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    }
    if (body !== undefined) init.body = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await app.request(path, init)
    const text = await response.text()
    check ??= contractOf((await (await app.request('/openapi.json')).json()) as never)
    check({
      method,
      path: path.split('?')[0]!,
      status: response.status,
      type: response.headers.get('content-type'),
      body: text,
    })
    return { status: response.status, headers: response.headers, json: JSON.parse(text) }
  }
  async function post(body: unknown, app = application(), headers: Record<string, string> = {}) {
    const { status, headers: came, json } = await send(app, 'POST', '/v1/events', body, headers)
    return { status, headers: came, answer: json as EventsAnswer & Record<string, unknown> }
  }
  async function stored(): Promise<StoredEvent[]> {
    const events: StoredEvent[] = []
    for (let partition = 0; partition < log.partitionCount; partition++) {
      for (const { line } of await log.read(partition, 0, 100_000)) events.push(JSON.parse(line))
    }
    return events
  }
  const storedOf = async (id: string): Promise<StoredEvent[]> => (await stored()).filter((event) => event.eid === id)
  const total = async (): Promise<number> => (await log.ends()).reduce((sum, end) => sum + end, 0)

  it('takes one event: 202, and it is in the log as it came, with its artist and when it was received', async () => {
    const event = play({ position_ms: 5, ip4: '192.0.2.1', device: 'web' })
    const { status, answer } = await post(event)
    assert.equal(status, 202)
    assert.deepEqual(answer, {
      accepted: 1,
      duplicates: 0,
      refused: 0,
      results: [{ index: 0, state: 'accepted', eid: event.eid }],
    })
    assert.deepEqual(await storedOf(event.eid), [{ ...event, artistid: SONG.artist_id, received_ms: NOW_MS }])
  })

  it('takes a list, and a list under events, and says what became of each in order', async () => {
    const [first, second] = [play(), play({ event: 'skip' })]
    for (const wrap of [(list: unknown[]) => list, (events: unknown[]) => ({ events })]) {
      const bad = play({ event: 'rate', stars: 11 })
      const { status, answer } = await post(wrap([first, bad, second, 5]))
      assert.equal(status, 202)
      assert.deepEqual(
        answer.results.map(({ index, state, eid }) => [index, state, eid]),
        [
          [0, answer.accepted === 2 ? 'accepted' : 'duplicate', first.eid],
          [1, 'refused', bad.eid],
          [2, answer.accepted === 2 ? 'accepted' : 'duplicate', second.eid],
          [3, 'refused', undefined],
        ],
      )
      assert.deepEqual([answer.accepted + answer.duplicates, answer.refused], [2, 2])
      assert.equal(answer.results[1]!.problem!.detail, 'Expected stars to be at most 10; got 11.')
    }
  })

  it('points to the place of what is wrong, in each form of body', async () => {
    const pointer = (answer: EventsAnswer, at: number): string => answer.results[at]!.problem!.errors![0]!.pointer
    assert.equal(pointer((await post(play({ ts: 'now' }))).answer, 0), '#/ts')
    assert.equal(pointer((await post([play(), play({ ts: 'now' })])).answer, 1), '#/1/ts')
    assert.equal(pointer((await post({ events: [play({ ts: 'now' })] })).answer, 0), '#/events/0/ts')
  })

  it('answers a duplicate with 202, and keeps one', async () => {
    const event = play()
    await post(event)
    const { status, answer } = await post(event)
    assert.deepEqual([status, answer.duplicates, answer.results[0]!.state], [202, 1, 'duplicate'])
    const twice = play()
    const { answer: within } = await post([twice, twice])
    assert.deepEqual(
      within.results.map(({ state }) => state),
      ['accepted', 'duplicate'],
    )
    assert.equal((await storedOf(event.eid)).length, 1)
    assert.equal((await storedOf(twice.eid)).length, 1)
  })

  it('keeps an event of a song that the catalogue does not know, without an artist', async () => {
    const event = play({ songid: 'TRNOBODY' })
    assert.equal((await post(event)).status, 202)
    const [kept] = await storedOf(event.eid)
    assert.deepEqual([kept!.songid, kept!.artistid], ['TRNOBODY', undefined])
  })

  it('refuses the future from five minutes on, and takes any past', async () => {
    assert.equal((await post(play({ ts: NOW_MS + FUTURE_MS_MAX }))).status, 202)
    const { status, answer } = await post(play({ ts: NOW_MS + FUTURE_MS_MAX + 1 }))
    assert.deepEqual([status, answer.results[0]!.problem!.reason], [400, 'ts-in-future'])
    assert.equal((await post(play({ ts: 0 }))).status, 202)
    // It is the server's clock that decides.
    now_ms += 1
    assert.equal((await post(play({ ts: NOW_MS + FUTURE_MS_MAX + 1 }))).status, 202)
  })

  it('is 400 when every event is refused, with the same outcomes, and stores nothing', async () => {
    const before = await total()
    const { status, headers, answer } = await post([play({ more: 1 }), { hello: 1 }])
    assert.equal(status, 400)
    assert.equal(headers.get('content-type'), 'application/problem+json')
    assert.deepEqual(
      [answer['type'], answer.accepted, answer.refused, answer.results.length],
      ['/docs#no-event-accepted', 0, 2, 2],
    )
    assert.equal(await total(), before)
  })

  it('takes the first MusicBox’s own lines, told apart by content and order, also run together', async () => {
    const line = `{"timestamp": "Thu Dec 19 13:11:06 2013", "songid": "4ad8e5ac8c3ff7d706b3221d8692ceb2", "uid": "8c24dbaf-e50e-4b47-9fd6-da426752b6d4", "ip4": "248.132.126.127", "event": "tup"}`
    const { status, answer } = await post(line + line + line.replace('tup', 'play'))
    assert.deepEqual([status, answer.accepted], [202, 3])
    const eids = answer.results.map(({ eid }) => eid!)
    assert.equal(new Set(eids).size, 3)
    const [kept] = await storedOf(eids[0]!)
    assert.deepEqual([kept!.ts, kept!.event], [Date.UTC(2013, 11, 19, 13, 11, 6), 'tup'])
    // The same request again changes nothing; as lines of ndjson it is the same request.
    const again = await post(`${line}\n${line}\r\n${line.replace('tup', 'play')}\n`, undefined, {
      'content-type': 'application/x-ndjson',
    })
    assert.deepEqual(
      again.answer.results.map(({ state, eid }) => [state, eid]),
      eids.map((eid) => ['duplicate', eid]),
    )
    const bad = await post(line.replace('Thu Dec 19', 'Some Day'))
    assert.deepEqual([bad.status, bad.answer.results[0]!.problem!.reason], [400, 'invalid'])
  })

  it('loses no good event to a broken piece beside it', async () => {
    const event = play()
    const { status, answer } = await post(`${JSON.stringify(event)}\n{"eid":\n${JSON.stringify(play())}`)
    assert.equal(status, 202)
    assert.equal(answer.results[0]!.state, 'accepted')
    assert.ok(answer.results.some(({ problem }) => problem?.reason === 'not-json'))
  })

  it('refuses what could poison a file or an object: lone surrogates, __proto__, control characters, huge numbers, depth', async () => {
    const raw = JSON.stringify(play({ event: 'comment', text: 'TEXT' }))
    const bodies = [
      raw.replace('TEXT', '\\ud800'),
      raw.replace('"session"', '"__proto__":{"active":true},"session"'),
      raw.replace('"s1"', '"s1","constructor":1'),
      raw.replace('user-1', 'user\\u0000'),
      raw.replace('"s1"', '"s1","position_ms":1e309'),
      raw.replace('"TEXT"', DEEP),
      `{"timestamp":"Thu Dec 19 13:11:06 2013","uid":"u","event":"login","query":${DEEP}}`,
    ]
    for (const body of bodies) {
      const { status, answer } = await post(body)
      assert.equal(status, 400, body.slice(0, 200))
      assert.equal(answer.refused, 1)
    }
    assert.equal((await post(raw)).status, 202)
  })

  it('takes 500 events and not 501', async () => {
    const list = (count: number) => Array.from({ length: count }, () => play())
    assert.equal((await post(list(BATCH_EVENTS_MAX))).answer.accepted, BATCH_EVENTS_MAX)
    assert.equal((await post(list(BATCH_EVENTS_MAX + 1))).status, 413)
  })

  it('refuses an event above 32 KiB as too large, and no other with it', async () => {
    const large = play({ event: 'comment', text: 'x'.repeat(EVENT_BYTES_MAX) })
    const { status, answer } = await post([play(), large])
    assert.equal(status, 202)
    assert.deepEqual(
      answer.results.map(({ state, problem }) => problem?.reason ?? state),
      ['accepted', 'too-large'],
    )
    const smaller = await post([play(), play({ event: 'comment', text: 'x'.repeat(2000) })])
    assert.equal(smaller.answer.results[1]!.problem!.reason, 'invalid')
  })

  it('need measure no good event: the longest that the schema allows is far below the limit', () => {
    const longest = (size: number): string => '\u{1F600}'.repeat(size / 2)
    const ids = {
      eid: 'f'.repeat(32),
      ts: NOW_MS,
      uid: longest(100),
      session: longest(64),
      songid: longest(100),
      device: longest(100),
      ip4: '255.255.255.255',
      position_ms: 86_400_000,
    }
    const events = [
      { ...ids, event: 'comment', text: longest(1000) },
      { ...ids, event: 'tag', tags: Array.from({ length: 10 }, () => longest(50)) },
    ]
    for (const event of events) {
      assert.ok(wireEventSchema.safeParse(event).success)
      // Escaped to the last character, a text is six bytes a unit.
      assert.ok(JSON.stringify(event).length * 6 < EVENT_BYTES_MAX)
    }
  })

  it('says 503 when the log cannot be written, and takes the same request after: nothing lost, nothing twice', async () => {
    const event = play()
    // The worst of failures: the event is stored, and then the log says that it may not be.
    const failing: EventLog = {
      ...methodsOf(log),
      append: async (entries) => {
        await log.append(entries)
        throw new MusicboxError('backend.unreachable', 'no answer')
      },
    }
    const app = application({ log: failing })
    const { status, headers } = await post(event, app)
    assert.deepEqual([status, headers.get('retry-after')], [503, '2'])
    assert.equal((await send(app, 'GET', '/health/ready')).status, 503)
    assert.equal((await send(app, 'GET', '/health/live')).status, 200)
    now_ms += 5_000
    assert.equal((await send(app, 'GET', '/health/ready')).status, 200)
    const again = await post(event)
    assert.deepEqual([again.status, again.answer.results[0]!.state], [202, 'duplicate'])
    assert.equal((await storedOf(event.eid)).length, 1)
    assert.equal(faults.length, 1)
    const full: EventLog = {
      ...methodsOf(log),
      append: () => Promise.reject(new MusicboxError('backend.full', 'no room on /a/secret/path')),
    }
    const refused = await post(play(), application({ log: full }))
    assert.equal(refused.status, 503)
    assert.doesNotMatch(JSON.stringify(refused.answer), /secret/)
  })

  it('answers no sooner than the log says the event is durable', async () => {
    const durable = Promise.withResolvers<void>()
    let answered = false
    const slow: EventLog = {
      ...methodsOf(log),
      append: async (entries) => {
        const appended = await log.append(entries)
        await durable.promise
        return appended
      },
    }
    const answer = post(play(), application({ log: slow })).then(() => {
      answered = true
    })
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    assert.equal(answered, false)
    durable.resolve()
    await answer
    // The same watch sees a log that acknowledges before it is durable: then the answer is there at once.
    const hasty: EventLog = {
      ...methodsOf(log),
      append: async (entries) => entries.map(() => ({ state: 'stored', position: { partition: 0, offset: 0 } })),
    }
    answered = false
    void post(play(), application({ log: hasty })).then(() => {
      answered = true
    })
    for (let turn = 0; turn < 2000 && !answered; turn++) await new Promise(setImmediate)
    assert.equal(answered, true)
  })

  describe('a token', () => {
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

    it('is given to a known user and to a guest, with nothing private beside it', async () => {
      const { status, json } = await send(application(), 'POST', '/v1/login', { uid: USER.uid })
      assert.equal(status, 200)
      assert.deepEqual(json.user, { uid: USER.uid, guest: false, fname: 'Ada', lname: 'Lind', active: true })
      assert.equal(json.expires_ms, NOW_MS + 86_400_000)
      for (const secret of [USER.email, USER.birth, USER.ip4, USER.zip])
        assert.ok(!JSON.stringify(json).includes(secret))
      const guest = await send(application(), 'POST', '/v1/login', { uid: 'Guest_248.132.126.127' })
      assert.deepEqual([guest.status, guest.json.user], [200, { uid: 'Guest_248.132.126.127', guest: true }])
      assert.equal((await send(application(), 'POST', '/v1/login', { uid: 'nobody' })).status, 404)
      assert.equal((await send(application(), 'POST', '/v1/login', {})).status, 400)
      assert.equal((await send(application(), 'POST', '/v1/login', '{')).status, 400)
      assert.equal((await send(application(), 'POST', '/v1/login', 'x', { 'content-type': 'text/plain' })).status, 415)
    })

    it('lets its user’s events in and nobody else’s', async () => {
      const app = application()
      const { json } = await send(app, 'POST', '/v1/login', { uid: USER.uid })
      const { status, answer } = await post([play(), play({ uid: 'user-2' })], app, bearer(json.token))
      assert.equal(status, 202)
      assert.deepEqual(
        answer.results.map(({ state, problem }) => problem?.reason ?? state),
        ['accepted', 'foreign-uid'],
      )
    })

    it('that is wrong, old or another server’s is 401, and nothing is stored', async () => {
      const app = application()
      const { json } = await send(app, 'POST', '/v1/login', { uid: USER.uid })
      const before = await total()
      for (const token of [
        'x',
        `${json.token}x`,
        'a.b',
        (await send(application(), 'POST', '/v1/login', { uid: USER.uid })).json.token,
      ]) {
        const { status, headers } = await post(play(), app, bearer(token))
        assert.deepEqual([status, headers.get('www-authenticate')], [401, 'Bearer'])
      }
      assert.equal((await post(play(), app, { authorization: 'Basic abc' })).status, 401)
      now_ms = json.expires_ms
      assert.equal((await post(play(), app, bearer(json.token))).status, 401)
      assert.equal(await total(), before)
    })

    it('outlives a restart when the secret is given', async () => {
      const secret = 'kept by the operator'
      const { json } = await send(application({ secret }), 'POST', '/v1/login', { uid: USER.uid })
      assert.equal((await post(play(), application({ secret }), bearer(json.token))).status, 202)
    })

    it('is needed only where it is asked for', async () => {
      assert.equal((await post(play())).status, 202)
      assert.equal((await post(play(), application({ requireToken: true }))).status, 401)
    })
  })

  it('counts what became of every event', async () => {
    const event = play()
    await post([event, event, play({ event: 'skip' }), play({ stars: 1 }), play({ ts: NOW_MS * 2 })])
    await post('{')
    const values = async (
      name: 'events_received_total' | 'events_accepted_total' | 'events_duplicate_total' | 'events_refused_total',
    ) => (await metrics[name].get()).values.map(({ labels, value }) => [...Object.values(labels), value])
    assert.deepEqual(await values('events_received_total'), [[5]])
    assert.deepEqual(await values('events_accepted_total'), [
      ['play', 1],
      ['skip', 1],
    ])
    assert.deepEqual(await values('events_duplicate_total'), [[1]])
    assert.deepEqual(await values('events_refused_total'), [
      ['invalid', 1],
      ['ts-in-future', 1],
    ])
  })

  it('finds songs and artists, and tells what is not there', async () => {
    const app = application()
    const found = await send(app, 'GET', '/v1/search/songs?q=SUM%20of&limit=5')
    assert.deepEqual(
      found.json.results.map((song: Song) => song.track_id),
      [SONG.track_id],
    )
    assert.deepEqual((await send(app, 'GET', `/v1/songs/${SONG.track_id}`)).json, SONG)
    assert.equal((await send(app, 'GET', `/v1/albums/${SONG.album_id}`)).json.release, 'First')
    assert.equal((await send(app, 'GET', '/v1/artists/ARNOBODY')).status, 404)
    assert.equal((await send(app, 'GET', '/v1/search/artists?q=zzz')).json.results.length, 0)
    assert.equal((await send(app, 'GET', '/v1/search/songs?q=sum&after=other')).status, 400)
    assert.equal((await send(app, 'GET', '/v1/search/songs')).status, 400)
  })

  it('documents every route', async () => {
    const app = application()
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

  it('never answers 5xx, whatever JSON comes', async () => {
    const app = application()
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json(),
          fc.string({ unit: 'binary' }),
          fc.json().map((json) => `[${json},${json}]`),
        ),
        async (body) => {
          const { status } = await post(body, app)
          assert.ok(status < 500, `${status} for ${body}`)
        },
      ),
      { numRuns: 100 },
    )
    assert.deepEqual(faults, [])
  })
})

/** A log's methods as plain fields, so that a test can put another in the place of one. */
function methodsOf(log: EventLog): EventLog {
  return {
    partitionCount: log.partitionCount,
    append: (entries) => log.append(entries),
    read: (partition, from, max) => log.read(partition, from, max),
    ends: () => log.ends(),
    close: () => log.close(),
  }
}
