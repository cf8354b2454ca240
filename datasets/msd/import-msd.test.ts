import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { type Artist, artistSchema, type Song, songSchema, UNKNOWN_ID } from '../music.ts'
import { readArtistSimilarity, readArtistTerms, readTrackMetadata } from './databases.ts'
import { hashedId } from './hashed-id.ts'
import { importMsd } from './import-msd.ts'
import type { MsdReject, ReadOptions } from './reject.ts'
import {
  readArtistLocations,
  readTasteTriplets,
  readTracksPerYear,
  readUniqueArtists,
  readUniqueTracks,
} from './text-files.ts'
import { readTrackTable, TRACK_COLUMNS, type TrackColumn } from './track-table.ts'

const folder = mkdtempSync(join(tmpdir(), 'msd-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const id = (kind: string, number: number): string =>
  `${kind}ABCDE${number.toString(16).toUpperCase().padStart(11, '0')}`
const TR = (number: number): string => id('TR', number)
const SO = (number: number): string => id('SO', number)
const AR = (number: number): string => id('AR', number)

/** Thirty tracks by six artists, all invented; their titles hold what a reader might trip over. */
const TRACKS = Array.from({ length: 30 }, (_, n) => ({
  track_id: TR(n),
  song_id: SO(n),
  artist: n % 6,
  artist_name: ['Tin Harbour', 'Les Été Mécaniques', 'Ōmokage', 'The "Quoted"', "O'Lantern & Sons", '月の庭'][n % 6]!,
  title: n === 7 ? '' : `Song; number | ${n} – \u0130\u0131 \u{1f3b5}`,
  release: n % 3 === 0 ? 'First' : 'Second',
  year: n % 4 === 0 ? 0 : 1950 + n,
  duration: 100.5 + n,
}))

let files = 0
function written(content: string | Buffer, name = `file${files++}.txt`, inside = folder): string {
  const path = join(inside, name)
  writeFileSync(path, content)
  return path
}

async function taken<Row>(
  read: (path: string, options: ReadOptions) => AsyncIterable<Row>,
  path: string,
): Promise<{ rows: Row[]; rejects: [number, string][] }> {
  const rejects: MsdReject[] = []
  const rows = await all(read(path, { reject: (row) => rejects.push(row) }))
  for (const { file } of rejects) assert.equal(file, path)
  return { rows, rejects: rejects.map(({ line, reason }) => [line, reason]) }
}

async function all<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const list: Row[] = []
  for await (const row of rows) list.push(row)
  return list
}

const trackLine = ({ track_id, song_id, artist_name, title }: (typeof TRACKS)[number]): string =>
  [track_id, song_id, artist_name, title].join('<SEP>')

describe('reading the text files of the Million Song Dataset', () => {
  it('gives every track, whatever its names are made of', async () => {
    const { rows, rejects } = await taken(
      readUniqueTracks,
      written(TRACKS.map((row) => `${trackLine(row)}\n`).join('')),
    )
    assert.deepEqual(
      rows,
      TRACKS.map(({ track_id, song_id, artist_name, title }) => ({ track_id, song_id, artist_name, title })),
    )
    assert.deepEqual(rejects, [])
  })

  it('tells each bad row with its line and the reason, and takes all others', async () => {
    const good = trackLine(TRACKS[0]!)
    const notUtf8 = Buffer.concat([
      Buffer.from(`${TR(1)}<SEP>${SO(1)}<SEP>Caf`),
      Buffer.from([0xe9]),
      Buffer.from('<SEP>x'),
    ])
    const bytes = Buffer.concat([
      Buffer.from(`\ufeff${good}\r\n`),
      Buffer.from(`${TR(1)}<SEP>${SO(1)}<SEP>three columns\n`),
      Buffer.from('\n'),
      Buffer.from(`TR123<SEP>${SO(1)}<SEP>a<SEP>b\n`),
      Buffer.from(`${TR(1)}<SEP>${AR(1)}<SEP>a<SEP>b\n`),
      notUtf8,
      Buffer.from(`\n${good}\n`),
      Buffer.from(`${good}<SEP>five`),
    ])
    const { rows, rejects } = await taken(readUniqueTracks, written(bytes))
    assert.equal(rows.length, 2)
    assert.deepEqual(rows[0], rows[1])
    assert.deepEqual(rejects, [
      [2, 'expected 4 columns, got 3'],
      [3, 'expected a row, got an empty line'],
      [4, 'expected the track id to be TR, five letters or digits and eleven hex digits, got "TR123"'],
      [5, `expected the song id to be SO, five letters or digits and eleven hex digits, got "${AR(1)}"`],
      [6, 'expected UTF-8'],
      [8, 'expected 4 columns, got 5'],
    ])
  })

  it('numbers lines as an editor does, over pieces of any size', async () => {
    const bad = new Set([1, 5_000, 20_000])
    const lines = Array.from({ length: 20_000 }, (_, i) =>
      bad.has(i + 1) ? 'bad' : `${TR(i)}<SEP>${SO(i)}<SEP>${'é'.repeat(i % 40)}<SEP>t${i}`,
    )
    const { rows, rejects } = await taken(readUniqueTracks, written(lines.join('\n')))
    assert.deepEqual(
      rejects.map(([line]) => line),
      [...bad],
    )
    assert.deepEqual(
      rows.map(({ title }) => title),
      lines.flatMap((line, i) => (line === 'bad' ? [] : [`t${i}`])),
    )
  })

  it('leaves a line that does not end, and goes on behind it', async () => {
    const good = trackLine(TRACKS[0]!)
    const { rows, rejects } = await taken(
      readUniqueTracks,
      written(Buffer.concat([Buffer.from(`${good}\n`), Buffer.alloc(17 << 20, 0x61), Buffer.from(`\n${good}\n`)])),
    )
    assert.equal(rows.length, 2)
    assert.deepEqual(rejects, [[2, 'expected a line of at most 16777216 bytes']])
  })

  it('gives artists, with and without a MusicBrainz id', async () => {
    const { rows } = await taken(
      readUniqueArtists,
      written(`${AR(1)}<SEP>x-y<SEP>${TR(1)}<SEP>A\nAR00A6H1187FB5402A<SEP><SEP>${TR(2)}<SEP>B\n`),
    )
    assert.deepEqual(rows, [
      { artist_id: AR(1), artist_mbid: 'x-y', track_id: TR(1), artist_name: 'A' },
      { artist_id: 'AR00A6H1187FB5402A', artist_mbid: '', track_id: TR(2), artist_name: 'B' },
    ])
  })

  it('gives places, and refuses one that is not on the globe', async () => {
    const row = (latitude: string): string => `${AR(1)}<SEP>${latitude}<SEP>-74.5<SEP>${TR(1)}<SEP>A\n`
    const { rows, rejects } = await taken(
      readArtistLocations,
      written(row('40.25') + row('95') + row('north') + row('nan')),
    )
    assert.deepEqual(
      rows.map(({ latitude, longitude }) => [latitude, longitude]),
      [
        [40.25, -74.5],
        [Number.NaN, -74.5],
      ],
    )
    assert.deepEqual(rejects, [
      [2, 'expected latitude from -90 to 90, got "95"'],
      [3, 'expected latitude to be a number, got "north"'],
    ])
  })

  it('gives years, of which 0 is one', async () => {
    const row = (year: string): string => `${year}<SEP>${TR(1)}<SEP>A<SEP>B\n`
    const { rows, rejects } = await taken(readTracksPerYear, written(row('1922') + row('0') + row('19xx') + row('-1')))
    assert.deepEqual(
      rows.map(({ year }) => year),
      [1922, 0],
    )
    assert.deepEqual(
      rejects.map(([line]) => line),
      [3, 4],
    )
  })

  it('gives triplets, and refuses counts and users that cannot be', async () => {
    const user = 'b80344d063b5ccb3212f76538f3d9e43d87dca9e'
    const { rows, rejects } = await taken(
      readTasteTriplets,
      written(`${user}\t${SO(1)}\t3\n${user}\t${SO(1)}\t0\n${user.toUpperCase()}\t${SO(1)}\t1\n${user}\t${SO(1)} 4\n`),
    )
    assert.deepEqual(rows, [{ user, song_id: SO(1), count: 3 }])
    assert.deepEqual(
      rejects.map(([line]) => line),
      [2, 3, 4],
    )
  })

  it('stops when it is asked to', async () => {
    const path = written(`${trackLine(TRACKS[0]!)}\n`)
    await assert.rejects(all(readUniqueTracks(path, { signal: AbortSignal.abort() })), { code: 'interrupted' })
  })

  it('says which file could not be read', async () => {
    await assert.rejects(all(readUniqueTracks(join(folder, 'missing'))), {
      code: 'backend.unreachable',
      message: /missing/,
    })
  })

  it('never throws on a line, whatever it holds, and gives it or refuses it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.string({ unit: 'binary' }),
            fc.array(fc.string(), { minLength: 4, maxLength: 4 }).map((cells) => cells.join('<SEP>')),
            fc.constantFrom(...TRACKS.map(trackLine)),
          ),
          { minLength: 1, maxLength: 20 },
        ),
        async (texts) => {
          const content = texts.join('\n')
          const lines = content.endsWith('\n') ? content.split('\n').length - 1 : content.split('\n').length
          const { rows, rejects } = await taken(readUniqueTracks, written(content, 'any.txt'))
          assert.equal(rows.length + rejects.length, content === '' ? 0 : lines)
        },
      ),
      { numRuns: 30 },
    )
  })
})

const SONGS_TABLE = `CREATE TABLE songs (track_id text PRIMARY KEY, title text, song_id text, release text, artist_id text,
  artist_mbid text, artist_name text, duration real, artist_familiarity real, artist_hotttnesss real, year int`

function metadata(name: string, isSubset: boolean, inside = folder): string {
  const path = join(inside, name)
  const database = new DatabaseSync(path)
  database.exec('PRAGMA synchronous = OFF; BEGIN')
  database.exec(`${SONGS_TABLE}${isSubset ? '' : ', track_7digitalid int, shs_perf int, shs_work int'})`)
  const insert = database.prepare(`INSERT INTO songs VALUES (${new Array(isSubset ? 11 : 14).fill('?').join(',')})`)
  for (const { track_id, title, song_id, release, artist, artist_name, duration, year } of TRACKS) {
    const cells = [
      track_id,
      title,
      song_id,
      release,
      AR(artist),
      '',
      artist_name,
      duration,
      0.5,
      artist === 2 ? -1 : 1.08,
      year,
    ]
    insert.run(...cells, ...(isSubset ? [] : [-1, -1, 0]))
  }
  database.exec('COMMIT')
  database.close()
  return path
}

function database(name: string, statements: readonly string[], inside = folder): string {
  const path = join(inside, name)
  const made = new DatabaseSync(path)
  for (const statement of statements) made.exec(statement)
  made.close()
  return path
}

describe('reading the databases of the Million Song Dataset', () => {
  it('gives the tracks of the whole and of the subset, unknown years and measures as they stand', async () => {
    const whole = await taken(readTrackMetadata, metadata('whole.db', false))
    const subset = await taken(readTrackMetadata, metadata('subset.db', true))
    assert.deepEqual(whole.rejects, [])
    assert.deepEqual(whole.rows[8], {
      track_id: TR(8),
      title: TRACKS[8]!.title,
      song_id: SO(8),
      release: 'Second',
      artist_id: AR(2),
      artist_mbid: '',
      artist_name: 'Ōmokage',
      duration: 108.5,
      artist_familiarity: 0.5,
      artist_hotttnesss: -1,
      year: 0,
      track_7digitalid: -1,
      shs_perf: -1,
      shs_work: 0,
    })
    assert.equal(whole.rows.length, 30)
    assert.deepEqual(
      subset.rows,
      whole.rows.map(({ track_7digitalid, shs_perf, shs_work, ...row }) => row),
    )
  })

  it('refuses a row with its number and goes on', async () => {
    const path = metadata('broken.db', true)
    const broken = new DatabaseSync(path)
    broken.exec("UPDATE songs SET year = 'soon' WHERE rowid = 3; UPDATE songs SET song_id = 'SO1' WHERE rowid = 5")
    broken.exec(
      "UPDATE songs SET title = CAST(x'436166e9' AS TEXT) WHERE rowid = 7; UPDATE songs SET year = 3000 WHERE rowid = 9",
    )
    broken.close()
    const { rows, rejects } = await taken(readTrackMetadata, path)
    assert.equal(rows.length, 26)
    assert.deepEqual(rejects, [
      [3, 'expected year to be a number, got "soon"'],
      [5, 'expected song_id to be SO, five letters or digits and eleven hex digits, got "SO1"'],
      [7, 'expected title to be UTF-8'],
      [9, 'expected the year to be a whole number from 0 to 2100, got 3000'],
    ])
  })

  it('gives terms and similar artists in their order', async () => {
    const terms = database('terms.db', [
      'CREATE TABLE artist_term (artist_id text, term text)',
      `INSERT INTO artist_term VALUES ('${AR(1)}', 'zydeco'), ('${AR(1)}', 'ambient'), ('bad', 'x')`,
    ])
    const similar = database('similar.db', [
      'CREATE TABLE similarity (target text, similar text)',
      `INSERT INTO similarity VALUES ('${AR(1)}', '${AR(9)}'), ('${AR(1)}', '${AR(2)}')`,
    ])
    const { rows, rejects } = await taken(readArtistTerms, terms)
    assert.deepEqual(
      rows.map(({ term }) => term),
      ['zydeco', 'ambient'],
    )
    assert.deepEqual(
      rejects.map(([line]) => line),
      [3],
    )
    assert.deepEqual(
      (await taken(readArtistSimilarity, similar)).rows.map((row) => row.similar),
      [AR(9), AR(2)],
    )
  })

  it('says when a file is no such database', async () => {
    await assert.rejects(all(readTrackMetadata(written('text'))), { code: 'data.corrupt', message: /SQLite/ })
    await assert.rejects(all(readTrackMetadata(database('empty.db', []))), { code: 'data.corrupt', message: /songs/ })
  })
})

function tableLine(cells: Partial<Record<TrackColumn, string>>): string {
  const given: Partial<Record<TrackColumn, string>> = {
    track_id: TR(1),
    song_id: SO(1),
    artist_id: AR(1),
    year: '0',
    duration: '218.93179',
    ...cells,
  }
  return TRACK_COLUMNS.map((column) => given[column] ?? '').join('\t')
}

describe('reading the 54-column table', () => {
  it('has 54 columns, of which the first is the track and the last the year', () => {
    assert.equal(TRACK_COLUMNS.length, 54)
    assert.equal(new Set(TRACK_COLUMNS).size, 54)
    assert.deepEqual(
      [TRACK_COLUMNS[0], TRACK_COLUMNS[12], TRACK_COLUMNS[51], TRACK_COLUMNS[53]],
      ['track_id', 'artist_name', 'title', 'year'],
    )
  })

  it('gives numbers, lists, and NaN for what is unknown', async () => {
    const line = tableLine({
      artist_terms: 'rock,folk',
      artist_terms_weight: '0.5,1.0',
      similar_artists: `${AR(2)},${AR(3)}`,
      artist_latitude: 'nan',
      song_hotttnesss: 'nan',
      tempo: '120.5',
    })
    const { rows } = await taken(readTrackTable, written(`${line}\n`))
    const row = rows[0]!
    assert.deepEqual(
      [row.artist_terms, row.artist_terms_weight, row.similar_artists],
      [
        ['rock', 'folk'],
        [0.5, 1],
        [AR(2), AR(3)],
      ],
    )
    assert.ok(Number.isNaN(row.artist_latitude) && Number.isNaN(row.song_hotttnesss))
    assert.deepEqual([row.tempo, row.duration, row.year], [120.5, 218.93179, 0])
  })

  it('refuses rows of another width and values of another kind', async () => {
    const { rows, rejects } = await taken(
      readTrackTable,
      written(
        `${tableLine({})}\textra\n${tableLine({ tempo: 'fast' })}\n${tableLine({ similar_artists: 'x' })}\n${tableLine({})}\n`,
      ),
    )
    assert.equal(rows.length, 1)
    assert.deepEqual(
      rejects.map(([line, reason]) => [line, reason.slice(0, 40)]),
      [
        [1, 'expected 54 columns, got 55'],
        [2, 'expected tempo to be a number, got "fast'],
        [3, 'expected similar_artists to be AR, five '],
      ],
    )
  })
})

async function imported(
  folder: string,
): Promise<{ songs: Song[]; artists: Artist[]; taken: Awaited<ReturnType<typeof importMsd>> }> {
  const taken = await importMsd(folder)
  const songs = await all(taken.songs)
  const artists = await all(taken.artists)
  for (const song of songs) songSchema.parse(song)
  for (const artist of artists) artistSchema.parse(artist)
  return { songs, artists, taken }
}

async function within(name: string): Promise<string> {
  const path = join(folder, name)
  await mkdir(path, { recursive: true })
  return path
}

describe('importing a folder of the Million Song Dataset', () => {
  it('joins the databases of the subset, with what is unknown filled in as said', async () => {
    const inside = await within('subset/AdditionalFiles')
    metadata('subset_track_metadata.db', true, inside)
    database(
      'subset_artist_term.db',
      [
        'CREATE TABLE artist_term (artist_id text, term text)',
        `INSERT INTO artist_term VALUES ('${AR(0)}', 'zydeco'), ('${AR(0)}', 'ambient'), ('${AR(1)}', 'pop')`,
      ],
      inside,
    )
    database(
      'subset_artist_similarity.db',
      [
        'CREATE TABLE similarity (target text, similar text)',
        `INSERT INTO similarity VALUES ('${AR(0)}', '${AR(5)}'), ('${AR(0)}', '${AR(3)}')`,
      ],
      inside,
    )
    written(`${AR(0)}<SEP>1.5<SEP>-2.5<SEP>${TR(0)}<SEP>Tin Harbour\n`, 'subset_artist_location.txt', inside)
    written(`${AR(77)}<SEP><SEP>${TR(0)}<SEP>Without songs\nbad\n`, 'subset_unique_artists.txt', inside)

    const { songs, artists, taken } = await imported(join(folder, 'subset'))
    assert.equal(songs.length, 30)
    assert.deepEqual(songs[0], {
      track_id: TR(0),
      song_id: SO(0),
      title: TRACKS[0]!.title,
      artist_id: AR(0),
      artist_name: 'Tin Harbour',
      album_id: hashedId('AL', `${AR(0)}\nFirst`),
      release: 'First',
      genre: 'zydeco',
      year: 0,
      duration_ms: 100_500,
      tempo: 0,
      key: 0,
      energy: 0,
      song_hotttnesss: 0,
    })
    assert.equal(songs[2]!.genre, UNKNOWN_ID)
    assert.equal(artists.length, 7)
    assert.deepEqual(artists[0], {
      artist_id: AR(0),
      artist_name: 'Tin Harbour',
      familiarity: 0.5,
      hotttnesss: 1,
      latitude: 1.5,
      longitude: -2.5,
      location: '',
      terms: [
        { term: 'zydeco', weight: 1 },
        { term: 'ambient', weight: 0.5 },
      ],
      similar: [AR(5), AR(3)],
    })
    assert.deepEqual([artists[2]!.hotttnesss, artists[2]!.terms], [0, [{ term: UNKNOWN_ID, weight: 0 }]])
    assert.equal(artists[6]!.artist_name, 'Without songs')
    assert.deepEqual(
      taken.rejects.map(({ file, line, reason, text }) => [
        file.endsWith('subset_unique_artists.txt'),
        line,
        reason,
        text,
      ]),
      [[true, 2, 'expected 4 columns, got 1', 'bad']],
    )
  })

  it('takes the one table for all that it says, the strongest term by its weight', async () => {
    const inside = await within('table')
    const rows = [
      tableLine({
        title: 'A',
        release: 'R',
        artist_terms: 'rock,folk',
        artist_terms_weight: '0.5,1.3',
        song_hotttnesss: 'nan',
        tempo: '99.5',
        key: '11',
        energy: '0.25',
        duration: '0.4',
        artist_location: 'Somewhere',
      }),
      tableLine({ track_id: TR(2), title: 'B', duration: 'nan', key: '-1', artist_terms: '' }),
      'short',
    ]
    written(`${rows.join('\n')}\n`, 'A.tsv.a', inside)
    written('user\tsong\t1\n', 'other.tsv', inside)
    metadata('track_metadata.db', false, inside)
    const { songs, artists, taken } = await imported(inside)
    assert.deepEqual(
      songs.map(({ title, genre, tempo, key, energy, duration_ms, song_hotttnesss, album_id }) => [
        title,
        genre,
        tempo,
        key,
        energy,
        duration_ms,
        song_hotttnesss,
        album_id,
      ]),
      [
        ['A', 'folk', 99.5, 11, 0.25, 1_000, 0, hashedId('AL', `${AR(1)}\nR`)],
        ['B', UNKNOWN_ID, 0, 0, 0, 240_000, 0, UNKNOWN_ID],
      ],
    )
    assert.equal(artists.length, 1)
    assert.equal(artists[0]!.location, 'Somewhere')
    // Songs and artists both read the table; its rows and its bad row count once.
    assert.deepEqual(taken.counts, { [join(inside, 'A.tsv.a')]: { rows: 2, refused: 1 } })
    assert.equal(taken.rejects.length, 1)
  })

  it('makes do with the list of tracks, taking artists by their names', async () => {
    const inside = await within('list')
    written(TRACKS.map((row) => `${trackLine(row)}\n`).join(''), 'unique_tracks.txt', inside)
    written(
      `${AR(0)}<SEP><SEP>${TR(0)}<SEP>Tin Harbour\n${AR(9)}<SEP><SEP>${TR(0)}<SEP>Tin Harbour\n`,
      'unique_artists.txt',
      inside,
    )
    written(`1951<SEP>${TR(1)}<SEP>A<SEP>B\n`, 'tracks_per_year.txt', inside)
    const { songs, artists } = await imported(inside)
    assert.deepEqual(
      songs.slice(0, 3).map(({ artist_id, year, duration_ms }) => [artist_id, year, duration_ms]),
      [
        [AR(0), 0, 240_000],
        [hashedId('AR', 'Les Été Mécaniques'), 1951, 240_000],
        [hashedId('AR', 'Ōmokage'), 0, 240_000],
      ],
    )
    assert.equal(artists.length, 7)
  })

  it('says what it looks for when a folder has none of it, or is none', async () => {
    await assert.rejects(importMsd(await within('nothing')), { code: 'not.found', message: /track_metadata\.db/ })
    await assert.rejects(importMsd(join(folder, 'nowhere')), { code: 'not.found', message: /folder/ })
  })

  it('makes ids in the form of the data set, equal for equal texts alone', () => {
    const ids = Array.from({ length: 20_000 }, (_, n) => hashedId('AL', `text ${n}`))
    for (const each of ids) assert.match(each, /^AL[A-Z]{5}[0-9A-F]{11}$/)
    assert.equal(new Set(ids).size, ids.length)
    assert.equal(hashedId('AL', 'text 7'), ids[7])
  })
})
