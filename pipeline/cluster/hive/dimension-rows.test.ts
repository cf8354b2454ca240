import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { Artist, Song, User } from '../../../datasets/music.ts'
import { type Dimensions, dimensionRows, packDimensions } from './dimension-rows.ts'

const song = (track_id: string, more: Partial<Song> = {}): Song =>
  ({
    track_id,
    title: `T ${track_id}`,
    artist_id: 'AR1',
    artist_name: 'one',
    album_id: 'AL1',
    release: 'R',
    genre: 'g',
    ...more,
  }) as Song
const artist = (artist_id: string, artist_name: string): Artist => ({ artist_id, artist_name }) as Artist
const user = (uid: string, zip: string): User => ({ uid, zip }) as User

const world = (more: Partial<Dimensions> = {}): Dimensions => ({
  songs: [song('TR2'), song('TR1', { release: 'least', artist_name: 'uno' }), song('TR2', { title: 'again' })],
  artists: [artist('AR9', 'nine'), artist('AR9', 'again')],
  users: [user('u1', '02139'), user('u2', '')],
  ...more,
})

describe('look-up rows', () => {
  it('have the first of each id, names from the least song where no list has them, and three digits of a zip', () => {
    const rows = [...dimensionRows(world())].map(([table, row]) => [table, ...row])
    assert.deepEqual(rows, [
      ['songs', 'TR2', 'AR1', 'AL1', 'g'],
      ['names', 'songs', 'TR2', 'T TR2', 'one'],
      ['songs', 'TR1', 'AR1', 'AL1', 'g'],
      ['names', 'songs', 'TR1', 'T TR1', 'uno'],
      ['names', 'artists', 'AR9', 'nine', null],
      ['names', 'artists', 'AR1', 'uno', null],
      ['names', 'albums', 'AL1', 'least', 'uno'],
      ['users', 'u1', '021'],
      ['users', 'u2', null],
    ])
  })

  it('take what a table of texts leaves out', () => {
    const bare = { track_id: 'TR1' } as Song
    const rows = [...dimensionRows({ songs: [bare], artists: [], users: [{ uid: 'u' } as User] })]
    assert.deepEqual(rows, [
      ['songs', ['TR1', null, null, null]],
      ['names', ['songs', 'TR1', null, null]],
      ['users', ['u', null]],
    ])
  })

  it('have a hash that names what they hold, not its order', async () => {
    const { hash, files } = await packDimensions(world())
    assert.equal(gunzipSync(files.users).toString(), 'u1\t021\nu2\t\\N\n')
    const same = world({ users: [user('u2', ''), user('u1', '02139')] })
    assert.equal((await packDimensions(same)).hash, hash)
    for (const other of [
      world({ users: [user('u1', '02139')] }),
      world({ users: [user('u1', '02239'), user('u2', '')] }),
      world({ artists: [artist('AR9', 'neun')] }),
      world({ songs: [] }),
    ]) {
      assert.notEqual((await packDimensions(other)).hash, hash)
    }
  })

  it('stream: more than one piece of text comes out whole', async () => {
    function* users(): Generator<User> {
      for (let at = 0; at < 200_000; at++) yield user(`user-${at}`, '12345')
    }
    const { files } = await packDimensions({ songs: [], artists: [], users: users() })
    const lines = gunzipSync(files.users).toString().split('\n')
    assert.equal(lines.length, 200_001)
    assert.equal(lines[199_999], 'user-199999\t123')
  })
})
