import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { artists, songs } from '../../datasets/catalogue.ts'
import { importMsd } from '../../datasets/msd/import-msd.ts'
import { TRACK_COLUMNS, trackIn } from '../../datasets/msd/track-table.ts'
import type { Artist, Song } from '../../datasets/music.ts'
import { catalogueOf, createWorld } from '../kernel/world.ts'
import { seedKey } from '../seed.ts'
import { exportMsd, trackRow } from './msd.ts'

const world = createWorld({ songCount: 400, userCount: 5 })
const catalogue = catalogueOf(world)
const range = { firstDay: '2026-01-01', lastDay: '2026-01-02' }
const folder = mkdtempSync(join(tmpdir(), 'shape-msd-'))
after(() => rmSync(folder, { recursive: true, force: true }))
before(async () => {
  await exportMsd(world, { ...range, out: folder })
})

const made = { songs: [...songs(catalogue)], artists: [...artists(catalogue)] }
const lines = (name: string): string[][] =>
  readFileSync(join(folder, name), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('<SEP>'))

function query(name: string, sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(join(folder, name), { readOnly: true })
  try {
    return database
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }))
  } finally {
    database.close()
  }
}

async function readBack(from: string): Promise<{ songs: Song[]; artists: Artist[]; refused: number }> {
  const { songs, artists, rejects } = await importMsd(from)
  const back = { songs: await listOf(songs), artists: await listOf(artists) }
  return { ...back, refused: rejects.length }
}

async function listOf<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const list: Row[] = []
  for await (const row of rows) list.push(row)
  return list
}

/** Album ids are made anew by who reads: equal where artist and title are, and nowhere else. */
function albumsOf(of: readonly Song[]): Map<string, string> {
  const albums = new Map<string, string>()
  for (const { album_id, artist_id, release } of of) albums.set(album_id, `${artist_id} ${release}`)
  return albums
}

const withoutAlbum = ({ album_id, ...song }: Song): Omit<Song, 'album_id'> => song

describe('the shape of the Million Song Dataset', () => {
  it('gives, read back, the same songs and artists in every field but the album’s id', async () => {
    const back = await readBack(folder)
    assert.equal(back.refused, 0)
    assert.deepEqual(back.songs.map(withoutAlbum), made.songs.map(withoutAlbum))
    assert.deepEqual(back.artists, made.artists)
    const titles = [...albumsOf(back.songs).values()]
    assert.equal(new Set(titles).size, titles.length)
    assert.deepEqual(new Set(titles), new Set(albumsOf(made.songs).values()))
  })

  it('gives them for any seed and size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 60 }), async (seed, songCount) => {
        const of = createWorld({ key: seedKey(seed), songCount, userCount: 1 })
        const out = mkdtempSync(join(folder, 'any-'))
        await exportMsd(of, { ...range, out })
        const back = await readBack(out)
        assert.equal(back.refused, 0)
        assert.deepEqual(back.songs.map(withoutAlbum), [...songs(catalogueOf(of))].map(withoutAlbum))
        assert.deepEqual(back.artists, [...artists(catalogueOf(of))])
      }),
      { numRuns: 5 },
    )
  })

  it('gives, from the databases and texts alone, all that those carry', async () => {
    rmSync(join(folder, 'songs.tsv'))
    try {
      const back = await readBack(folder)
      assert.equal(back.refused, 0)
      const carried = (song: Song): Omit<Song, 'album_id'> => ({
        ...withoutAlbum(song),
        tempo: 0,
        key: 0,
        energy: 0,
        song_hotttnesss: 0,
      })
      assert.deepEqual(back.songs.map(carried), made.songs.map(carried))
      assert.deepEqual(
        back.songs.map(({ genre }) => genre),
        made.songs.map(({ genre }) => genre),
      )
      const named = (artist: Artist): object => ({
        ...artist,
        location: '',
        terms: artist.terms.map(({ term }) => term),
      })
      assert.deepEqual(back.artists.map(named), made.artists.map(named))
    } finally {
      await exportMsd(world, { ...range, out: folder })
    }
  })

  it('has the published rows in its texts', () => {
    const { songs, artists } = made
    assert.deepEqual(
      lines('unique_tracks.txt'),
      songs.map(({ track_id, song_id, artist_name, title }) => [track_id, song_id, artist_name, title]),
    )
    const uniqueArtists = lines('unique_artists.txt')
    assert.equal(uniqueArtists.length, artists.length)
    const ownerOf = new Map(songs.map(({ track_id, artist_id }) => [track_id, artist_id]))
    for (const [artist_id, mbid, track_id] of uniqueArtists) {
      assert.match(mbid!, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      assert.equal(ownerOf.get(track_id!), artist_id)
    }
    assert.deepEqual(
      lines('artist_location.txt').map(([artist_id, latitude, longitude]) => [
        artist_id,
        Number(latitude),
        Number(longitude),
      ]),
      artists.map(({ artist_id, latitude, longitude }) => [artist_id, latitude, longitude]),
    )
    const years = lines('tracks_per_year.txt')
    const dated = songs.filter(({ year }) => year > 0)
    assert.ok(dated.length < songs.length, 'every year is known, so the test shows nothing')
    assert.equal(years.length, dated.length)
    const inOrder = years.map(([year]) => Number(year))
    assert.deepEqual(
      inOrder,
      [...inOrder].sort((a, b) => a - b),
    )
    const terms = lines('unique_terms.txt').map(([term]) => term!)
    assert.deepEqual(terms, [...new Set(artists.flatMap((artist) => artist.terms.map(({ term }) => term)))].sort())
  })

  it('has the published tables, columns and indices in its databases', () => {
    const columns = (name: string, table: string): string[] =>
      query(name, `SELECT name FROM pragma_table_info('${table}')`).map((row) => String(row['name']))
    // biome-ignore format: as documented.
    assert.deepEqual(columns('track_metadata.db', 'songs'), [
      'track_id', 'title', 'song_id', 'release', 'artist_id', 'artist_mbid', 'artist_name', 'duration',
      'artist_familiarity', 'artist_hotttnesss', 'year', 'track_7digitalid', 'shs_perf', 'shs_work',
    ])
    const tables = (name: string): string[] =>
      query(name, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").map((row) => String(row['name']))
    assert.deepEqual(tables('track_metadata.db'), ['songs'])
    assert.deepEqual(tables('artist_term.db'), ['artist_mbtag', 'artist_term', 'artists', 'mbtags', 'terms'])
    assert.deepEqual(tables('artist_similarity.db'), ['artists', 'similarity'])
    for (const name of ['track_metadata.db', 'artist_term.db', 'artist_similarity.db']) {
      assert.deepEqual(query(name, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }])
      assert.deepEqual(query(name, 'PRAGMA foreign_key_check'), [])
    }
    const plan = query(
      'track_metadata.db',
      "EXPLAIN QUERY PLAN SELECT * FROM songs WHERE artist_id = 'x' AND release = 'y'",
    )
    assert.match(String(plan[0]!['detail']), /idx_artist_id \(artist_id=\? AND release=\?\)/)
    assert.equal(query('track_metadata.db', 'SELECT count(*) AS n FROM songs')[0]!['n'], 400)
  })

  it('keeps a row of the table whole, whatever names hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (title, location) => {
        const line = trackRow({ ...made.songs[0]!, title: `\t${title}\r\n` }, { ...made.artists[0]!, location }, '')
        assert.ok(!/[\r\n]/.test(line))
        assert.equal(line.split('\t').length, TRACK_COLUMNS.length)
        assert.equal(trackIn(line).artist_location, location.replace(/[\t\r\n]+/g, ' '))
      }),
    )
  })
})
