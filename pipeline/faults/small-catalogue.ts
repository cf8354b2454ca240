/** A few songs, artists and users, so that the events of a trial have what a day is joined with. */
import type { Artist, Song, User } from '../../datasets/music.ts'
import type { Catalogue } from '../lookup.ts'

export const SONG_COUNT = 24
const ARTIST_COUNT = 5
export const USER_COUNT = 16

export const songId = (number: number): string => `TRFAULT${String(number).padStart(11, '0')}`
const artistId = (number: number): string => `ARFAULT${String(number).padStart(11, '0')}`
export const userId = (number: number): string => `listener-${number}`

export const SMALL_CATALOGUE: Catalogue = {
  songs: Array.from({ length: SONG_COUNT }, (_, at): Song => {
    const artist = at % ARTIST_COUNT
    return {
      track_id: songId(at),
      song_id: `SOFAULT${String(at).padStart(11, '0')}`,
      title: `Song ${at}`,
      artist_id: artistId(artist),
      artist_name: `Artist ${artist}`,
      album_id: `ALFAULT${String(at % 8).padStart(11, '0')}`,
      release: `Album ${at % 8}`,
      genre: `genre ${artist % 2}`,
      year: 2001,
      duration_ms: 200_000,
      tempo: 100,
      key: 0,
      energy: 0.5,
      song_hotttnesss: 0.5,
    }
  }),
  artists: Array.from({ length: ARTIST_COUNT }, (_, at): Artist => {
    const artist = { artist_id: artistId(at), artist_name: `Artist ${at}`, familiarity: 0.5, hotttnesss: 0.5 }
    return { ...artist, latitude: 0, longitude: 0, location: '', terms: [], similar: [] }
  }),
  users: Array.from({ length: USER_COUNT }, (_, at): User => {
    const user = { uid: userId(at), fname: 'A', lname: 'B', email: '', created: '2020-01-01', last_login: '' }
    return { ...user, zip: `${10_000 + at * 500}`, birth: '', gender: '', active: true, ip4: '' }
  }),
}
