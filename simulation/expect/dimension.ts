/**
 * What events are counted by, as small whole numbers: a song's artist, album and genre, a user's zip area, an hour.
 *
 * The ids are those that the reports know, and for the generated catalogue none is ever unknown.
 */

import { songs } from '../../datasets/catalogue.ts'
import { UNKNOWN_ID } from '../../datasets/music.ts'
import { perObject } from '../kernel/per-object.ts'
import { userAt } from '../kernel/user.ts'
import { catalogueOf, type World } from '../kernel/world.ts'

export const DIMENSIONS = ['song', 'artist', 'album', 'zip', 'genre', 'hour'] as const
export type Dimension = (typeof DIMENSIONS)[number]

export interface Grouping {
  /** How many groups there are; a group's number is below it. */
  readonly size: Readonly<Record<Dimension, number>>
  /** By song. */
  readonly artist: Uint32Array
  readonly album: Uint32Array
  readonly genre: Uint16Array
  /** The group of a user's zip area (the first three digits of the code). */
  zipOf(user: number): number
  /** What reports call a group: a track id, an artist id, …, an hour's two digits. */
  idOf(dimension: Dimension, group: number): string
  /** Undefined when there is no such id. */
  groupOf(dimension: Dimension, id: string): number | undefined
  /** What people call it; undefined where the id says it. */
  nameOf(dimension: Dimension, group: number): string | undefined
}

/** The grouping of a world's events, made once for each world object. */
export const groupingOf: (world: World) => Grouping = perObject(createGrouping)

/** Three digits, and one more group for users without a code. */
const ZIPS = 1000
const NO_ZIP = ZIPS

function createGrouping(world: World): Grouping {
  const { songCount, userCount } = world
  const artist = new Uint32Array(songCount)
  const album = new Uint32Array(songCount)
  const genre = new Uint16Array(songCount)
  const ids = { song: [] as string[], artist: new Numbered(), album: new Numbered(), genre: new Numbered() }
  const titles: string[] = []
  const artistOfAlbum: number[] = []
  let at = 0
  for (const song of songs(catalogueOf(world))) {
    ids.song.push(song.track_id)
    titles.push(song.title)
    artist[at] = ids.artist.add(song.artist_id, song.artist_name)
    album[at] = ids.album.add(song.album_id, song.release)
    artistOfAlbum[album[at]!] = artist[at]!
    genre[at] = ids.genre.add(song.genre)
    at++
  }
  let songGroups: Map<string, number> | undefined
  // One more than the group, so that 0 is "not asked yet".
  const zips = new Uint16Array(userCount)
  return {
    artist,
    album,
    genre,
    size: {
      song: songCount,
      artist: ids.artist.ids.length,
      album: ids.album.ids.length,
      genre: ids.genre.ids.length,
      zip: ZIPS + 1,
      hour: 24,
    },
    zipOf: (user) => {
      if (zips[user] === 0) zips[user] = zipGroup(userAt(world, user).zip) + 1
      return zips[user]! - 1
    },
    idOf: (dimension, group) => {
      if (dimension === 'hour') return String(group).padStart(2, '0')
      if (dimension === 'zip') return group === NO_ZIP ? UNKNOWN_ID : String(group).padStart(3, '0')
      return dimension === 'song' ? ids.song[group]! : ids[dimension].ids[group]!
    },
    groupOf: (dimension, id) => {
      if (dimension === 'hour') return /^([01]\d|2[0-3])$/.test(id) ? Number(id) : undefined
      if (dimension === 'zip') return id === UNKNOWN_ID ? NO_ZIP : /^\d{3}$/.test(id) ? Number(id) : undefined
      if (dimension !== 'song') return ids[dimension].numbers.get(id)
      songGroups ??= new Map(ids.song.map((song, index) => [song, index]))
      return songGroups.get(id)
    },
    nameOf: (dimension, group) => {
      if (dimension === 'song') return `${titles[group]!} – ${ids.artist.names[artist[group]!]!}`
      if (dimension === 'artist') return ids.artist.names[group]
      if (dimension === 'album') return `${ids.album.names[group]!} – ${ids.artist.names[artistOfAlbum[group]!]!}`
      return undefined
    },
  }
}

function zipGroup(zip: string): number {
  return zip === '' ? NO_ZIP : Number(zip.slice(0, 3))
}

/** Texts in the order in which they first came. */
class Numbered {
  readonly ids: string[] = []
  readonly names: string[] = []
  readonly numbers = new Map<string, number>()

  add(id: string, name = id): number {
    const known = this.numbers.get(id)
    if (known !== undefined) return known
    this.numbers.set(id, this.ids.length)
    this.names.push(name)
    return this.ids.push(id) - 1
  }
}
