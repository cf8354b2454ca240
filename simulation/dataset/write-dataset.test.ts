import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { dayOf, daysBetween } from '../../datasets/day.ts'
import { type WireEvent, wireEventSchema } from '../../datasets/event.ts'
import { dayEvents } from '../kernel/history.ts'
import { keyText } from '../kernel/key-text.ts'
import { createWorld } from '../kernel/world.ts'
import { Digest } from './digest.ts'
import { documents } from './documents.ts'
import { FORMATS } from './format.ts'
import type { Manifest } from './manifest.ts'
import { planDataset } from './plan.ts'
import { type DatasetOptions, type DatasetProgress, writeDataset } from './write-dataset.ts'

const world = createWorld({ songCount: 200, userCount: 61 })
const asked = { firstDay: '2026-01-01', lastDay: '2026-02-09', formats: ['jsonl', 'csv'] } as const
const scratch = mkdtempSync(join(tmpdir(), 'musicbox-dataset-'))
after(() => rmSync(scratch, { recursive: true }))

let folders = 0
const folder = (): string => join(scratch, String(folders++))
const read = (out: string, path: string): string => readFileSync(join(out, path), 'utf8')
const write = (out: string, given: Partial<DatasetOptions> = {}): Promise<Manifest> =>
  writeDataset(world, { ...asked, out, workers: 2, ...given })

const events = daysBetween(asked.firstDay, asked.lastDay).flatMap((day) => dayEvents(world, day))
const slow = new Digest()
for (const event of events) slow.addEvent(event)

const whole = folder()
const manifest = await write(whole, { formats: FORMATS })
const reference = folder()
await write(reference)

describe('a data set', () => {
  it('has every event of the history once, and says so by count and digest', () => {
    assert.equal(manifest.events, events.length)
    assert.equal(manifest.digest, slow.toString())
    const lines = readdirSync(join(whole, 'events'))
      .flatMap((day) => ['part-0000', 'part-0001'].map((part) => `events/${day}/${part}.jsonl`))
      .filter((path) => existsSync(join(whole, path)))
      .flatMap((path) => {
        const found = read(whole, path)
          .split('\n')
          .slice(0, -1)
          .map((line) => wireEventSchema.parse(JSON.parse(line)))
        for (const { ts } of found) assert.equal(`dt=${dayOf(ts)}`, path.split('/')[1])
        return found
      })
    assert.deepEqual(sorted(lines), sorted(events))
  })

  it('has files as the manifest says, and no others', () => {
    const paths = readdirSync(whole, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(whole.length + 1))
    const beside = ['_SUCCESS', '_journal.jsonl', 'checksums.sha256', 'manifest.json']
    assert.deepEqual(paths.sort(), [...manifest.files.map(({ path }) => path), ...beside].sort())
    for (const { path, bytes } of manifest.files) assert.equal(statSync(join(whole, path)).size, bytes)
    execFileSync('sha256sum', ['--check', '--quiet', 'checksums.sha256'], { cwd: whole })
    assert.deepEqual(JSON.parse(read(whole, 'manifest.json')), manifest)
  })

  it('has the same lines compressed as plain', () => {
    for (const { path, rows } of manifest.files.filter(
      (file) => /\.(jsonl|csv)$/.test(file.path) && file.path.startsWith('events'),
    )) {
      const plain = read(whole, path)
      assert.equal(gunzipSync(readFileSync(join(whole, `${path}.gz`))).toString(), plain)
      assert.equal(plain.split('\n').length - 1 - (path.endsWith('.csv') ? 1 : 0), rows)
    }
  })

  it('has the same bytes on one worker and on three, alone and beside other formats', async () => {
    const sums = read(reference, 'checksums.sha256')
    for (const workers of [1, 3]) {
      const out = folder()
      await write(out, { workers, formats: ['csv', 'jsonl'] })
      assert.equal(read(out, 'checksums.sha256'), sums)
    }
    const common = sums.split('\n').filter((line) => / {2}(events|daily|users|catalog)\//.test(line))
    const all = new Set(read(whole, 'checksums.sha256').split('\n'))
    assert.ok(common.length > 100)
    assert.deepEqual(
      common.filter((line) => !all.has(line)),
      [],
    )
  })

  it('has other files but the same digest when parts are cut otherwise', async () => {
    const out = folder()
    const { digest, files } = await write(out, { partUsers: 7, formats: ['npy'] })
    assert.equal(digest, manifest.digest)
    assert.ok(files.some(({ path }) => path.includes('part-0008')))
    const daily = (of: Manifest): unknown => of.files.filter(({ path }) => path.startsWith('daily/'))
    assert.deepEqual(daily({ ...manifest, files }), daily(manifest))
  })

  it('adds up: the digests of two ranges are that of the whole', async () => {
    const first = await write(folder(), { lastDay: '2026-01-20', formats: ['npy'] })
    const second = await write(folder(), { firstDay: '2026-01-21', formats: ['npy'] })
    const sum = new Digest()
    sum.addText(first.digest)
    sum.addText(second.digest)
    assert.equal(sum.toString(), manifest.digest)
    assert.equal(first.events + second.events, manifest.events)
  })

  it('has arrays of the same rows as the lines', () => {
    const { path, rows } = manifest.files.find(({ path }) => path.endsWith('part-0001.jsonl'))!
    const lines = read(whole, path)
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as WireEvent)
    const column = (name: string): { header: string; bytes: Buffer } => {
      const bytes = readFileSync(join(whole, path.replace('.jsonl', `.${name}.npy`)))
      const start = 10 + bytes.readUInt16LE(8)
      assert.equal(bytes.toString('latin1', 1, 6), 'NUMPY')
      assert.equal(start % 64, 0)
      return { header: bytes.toString('latin1', 10, start), bytes: bytes.subarray(start) }
    }
    const ts = column('ts')
    assert.match(ts.header, new RegExp(`'<i8', 'fortran_order': False, 'shape': \\(${rows},\\), } *\n$`))
    const song = column('song')
    const songs = read(whole, 'catalog/songs.csv').split('\r\n').slice(1)
    const users = read(whole, 'users/users.csv').split('\r\n').slice(1)
    const user = column('user')
    const kind = column('event')
    const { event: kinds } = JSON.parse(read(whole, 'catalog/kinds.json')) as { event: string[] }
    assert.equal(song.bytes.length, 4 * rows)
    lines.forEach((line, i) => {
      assert.equal(Number(ts.bytes.readBigInt64LE(8 * i)), line.ts)
      assert.equal(users[user.bytes.readUInt32LE(4 * i)]!.split(',')[1], line.uid)
      assert.equal(kinds[kind.bytes[i]!], line.event)
      const index = song.bytes.readInt32LE(4 * i)
      if (line.event !== 'search') assert.equal(index < 0 ? undefined : songs[index]!.split(',')[1], line.songid)
    })
  })

  it('shows how far it is, events and days', async () => {
    const seen: DatasetProgress[] = []
    await write(folder(), { formats: ['npy'], onProgress: (progress) => seen.push(progress) })
    assert.deepEqual({ ...seen.at(-1)!, bytes: 0 }, { events: events.length, bytes: 0, days: 41, daysTotal: 41 })
    assert.ok(seen.at(-1)!.bytes > 0 && seen[0]!.events < events.length)
  })

  it('takes files that somebody adds below truth/ into the manifest', async () => {
    const out = folder()
    const extra = async (of: string): Promise<void> => {
      mkdirSync(join(of, 'truth'))
      writeFileSync(join(of, 'truth', 'curves.csv'), 'song\n1\n')
    }
    const { files } = await write(out, { extra, formats: ['npy'] })
    const sha256 = createHash('sha256').update('song\n1\n').digest('hex')
    assert.deepEqual(
      files.find(({ path }) => path.startsWith('truth/')),
      { path: 'truth/curves.csv', rows: 0, bytes: 7, sha256 },
    )
  })

  it('is read by DuckDB as the lines tell, with the shipped loader', async () => {
    const duck = await (await DuckDBInstance.create()).connect()
    const rows = async (sql: string): Promise<unknown[]> => (await duck.runAndReadAll(sql)).getRowObjectsJson()
    const wire = Object.keys(wireColumns()).join(', ')
    for (const format of ['parquet', 'csv', 'jsonl'] as const) {
      const loader = documents(planDataset(world, { ...asked, formats: [format] })).find(
        ([path]) => path === 'load/load.sql',
      )
      await duck.run(`SET file_search_path = '${whole}'`)
      await duck.run(loader![1])
      const got = await rows(`SELECT ${wire}, dt::VARCHAR AS dt FROM events ORDER BY eid`)
      const expected = [...events]
        .sort((a, b) => (a.eid < b.eid ? -1 : 1))
        .map((event) => {
          const flat = event as Record<string, unknown>
          const tags = flat['tags'] as string[] | undefined
          return {
            ...Object.fromEntries(Object.keys(wireColumns()).map((name) => [name, flat[name] ?? null])),
            ts: String(event.ts),
            tags: format === 'jsonl' ? (tags ?? null) : (tags?.join(';') ?? null),
            dt: dayOf(event.ts),
          }
        })
      assert.deepEqual(got, expected)
      const plays = events.filter(({ event }) => event === 'play').length
      assert.deepEqual(await rows('SELECT sum(plays)::INTEGER AS plays FROM daily'), [{ plays }])
      const known = 'SELECT count(*)::INTEGER AS n FROM events JOIN songs ON songid = track_id JOIN users USING (uid)'
      assert.deepEqual(await rows(known), [{ n: events.filter((event) => 'songid' in event).length }])
    }
  })

  it('is read by pandas, with the shipped loader', (test) => {
    if (!hasPandas()) {
      assert.ok(process.env['MUSICBOX_REQUIRE_PANDAS'] !== '1', 'MUSICBOX_REQUIRE_PANDAS=1, but python3 has no pandas')
      return test.skip('python3 has no pandas (apt-get install python3-pandas)')
    }
    const load = (out: string): unknown =>
      JSON.parse(execFileSync(PYTHON, ['load/load_pandas.py'], { cwd: out, encoding: 'utf8' }))
    const expected = {
      events: events.length,
      plays: events.filter(({ event }) => event === 'play').length,
      days: new Set(events.map(({ ts }) => dayOf(ts))).size,
      ts_sum: events.reduce((sum, { ts }) => sum + ts, 0),
    }
    // One format at a time: the loader takes the first that there is. Parquet needs a package that pandas may lack.
    const out = folder()
    cpSync(whole, out, { recursive: true })
    const remove = (ending: string): void => {
      for (const { path } of manifest.files)
        if (path.startsWith('events/') && path.endsWith(ending)) rmSync(join(out, path))
    }
    remove('.parquet')
    for (const ending of ['.csv.gz', '.csv', '.jsonl.gz', '.jsonl', '.npy']) {
      assert.deepEqual(load(out), expected, ending)
      remove(ending)
    }
  })

  it('names its world in the footer of its Parquet files', async () => {
    const duck = await (await DuckDBInstance.create()).connect()
    const path = manifest.files.find((file) => file.path.endsWith('.parquet'))!.path
    const sql = `SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata('${join(whole, path)}')`
    const metadata = (await duck.runAndReadAll(sql)).getRowObjectsJson().map(({ key, value }) => [key, value])
    assert.deepEqual(metadata[0], ['musicbox.spec_version', String(world.spec)])
    assert.deepEqual(metadata[1], ['musicbox.key', keyText(world.key)])
    assert.match(String(metadata[2]![1]), /^[0-9a-f]{64}$/)
  })
})

describe('an interrupted data set', () => {
  it('ends with the same checksums, however often it is killed', async () => {
    const out = folder()
    let kills = 0
    for (const progress of [1, 20, 30, 5, 12, Number.POSITIVE_INFINITY]) {
      if (await killAfter(out, progress)) kills++
    }
    assert.ok(kills >= 4, `only ${kills} were killed`)
    assert.equal(read(out, 'checksums.sha256'), read(reference, 'checksums.sha256'))
    assert.deepEqual(
      readdirSync(out).filter((name) => name.startsWith('_')),
      ['_SUCCESS', '_journal.jsonl'],
    )
  })

  it('stops when told to, and goes on later', async () => {
    const out = folder()
    const stop = new AbortController()
    const reason = new Error('enough')
    await assert.rejects(write(out, { signal: stop.signal, onProgress: () => stop.abort(reason) }), reason)
    assert.ok(!existsSync(join(out, '_SUCCESS')))
    await write(out)
    assert.equal(read(out, 'checksums.sha256'), read(reference, 'checksums.sha256'))
  })

  it('makes again what was altered, lost or left half written', async () => {
    const out = folder()
    cpSync(reference, out, { recursive: true })
    writeFileSync(join(out, 'events/dt=2026-01-05/part-0001.csv'), 'ruined')
    rmSync(join(out, 'events/dt=2026-02-03/part-0000.jsonl'))
    rmSync(join(out, 'daily/dt=2026-01-07'), { recursive: true })
    appendFileSync(join(out, '_journal.jsonl'), '{"unit":"users","rec')
    await write(out)
    execFileSync('sha256sum', ['--check', '--quiet', 'checksums.sha256'], { cwd: out })
    assert.equal(read(out, 'checksums.sha256'), read(reference, 'checksums.sha256'))
  })

  it('does nothing twice: what is complete is only checked', async () => {
    const before = read(reference, '_journal.jsonl')
    await write(reference)
    assert.equal(read(reference, '_journal.jsonl'), before)
    assert.ok(existsSync(join(reference, '_SUCCESS')))
  })

  it('is not mixed with another world, other options or other files', async () => {
    const refused = { name: 'MusicboxError', code: 'input.invalid' }
    const other = createWorld({ songCount: 200, userCount: 61, knobs: { skip: 0 } })
    await assert.rejects(writeDataset(other, { ...asked, out: reference }), { ...refused, message: /its knobs is/ })
    await assert.rejects(write(reference, { lastDay: '2026-02-10' }), {
      ...refused,
      message: /its lastDay is "2026-02-09"/,
    })
    await assert.rejects(write(reference, { formats: ['csv'] }), { ...refused, message: /its formats is/ })
    await assert.rejects(write(reference, { partUsers: 5 }), {
      ...refused,
      message: /its partUsers is 31, asked was 5/,
    })
    const out = folder()
    mkdirSync(out)
    writeFileSync(join(out, 'thesis.txt'), '')
    await assert.rejects(write(out), { ...refused, message: /it has thesis.txt/ })
  })

  it('is not begun for options that cannot be', async () => {
    await assert.rejects(write(folder(), { formats: [] }), /expected formats of jsonl, .*, got none/)
    await assert.rejects(write(folder(), { formats: ['orc' as 'csv'] }), /got orc/)
    await assert.rejects(write(folder(), { workers: 0 }), /expected 1 to 64 workers, got 0/)
    await assert.rejects(write(folder(), { partUsers: 0 }), /at least 1 user in a part, got 0/)
    await assert.rejects(write(folder(), { firstDay: '2025-12-31' }), /expected days from 2026-01-01 on/)
    await assert.rejects(write(folder(), { firstDay: '2026-03-01' }), /expected the last day not to precede/)
  })
})

/** The system's Python, which has the system's packages. */
const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'

function hasPandas(): boolean {
  return spawnSync(PYTHON, ['-c', 'import pandas']).status === 0
}

function sorted(of: readonly WireEvent[]): WireEvent[] {
  return [...of].sort((a, b) => (a.eid < b.eid ? -1 : 1))
}

function wireColumns(): Record<string, true> {
  const names = [
    'ts',
    'eid',
    'uid',
    'session',
    'event',
    'songid',
    'position_ms',
    'query',
    'stars',
    'text',
    'tags',
    'ip4',
    'device',
  ]
  return Object.fromEntries(names.map((name) => [name, true]))
}

/** Runs the same call in a process of its own and kills it at the given number of finished days. @returns whether it was killed */
async function killAfter(out: string, progress: number): Promise<boolean> {
  const modules = ['../kernel/world.ts', './write-dataset.ts'].map((path) => new URL(path, import.meta.url).href)
  const call = `
    Promise.all(${JSON.stringify(modules)}.map((path) => import(path))).then(([{ createWorld }, { writeDataset }]) =>
      writeDataset(createWorld({ songCount: 200, userCount: 61 }), {
        ...${JSON.stringify({ ...asked, out, workers: 2 })},
        onProgress: () => console.log('day'),
      }))`
  const child = spawn(process.execPath, ['--eval', call], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('exit', (_, signal) => resolve(signal)))
  let seen = 0
  for await (const _ of createInterface(child.stdout)) if (++seen === progress) child.kill('SIGKILL')
  return (await ended) === 'SIGKILL'
}
