/**
 * The warehouse's contract as tests, for every adapter. Its numbers are held to a plain count in this file that reads
 * like the definition of each measure.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { addDays, type Day, dayOf, dayStartMs, daysBetween, hourOf } from '../datasets/day.ts'
import { EVENT_KINDS, type StoredEvent } from '../datasets/event.ts'
import { MusicboxError } from '../datasets/failure.ts'
import { dayKey, periodKey, topKey } from '../datasets/keys.ts'
import type { Artist, Song, User } from '../datasets/music.ts'
import { type Draws, sfc32 } from '../datasets/random.ts'
import { type Cells, type Measures, type TableRow, TOP_BY, TOP_COUNT, TOP_KINDS } from '../datasets/tables.ts'
import type { PeriodRange, Warehouse } from './warehouse.ts'

export interface WarehouseUnderTest {
  warehouse: Warehouse
  /** Puts a file into the raw store the warehouse reads. */
  write(path: string, bytes: Uint8Array): Promise<void>
}

const DAY = '2026-03-01'
const LAST_DAY = addDays(DAY, 5)

/**
 * @param open gives a warehouse over the same data at each call; a suite's data starts empty
 * @param options.daysAsked of how many days the questions of a day are asked; all by default, fewer where each costs seconds
 */
export function warehouseSuite(
  name: string,
  open: () => Promise<WarehouseUnderTest>,
  options: { daysAsked?: number } = {},
): void {
  describe(`a warehouse (${name})`, () => {
    let test: WarehouseUnderTest
    const world = makeWorld()
    const events = makeEvents(3000)
    const versions = daysBetween(DAY, LAST_DAY).map((day) => ({ day, hash: hashOf(`whole ${day}`) }))
    const asked = versions.slice(0, options.daysAsked)
    const ofDay = (day: Day): StoredEvent[] => events.filter((event) => dayOf(event.ts) === day)

    before(async () => {
      test = await open()
    })
    after(async () => {
      await test.warehouse.close()
    })

    /** Writes the lines of one batch as the collector does: a file for each partition and hour. */
    const writeLines = async (lines: readonly Placed[], first: number): Promise<string[]> => {
      const files = new Map<string, string>()
      for (const { partition, line } of lines) {
        const { ts } = JSON.parse(line) as StoredEvent
        const range = `${pad(first, 12)}-${pad(first + 99_999, 12)}`
        const path = `dt=${dayOf(ts)}/hr=${hourOf(ts)}/events-p${pad(partition, 2)}-${range}.jsonl.gz`
        files.set(path, `${files.get(path) ?? ''}${line}\n`)
      }
      await Promise.all([...files].map(([path, text]) => test.write(path, gzipSync(text))))
      // Any order: the warehouse finds the log's order by the names.
      return [...files.keys()].sort().reverse()
    }

    it('has no dimensions at first, and then a hash of what they hold, whatever their order', async () => {
      assert.equal(await test.warehouse.dimensionsHash(), 'none')
      await test.warehouse.setDimensions(world)
      const hash = await test.warehouse.dimensionsHash()
      assert.notEqual(hash, 'none')
      await test.warehouse.setDimensions({ ...world, songs: world.songs.toReversed() })
      assert.equal(await test.warehouse.dimensionsHash(), hash)
      const moved = world.users.map((user, at) => (at === 0 ? { ...user, zip: '99999' } : user))
      await test.warehouse.setDimensions({ ...world, users: moved })
      assert.notEqual(await test.warehouse.dimensionsHash(), hash)
      await test.warehouse.setDimensions(world)
      assert.equal(await test.warehouse.dimensionsHash(), hash)
    })

    it('counts each id once and says how many lines there were, all days at once', async () => {
      const loading = versions.map(async (version) => {
        const own = ofDay(version.day)
        const files = await writeLines(own.map(placed), 0)
        // The same events once more, as after a crash between two steps.
        const again = await writeLines(own.slice(0, 50).map(placed), 100_000)
        const load = await test.warehouse.load(version, [...files, ...again])
        assert.deepEqual(load, { lines: own.length + 50, events: own.length, duplicates: 50 })
        assert.deepEqual(await test.warehouse.load(version, []), load, 'a version that is ready stays as it is')
      })
      await Promise.all(loading)
    })

    it('gives the day rows of a plain count', async () => {
      for (const version of asked) {
        const rows = await test.warehouse.dayRows(version)
        assert.deepEqual(sorted(rows), sorted(plainDayRows(world, version.day, ofDay(version.day))))
        assert.deepEqual(await test.warehouse.dayRows(version), rows, 'the same rows in the same order')
      }
    })

    it('adds up: songs, artists, albums, zip areas and genres tell the same plays', async () => {
      const rows = await test.warehouse.dayRows(versions[1]!)
      const sums = new Map<string, number>()
      for (const { table, cells } of rows) sums.set(table, (sums.get(table) ?? 0) + Number(cells['plays']))
      const plays = ofDay(versions[1]!.day).filter(({ event }) => event === 'play').length
      assert.ok(plays > 0)
      for (const [table, sum] of sums) assert.equal(sum, plays, table)
      assert.equal(sums.size, 6)
    })

    it('tallies each hour: count and order-free checksum', async () => {
      for (const version of asked) {
        const wanted = new Map<string, { count: number; checksum: bigint }>()
        for (const event of ofDay(version.day)) {
          const tally = wanted.get(hourOf(event.ts)) ?? { count: 0, checksum: 0n }
          tally.count++
          tally.checksum = BigInt.asUintN(64, tally.checksum + plainChecksum(JSON.stringify(event)))
          wanted.set(hourOf(event.ts), tally)
        }
        const tallies = await test.warehouse.tallies(version)
        assert.deepEqual(
          tallies,
          [...wanted].sort().map(([hour, tally]) => ({ day: version.day, hour, ...tally })),
        )
        const hour = tallies[3]!.hour
        const inHour = ofDay(version.day).filter((event) => hourOf(event.ts) === hour)
        const marks = inHour.map((event) => ({ eid: event.eid, checksum: plainChecksum(JSON.stringify(event)) }))
        assert.deepEqual(
          await test.warehouse.marks(version, hour),
          marks.sort((a, b) => (a.eid < b.eid ? -1 : 1)),
        )
      }
    })

    it('gives the period rows of a plain count, with exact distinct listeners', async () => {
      const periods = makePeriods()
      const rows = await test.warehouse.periodRows(LAST_DAY, periods, versions)
      assert.deepEqual(sorted(rows), sorted(plainPeriodRows(world, LAST_DAY, periods, events)))
      assert.deepEqual(await test.warehouse.periodRows(LAST_DAY, periods, versions), rows)
      assert.ok(rows.some((row) => row.table === 'top_log' && row.key.startsWith('songs.falling.')))
    })

    it('finds how often ids are in the days given', async () => {
      const [first, second] = [ofDay(versions[0]!.day)[0]!, ofDay(versions[1]!.day)[0]!]
      const absent = 'f'.repeat(32)
      const found = await test.warehouse.occurrences([first.eid, second.eid, absent], versions.slice(0, 1))
      assert.deepEqual([...found], [[first.eid, 1]])
      const both = await test.warehouse.occurrences([first.eid, second.eid, absent], versions)
      assert.deepEqual(Object.fromEntries(both), { [first.eid]: 1, [second.eid]: 1 })
      assert.equal((await test.warehouse.occurrences([], versions)).size, 0)
    })

    it('takes the line of the lowest partition and offset when lines of one id differ', async () => {
      const day = '2026-04-01'
      const ts = dayStartMs(day) + 5000
      const line = (uid: string, songid: string): string =>
        JSON.stringify({ eid: 'a'.repeat(32), ts, uid, session: 's', event: 'play', songid, received_ms: ts })
      // In one file the first line wins, of two batches the earlier, of two partitions the lower.
      const late = await writeLines([{ partition: 0, line: line('u1', 'late') }], 900)
      const early = await writeLines(
        [
          { partition: 0, line: line('u1', 'first') },
          { partition: 0, line: line('u1', 'second') },
          { partition: 1, line: line('u1', 'other') },
        ],
        100,
      )
      const version = { day, hash: hashOf('order') }
      const load = await test.warehouse.load(version, [...late, ...early])
      assert.deepEqual(load, { lines: 4, events: 1, duplicates: 3 })
      const rows = await test.warehouse.dayRows(version)
      assert.deepEqual(
        rows.filter(({ table }) => table === 'song_event_log').map(({ key }) => key),
        [dayKey('first', day)],
      )
    })

    it('keeps line order in large files, where reading is parallel', async () => {
      const day = '2026-04-02'
      const lines: Placed[] = []
      for (let at = 0; at < 6000; at++) {
        const event = { ...makeEvent(at, dayStartMs(day) + 1000), eid: pad(at % 3000, 32), songid: `S${at}` }
        lines.push({ partition: 0, line: JSON.stringify({ ...event, event: 'play' }) })
      }
      const version = { day, hash: hashOf('large') }
      await test.warehouse.load(version, await writeLines(lines, 0))
      const songs = (await test.warehouse.dayRows(version)).filter(({ table }) => table === 'song_event_log')
      const wanted = Array.from({ length: 3000 }, (_, at) => dayKey(`S${at}`, day))
      assert.deepEqual(songs.map(({ key }) => key).sort(), wanted.sort())
    })

    it('counts texts of any kind: half surrogates, quotes, commas, control characters', async () => {
      const day = '2026-04-03'
      const texts = [
        '\ud800',
        '"',
        ',\t\u0000\u0001\u0002',
        '\\ud800',
        '😀',
        '\r\n',
        '\u2028',
        "'); DROP TABLE songs; --",
      ]
      const lines = texts.map((text, at) => {
        const event = { ...makeEvent(at, dayStartMs(day)), event: 'comment', songid: 'TR1', text }
        return { partition: 0, line: JSON.stringify(event) }
      })
      const version = { day, hash: hashOf('texts') }
      const load = await test.warehouse.load(version, await writeLines(lines, 0))
      assert.equal(load.events, texts.length)
      const checksum = lines.reduce((sum, { line }) => BigInt.asUintN(64, sum + plainChecksum(line)), 0n)
      assert.deepEqual(await test.warehouse.tallies(version), [{ day, hour: '00', count: texts.length, checksum }])
    })

    it('takes a line of a million bytes', async () => {
      const day = '2026-04-09'
      const event = { ...makeEvent(1, dayStartMs(day)), event: 'comment', songid: 'TR1', text: 'x'.repeat(1_000_000) }
      const version = { day, hash: hashOf('long') }
      const lines = [makeEvent(2, dayStartMs(day)), event, makeEvent(3, dayStartMs(day))]
      const files = await writeLines(
        lines.map((line) => ({ partition: 0, line: JSON.stringify(line) })),
        0,
      )
      assert.equal((await test.warehouse.load(version, files)).events, 3)
      const marks = await test.warehouse.marks(version, '00')
      const mark = marks.find(({ eid }) => eid === event.eid)
      assert.equal(mark?.checksum, plainChecksum(JSON.stringify(event)))
    })

    it('has a day without events: its 24 hours, all zero', async () => {
      const version = { day: '2026-04-04', hash: hashOf('empty') }
      assert.deepEqual(await test.warehouse.load(version, []), { lines: 0, events: 0, duplicates: 0 })
      const rows = await test.warehouse.dayRows(version)
      assert.equal(rows.length, 24)
      for (const { cells } of rows) assert.deepEqual([cells['events'], cells['checksum']], [0, '0'])
    })

    const faults: [string, string | Uint8Array][] = [
      ['cut short', '{"eid":"'],
      ['that is no object', '[1]'],
      ['without an id', JSON.stringify({ ...makeEvent(1, dayStartMs('2026-04-05')), eid: undefined })],
      ['with an id of another form', JSON.stringify({ ...makeEvent(1, dayStartMs('2026-04-05')), eid: 'X' })],
      ['of another day', JSON.stringify(makeEvent(1, dayStartMs('2026-04-07')))],
      ['of no kind', JSON.stringify({ ...makeEvent(1, dayStartMs('2026-04-05')), event: 'dance' })],
    ]
    for (const [what, line] of faults) {
      it(`refuses a line ${what}, naming file and line`, async () => {
        const day = '2026-04-05'
        const good = JSON.stringify(makeEvent(7, dayStartMs(day)))
        const path = `dt=${day}/hr=00/events-p00-000000000000-${pad(what.length, 12)}.jsonl.gz`
        await test.write(path, gzipSync(`${good}\n${line}\n`))
        const version = { day, hash: hashOf(what) }
        await assert.rejects(test.warehouse.load(version, [path]), (error: unknown) => {
          assert.ok(error instanceof MusicboxError && error.code === 'data.corrupt', String(error))
          assert.ok(error.message.includes(path), error.message)
          assert.match(error.message, /line 2/)
          return true
        })
        await assert.rejects(test.warehouse.dayRows(version), isCode('not.found'))
      })
    }

    it('refuses a file that is missing or no gzip, naming it', async () => {
      const day = '2026-04-06'
      const path = `dt=${day}/hr=00/events-p00-000000000000-000000000001.jsonl.gz`
      const version = { day, hash: hashOf('missing') }
      const named = (error: unknown): boolean => isCode('data.corrupt')(error) && String(error).includes(path)
      await assert.rejects(test.warehouse.load(version, [path]), named)
      await test.write(path, Buffer.from('not a gzip file'))
      await assert.rejects(test.warehouse.load(version, [path]), named)
    })

    it('replaces a day by its newer version', async () => {
      const day = '2026-04-08'
      const [one, two] = ['old', 'new'].map((text) => ({ day, hash: hashOf(text) }))
      const first = await writeLines([placed(makeEvent(1, dayStartMs(day)))], 0)
      await test.warehouse.load(one!, first)
      const late = await writeLines([placed(makeEvent(2, dayStartMs(day)))], 500)
      assert.equal((await test.warehouse.load(two!, [...first, ...late])).events, 2)
      assert.equal((await test.warehouse.tallies(two!))[0]?.count, 2)
      await assert.rejects(test.warehouse.tallies(one!), isCode('not.found'))
    })

    it('has its days and dimensions after it is opened again', async () => {
      const hash = await test.warehouse.dimensionsHash()
      const rows = await test.warehouse.dayRows(versions[0]!)
      await test.warehouse.close()
      test = await open()
      assert.equal(await test.warehouse.dimensionsHash(), hash)
      assert.deepEqual(await test.warehouse.dayRows(versions[0]!), rows)
    })

    it('would notice a wrong count: the plain count without one event differs', async () => {
      const rows = await test.warehouse.dayRows(versions[0]!)
      const own = ofDay(versions[0]!.day)
      assert.notDeepEqual(sorted(rows), sorted(plainDayRows(world, versions[0]!.day, own.slice(1))))
      const altered = own.map((event, at) => (at === 0 ? { ...event, session: `${event.session}!` } : event))
      assert.notDeepEqual(sorted(rows), sorted(plainDayRows(world, versions[0]!.day, altered)))
    })
  })
}

interface Placed {
  partition: number
  line: string
}

interface World {
  songs: Song[]
  artists: Artist[]
  users: User[]
}

const SONG_COUNT = 230
const KNOWN_SONGS = 200

function makeWorld(): World {
  const songs = Array.from({ length: KNOWN_SONGS }, (_, at): Song => {
    const artist = at % 37
    return {
      track_id: `TR${at}`,
      song_id: `SO${at}`,
      title: `Song "${at}", ünd so`,
      artist_id: `AR${artist}`,
      artist_name: `Artist ${artist}`,
      album_id: `AL${at % 74}`,
      release: `Album ${at % 74}`,
      genre: artist === 5 ? '' : `genre ${artist % 6}`,
      year: 2000,
      duration_ms: 200_000,
      tempo: 120,
      key: 1,
      energy: 0.5,
      song_hotttnesss: 0.5,
    }
  })
  const artists = Array.from({ length: 36 }, (_, at): Artist => {
    // The songs know artist 36, the artists do not.
    const artist = { artist_id: `AR${at}`, artist_name: `Artist ${at}`, familiarity: 0, hotttnesss: 0 }
    return { ...artist, latitude: 0, longitude: 0, location: '', terms: [{ term: 'x', weight: 1 }], similar: [] }
  })
  const users = Array.from({ length: 40 }, (_, at): User => {
    const zip = at % 10 === 0 ? '' : `0${at % 4}50${at % 10}`
    const user = { uid: `user-${at}`, fname: '', lname: '', email: '', created: '', last_login: '', zip }
    return { ...user, birth: '', gender: '', active: true, ip4: '' }
  })
  return { songs, artists, users }
}

/** Events over the days, some of songs and users that nobody knows, songs rising and falling with the day. */
function makeEvents(count: number): StoredEvent[] {
  const draws = sfc32([1, 2, 3, 4])
  const span_ms = dayStartMs(addDays(LAST_DAY, 1)) - dayStartMs(DAY)
  return Array.from({ length: count }, (_, at) => makeEvent(at, dayStartMs(DAY) + draws.below(span_ms), draws))
}

function makeEvent(at: number, ts: number, draws: Draws = sfc32([at, 9, 9, 9])): StoredEvent {
  const kind = draws.below(3) === 0 ? EVENT_KINDS[draws.below(EVENT_KINDS.length)]! : 'play'
  const trend = Math.floor((ts / 86_400_000) % 7) * 20
  const song = draws.below(2) ? draws.below(SONG_COUNT) : (trend + draws.below(30)) % SONG_COUNT
  const anywhere = draws.below(2) === 0
  const ofSong = !['login', 'search', 'exit'].includes(kind) || anywhere
  return {
    eid: createHash('md5').update(`event ${at}`).digest('hex'),
    ts,
    uid: draws.below(20) === 0 ? `Guest_10.0.0.${draws.below(3)}` : `user-${draws.below(42)}`,
    session: `s${at}`,
    event: kind,
    ...(ofSong && { songid: `TR${song}` }),
    ...(kind === 'rate' && { stars: 1 + draws.below(10) }),
    ...(kind === 'tag' && { tags: ['a', 'b'] }),
    ...(kind === 'comment' && { text: 'näh, "so"' }),
    received_ms: ts,
  }
}

function placed(event: StoredEvent): Placed {
  return { partition: event.uid.length % 3, line: JSON.stringify(event) }
}

function makePeriods(): PeriodRange[] {
  const range = (first: number, last: number): { first: Day; last: Day } => ({
    first: addDays(DAY, first),
    last: addDays(DAY, last),
  })
  return [
    { period: 'total', range: range(0, 5), before: range(-6, -1) },
    { period: 'yesterday', range: range(5, 5), before: range(4, 4) },
    { period: 'this-week', range: range(3, 5), before: range(0, 2) },
    { period: 'this-month', range: range(0, 5), before: range(-6, -1) },
    { period: 'today', range: range(6, 6), before: range(5, 5) },
  ]
}

/** Which rows of which groups an event counts in, by the definition. */
function groupsOf(world: World, event: StoredEvent): Record<'song' | 'artist' | 'album' | 'genre' | 'zip', string> {
  const song = world.songs.find((known) => known.track_id === event.songid)
  const user = world.users.find((known) => known.uid === event.uid)
  return {
    song: event.songid!,
    artist: song?.artist_id ?? 'UNKNOWN',
    album: song?.album_id ?? 'UNKNOWN',
    genre: song?.genre || 'UNKNOWN',
    zip: user?.zip.slice(0, 3) || 'UNKNOWN',
  }
}

function plainMeasures(events: readonly StoredEvent[]): Measures {
  const count = (kind: string): number => events.filter(({ event }) => event === kind).length
  return {
    plays: count('play'),
    listeners: new Set(events.filter(({ event }) => event === 'play').map(({ uid }) => uid)).size,
    skips: count('skip'),
    tup: count('tup'),
    tdn: count('tdn'),
    pauses: count('pause'),
    resumes: count('resume'),
    ratings: count('rate'),
    stars_sum: events.reduce((sum, { stars = 0 }) => sum + stars, 0),
    comments: count('comment'),
    tags: count('tag'),
  }
}

function plainGroups(world: World, events: readonly StoredEvent[]): Map<string, Map<string, StoredEvent[]>> {
  const groups = new Map<string, Map<string, StoredEvent[]>>()
  for (const event of events) {
    if (['login', 'search', 'exit'].includes(event.event)) continue
    for (const [kind, id] of Object.entries(groupsOf(world, event))) {
      const ids = groups.get(kind) ?? new Map<string, StoredEvent[]>()
      ids.set(id, [...(ids.get(id) ?? []), event])
      groups.set(kind, ids)
    }
  }
  return groups
}

function plainDayRows(world: World, day: Day, events: readonly StoredEvent[]): TableRow[] {
  const rows: TableRow[] = []
  for (const [kind, ids] of plainGroups(world, events)) {
    for (const [id, own] of ids) {
      rows.push({ table: `${kind as 'song'}_event_log`, key: dayKey(id, day), cells: { ...plainMeasures(own) } })
    }
  }
  for (let hour = 0; hour < 24; hour++) {
    const own = events.filter((event) => Number(hourOf(event.ts)) === hour)
    const count = (kind: string): number => own.filter(({ event }) => event === kind).length
    const sum = own.reduce((all, event) => BigInt.asUintN(64, all + plainChecksum(JSON.stringify(event))), 0n)
    const kinds = { events: own.length, logins: count('login'), searches: count('search'), exits: count('exit') }
    const cells = { ...plainMeasures(own), ...kinds, checksum: String(sum) }
    rows.push({ table: 'hour_event_log', key: dayKey(pad(hour, 2), day), cells })
  }
  return rows
}

function plainPeriodRows(
  world: World,
  asOf: Day,
  periods: readonly PeriodRange[],
  events: readonly StoredEvent[],
): TableRow[] {
  const rows: TableRow[] = []
  const within = ({ first, last }: PeriodRange['range']): Map<string, Map<string, StoredEvent[]>> =>
    plainGroups(
      world,
      events.filter(({ ts }) => dayOf(ts) >= first && dayOf(ts) <= last),
    )
  for (const { period, range, before } of periods) {
    const now = within(range)
    const past = within(before)
    if (now.size === 0) continue
    for (const [kind, ids] of now) {
      for (const [id, own] of ids) {
        rows.push({ table: 'period_log', key: periodKey(`${kind}s`, id, period), cells: { ...plainMeasures(own) } })
      }
    }
    for (const kind of TOP_KINDS) {
      const single = kind.slice(0, -1)
      const ids = new Set([...(now.get(single)?.keys() ?? []), ...(past.get(single)?.keys() ?? [])])
      for (const by of TOP_BY) {
        const measure = by === 'rising' || by === 'falling' ? 'plays' : by
        const list = [...ids].map((id) => {
          const value = plainMeasures(now.get(single)?.get(id) ?? [])[measure]
          const previous = plainMeasures(past.get(single)?.get(id) ?? [])[measure]
          return { id, ...plainNames(world, kind, id), value, previous, change: value - previous }
        })
        const wanted = list.filter(({ value, change }) =>
          by === 'rising' ? change > 0 : by === 'falling' ? change < 0 : value > 0,
        )
        const rankBy = (row: (typeof list)[number]): number =>
          by === 'rising' ? -row.change : by === 'falling' ? row.change : -row.value
        wanted.sort((a, b) => rankBy(a) - rankBy(b) || (a.id < b.id ? -1 : 1))
        for (const [at, cells] of wanted.slice(0, TOP_COUNT).entries()) {
          rows.push({ table: 'top_log', key: topKey({ kind, by, period }, asOf, at + 1), cells: cells as Cells })
        }
      }
    }
  }
  return rows
}

function plainNames(world: World, kind: string, id: string): { name: string; artist_name?: string } {
  const song = world.songs.find((known) =>
    kind === 'songs' ? known.track_id === id : kind === 'artists' ? known.artist_id === id : known.album_id === id,
  )
  const artist_name = song?.artist_name ?? 'UNKNOWN'
  if (kind === 'artists') return { name: song?.artist_name ?? id }
  return { name: (kind === 'songs' ? song?.title : song?.release) ?? id, artist_name }
}

function sorted(rows: readonly TableRow[]): TableRow[] {
  const name = (row: TableRow): string => `${row.table} ${row.key}`
  return [...rows].sort((a, b) => (name(a) < name(b) ? -1 : 1))
}

function plainChecksum(line: string): bigint {
  return BigInt(`0x${createHash('md5').update(line).digest('hex').slice(16)}`)
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function pad(number: number, width: number): string {
  return String(number).padStart(width, '0')
}

function isCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof MusicboxError && error.code === code
}
