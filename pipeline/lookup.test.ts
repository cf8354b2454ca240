import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { MusicboxError } from '../datasets/failure.ts'
import type { Artist, Song, User } from '../datasets/music.ts'
import { openLmdbTableStore } from './embedded/lmdb-table-store.ts'
import { lookupRows, readAlbum, readArtist, readSong, readUser, searchArtists, searchSongs } from './lookup.ts'
import type { TableReader, TableStore } from './table-store.ts'

const TITLES = [
  'Guero Canelo',
  'The Black Crows',
  'Black',
  'BLACK   (live)',
  'La la la',
  'Ünder::Öath',
  'Straße nach Black Mountain',
  '黒い',
  '',
  'half \ud800',
]

describe('look-up and search', () => {
  let folder: string
  let store: TableStore
  const songs = TITLES.map((title, at) => makeSong(`TR_%${at}`, title))
  const artists = ['The Black Crows', 'Crow'].map((name, at) => makeArtist(`AR${at}`, name))
  const user: User = {
    uid: 'Guest_10.0.0.1',
    fname: 'A',
    lname: 'B',
    email: 'a@example.org',
    created: '2025-01-01',
    last_login: '',
    zip: '00501',
    birth: '',
    gender: 'X',
    active: false,
    ip4: '',
    weight: 3,
  }
  const read = <T>(use: (view: TableReader) => Promise<T>): Promise<T> => store.snapshot(use)

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musicbox-lookup-'))
    store = await openLmdbTableStore(folder)
    await store.put(lookupRows({ songs, artists, users: [user] }))
  })
  after(async () => {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('reads songs, albums, artists and users back as they were', async () => {
    await read(async (view) => {
      assert.deepEqual(await readSong(view, songs[0]!.track_id), songs[0])
      assert.deepEqual(await readArtist(view, 'AR0'), artists[0])
      assert.deepEqual(await readUser(view, user.uid), user)
      const { album_id, release, artist_id, artist_name } = songs[0]!
      assert.deepEqual(await readAlbum(view, album_id), { album_id, release, artist_id, artist_name })
      for (const look of [readSong, readAlbum, readArtist, readUser])
        assert.equal(await look(view, 'nobody'), undefined)
    })
    const { weight: _, ...light } = { ...user, uid: 'u2', active: true }
    await store.put(lookupRows({ songs: [], artists: [], users: [light] }))
    assert.deepEqual(await read((view) => readUser(view, 'u2')), light)
  })

  it('finds a song by the start of its title or of a later word, in any case and spacing', async () => {
    const titles = async (q: string): Promise<string[]> =>
      (await read((view) => searchSongs(view, { q, limit: 50 }))).results.map(({ title }) => title)
    assert.deepEqual(await titles('guero'), ['Guero Canelo'])
    assert.deepEqual(await titles('  CANELO'), ['Guero Canelo'])
    assert.deepEqual((await titles('black')).sort(), [
      'BLACK   (live)',
      'Black',
      'Straße nach Black Mountain',
      'The Black Crows',
    ])
    assert.deepEqual(await titles('black (l'), ['BLACK   (live)'])
    assert.deepEqual(await titles('ünder::ö'), ['Ünder::Öath'])
    assert.deepEqual(await titles('黒'), ['黒い'])
    assert.deepEqual(await titles('half'), ['half \ufffd'])
    assert.deepEqual(await titles('blackest'), [])
    assert.deepEqual(await titles('lack'), [], 'not from the middle of a word')
  })

  it('shows a song once, though several of its words match', async () => {
    const { results } = await read((view) => searchSongs(view, { q: 'la', limit: 50 }))
    assert.deepEqual(
      results.map(({ track_id }) => track_id),
      [songs[4]!.track_id],
    )
  })

  it('gives every song exactly once over pages of any size', async () => {
    const whole = await read((view) => searchSongs(view, { q: '', limit: 50 }))
    assert.equal(whole.results.length, songs.length)
    assert.equal(whole.next, undefined)
    for (const limit of [1, 2, 3, 7, songs.length]) {
      const seen: string[] = []
      let next: string | undefined
      do {
        const page = await read((view) =>
          searchSongs(view, { q: '', limit, ...(next !== undefined && { after: next }) }),
        )
        assert.ok(page.results.length <= limit)
        seen.push(...page.results.map(({ track_id }) => track_id))
        next = page.next
      } while (next !== undefined)
      assert.deepEqual(
        seen,
        whole.results.map(({ track_id }) => track_id),
      )
    }
  })

  it('pages through more rows than one scan reads', async () => {
    const many = Array.from({ length: 450 }, (_, at) => makeSong(`MANY${at}`, `Echo echo ${at}`))
    await store.put(lookupRows({ songs: many, artists: [], users: [] }))
    const first = await read((view) => searchSongs(view, { q: 'echo', limit: 400 }))
    const rest = await read((view) => searchSongs(view, { q: 'echo', limit: 400, after: first.next! }))
    const ids = [...first.results, ...rest.results].map(({ track_id }) => track_id)
    assert.equal(rest.next, undefined)
    assert.deepEqual([...new Set(ids)].sort(), many.map(({ track_id }) => track_id).sort())
    assert.equal(ids.length, many.length)
  })

  it('holds in each result what a list shows', async () => {
    const { results } = await read((view) => searchSongs(view, { q: 'guero', limit: 1 }))
    const { track_id, title, artist_id, artist_name, album_id, release, genre, year, duration_ms } = songs[0]!
    const hit = { track_id, title, artist_id, artist_name, album_id, release, genre, year, duration_ms }
    assert.deepEqual(results, [hit])
    const found = await read((view) => searchArtists(view, { q: 'crow', limit: 5 }))
    assert.deepEqual(
      found.results.map(({ artist_id: id, genre: term }) => [id, term]),
      [
        ['AR1', 'rock'],
        ['AR0', 'rock'],
      ],
    )
  })

  it('refuses the cursor of another search', async () => {
    await assert.rejects(
      read((view) => searchSongs(view, { q: 'guero', limit: 1, after: 'black::TR1' })),
      (error: unknown) => error instanceof MusicboxError && error.code === 'input.invalid',
    )
  })
})

function makeSong(track_id: string, title: string): Song {
  return {
    track_id,
    song_id: `SO${track_id}`,
    title,
    artist_id: 'AR0',
    artist_name: 'The Black Crows',
    album_id: `AL${track_id}`,
    release: `Album of ${title.toWellFormed()}`,
    genre: 'rock',
    year: 1999,
    duration_ms: 180_000,
    tempo: 120.5,
    key: 3,
    energy: 0.25,
    song_hotttnesss: 0.5,
  }
}

function makeArtist(artist_id: string, artist_name: string): Artist {
  return {
    artist_id,
    artist_name,
    familiarity: 0.5,
    hotttnesss: 0.4,
    latitude: 1.5,
    longitude: -2.5,
    location: 'Nowhere, "XX"',
    terms: [
      { term: 'rock', weight: 1 },
      { term: 'folk', weight: 0.5 },
    ],
    similar: ['AR1'],
  }
}
