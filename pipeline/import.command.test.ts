import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Ran, runCommand } from '../datasets/command.suite.ts'
import { openBackend } from './backend.ts'
import { importCommand } from './import.command.ts'
import { readArtist, readSong, readUser } from './lookup.ts'

/** The forms that the first version's files have: run together, both kinds of time, guests, rubbish, a cut-off end. */
const EVENTS =
  '\ufeff{"timestamp": "Thu Dec 19 13:11:06 2013", "songid": "S1", "uid": "u1", "ip4": "248.132.126.127", "event": "tup"}' +
  '{"timestamp": "2013-12-19 13:18:14", "songid": "S2", "uid": "Guest_1.2.3.4", "ip4": "1.2.3.4", "event": "play"}\r\n\r\n' +
  'rubbish\n' +
  '{"timestamp": "Thu Dec 19 13:20:00 2013", "songid": "S2", "uid": "u1", "ip4": "1.2.3.4", "event": "dance"}\n' +
  '{"timestamp": "Thu Dec 19 13:21:00 2013", "songid": "S'

const USERS =
  'u1,Ada,Ames,ada@example.org,2013-01-02,2013-12-01,06774,1980-05-06,F,1,1.2.3.4,3\n' +
  'u2,Bob,Byrd,bob@example.org,2013-01-02,2013-12-01,10001,1981-05-06,M,1,1.2.3.5\n' +
  'too,few,columns\n'

describe('musicbox import', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musicbox-import-'))
    await writeFile(join(folder, 'events.txt'), EVENTS)
    await writeFile(join(folder, 'users.csv'), USERS)
  })
  after(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  const run = (...args: string[]): Promise<Ran> =>
    runCommand(importCommand, ['import', '--data', join(folder, 'data'), ...args], { now: Date.now })

  it('keeps every good event, and every refused piece with its byte offset and the reason', async () => {
    const { exit, out } = await run(join(folder, 'events.txt'), '--json')
    const result = JSON.parse(out)
    assert.equal(exit, 0)
    assert.equal(result.stored, 2)
    assert.equal(result.unknown_songs, 2)
    const bytes = Buffer.from(EVENTS)
    const rejects = (await readFile(result.reject_file, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.equal(result.rejected, rejects.length)
    for (const { offset_bytes, text, reason } of rejects) {
      assert.ok(bytes.subarray(offset_bytes).toString().startsWith(text), `${text} is not at ${offset_bytes}`)
      assert.notEqual(reason, '')
    }
    const refused = rejects.map(({ text }) => text).join()
    for (const piece of ['rubbish', 'dance', '13:21:00']) assert.match(refused, new RegExp(piece))
  })

  it('changes nothing when the same file comes again', async () => {
    const again = JSON.parse((await run(join(folder, 'events.txt'), '--json')).out)
    assert.equal(again.stored, 0)
    assert.equal(again.duplicates, 2)
  })

  it('takes users with 11 and with 12 columns, keeps zip codes as text, and names the line of a bad row', async () => {
    const { exit, out } = await run(join(folder, 'users.csv'), '--users', '--json')
    const result = JSON.parse(out)
    assert.equal(exit, 0)
    assert.equal(result.users, 2)
    assert.equal(result.rejected, 1)
    const [reject] = (await readFile(result.reject_file, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.equal(reject.line, 3)
    const backend = openBackend({ data: join(folder, 'data') })
    const tables = await backend.tables()
    const user = await tables.snapshot((view) => readUser(view, 'u1'))
    assert.equal(user?.zip, '06774')
    assert.notEqual(await (await backend.warehouse()).dimensionsHash(), 'none')
    await backend.close()
  })

  it('says so when there is no such file', async () => {
    const { exit, err } = await run(join(folder, 'nothing.txt'))
    assert.equal(exit, 7)
    assert.match(err, /nothing\.txt/)
  })

  it('takes a real catalogue from its own files, and names the lines that it cannot use', async () => {
    const msd = join(folder, 'msd')
    await mkdir(msd)
    await writeFile(
      join(msd, 'unique_tracks.txt'),
      'TRAAAAA128F0000001<SEP>SOAAAAA12A8C000001<SEP>The Copper Kites<SEP>Harbour Lights\n' +
        'a line of another kind\n' +
        'TRAAAAA128F0000002<SEP>SOAAAAA12A8C000002<SEP>The Copper Kites<SEP>Second Tide\n',
    )
    const { exit, out } = await run('--msd', `${msd}/`, '--json')
    const result = JSON.parse(out)
    assert.equal(exit, 0)
    assert.deepEqual([result.songs, result.artists, result.rejected], [2, 1, 1])
    assert.deepEqual(Object.values(result.counts), [{ rows: 2, refused: 1 }])
    assert.equal(result.reject_file, `${msd}.rejects.ndjson`)
    const [reject] = (await readFile(result.reject_file, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.equal(reject.line, 2)
    assert.equal(reject.file, join(msd, 'unique_tracks.txt'))
    assert.notEqual(reject.reason, '')
    const backend = openBackend({ data: join(folder, 'data') })
    try {
      const tables = await backend.tables()
      const song = await tables.snapshot((view) => readSong(view, 'TRAAAAA128F0000002'))
      assert.equal(song?.title, 'Second Tide')
      const artist = await tables.snapshot((view) => readArtist(view, song?.artist_id ?? ''))
      assert.equal(artist?.artist_name, 'The Copper Kites')
    } finally {
      await backend.close()
    }
    assert.match((await run('--msd', msd)).out, /unique_tracks\.txt: 2 rows taken, 1 refused/)
  })

  it('wants a file or a folder of a catalogue, and not both', async () => {
    for (const given of [[], [join(folder, 'events.txt'), '--msd', folder]]) {
      const { exit, err } = await run(...given)
      assert.notEqual(exit, 0)
      assert.match(err, /expected a file, or a folder with --msd/)
    }
  })

  it('does not look for users in a catalogue', async () => {
    const { exit, err } = await run('--msd', folder, '--users')
    assert.notEqual(exit, 0)
    assert.match(err, /expected --users or --msd/)
  })
})
