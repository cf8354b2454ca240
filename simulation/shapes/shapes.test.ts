import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { after, describe, it } from 'node:test'
import { artistIndexOf, songAt } from '../../datasets/catalogue.ts'
import { addDays, compactDay, dayOf, daysBetween } from '../../datasets/day.ts'
import type { EventKind } from '../../datasets/event-kind.ts'
import { dayKey } from '../../datasets/keys.ts'
import { readTasteTriplets } from '../../datasets/msd/text-files.ts'
import { fromSeedObject } from '../../datasets/seed-line.ts'
import { dayNumber } from '../kernel/day-number.ts'
import { EventBlock } from '../kernel/event-block.ts'
import { dayEvents, fillDay, wireEvent } from '../kernel/history.ts'
import { users } from '../kernel/user.ts'
import { catalogueOf, createWorld, PROFILES, type World } from '../kernel/world.ts'
import { PAGES } from './eventsim.ts'
import { FEATURE_COLUMNS, SESSION_COLUMNS } from './mssd.ts'
import { eachSession } from './play.ts'
import { cTime, SEED_KINDS } from './seed-json.ts'
import type { ExportReport } from './shape.ts'
import { SHAPE_NAMES, SHAPES, type ShapeName } from './shapes.ts'
import { slicesByUser } from './slice.ts'

const root = mkdtempSync(join(tmpdir(), 'shapes-'))
after(() => rmSync(root, { recursive: true, force: true }))

const range = { firstDay: '2026-01-01', lastDay: '2026-01-12' }
const world = createWorld({ songCount: 300, userCount: 80 })
const days = daysBetween(range.firstDay, range.lastDay)
const events = days.flatMap((day) => dayEvents(world, day))
const people = [...users(world)]
const userOf = new Map(people.map((user, index) => [user.uid, { ...user, index }]))
const songOf = new Map(
  Array.from({ length: 300 }, (_, index) => {
    const song = songAt(catalogueOf(world), index)
    return [song.track_id, { ...song, index }]
  }),
)
const plays = events.filter(({ event }) => event === 'play')

async function exported(shape: ShapeName, of: World = world): Promise<{ out: string } & ExportReport> {
  const out = mkdtempSync(join(root, `${shape}-`))
  return { out, ...(await SHAPES[shape].write(of, { ...range, out })) }
}

const linesOf = (...path: string[]): string[] =>
  readFileSync(join(...path), 'utf8')
    .split('\n')
    .slice(0, -1)

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/.source

describe('every shape', () => {
  it('has the same bytes each time, says how many rows each file has, and leaves no other file', async () => {
    for (const shape of SHAPE_NAMES) {
      const [first, second] = [await exported(shape), await exported(shape)]
      const digests = ({ out, files }: { out: string } & ExportReport): Record<string, string> =>
        Object.fromEntries(
          Object.keys(files).map((name) => [
            name,
            createHash('sha256')
              .update(readFileSync(join(out, name)))
              .digest('hex'),
          ]),
        )
      assert.deepEqual(digests(first), digests(second))
      assert.deepEqual(filesIn(first.out), Object.keys(first.files).sort())
      for (const [name, rows] of Object.entries(first.files)) {
        if (name.endsWith('.db')) continue
        const lines = linesOf(first.out, name)
        assert.ok(
          lines.length === rows || lines.length === rows + 1,
          `${shape} ${name}: ${lines.length} lines, ${rows} rows`,
        )
      }
    }
  })

  it('is told of by every day of the range, once', async () => {
    for (const shape of SHAPE_NAMES) {
      let told = 0
      await SHAPES[shape].write(world, { ...range, out: mkdtempSync(join(root, 'told-')), onDay: () => told++ })
      assert.equal(told, days.length, shape)
    }
  })

  it('leaves no file when it is stopped, and what was there before stays', async () => {
    for (const shape of SHAPE_NAMES) {
      const { out } = await exported(shape)
      const before = filesIn(out).map((name) => [name, statSync(join(out, name)).mtimeMs])
      await assert.rejects(SHAPES[shape].write(world, { ...range, out, signal: AbortSignal.abort() }), {
        code: 'interrupted',
      })
      assert.deepEqual(
        filesIn(out).map((name) => [name, statSync(join(out, name)).mtimeMs]),
        before,
      )
      const fresh = join(root, `fresh-${shape}`)
      await assert.rejects(SHAPES[shape].write(world, { ...range, out: fresh, signal: AbortSignal.abort() }))
      assert.deepEqual(existsSync(fresh) ? filesIn(fresh) : [], [])
    }
  })

  it('is stopped in the middle as well', async () => {
    const stop = new AbortController()
    const out = mkdtempSync(join(root, 'middle-'))
    const work = SHAPES.mssd.write(world, { ...range, out, signal: stop.signal, onDay: () => stop.abort() })
    await assert.rejects(work, { code: 'interrupted' })
    assert.deepEqual(filesIn(out), [])
  })

  it('is there for the original’s profile too', async () => {
    const original = createWorld({ songCount: 100, userCount: 20, profile: 'seed-2014' })
    for (const shape of SHAPE_NAMES) {
      const { files } = await exported(shape, original)
      assert.ok(
        Object.values(files).some((rows) => rows > 0),
        shape,
      )
    }
  })
})

describe('the shape seed-json', () => {
  it('gives, read back, every event of the seed’s kinds, to the second', async () => {
    const { out } = await exported('seed-json')
    const back = linesOf(out, 'events.json').map((line, i) => fromSeedObject(JSON.parse(line), i))
    const expected = events.filter(({ event }) => SEED_KINDS.includes(event))
    assert.equal(back.length, expected.length)
    back.forEach((event, i) => {
      const { ts, uid, ip4, event: kind } = expected[i]!
      assert.deepEqual([event.ts, event.uid, event.ip4, event.event], [Math.floor(ts / 1000) * 1000, uid, ip4, kind])
      if ('songid' in expected[i]! && expected[i]!.songid !== undefined) assert.equal(event.songid, expected[i]!.songid)
    })
    assert.deepEqual(new Set(back.map(({ event }) => event)), new Set(SEED_KINDS))
  })

  it('looks as the first version’s lines look', async () => {
    const { out } = await exported('seed-json')
    for (const line of linesOf(out, 'events.json')) {
      assert.match(
        line,
        /^\{"timestamp": "[A-Z][a-z]{2} [A-Z][a-z]{2} [ 123]\d \d\d:\d\d:\d\d 2026", "songid": (null|"TR[A-Z]{5}[0-9A-F]{11}"), "uid": "[0-9a-f-]{36}", "ip4": "[\d.]+", "event": "[a-z]+"\}$/,
      )
    }
    assert.equal(cTime(Date.UTC(2013, 11, 19, 13, 11, 6)), 'Thu Dec 19 13:11:06 2013')
    assert.equal(cTime(Date.UTC(2013, 11, 5, 3, 1, 6, 999)), 'Thu Dec  5 03:01:06 2013')
  })
})

describe('the shape seed-tsv', () => {
  it('has each song’s and each artist’s counts of each UTC day under the seed’s row keys', async () => {
    const { out } = await exported('seed-tsv')
    for (const [file, idOf] of [
      ['song_event_log.tsv', (songid: string) => songid],
      ['artist_event_log.tsv', (songid: string) => songOf.get(songid)!.artist_id],
    ] as const) {
      const expected = new Map<string, number[]>()
      for (const event of events) {
        const column = (['play', 'tup', 'tdn', 'skip'] as EventKind[]).indexOf(event.event)
        if (column < 0) continue
        const key = dayKey(idOf((event as { songid: string }).songid), dayOf(event.ts))
        const counts = expected.get(key) ?? [0, 0, 0, 0]
        counts[column]!++
        expected.set(key, counts)
      }
      const rows = linesOf(out, file).map((line) => line.split('\t'))
      assert.deepEqual(new Map(rows.map(([key, ...counts]) => [key, counts.map(Number)])), expected)
      assert.equal(rows.length, expected.size)
      for (const [key] of rows) assert.match(key!, /^(TR|AR)[A-Z]{5}[0-9A-F]{11}_2026\d{4}$/)
      assert.ok(
        rows.some(([key]) => key!.endsWith(compactDay(addDays(range.lastDay, 1)))),
        'no session ran past the last day',
      )
    }
    assert.deepEqual(linesOf(out, 'columns.txt'), ['HBASE_ROW_KEY,info:play,info:tup,info:tdn,info:skip'])
  })
})

describe('the shape taste-profile', () => {
  it('counts each user’s plays of each song, and is what its reader takes', async () => {
    const { out } = await exported('taste-profile')
    const expected = new Map<string, number>()
    for (const event of plays) {
      const key = `${userOf.get(event.uid)!.index} ${songOf.get((event as { songid: string }).songid)!.song_id}`
      expected.set(key, (expected.get(key) ?? 0) + 1)
    }
    const indexOf = new Map<string, number>()
    let refused = 0
    let rows = 0
    const found: number[] = []
    for await (const { user, count } of readTasteTriplets(join(out, 'train_triplets.txt'), {
      reject: () => refused++,
    })) {
      if (!indexOf.has(user)) indexOf.set(user, indexOf.size)
      found.push(count)
      rows++
    }
    assert.equal(refused, 0)
    assert.equal(rows, expected.size)
    assert.equal(indexOf.size, new Set(plays.map(({ uid }) => uid)).size)
    const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0)
    assert.equal(sum(found), plays.length)
    assert.deepEqual(found.sort(), [...expected.values()].sort())
    assert.ok(found.some((count) => count > 1))
  })
})

describe('the shape lastfm-1k', () => {
  it('has every play as a row of its user, the newest first', async () => {
    const { out } = await exported('lastfm-1k')
    const rows = linesOf(out, 'userid-timestamp-artid-artname-traid-traname.tsv').map((line) => line.split('\t'))
    const expected = plays
      .map((event) => {
        const { artist_name, title, index } = songOf.get((event as { songid: string }).songid)!
        const user = userOf.get(event.uid)!.index
        return { user, ts: event.ts, artist: artistIndexOf(catalogueOf(world), index), artist_name, title }
      })
      .sort((a, b) => a.user - b.user || b.ts - a.ts)
    assert.deepEqual(
      rows.map(([user, time, , artist, , title]) => [user, time, artist, title]),
      expected.map(({ user, ts, artist_name, title }) => [
        `user_${String(user + 1).padStart(6, '0')}`,
        `${new Date(ts).toISOString().slice(0, 19)}Z`,
        artist_name,
        title,
      ]),
    )
    const mbidOf = new Map<number, string>()
    rows.forEach(([, , artistMbid, , trackMbid], i) => {
      assert.match(artistMbid!, new RegExp(`^${UUID}$`))
      assert.match(trackMbid!, new RegExp(`^${UUID}$`))
      const { artist } = expected[i]!
      assert.equal(mbidOf.get(artist) ?? artistMbid, artistMbid)
      mbidOf.set(artist, artistMbid!)
    })
    assert.equal(new Set(mbidOf.values()).size, mbidOf.size)
  })

  it('has every user’s profile', async () => {
    const { out } = await exported('lastfm-1k')
    const [header, ...rows] = linesOf(out, 'userid-profile.tsv')
    assert.equal(header, '#id\tgender\tage\tcountry\tregistered')
    assert.equal(rows.length, 80)
    rows.forEach((row, index) => {
      assert.match(row, /^user_\d{6}\t[mf]?\t\d\d\tUnited States\t[A-Z][a-z]{2} [1-9]\d?, 20\d\d$/)
      const [, gender, age, , registered] = row.split('\t')
      const { birth, created, gender: own } = people[index]!
      assert.equal(gender, { F: 'f', M: 'm', X: '', '': '' }[own])
      assert.ok(Math.abs(Number(age) - (2026 - Number(birth.slice(0, 4)))) <= 1)
      assert.equal(dayOf(Date.parse(`${registered} UTC`)), created)
    })
  })

  it('does not depend on how users are grouped', async () => {
    for (const userDaysMax of [1, 12 * 7, 1_000_000]) {
      const seen: number[] = []
      let rows = 0
      for await (const { users, slices } of slicesByUser(world, { ...range, out: '' }, userDaysMax)) {
        for (let user = users.first; user < users.first + users.count; user++) seen.push(user)
        for await (const { block } of slices) rows += block.count
      }
      assert.deepEqual(
        seen,
        people.map((_, index) => index),
      )
      assert.equal(rows, events.length)
    }
  })
})

describe('plays put together from rows', () => {
  for (const profile of PROFILES) {
    it(`are those of the block, each heard for as long as the session gave it time (${profile})`, () => {
      const of = createWorld({ songCount: 200, userCount: 150, profile })
      const block = new EventBlock()
      let count = 0
      for (const day of days) {
        fillDay(block, of, dayNumber(day))
        const rows = Array.from({ length: block.count }, (_, row) => wireEvent(of, block, row))
        let ofDay = 0
        eachSession(of, block, (session, found) => {
          ofDay += found.length
          const own = rows.filter((_, row) => block.session[row] === session)
          const skips = own.filter(({ event }) => event === 'skip').length
          if (profile === 'realistic') {
            const left = found.filter(({ isWhole, isLast }) => !isWhole && !isLast)
            assert.equal(left.length, skips)
          }
          const spent = found.reduce((sum, { heard_ms }) => sum + heard_ms, 0)
          assert.ok(spent <= own.at(-1)!.ts - own[0]!.ts)
          found.forEach((play, i) => {
            const { duration_ms } = songAt(catalogueOf(of), play.song)
            assert.ok(play.heard_ms >= 0 && play.heard_ms <= duration_ms)
            assert.equal(play.isWhole, play.heard_ms === duration_ms)
            assert.equal(play.isLast, i === found.length - 1)
            assert.ok(i === 0 ? Number.isNaN(play.gap_ms) : play.gap_ms >= 0, `gap ${play.gap_ms}`)
          })
        })
        assert.equal(ofDay, rows.filter(({ event }) => event === 'play').length)
        count += ofDay
      }
      assert.ok(count > 500)
    })
  }
})

describe('the shape mssd', () => {
  it('has sessions of 10 to 20 rows, in the published columns, that join with the track features', async () => {
    const { out, files } = await exported('mssd')
    const [features, ...tracks] = linesOf(out, 'track_features', 'tf_000000000000.csv').map((line) => line.split(','))
    assert.deepEqual(features, [...FEATURE_COLUMNS])
    assert.equal(features!.length, 30)
    assert.equal(tracks.length, 300)
    for (const track of tracks) assert.equal(track.length, 30)
    const known = new Set(tracks.map(([track]) => track))
    assert.equal(known.size, 300)
    assert.equal(Object.keys(files).length, 1 + days.length)
    const sessions = new Map<string, Record<string, string>[]>()
    for (const day of days) {
      const [header, ...rows] = linesOf(out, 'training_set', `log_0_${compactDay(day)}_000000000000.csv`)
      assert.deepEqual(header!.split(','), [...SESSION_COLUMNS])
      for (const row of rows) {
        const cells = row.split(',')
        assert.equal(cells.length, 21)
        const named = Object.fromEntries(SESSION_COLUMNS.map((column, i) => [column, cells[i]!]))
        const id = named['session_id']!
        sessions.set(id, [...(sessions.get(id) ?? []), named])
      }
    }
    assert.ok(sessions.size > 20)
    const lengths = new Map<string, number>()
    for (const { session, event } of events) {
      if (event === 'play') lengths.set(session, (lengths.get(session) ?? 0) + 1)
    }
    assert.equal(sessions.size, [...lengths.values()].filter((length) => length >= 10).length)
    const flag = /^(true|false)$/
    for (const [id, rows] of sessions) {
      assert.match(id, new RegExp(`^0_${UUID}$`))
      assert.ok(rows.length >= 10 && rows.length <= 20)
      rows.forEach((row, i) => {
        const of = (column: (typeof SESSION_COLUMNS)[number]): string => row[column]!
        assert.equal(Number(of('session_position')), i + 1)
        assert.equal(Number(of('session_length')), rows.length)
        assert.ok(known.has(of('track_id_clean')))
        for (const column of ['skip_1', 'skip_2', 'skip_3', 'not_skipped', 'premium'] as const)
          assert.match(of(column), flag)
        if (of('skip_1') === 'true') assert.equal(of('skip_2'), 'true')
        if (of('skip_2') === 'true') assert.equal(of('skip_3'), 'true')
        assert.notEqual(of('skip_3'), of('not_skipped'))
        const pauses = [of('no_pause_before_play'), of('short_pause_before_play'), of('long_pause_before_play')].map(
          Number,
        )
        assert.equal(pauses[0]! + pauses[1]! + pauses[2]!, i === 0 ? 0 : 1)
        assert.ok(Number(of('hour_of_day')) >= 0 && Number(of('hour_of_day')) < 24)
        assert.match(of('date'), /^2026-01-\d\d$/)
        assert.match(
          of('context_type'),
          /^(editorial_playlist|user_collection|charts|catalog|radio|personalized_playlist)$/,
        )
        assert.match(of('hist_user_behavior_reason_start'), /^(trackdone|fwdbtn|clickrow|appload)$/)
        assert.match(of('hist_user_behavior_reason_end'), /^(trackdone|fwdbtn|endplay)$/)
      })
    }
  })

  it('has Lamere’s skips in the right columns, and has none when nobody skips', async () => {
    const skips = async (of: World): Promise<number[]> => {
      const { out } = await exported('mssd', of)
      const rows = days.flatMap((day) =>
        linesOf(out, 'training_set', `log_0_${compactDay(day)}_000000000000.csv`)
          .slice(1)
          .map((line) => line.split(',')),
      )
      const share = (column: (typeof SESSION_COLUMNS)[number]): number =>
        rows.filter((row) => row[SESSION_COLUMNS.indexOf(column)] === 'true').length / rows.length
      return [share('skip_1'), share('skip_2'), share('skip_3')]
    }
    // Published: 24 % within 5 s, 35 % within 30 s, 49 % before the end; eighty listeners give them by a wide margin.
    const inBand = ([very, brief, most]: number[]): boolean =>
      very! > 0.12 && very! < 0.36 && brief! > very! && brief! < 0.5 && most! > brief! && most! > 0.33 && most! < 0.65
    const published = await skips(world)
    assert.ok(inBand(published), String(published))
    const mutant = await skips(createWorld({ songCount: 300, userCount: 80, knobs: { skip: 0 } }))
    assert.ok(!inBand(mutant), String(mutant))
  })
})

describe('the shape eventsim', () => {
  it('has a line for each event that eventsim has a page for, with its fields', async () => {
    const { out } = await exported('eventsim')
    const lines = linesOf(out, 'events.json').map((line) => JSON.parse(line) as Record<string, string | number>)
    const expected = events.filter(({ event }) => PAGES[event])
    assert.equal(lines.length, expected.length)
    const items = new Map<number, number>()
    lines.forEach((line, i) => {
      const event = expected[i]!
      const user = userOf.get(event.uid)!
      assert.equal(line['ts'], event.ts)
      assert.equal(line['page'], PAGES[event.event]!.page)
      assert.equal(line['userId'], String(user.index + 1))
      assert.deepEqual([line['firstName'], line['lastName'], line['gender']], [user.fname, user.lname, user.gender])
      assert.equal(dayOf(line['registration'] as number), user.created)
      assert.match(line['location'] as string, /^[^,]+, [A-Z]{2}$/)
      assert.ok(['free', 'paid'].includes(line['level'] as string))
      assert.ok((line['userAgent'] as string).includes('MusicBoxPlayer'))
      assert.ok(Number.isSafeInteger(line['sessionId']))
      const fields = [
        'ts',
        'userId',
        'sessionId',
        'page',
        'auth',
        'method',
        'status',
        'level',
        'itemInSession',
        'location',
      ]
      fields.push('userAgent', 'lastName', 'firstName', 'registration', 'gender')
      if (event.event === 'play') {
        fields.push('artist', 'song', 'length')
        const song = songOf.get(event.songid)!
        assert.deepEqual(
          [line['artist'], line['song'], line['length']],
          [song.artist_name, song.title, song.duration_ms / 1000],
        )
      }
      assert.deepEqual(Object.keys(line), fields)
      const session = line['sessionId'] as number
      items.set(session, Math.max(items.get(session) ?? 0, line['itemInSession'] as number))
    })
    assert.equal(items.size, new Set(expected.map(({ session }) => session)).size)
    const last = [...items.values()].reduce((sum, item) => sum + item + 1, 0)
    assert.equal(last, lines.length, 'items of a session count from 0 without a gap')
  })
})
