/**
 * Look-up and search: how songs, artists, albums and users stand in the tables, and how they are read back.
 *
 * A search is a prefix scan. Each entity stands in its search table under its name and under the rest of it from each
 * later word on ({@link searchNames}), and every such row holds what a result list shows, so a page of results
 * is one scan and no further reads.
 */
import { MusicboxError } from '../datasets/failure.ts'
import { afterPrefix, escapeId, foldName, parseSearchKey, searchKey, searchNames } from '../datasets/keys.ts'
import type { Artist, Song, User } from '../datasets/music.ts'
import type { Cells, TableName, TableRow } from '../datasets/tables.ts'
import type { TableReader } from './table-store.ts'

/** The rows of everything that can be looked up or searched, song by song, so that a million need no memory. */
export function* lookupRows(catalogue: Catalogue): Generator<TableRow> {
  // Tables hold well-formed text only; half a surrogate pair in an imported name must not stop the rest.
  for (const row of rowsOf(catalogue)) yield { ...row, cells: wellFormed(row.cells) }
}

export interface Catalogue {
  songs: Iterable<Song>
  artists: Iterable<Artist>
  users: Iterable<User>
}

function* rowsOf(catalogue: Catalogue): Generator<TableRow> {
  let album = ''
  for (const song of catalogue.songs) {
    yield { table: 'song_info', key: escapeId(song.track_id), cells: song }
    yield* searchRows('song_search', song.title, song.track_id, songHitCells(song))
    // Songs of one album mostly follow each other; the same row again changes nothing.
    if (song.album_id === album) continue
    album = song.album_id
    const { album_id, release, artist_id, artist_name } = song
    yield { table: 'album_info', key: escapeId(album_id), cells: { album_id, release, artist_id, artist_name } }
  }
  for (const artist of catalogue.artists) {
    const { terms, similar, ...flat } = artist
    const cells = { ...flat, terms: JSON.stringify(terms), similar: JSON.stringify(similar) }
    yield { table: 'artist_info', key: escapeId(artist.artist_id), cells }
    yield* searchRows('artist_search', artist.artist_name, artist.artist_id, artistHitCells(artist))
  }
  for (const user of catalogue.users) {
    const { active, weight, ...flat } = user
    const cells = { ...flat, active: active ? 1 : 0, ...(weight !== undefined && { weight }) }
    yield { table: 'user_info', key: escapeId(user.uid), cells }
  }
}

export interface Album {
  album_id: string
  release: string
  artist_id: string
  artist_name: string
}

export async function readSong(view: TableReader, trackId: string): Promise<Song | undefined> {
  return (await view.get('song_info', escapeId(trackId))) as unknown as Song | undefined
}

export async function readAlbum(view: TableReader, albumId: string): Promise<Album | undefined> {
  return (await view.get('album_info', escapeId(albumId))) as unknown as Album | undefined
}

export async function readArtist(view: TableReader, artistId: string): Promise<Artist | undefined> {
  const cells = await view.get('artist_info', escapeId(artistId))
  if (cells === undefined) return undefined
  return {
    ...cells,
    terms: JSON.parse(String(cells['terms'])),
    similar: JSON.parse(String(cells['similar'])),
  } as unknown as Artist
}

export async function readUser(view: TableReader, uid: string): Promise<User | undefined> {
  const cells = await view.get('user_info', escapeId(uid))
  return cells && ({ ...cells, active: cells['active'] === 1 } as unknown as User)
}

/** What a list of found songs shows. */
export type SongHit = Pick<
  Song,
  'track_id' | 'title' | 'artist_id' | 'artist_name' | 'album_id' | 'release' | 'genre' | 'year' | 'duration_ms'
>

/** What a list of found artists shows. */
export type ArtistHit = Pick<Artist, 'artist_id' | 'artist_name' | 'location' | 'familiarity' | 'hotttnesss'> & {
  /** The artist's strongest term. */
  genre: string
}

export interface Search {
  /** What names are to start with, at their start or at one of their first words. Case and spacing do not matter. */
  q: string
  /** At most so many results. */
  limit: number
  /** The `next` of the page before. */
  after?: string
}

export interface Hits<T> {
  /** By the name that matched, then id; each entity at most once over all pages. */
  results: T[]
  /** Where the next page goes on; absent on the last. */
  next?: string
}

/** @throws MusicboxError `input.invalid` for an `after` that is of another search */
export function searchSongs(view: TableReader, search: Search): Promise<Hits<SongHit>> {
  return find(view, 'song_search', search, (cells, track_id) => ({ track_id, ...cells }) as unknown as SongHit, 'title')
}

/** @throws MusicboxError `input.invalid` for an `after` that is of another search */
export function searchArtists(view: TableReader, search: Search): Promise<Hits<ArtistHit>> {
  const toHit = (cells: Cells, artist_id: string): ArtistHit => ({ artist_id, ...cells }) as unknown as ArtistHit
  return find(view, 'artist_search', search, toHit, 'artist_name')
}

/** Rows read at a time: more than a page, since a name of several matching words has several rows. */
const SCAN_ROWS = 100

async function find<T>(
  view: TableReader,
  table: TableName,
  { q, limit, after }: Search,
  toHit: (cells: Cells, id: string) => T,
  nameColumn: string,
): Promise<Hits<T>> {
  const prefix = foldName(q)
  if (after !== undefined && !after.startsWith(prefix)) {
    throw new MusicboxError('input.invalid', 'expected `after` to be the `next` of the same search, got another')
  }
  const results: T[] = []
  // The least key after the last one shown.
  let from = after === undefined ? prefix : `${after}\u0000`
  let last = ''
  for (;;) {
    const rows = await view.scan(table, { from, to: afterPrefix(prefix), limit: SCAN_ROWS })
    for (const { key, cells } of rows) {
      const { name, id } = parseSearchKey(key)
      if (name !== firstMatch(String(cells[nameColumn]), prefix)) continue
      // One more than asked for tells that there is a next page.
      if (results.length === limit) return { results, next: last }
      results.push(toHit(cells, id))
      last = key
    }
    if (rows.length < SCAN_ROWS) return { results }
    from = `${rows.at(-1)!.key}\u0000`
  }
}

/** Of the names under which an entity stands, the first that the search meets: only there it is shown. */
function firstMatch(name: string, prefix: string): string | undefined {
  return searchNames(name)
    .map(foldName)
    .filter((candidate) => candidate.startsWith(prefix))
    .sort(byUtf8)[0]
}

function* searchRows(table: TableName, name: string, id: string, cells: Cells): Generator<TableRow> {
  for (const key of new Set(searchNames(name).map((part) => searchKey(part, id)))) yield { table, key, cells }
}

function songHitCells({ title, artist_id, artist_name, album_id, release, genre, year, duration_ms }: Song): Cells {
  return { title, artist_id, artist_name, album_id, release, genre, year, duration_ms }
}

function artistHitCells({ artist_name, location, familiarity, hotttnesss, terms }: Artist): Cells {
  return { artist_name, location, familiarity, hotttnesss, genre: terms[0]?.term ?? '' }
}

function wellFormed(cells: Cells): Cells {
  const broken = Object.values(cells).some((cell) => typeof cell === 'string' && !cell.isWellFormed())
  if (!broken) return cells
  const mended = Object.entries(cells).map(([name, cell]) => [
    name,
    typeof cell === 'string' ? cell.toWellFormed() : cell,
  ])
  return Object.fromEntries(mended)
}

function byUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
