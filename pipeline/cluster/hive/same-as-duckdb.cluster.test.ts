/** Lines and names of every kind: Hive must read, refuse and count them as DuckDB does. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type Day, dayStartMs } from '../../../datasets/day.ts'
import { MusicboxError } from '../../../datasets/failure.ts'
import type { Artist, Song, User } from '../../../datasets/music.ts'
import type { TableRow } from '../../../datasets/tables.ts'
import { openDuckdbWarehouse } from '../../embedded/duckdb-warehouse.ts'
import type { DayVersion, PeriodRange, Warehouse } from '../../warehouse.ts'
import type { ClusterConfig } from '../cluster-config.ts'
import { type HdfsRawStore, openHdfsRawStore } from '../hdfs/hdfs-raw-store.ts'
import { describeOnCluster } from '../test-cluster.suite.ts'
import { HiveClient } from './hive-client.ts'
import * as queries from './hive-queries.ts'
import { addPartition } from './hive-tables.ts'
import { quoted } from './hive-text.ts'
import { openHiveWarehouse } from './hive-warehouse.ts'
import { WarehouseFolder } from './warehouse-folder.ts'

const DAYS: readonly [Day, Day] = ['2026-03-29', '2026-03-30']

/** What a name may hold; the second one is Hive's own word for nothing. */
const NAMES = [
  "O'Brien",
  '\\N',
  '\\',
  'a\\tb',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Hive would put a setting in its place.
  '${hiveconf:x}',
  '-- ; `"',
  'ünï 😀',
  '\uffff',
  '😀',
  '%_',
  '',
  'NULL',
  ' ',
]
/** Genres and titles may hold what ids may not. */
const TEXTS = [...NAMES, 'tab\there', 'two\nlines', 'cr\r', 'nul\0', '\u0001\u0002', '\u2028']

describeOnCluster('Hive beside DuckDB', (cluster) => {
  let config: ClusterConfig
  let folder: string
  let raw: HdfsRawStore
  let hive: Warehouse
  let duckdb: Warehouse
  const versions: [DayVersion, DayVersion] = [
    { day: DAYS[0], hash: 'one' },
    { day: DAYS[1], hash: 'one' },
  ]

  before(async () => {
    config = await cluster()
    folder = await mkdtemp(join(tmpdir(), 'musicbox-beside-'))
    raw = await openHdfsRawStore(config)
    hive = await openHiveWarehouse(config)
    duckdb = await openDuckdbWarehouse(join(folder, 'warehouse'), join(folder, 'raw'))
  })
  after(async () => {
    await Promise.all([hive?.close(), duckdb?.close(), raw?.close()])
    await rm(folder, { recursive: true, force: true })
  })

  const write = async (path: string, lines: readonly string[]): Promise<string> => {
    const bytes = gzipSync(`${lines.join('\n')}\n`)
    await raw.publish(path, bytes)
    await mkdir(dirname(join(folder, 'raw', path)), { recursive: true })
    await writeFile(join(folder, 'raw', path), bytes)
    return path
  }

  it('gives the same rows, two days and questions at a time', async () => {
    const world = nastyWorld()
    await Promise.all([hive.setDimensions(world), duckdb.setDimensions(world)])
    const files = await Promise.all(
      DAYS.map((day) => {
        const lines = nastyLines(day)
        return Promise.all([
          // Read as text, 100 would come before 99; the one line of both partitions differs.
          write(fileOf(day, 99), [...lines.slice(0, 30), lines[31]!.replace('"s"', '"of 99"')]),
          write(fileOf(day, 100), [lines[31]!, ...lines.slice(30)]),
        ])
      }),
    )
    const load = (warehouse: Warehouse): Promise<unknown> =>
      Promise.all(versions.map((version, at) => warehouse.load(version, files[at]!.toReversed())))
    assert.deepEqual(await load(hive), await load(duckdb))
    const ask = (warehouse: Warehouse): Promise<unknown[]> =>
      Promise.all([
        warehouse.dayRows(versions[0]).then(sorted),
        warehouse.periodRows(DAYS[1], PERIODS, versions).then(sorted),
        warehouse.tallies(versions[1]),
        warehouse.dayRows(versions[1]).then(sorted),
        warehouse.marks(versions[0], '23'),
      ])
    const [ours, theirs] = await Promise.all([ask(hive), ask(duckdb)])
    assert.deepEqual(ours, theirs)
    assert.ok((ours[0] as TableRow[]).length > 60 && (ours[1] as TableRow[]).length > 200)
    assert.ok((ours[4] as unknown[]).length > 0, 'the last millisecond of the day is of its last hour')
  })

  it('refuses the same lines; and what a killed load has left does not count', async () => {
    const day = '2026-04-02'
    const good = nastyLines(day)
    const bad = badLines(day)
    const lines = bad.flatMap((line, at) => [good[at % good.length]!, line])
    for (const [at, line] of bad.entries()) {
      const path = await write(fileOf(day, at + 10), [line])
      const refused = await duckdb.load({ day, hash: `bad-${at}` }, [path]).then(
        () => false,
        (error: unknown) => error instanceof MusicboxError && error.code === 'data.corrupt',
      )
      assert.ok(refused, `DuckDB takes ${line}`)
    }
    // As a load does it that is killed before it has counted: the rows are there, and no marker.
    const path = await write(fileOf(day, 1), lines)
    const there = new WarehouseFolder(config)
    const client = clientOf(config)
    const dead = { day, version: 'one.dead' }
    try {
      await there.write('warehouse/loads/dead/files.txt', Buffer.from(`${there.hivePath(`raw/${path}`)}\n`))
      await client.query(addPartition('raw_lines', { load: 'dead' }, there.hivePath('warehouse/loads/dead')))
      await client.query(queries.insertDay(dead, 'dead', 'none'), queries.loadSettings(undefined))
      const refused = (await client.query(queries.faults(dead))).map(([, offset]) => Number(offset))
      let offset = 0
      const offsets = lines.map((line) => {
        const own = offset
        offset += Buffer.byteLength(line) + 1
        return own
      })
      assert.deepEqual(
        refused.sort((a, b) => a - b).map((at) => lines[offsets.indexOf(at)]),
        bad,
      )

      // Without the setting Hive gives all lines the list's name, and the order of the files is lost.
      const nameless = { day, version: 'nameless' }
      await client.query(queries.insertDay(nameless, 'dead', 'none'))
      const [counts] = await client.query(queries.summary(nameless))
      assert.deepEqual(counts, [BigInt(lines.length), 0n, 0n, BigInt(lines.length)])

      const whole = await write(fileOf(day, 2), good.slice(0, 7))
      const version = { day, hash: 'one' }
      await assert.rejects(hive.dayRows(version), (error: MusicboxError) => error.code === 'not.found')
      assert.deepEqual(await hive.load(version, [whole]), { lines: 7, events: 7, duplicates: 0 })
      const tallied = await hive.tallies(version)
      assert.equal(
        tallied.reduce((sum, { count }) => sum + count, 0),
        7,
      )
      // Who reads a day by its folder would count them: this test would see it.
      const [[all]] = (await client.query(`SELECT count(*) FROM events WHERE dt = ${quoted(day)}`)) as [[bigint]]
      assert.ok(all > 7n)

      // What is ready goes when the day becomes empty.
      const empty = { day, hash: 'empty' }
      assert.deepEqual(await hive.load(empty, []), { lines: 0, events: 0, duplicates: 0 })
      assert.deepEqual(await hive.tallies(empty), [])
      await assert.rejects(hive.tallies(version), (error: MusicboxError) => error.code === 'not.found')
      const left = await client.query('SHOW PARTITIONS events')
      assert.deepEqual(
        left.flat().filter((name) => String(name).startsWith(`dt=${day}`)),
        [`dt=${day}/version=nameless`, `dt=${day}/version=one.dead`],
        'younger than an hour: its load might still be at work',
      )
    } finally {
      await client.close()
      there.close()
    }
  })

  it('keeps 64 bits, and takes any text in a literal', async () => {
    const client = clientOf(config)
    try {
      const large = await client.query('SELECT CAST(9223372036854775807 AS BIGINT), CAST(-9007199254740993 AS BIGINT)')
      assert.deepEqual(large, [[9223372036854775807n, -9007199254740993n]])
      assert.deepEqual(await client.query(`SELECT ${TEXTS.map(quoted).join(', ')}`), [TEXTS])
      await assert.rejects(client.query('SELEKT 1'), (error: MusicboxError) => {
        assert.match(error.message, /ParseException.*SELEKT/)
        assert.ok(!error.message.includes('\n'))
        return true
      })
      assert.deepEqual(await client.query('SELECT 1'), [[1]], 'the session goes on after it')
    } finally {
      await client.close()
    }
  })
})

const PERIODS: readonly PeriodRange[] = [
  {
    period: 'total',
    range: { first: DAYS[0], last: DAYS[1] },
    before: { first: '2026-03-27', last: '2026-03-28' },
  },
  { period: 'yesterday', range: { first: DAYS[1], last: DAYS[1] }, before: { first: DAYS[0], last: DAYS[0] } },
]

function clientOf({ hive, namespace }: ClusterConfig): HiveClient {
  return new HiveClient({
    address: hive.hiveserver2,
    user: hive.user,
    database: namespace,
    settings: { 'hive.execution.engine': 'mr' },
  })
}

function fileOf(day: Day, partition: number): string {
  return `dt=${day}/hr=00/events-p${partition}-000000000000-000000000999.jsonl.gz`
}

function nastyWorld(): { songs: Song[]; artists: Artist[]; users: User[] } {
  const songs = TEXTS.map((text, at) => ({
    track_id: `TR${NAMES[at % NAMES.length]}`,
    title: text,
    artist_id: NAMES[(at * 5) % NAMES.length],
    artist_name: `${text}!`,
    album_id: NAMES[(at * 3) % NAMES.length],
    release: `${text}?`,
    genre: text,
  })) as Song[]
  const artists = NAMES.slice(0, 5).map((artist_id) => ({ artist_id, artist_name: `the ${artist_id}` })) as Artist[]
  const users = NAMES.map((name, at) => ({
    uid: `u${name}`,
    zip: at % 4 === 0 ? '' : `0${at}0`.padEnd(5, '1'),
  })) as User[]
  return { songs, artists, users }
}

/** Lines that are events, with all that a field may hold. */
function nastyLines(day: Day): string[] {
  const kinds = ['play', 'play', 'rate', 'comment', 'login', 'skip', 'tag', 'play', 'exit', 'tup']
  return Array.from({ length: 60 }, (_, at) => {
    const event = kinds[at % kinds.length]!
    const name = NAMES[at % NAMES.length]!
    return JSON.stringify({
      eid: at.toString(16).padStart(32, '0'),
      ts: dayStartMs(day) + (at % 5 === 0 ? 86_399_999 : at * 1_400_000),
      uid: `u${NAMES[(at * 7) % NAMES.length]}`,
      session: 's',
      event,
      // None at all, one that nobody knows, and the empty one.
      ...(at % 11 !== 0 && { songid: at % 13 === 0 ? '' : `TR${name}` }),
      ...(event === 'rate' && { stars: [1 + (at % 10), 256, -1, 'many', null][Math.floor(at / 10) % 5] }),
      ...(event === 'comment' && { text: `${TEXTS[at % TEXTS.length]} {"eid":"}` }),
      ...(event === 'tag' && { tags: ['}', '{', name] }),
      ...(at === 7 && { text: '\ud800' }),
      received_ms: 0,
    })
  })
}

/** Lines that are no events of the day. What differs on nested objects is left out: no event has one. */
function badLines(day: Day): string[] {
  const event = JSON.parse(nastyLines(day)[1]!) as Record<string, unknown>
  const line = JSON.stringify(event)
  const without = (field: string): string => JSON.stringify({ ...event, [field]: undefined })
  const having = (fields: object): string => JSON.stringify({ ...event, ...fields })
  const start_ms = dayStartMs(day)
  return [
    `${line}${line}`,
    `${line} x`,
    line.slice(0, -1),
    line.slice(1),
    'null',
    '[]',
    '""',
    `[${line}]`,
    'no JSON',
    ...['eid', 'ts', 'uid', 'event'].map(without),
    having({ eid: 'F'.repeat(32) }),
    having({ eid: `${event['eid']}0` }),
    having({ eid: `${event['eid']}\n` }),
    having({ uid: '' }),
    having({ event: 'Play' }),
    having({ event: 'dance' }),
    having({ ts: start_ms - 1 }),
    having({ ts: start_ms + 86_400_000 }),
    having({ ts: -1 }),
    having({ ts: 'noon' }),
    having({ ts: null }),
  ]
}

function sorted(rows: readonly TableRow[]): TableRow[] {
  const name = ({ table, key }: TableRow): string => `${table} ${key}`
  return [...rows].sort((a, b) => (name(a) < name(b) ? -1 : 1))
}
